/** What was typed for one command, before the command sees it; for a command that runs another. */
import type { FileRole, Option } from "./option.ts";

/** Values of options by their names, and the words after the command's. */
export interface TypedWords {
  readonly values: ReadonlyMap<string, unknown>;
  readonly words: readonly string[];
}

/** What there is to know of a command without running it; see command.ts. */
export interface CommandTraits {
  readonly name: string;
  readonly options: readonly Option[];
  readonly connects: boolean;
  /** Of a command whose first word is a file: what it does with it. */
  readonly file?: FileRole | undefined;
  /** Works on unfinished jobs on this machine: no recording of one can be played back elsewhere. */
  readonly isOfThisMachine?: boolean | undefined;
}

/** Changes what was typed. Throws if it may not be run. */
export type AdjustWords = (command: CommandTraits, typed: TypedWords) => TypedWords;
