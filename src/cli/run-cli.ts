/**
 * One command line from argv to exit code. Throws nothing: everything that goes wrong ends as code and message. Only
 * what --help needs is imported at the start; output and commands follow when there is something to run or to say.
 */
import type { CliIo } from "./cli-io.ts";
import { ASK_COMPLETIONS } from "./completion-words.ts";
import type { Action } from "./command.ts";
import type { FlagOption } from "./option.ts";
import { jsonFlag, quietFlag, verboseFlag } from "./options.ts";
import { type ParsedCommandLine, parseCommandLine } from "./parse-command-line.ts";
import type { AdjustWords } from "./typed-words.ts";

/** Runs `norbridge` with the words after the program's name; answers the exit code. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const exitCode = await runWords(argv, io);
  const losses = await io.settle();
  if (losses.length === 0) return exitCode;
  const { withLosses } = await import("./run-action.ts");
  return withLosses(exitCode, losses, io);
}

async function runWords(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    if (argv[0] === ASK_COMPLETIONS) {
      const { answerCompletion } = await import("./completion/answer.ts");
      io.stdout.write(await answerCompletion(argv.slice(1), io));
      return 0;
    }
    const parsed = await parseCommandLine(argv, { columns: io.stdout.columns(), world: io });
    switch (parsed.kind) {
      case "text":
        io.stdout.write(parsed.text);
        return 0;
      case "version":
        io.stdout.write(`norbridge ${(await import("./package-version.ts")).packageVersion()}\n`);
        return 0;
      case "action": {
        const { runAction } = await import("./run-action.ts");
        return await runAction(announced(parsed), io, outputOptions(argv), {
          words: parsed.words,
          parse: parseAction,
        });
      }
    }
  } catch (error) {
    const { reportFailure } = await import("./run-action.ts");
    return reportFailure(error, io, outputOptions(argv));
  }
}

/** The action, after what was not typed has been said of it. */
function announced({ action, configuration }: ParsedCommandLine & { readonly kind: "action" }): Action {
  if (configuration === undefined || configuration.settings.size === 0) return action;
  return async (session) => {
    const { folderNote, sourceLines } = await import("./config/configuration.ts");
    const note = folderNote(configuration);
    if (note !== undefined) session.report.note(note);
    if (session.report.verbose) for (const line of sourceLines(configuration)) session.report.note(line);
    return action(session);
  };
}

/** Only what is a command, and not its help. */
async function parseAction(argv: readonly string[], adjust: AdjustWords): Promise<Action> {
  const parsed = await parseCommandLine(argv, { adjust });
  if (parsed.kind === "action") return parsed.action;
  const { usageError } = await import("./option.ts");
  throw usageError("this is no command");
}

/** Read from the bare words, since an error in the command line must already come in the wanted form. */
function outputOptions(argv: readonly string[]): { json: boolean; quiet: boolean; verbose: boolean } {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const given = (option: FlagOption): boolean =>
    words.some(
      (word) =>
        word === `--${option.name}` ||
        (option.alias !== undefined && /^-[qv]+$/.test(word) && word.includes(option.alias)),
    );
  return { json: given(jsonFlag), quiet: given(quietFlag), verbose: given(verboseFlag) };
}
