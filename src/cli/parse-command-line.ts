/**
 * From argv to an action. yargs splits words, prints help and completions; what is allowed is checked here, because its
 * strict mode names no nearest word, and its positionals lose `-` and everything behind `--`.
 */
import yargs, { type Argv } from "yargs";
import { printable } from "../bytes.ts";
import type { NorbridgeError } from "../errors.ts";
import type { Action, Command, CommandGroup } from "./command.ts";
import { commandGroups, commands } from "./commands/commands.ts";
import { nearestName } from "./nearest-name.ts";
import { Arguments, type Option, usageError } from "./option.ts";
import { connectionOptions, outputFlags, versionFlag } from "./options.ts";
import type { AdjustWords } from "./typed-words.ts";

export type ParsedCommandLine =
  /** Help, version or completions: print it and leave. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "action"; readonly command: Command; readonly action: Action };

const PROGRAM = "norbridge";
const COMPLETION = "completion";
/** What the completion script calls the program with, before the words typed so far. */
const ASK_COMPLETIONS = "--get-yargs-completions";
const HELP_COLUMNS = 100;
const EPILOGUE = `Sizes: 4096, 0x1000, 64k, 2M.

Exit codes: 0 done, 1 the check says no, 2 wrong usage, 3 port not found, 4 port denied or busy,
5 bridge, 6 chip not recognised, 7 protected, 8 failed on the chip, 9 file, 10 interrupted,
11 interrupted for good, 70 a bug, 130 cancelled before any change.`;

interface RawArguments {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, unknown>;
}

/** Takes a command line apart. Throws USAGE, and what `adjust` throws. */
export async function parseCommandLine(
  argv: readonly string[],
  adjust: AdjustWords = (_, typed) => typed,
): Promise<ParsedCommandLine> {
  const { raw, text } = await splitWithYargs(argv);
  if (text !== "" || argv.includes(ASK_COMPLETIONS)) return { kind: "text", text: `${text}\n` };
  const [name] = raw.words;
  if (name === undefined && raw.values.get(versionFlag.name) === true) return { kind: "version" };
  const command = findCommand(raw.words);
  refuseUnknownOptions(command, raw.values);
  if (name === undefined) throw usageError("no command is given", "Run `norbridge --help` to see the commands.");
  if (command === undefined) throw unknownCommand(raw.words);
  refuseOddFlags(command, argv);
  const positionals = raw.words.slice(command.name.split(" ").length);
  checkPositionals(command, positionals);
  const { values, words } = adjust(command, { values: byOptionName(command, raw.values), words: positionals });
  const args = new Arguments(values, words);
  return { kind: "action", command, action: command.prepare(args) };
}

/** The command that the first words name. */
function findCommand(words: readonly string[]): Command | undefined {
  return commands.find(({ name }) => name.split(" ").every((part, index) => words[index] === part));
}

/** Every option of a command, or those outside of any command. */
function optionsOf(command: Command | undefined): readonly Option[] {
  if (command === undefined) return [...outputFlags, versionFlag];
  return [...command.options, ...(command.connects ? connectionOptions : []), ...outputFlags];
}

async function splitWithYargs(argv: readonly string[]): Promise<{ raw: RawArguments; text: string }> {
  let text = "";
  const parsed = await buildParser(argv).parseAsync(joinDashes(argv), {}, (_error, _argv, output) => {
    text = output;
  });
  const values = new Map<string, unknown>(Object.entries(parsed).filter(([key]) => key !== "_" && key !== "$0"));
  return { raw: { words: parsed._.map(String), values }, text };
}

/** yargs takes a bare `-` for a word of its own, also where it is the value of an option: standard input. */
function joinDashes(argv: readonly string[]): string[] {
  const joined: string[] = [];
  const end = argv.indexOf("--");
  for (const [index, word] of argv.entries()) {
    const before = joined.at(-1);
    const isOption = before !== undefined && /^--[a-z][a-z-]*$/.test(before) && takesValue(before.slice(2));
    if (word === "-" && isOption && (end < 0 || index < end)) joined[joined.length - 1] = `${before}=-`;
    else joined.push(word);
  }
  return joined;
}

function takesValue(name: string): boolean {
  return commands.some((command) =>
    optionsOf(command).some((option) => option.kind === "value" && option.name === name),
  );
}

function buildParser(argv: readonly string[]): Argv {
  const parser = yargs()
    .scriptName(PROGRAM)
    .detectLocale(false)
    .locale("en")
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "dot-notation": false,
      "camel-case-expansion": false,
      "boolean-negation": false,
    })
    .usage(`${PROGRAM} COMMAND [options]\n\nPrograms SPI NOR flash through a USB-serial-to-SPI bridge.`)
    .version(false)
    .help()
    .alias("help", "h")
    .wrap(HELP_COLUMNS)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? usageError(message);
    })
    .epilogue(EPILOGUE);
  for (const command of commands) {
    if (!command.name.includes(" ")) addCommand(parser, command, command.name);
  }
  for (const group of commandGroups) addGroup(parser, group);
  // After the commands, so that the help lists it last.
  parser.completion(COMPLETION, "Print a completion script for bash or zsh, by $SHELL", completer(argv));
  addOptions(parser, outputFlags, "Output:");
  parser.option(versionFlag.name, { type: "boolean", describe: versionFlag.describe, global: false });
  return parser;
}

function addGroup(parser: Argv, { name, summary }: CommandGroup): void {
  parser.command({
    command: name,
    describe: summary,
    builder: (own: Argv) => {
      own.usage(`${PROGRAM} ${name} VERB [options]\n\n${summary}`);
      for (const command of commandsOf(name)) addCommand(own, command, command.name.slice(name.length + 1));
      return own.epilogue("");
    },
    handler: () => undefined,
  });
}

function commandsOf(group: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${group} `));
}

/** `word`: the command's name, without that of its group. */
function addCommand(parser: Argv, command: Command, word: string): void {
  parser.command({
    command: word,
    describe: command.summary,
    builder: (own: Argv) => {
      own.usage(`${[PROGRAM, command.name, ...command.positionals].join(" ")} [options]\n\n${command.summary}`);
      addOptions(own, command.options, "Options:");
      if (command.connects) addOptions(own, connectionOptions, "Connection:");
      for (const example of command.examples) own.example(example, "");
      return own.epilogue("");
    },
    handler: () => undefined,
  });
}

function addOptions(parser: Argv, options: readonly Option[], group: string): void {
  for (const option of options) {
    parser.option(option.name, {
      type: option.kind === "flag" ? "boolean" : "string",
      describe: option.describe,
      group,
      ...(option.alias === undefined ? {} : { alias: option.alias }),
    });
  }
}

type Complete = (
  current: string,
  parsed: unknown,
  fallback: (onCompleted: (error: Error | null, completions: string[] | undefined) => void) => void,
  done: (completions: string[]) => void,
) => void;

/** Values of the option before the cursor where they are a closed list; else what yargs knows: commands and options. */
function completer(argv: readonly string[]): Complete {
  return (_current, _parsed, fallback, done) => {
    const command = commands.find(({ name }) => name.split(" ").every((part) => argv.includes(part)));
    const option = optionsOf(command).find((candidate) => argv.at(-2) === `--${candidate.name}`);
    if (option?.kind === "value" && option.values !== undefined) {
      done([...option.values]);
      return;
    }
    fallback((_error, completions) => {
      done((completions ?? []).filter((word) => !/^--.$/.test(word)));
    });
  };
}

function refuseUnknownOptions(command: Command | undefined, values: ReadonlyMap<string, unknown>): void {
  const options = optionsOf(command);
  const known = options.map((option) => option.name);
  const all = new Set([...known, ...options.flatMap((option) => option.alias ?? []), "help", "h"]);
  for (const name of values.keys()) {
    if (all.has(name)) continue;
    const nearest = nearestName(name, known);
    const typed = printable(name.length === 1 ? `-${name}` : `--${name}`);
    throw usageError(
      `${command === undefined ? "" : `${command.name} has no option `}${typed}${command === undefined ? " is not an option" : ""}`,
      nearest === undefined
        ? `Run \`${helpOf(command)}\` to see the options.`
        : `Did you mean --${nearest}? \`${helpOf(command)}\` shows all options.`,
    );
  }
}

function unknownCommand([name = "", verb]: readonly string[]): NorbridgeError {
  const group = commandGroups.find((candidate) => candidate.name === name);
  if (group !== undefined) {
    const verbs = commandsOf(name).map((command) => command.name.slice(name.length + 1));
    const message = verb === undefined ? `${name} needs a verb` : `${name} has no verb ${printable(verb)}`;
    return usageError(message, `There are: ${verbs.map((word) => `${name} ${word}`).join(", ")}.`);
  }
  const known = [...commands.map((command) => command.name.split(" ")[0] ?? ""), COMPLETION];
  const nearest = nearestName(name, known);
  return usageError(
    `there is no command ${printable(name)}`,
    nearest === undefined
      ? "Run `norbridge --help` to see the commands."
      : `Did you mean ${nearest}? \`norbridge --help\` shows all commands.`,
  );
}

function helpOf(command: Command | undefined): string {
  return command === undefined ? "norbridge --help" : `norbridge ${command.name} --help`;
}

/** yargs swallows a flag given twice or with a value, so they are looked up in what was typed. */
function refuseOddFlags(command: Command, argv: readonly string[]): void {
  const end = argv.indexOf("--");
  const typed = end < 0 ? argv : argv.slice(0, end);
  for (const option of optionsOf(command)) {
    if (option.kind !== "flag") continue;
    const forms = [`--${option.name}`, ...(option.alias === undefined ? [] : [`-${option.alias}`])];
    if (typed.filter((word) => forms.includes(word)).length > 1) {
      throw usageError(`--${option.name} is given more than once`);
    }
    if (typed.some((word) => word.startsWith(`--${option.name}=`))) {
      throw usageError(`--${option.name} takes no value`);
    }
  }
}

function byOptionName(command: Command, values: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map(optionsOf(command).map((option) => [option.name, values.get(option.name)]));
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals.slice(given.length).find((word) => !word.startsWith("["));
  const usage = `Usage: ${[PROGRAM, command.name, ...command.positionals].join(" ")} [options]`;
  if (missing !== undefined) throw usageError(`${command.name} needs ${missing}`, usage);
  const empty = given.indexOf("");
  if (empty >= 0) throw usageError(`${command.positionals[empty] ?? "a word"} must not be empty`, usage);
  const extra = command.positionals.at(-1)?.endsWith("...") === true ? undefined : given[command.positionals.length];
  if (extra !== undefined) throw usageError(`${command.name} does not know what to do with ${printable(extra)}`, usage);
}
