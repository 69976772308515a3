/**
 * What a recorded command may do when it is played back. A recording is untrusted, so none of its arguments names a
 * file here: what the command creates goes to a folder that is removed afterwards, what it reads is named by the user who
 * plays it back, and an argument that only an edited recording can have is refused.
 */
import { join } from "node:path";
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { type Option, usageError } from "../arguments/option.ts";
import {
  chipFileOption,
  fileOption,
  journalOption,
  keepOldFlag,
  portOption,
  recordOption,
} from "../options/options.ts";
import type { AdjustWords, CommandTraits, TypedWords } from "../arguments/typed-words.ts";

/** Stands for the one file that a command reads beside those that have an option here. */
export const inputOption = fileOption("input", "File that the recorded command reads: an image or records", "input");
/** As on `log read`. */
export const replayStructOption = fileOption("struct", "Struct file that the recorded command reads", "input");

/** Files named by the user who plays a recording back. */
export interface NamedInputs {
  readonly input: string | undefined;
  readonly chipFile: string | undefined;
  readonly struct: string | undefined;
}

/** Recording leaves these out; one that has them was edited. */
const NEVER_RECORDED = new Set([portOption.name, recordOption.name, journalOption.name, "report"]);
const MAX_WORDS = 1000;
const MAX_WORD_CHARACTERS = 65_536;
const ENDING = /\.[a-z0-9]{1,8}$/i;
/** `@FILE` and `NAME=@FILE`. */
const VALUE_FROM_FILE = /^(?:[^=]*=)?@./;

/** Throws FILE_INVALID for words that no command line has. */
export function checkRecordedWords(words: readonly string[]): void {
  if (words.length <= MAX_WORDS && words.every((word) => word.length <= MAX_WORD_CHARACTERS)) return;
  throw new NorbridgeError("FILE_INVALID", "the recording's command is longer than any command line", {
    operation: "replay",
  });
}

/** How the words of a recorded command are changed: `port` is the recording, `scratch` the folder for what it makes. */
export function adjustRecorded(port: string, scratch: string, named: NamedInputs): AdjustWords {
  return (command, typed) => {
    if (!command.connects || command.isOfThisMachine === true) {
      throw invalid(`is \`${command.name}\`, which uses no chip, or uses this machine's jobs: it cannot be replayed`);
    }
    refuseForeign(typed);
    const values = new Map([...typed.values, [portOption.name, port]]);
    const missing: string[] = [];
    for (const option of command.options) {
      if (!isGiven(typed, option) || option.kind !== "value" || option.file === undefined) continue;
      if (option.file === "input") values.set(option.name, inputFor(option, named, missing));
      else values.set(option.name, join(scratch, option.name));
    }
    if (isGiven(typed, chipFileOption)) values.set(chipFileOption.name, inputFor(chipFileOption, named, missing));
    // What a job keeps for an undo is kept, and gone with the folder.
    if (typed.values.get(keepOldFlag.name) === true) values.set(journalOption.name, join(scratch, "jobs"));
    const words = wordsOf(command, typed, scratch, named, missing);
    if (missing.length === 0) return { values, words };
    throw usageError(
      `the recorded \`${command.name}\` reads files, and a recording may not choose them`,
      `Specify them: ${[...new Set(missing)].map((option) => `--${option} FILE`).join(" ")}.`,
    );
  };
}

function wordsOf(
  { file }: CommandTraits,
  { words }: TypedWords,
  scratch: string,
  named: NamedInputs,
  missing: string[],
): readonly string[] {
  if (file === undefined) return words;
  const [first = "", ...rest] = words;
  if (file === "input") return [inputFor(inputOption, named, missing), ...rest];
  // The format of a file that is made may go by its ending.
  return [join(scratch, `output${ENDING.exec(first)?.[0] ?? ""}`), ...rest];
}

function inputFor({ name }: Option, named: NamedInputs, missing: string[]): string {
  const found = name === chipFileOption.name ? named.chipFile : name === "struct" ? named.struct : named.input;
  if (found !== undefined) return found;
  const isOwn = name === chipFileOption.name || name === "struct";
  missing.push(isOwn ? name : inputOption.name);
  return "";
}

function refuseForeign({ values, words }: TypedWords): void {
  for (const [name, value] of values) {
    if (value === undefined) continue;
    if (NEVER_RECORDED.has(name)) throw invalid(`contains --${printable(name)}, which norbridge never records`);
    if (typeof value === "string" && VALUE_FROM_FILE.test(value)) throw valueFile(value);
  }
  for (const word of words) if (VALUE_FROM_FILE.test(word)) throw valueFile(word);
}

function isGiven({ values }: TypedWords, { name }: Option): boolean {
  return values.get(name) !== undefined;
}

function valueFile(word: string): NorbridgeError {
  return invalid(`takes a value from a file (${printable(word)}), and a recording may not choose one`);
}

function invalid(why: string): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", `the recording's command ${why}`, {
    operation: "replay",
    hint: "Run the command by hand, with --port replay:FILE.",
  });
}
