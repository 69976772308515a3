/**
 * Completion: which words may stand at the cursor. All of it comes from the table of commands; the machine is asked only for
 * what the word at the cursor needs, so a TAB stays cheap.
 */
import type { Command } from "../arguments/command.ts";
import { commandsOf, findCommand, findGroup, optionsOf, verbOf } from "../arguments/command-table.ts";
import { commandSections } from "../commands/commands.ts";
import type { Offer, Option, ValueOption } from "../arguments/option.ts";
import { helpFlag, journalOption } from "../options/options.ts";
import { NOTHING, suggest, type Suggestion, type Suggestions } from "./suggestions.ts";
import { type CompletionWorld, suggestionsFor } from "./values.ts";

/** Everything before the word at the cursor, understood. */
interface Before {
  readonly words: readonly string[];
  /** Names of options that were given, without dashes. */
  readonly given: ReadonlySet<string>;
  /** The word at the cursor is the value of this option. */
  readonly pending: ValueOption<unknown> | undefined;
  /** `--` was typed: no more options. */
  readonly isEnded: boolean;
  /** What `--journal` names. */
  readonly folder: string | undefined;
}

/** What may stand in the place of `current`, with `typed` before it; neither holds the program's name. */
export async function complete(
  typed: readonly string[],
  current: string,
  world: CompletionWorld,
): Promise<Suggestions> {
  const before = understand(typed);
  return narrowed(await candidates(before, current, world), current);
}

function candidates(before: Before, current: string, world: CompletionWorld): Suggestions | Promise<Suggestions> {
  const { words, pending, isEnded, folder } = before;
  if (pending !== undefined) return valuesOf(pending, current, world, folder);
  const joined = isEnded ? null : /^--([a-z][a-z-]*)=/.exec(current);
  if (joined?.[1] !== undefined) return joinedValue(before, joined[1], current, world);
  const command = findCommand(words);
  if (!isEnded && current.startsWith("-")) return { list: optionList(command, before) };
  if (words[0] === "help") return { list: commandList(words.slice(1)) };
  if (command === undefined) return { list: commandList(words) };
  return positionalOf(command, before, current, world);
}

/** The values of `--name=` with that in front, as they have to be typed. */
async function joinedValue(
  { words, folder }: Before,
  name: string,
  current: string,
  world: CompletionWorld,
): Promise<Suggestions> {
  const option = valueOption(findCommand(words), name);
  if (option === undefined) return NOTHING;
  const head = `--${name}=`;
  const found = await valuesOf(option, current.slice(head.length), world, folder);
  return { ...found, list: found.list.map((one) => ({ ...one, value: head + one.value })) };
}

async function positionalOf(
  command: Command,
  before: Before,
  current: string,
  world: CompletionWorld,
): Promise<Suggestions> {
  const index = before.words.length - command.name.split(" ").length;
  const offer = command.offers?.[index];
  if (offer !== undefined) return offered(offer, current, world, before.folder);
  const takesMore = command.positionals.at(-1)?.endsWith("...") === true;
  // After the first file an empty word lists the options: it is the only way to see them.
  const mayBeFile = index === 0 || (takesMore && current !== "");
  if (command.file !== undefined && mayBeFile) return { list: [], names: "files" };
  const expects = index < command.positionals.length || (takesMore && command.file === undefined);
  return expects || before.isEnded ? NOTHING : { list: optionList(command, before) };
}

function valuesOf(
  option: ValueOption<unknown>,
  current: string,
  world: CompletionWorld,
  folder: string | undefined,
): Suggestions | Promise<Suggestions> {
  if (option.values !== undefined) return { list: suggest(option.values) };
  if (option.offers !== undefined) return suggestionsFor(option.offers, current, world, folder);
  if (option.file === undefined) return NOTHING;
  return { list: [], names: option.name === journalOption.name ? "folders" : "files" };
}

function offered(
  offer: Offer | readonly string[],
  current: string,
  world: CompletionWorld,
  folder: string | undefined,
): Suggestions | Promise<Suggestions> {
  return typeof offer === "string" ? suggestionsFor(offer, current, world, folder) : { list: suggest(offer) };
}

function commandList(words: readonly string[]): readonly Suggestion[] {
  const [first] = words;
  if (first === undefined) {
    const all = commandSections.flatMap(({ members }) => members);
    return [...all, { name: "help", summary: "Explain a command" }].map(({ name, summary }) => ({
      value: name,
      about: summary,
    }));
  }
  const group = words.length === 1 ? findGroup(words) : undefined;
  if (group === undefined) return [];
  return commandsOf(group.name).map((command) => ({ value: verbOf(command), about: command.summary }));
}

function optionList(command: Command | undefined, { given }: Before): readonly Suggestion[] {
  return [...optionsOf(command), helpFlag]
    .filter(({ name }) => !given.has(name))
    .map(({ name, describe }) => ({ value: `--${name}`, about: describe }));
}

/** The words as the program would take them. */
function understand(typed: readonly string[]): Before {
  const words: string[] = [];
  const given = new Set<string>();
  let pending: ValueOption<unknown> | undefined;
  let folder: string | undefined;
  for (const [index, word] of typed.entries()) {
    if (pending !== undefined) {
      if (pending.name === journalOption.name) folder = word;
      pending = undefined;
      continue;
    }
    if (word === "--") {
      return { words: [...words, ...typed.slice(index + 1)], given, pending, isEnded: true, folder };
    }
    const option = optionOf(findCommand(words), word);
    if (option === undefined) {
      if (!word.startsWith("-")) words.push(word);
      continue;
    }
    given.add(option.name);
    if (option.kind === "value" && !word.includes("=")) pending = option;
    else if (option.name === journalOption.name) folder = word.slice(word.indexOf("=") + 1);
  }
  return { words, given, pending, isEnded: false, folder };
}

function optionOf(command: Command | undefined, word: string): Option | undefined {
  const name = /^--([^=]+)/.exec(word)?.[1];
  return optionsOf(command).find((option) => option.name === name || `-${option.alias ?? ""}` === word);
}

function valueOption(command: Command | undefined, name: string): ValueOption<unknown> | undefined {
  const option = optionOf(command, `--${name}`);
  return option?.kind === "value" ? option : undefined;
}

function narrowed({ list, ...names }: Suggestions, current: string): Suggestions {
  return { list: list.filter(({ value }) => value.startsWith(current)), ...names };
}
