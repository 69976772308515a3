/**
 * A command in two halves. The words (name, options, help) are imported by every start of the program and stay light;
 * what the command does is imported only when it is run. `prepare` is the seam: it turns arguments into a typed
 * request, throws USAGE before anything was opened, and returns what to run.
 */
import type { Arguments, Offer, Option } from "./option.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import type { CommandTraits } from "./typed-words.ts";

/** What runs after the command line was found right. */
export type Action = (session: Session) => Promise<Outcome>;

export interface Command extends CommandTraits {
  /** One word, or two where the first names a group: "log read". */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /**
   * Names of the words after the command, in capitals; all but those in brackets are needed. A last one with "..."
   * takes one or more words.
   */
  readonly positionals: readonly string[];
  /** What completion lists for them, in their order, if it is neither a file nor unknown; a list is offered as it stands. */
  readonly offers?: readonly (Offer | readonly string[])[] | undefined;
  /** Example command lines, shown by --help. */
  readonly examples: readonly string[];
  readonly options: readonly Option[];
  /** Whether it talks to a chip, and so has the connection options. */
  readonly connects: boolean;
  prepare(args: Arguments): Action;
}

/** Commands that share their first word. */
export interface CommandGroup {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
}
