/**
 * Takes a command line apart. A first look over the words finds the command and whether help is asked for, and needs no
 * library; the values of the options come from yargs' parser, which is loaded only when a command is going to run.
 */
import { commands } from "../commands/commands.ts";
import { optionsOf } from "./command-table.ts";
import type { Command } from "./command.ts";
import { type Option, usageError } from "./option.ts";
import { helpFlag, versionFlag } from "../options/options.ts";

/** What a first look finds, before the command is known. */
export interface FirstLook {
  /** All words that are neither options nor their values. */
  readonly words: readonly string[];
  readonly asksHelp: boolean;
  readonly asksVersion: boolean;
}

/** Everything that was typed, apart. */
export interface SplitWords {
  readonly words: readonly string[];
  /** By the name of the option; also of options that do not exist. Text, true, or a list of what was given several times. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Looks over a command line. Words after `--` are never options. */
export function firstLook(argv: readonly string[]): FirstLook {
  const found = { words: [] as string[], asksHelp: false, asksVersion: false };
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") {
      found.words.push(...argv.slice(index + 1));
      break;
    }
    if (!isOptionWord(word)) {
      found.words.push(word);
      continue;
    }
    if (word === "--help" || word === "-h") found.asksHelp = true;
    // `log read --version 2` has a value: alone, before any command, it asks for the version.
    const isAlone = found.words.length === 0;
    if (isAlone && (word === `--${versionFlag.name}` || word === `-${versionFlag.alias ?? ""}`))
      found.asksVersion = true;
    else if (expectsValue(word) && isValue(argv[index + 1])) index++;
  }
  return found;
}

/** The words as the parser of options takes them: `-pVALUE` and a bare `-` as a value are joined to their option. */
export function expandWords(command: Command, argv: readonly string[]): readonly string[] {
  const options = optionsOf(command);
  const expanded: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return [...expanded, ...argv.slice(index)];
    const long = /^--([a-z][a-z-]*)$/.exec(word)?.[1];
    if (argv[index + 1] === "-" && options.some(({ kind, name }) => kind === "value" && name === long)) {
      expanded.push(`${word}=-`);
      index++;
    } else expanded.push(...expandCluster(options, word));
  }
  return expanded;
}

/** `-pCOM7` is `--port=COM7`, and `-qpCOM7` the same after `-q`. */
function expandCluster(options: readonly Option[], word: string): readonly string[] {
  if (!/^-[a-z]./i.test(word)) return [word];
  for (let at = 1; at < word.length; at++) {
    const option = options.find(({ alias }) => alias === word[at]);
    if (option === undefined) return [word];
    if (option.kind === "flag") continue;
    const value = word.slice(at + 1).replace(/^=/, "");
    const flags = at === 1 ? [] : [word.slice(0, at)];
    return value === "" ? [word] : [...flags, `--${option.name}=${value}`];
  }
  return [word];
}

/** Splits expanded words by the options of a command. */
export async function splitWords(command: Command, expanded: readonly string[]): Promise<SplitWords> {
  const { Parser } = await import("yargs/helpers");
  const options = [...optionsOf(command), helpFlag];
  const names = (kind: Option["kind"]): string[] => options.filter((one) => one.kind === kind).map(({ name }) => name);
  const parsed = Parser([...expanded], {
    string: names("value"),
    boolean: names("flag"),
    alias: Object.fromEntries(options.flatMap(({ name, alias }) => (alias === undefined ? [] : [[name, alias]]))),
    configuration: {
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "dot-notation": false,
      "camel-case-expansion": false,
      "boolean-negation": false,
      "strip-aliased": true,
    },
  });
  refuseOddFlags(options, expanded);
  const values = Object.entries(parsed).filter(([key]) => key !== "_" && key !== "--");
  return { words: parsed._.map(String), values: new Map<string, unknown>(values) };
}

/** The parser swallows a flag given twice or with a value, so they are looked up in what was typed. */
function refuseOddFlags(options: readonly Option[], typed: readonly string[]): void {
  const end = typed.indexOf("--");
  const before = end < 0 ? typed : typed.slice(0, end);
  for (const option of options) {
    if (option.kind !== "flag") continue;
    const forms = [`--${option.name}`, ...(option.alias === undefined ? [] : [`-${option.alias}`])];
    if (before.filter((word) => forms.includes(word)).length > 1) {
      throw usageError(`--${option.name} is given more than once`);
    }
    if (before.some((word) => word.startsWith(`--${option.name}=`))) {
      throw usageError(`--${option.name} takes no value`);
    }
  }
}

function isOptionWord(word: string): boolean {
  return /^-[^-\d]/.test(word) || /^--./.test(word);
}

/** Of a word that is an option: whether its value is the next word, in any command. */
function expectsValue(word: string): boolean {
  if (word.startsWith("--")) return !word.includes("=") && takesValue(({ name }) => name === word.slice(2));
  const isLast = ({ alias }: Option): boolean => alias === word.at(-1);
  const isBefore = ({ alias }: Option): boolean => alias !== undefined && word.slice(1, -1).includes(alias);
  return takesValue(isLast) && !takesValue(isBefore);
}

function takesValue(isIt: (option: Option) => boolean): boolean {
  return commands.some((command) => optionsOf(command).some((option) => option.kind === "value" && isIt(option)));
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && !isOptionWord(word) && word !== "--";
}
