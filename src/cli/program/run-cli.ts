/**
 * One command line from argv to exit code. Throws nothing: everything that goes wrong ends as code and message. Only
 * what --help needs is imported at the start; output and commands follow when there is something to run or to say.
 */
import type { CliIo } from "./cli-io.ts";
import { ASK_COMPLETIONS } from "../completion/completion-words.ts";
import type { Action } from "../arguments/command.ts";
import type { FlagOption } from "../arguments/option.ts";
import { jsonFlag, quietFlag, verboseFlag } from "../options/options.ts";
import type { JsonFields } from "./outcome.ts";
import type { ReportOptions } from "../output/report.ts";
import { findCommand } from "../arguments/command-table.ts";
import { type ParsedCommandLine, parseCommandLine } from "../arguments/parse-command-line.ts";
import type { AdjustWords } from "../arguments/typed-words.ts";

/** Runs `norbridge` with the words after the program's name; returns the exit code. */
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
      const { answerCompletion } = await import("../completion/answer.ts");
      io.stdout.write(await answerCompletion(argv.slice(1), io));
      return 0;
    }
    const parsed = await parseCommandLine(argv, { columns: io.stdout.columns(), world: io });
    switch (parsed.kind) {
      case "text":
        return await print(parsed.text, { text: parsed.text }, outputOptions(argv), io);
      case "version": {
        const version = (await import("./package-version.ts")).packageVersion();
        return await print(`norbridge ${version}\n`, { version }, outputOptions(argv), io);
      }
      case "action": {
        const { runAction } = await import("./run-action.ts");
        const options = { ...outputOptions(argv), command: parsed.command.name };
        return await runAction(announced(parsed), io, options, { words: parsed.words, parse: parseAction });
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
    const { folderNote, sourceLines } = await import("../config/configuration.ts");
    const note = folderNote(configuration);
    if (note !== undefined) session.report.note(note);
    if (session.report.verbose) for (const line of sourceLines(configuration)) session.report.note(line);
    return action(session);
  };
}

/** What --help and --version print: with --json as a result, so that every line is JSON. */
async function print(text: string, fields: JsonFields, given: ReportOptions, io: CliIo): Promise<number> {
  // No command has run.
  const options = { ...given, command: "" };
  if (options.json) {
    const { Report } = await import("../output/report.ts");
    new Report(io, options).outcome({ kind: "done", fields }, 0);
  } else {
    io.stdout.write(text);
  }
  return 0;
}

/** Only what is a command, and not its help. */
async function parseAction(argv: readonly string[], adjust: AdjustWords): Promise<Action> {
  const parsed = await parseCommandLine(argv, { adjust });
  if (parsed.kind === "action") return parsed.action;
  const { usageError } = await import("../arguments/option.ts");
  throw usageError("this is not a command");
}

/** Read from the bare words, since an error in the command line must already come in the wanted form. */
function outputOptions(argv: readonly string[]): ReportOptions {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const given = (option: FlagOption): boolean =>
    words.some(
      (word) =>
        word === `--${option.name}` ||
        (option.alias !== undefined && /^-[qv]+$/.test(word) && word.includes(option.alias)),
    );
  const command = findCommand(words.filter((word) => !word.startsWith("-")))?.name ?? "";
  return { json: given(jsonFlag), quiet: given(quietFlag), verbose: given(verboseFlag), command };
}
