/** From argv to an action, or to a text that was asked for. What is allowed is checked here, by the table of commands. */
import { printable } from "../../bytes.ts";
import type { Action, Command } from "./command.ts";
import { findCommand, findGroup, optionsOf, usageOf } from "./command-table.ts";
import type { ConfigWorld } from "../config/configuration.ts";
import { Arguments, usageError } from "./option.ts";
import { journalOption, noConfigFlag, profileOption } from "../options/options.ts";
import type { Configuration, Setting } from "../config/setting.ts";
import { expandWords, firstLook, type FirstLook, type SplitWords, splitWords } from "./split-words.ts";
import type { AdjustWords } from "./typed-words.ts";

export type ParsedCommandLine =
  /** Help or completions: print it and leave. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "version" }
  | {
      readonly kind: "action";
      readonly command: Command;
      readonly action: Action;
      /** What was typed, in the form that is easiest to read again: `--port=COM7` for `-pCOM7`. */
      readonly words: readonly string[];
      /** What was not typed and holds all the same. */
      readonly configuration: Configuration | undefined;
    };

/** What parsing needs to know of the world around it. */
export interface ParseOptions {
  /** Changes or refuses words before the command sees them. */
  readonly adjust?: AdjustWords | undefined;
  /** Where settings that were not typed are looked for; undefined: nowhere. */
  readonly world?: ConfigWorld | undefined;
  /** Width that texts are written for; undefined: 80. */
  readonly columns?: number | undefined;
}

/** Takes a command line apart. Throws USAGE, and what `adjust` throws. */
export async function parseCommandLine(
  argv: readonly string[],
  { adjust, columns, world }: ParseOptions = {},
): Promise<ParsedCommandLine> {
  const look = firstLook(argv);
  const topic = helpTopic(look);
  if (topic !== undefined) return { kind: "text", text: await helpText(topic, columns) };
  if (look.asksVersion) return { kind: "version" };
  const command = findCommand(look.words);
  if (command === undefined) throw (await import("./wrong-words.ts")).wrongCommand(look.words, argv);
  const expanded = expandWords(command, argv);
  const split = await splitWords(command, expanded);
  await refuseUnknownOptions(command, split, argv);
  const positionals = split.words.slice(command.name.split(" ").length);
  checkPositionals(command, positionals);
  const typed = { values: byOptionName(command, split), words: positionals };
  const { values, words: last } = adjust === undefined ? typed : adjust(command, typed);
  const configuration = await configurationOf(command, values, world);
  const all = new Map([...values, ...settingsOf(configuration).map(([name, { value }]) => [name, value] as const)]);
  const action = command.prepare(new Arguments(all, last, configuration));
  return { kind: "action", command, action, words: wholeWords(expanded, configuration), configuration };
}

function configurationOf(
  command: Command,
  typed: ReadonlyMap<string, unknown>,
  world: ConfigWorld | undefined,
): Promise<Configuration> | undefined {
  const options = optionsOf(command);
  if (world === undefined || !(command.connects || options.includes(journalOption))) return undefined;
  return import("../config/configuration.ts").then(({ configurationFor }) => configurationFor(options, typed, world));
}

function settingsOf(configuration: Configuration | undefined): readonly (readonly [string, Setting])[] {
  return [...(configuration?.settings ?? [])].filter(
    ([name]) => name !== profileOption.name && name !== noConfigFlag.name,
  );
}

/** What was typed, with the settings as if they had been: nothing outside of these words counts. */
function wholeWords(expanded: readonly string[], configuration: Configuration | undefined): readonly string[] {
  const end = expanded.indexOf("--");
  const head = end < 0 ? expanded : expanded.slice(0, end);
  const typed = head.filter(
    (word, index) =>
      !isProfileWord(word) && head[index - 1] !== `--${profileOption.name}` && word !== `--${noConfigFlag.name}`,
  );
  const settings = settingsOf(configuration).map(([name, { value }]) =>
    value === true ? `--${name}` : `--${name}=${String(value)}`,
  );
  return [...typed, ...settings, ...(end < 0 ? [] : expanded.slice(end))];
}

function isProfileWord(word: string): boolean {
  return word === `--${profileOption.name}` || word.startsWith(`--${profileOption.name}=`);
}

/** What help is wanted for; undefined if none is. */
function helpTopic({ words, asksHelp }: FirstLook): readonly string[] | undefined {
  if (words[0] === "help") return words.slice(1);
  if (words[1] === "help" && findGroup(words) !== undefined) return words.slice(0, 1);
  return asksHelp ? words : undefined;
}

/** The help for a command, a group or the program. Throws USAGE for a command that does not exist. */
async function helpText(topic: readonly string[], columns: number | undefined): Promise<string> {
  const [{ commandHelp, groupHelp, programHelp }, { usableColumns }] = await Promise.all([
    import("../help/help.ts"),
    import("../help/wrap.ts"),
  ]);
  const width = usableColumns(columns);
  if (topic.length === 0) return programHelp(width);
  const command = findCommand(topic);
  if (command !== undefined) return commandHelp(command, width);
  const group = findGroup(topic);
  if (group !== undefined && topic.length === 1) return groupHelp(group, width);
  throw (await import("./wrong-words.ts")).wrongCommand(topic, topic);
}

async function refuseUnknownOptions(command: Command, { values }: SplitWords, argv: readonly string[]): Promise<void> {
  const known = new Set(
    optionsOf(command).flatMap(({ name, alias }) => [name, ...(alias === undefined ? [] : [alias])]),
  );
  for (const name of values.keys()) {
    if (!known.has(name)) throw (await import("./wrong-words.ts")).wrongOption(command, name, argv);
  }
}

function byOptionName(command: Command, { values }: SplitWords): ReadonlyMap<string, unknown> {
  return new Map(optionsOf(command).map((option) => [option.name, values.get(option.name)]));
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals.slice(given.length).find((word) => !word.startsWith("["));
  const usage = `Usage: ${usageOf(command)}`;
  if (missing !== undefined) throw usageError(`${command.name} needs ${missing.replace(/\.\.\.$/, "")}`, usage);
  const empty = given.indexOf("");
  if (empty >= 0) throw usageError(`${command.positionals[empty] ?? "a word"} must not be empty`, usage);
  const extra = command.positionals.at(-1)?.endsWith("...") === true ? undefined : given[command.positionals.length];
  if (extra !== undefined) throw usageError(`${command.name} takes no further argument: ${printable(extra)}`, usage);
}
