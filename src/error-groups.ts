/**
 * Which errors lead to the same decision: groups of the categories of `ERROR_TABLE`, and the only walker of causes. A new
 * code gets a category in the table and so takes its place in each group.
 */
import { type ErrorCategory, NorbridgeError } from "./errors.ts";

/** The groups by the decision that depends on them. */
export const ERROR_GROUPS = {
  /** The connection to the bridge was lost. A new connection may find the same chip, so the job continues on it. */
  linkLost: ["link"],
  /** What a port or a bridge reports while it comes back after it was unplugged or restarted: it is tried again. */
  reappearing: ["port", "bridge", "link"],
  /** Errors of the way to the chip: they say nothing about its data, so the chip is not asked about them. */
  wayToChip: ["canceled", "port", "link", "contact"],
  /** The chip did not do what it should. The SPI clock may be too high for the wires, so a slower one is tried. */
  chipFailed: ["cells", "contact"],
  /** The chip refused or failed a change. Another attempt may fail as well, so the bytes of the user are saved to files. */
  changeFailed: ["cells", "busy", "protection"],
  /** The link lost synchronisation and has it again: the chip is compared once more and the job continues. */
  outOfSync: ["sync"],
  /** Errors that are as true after a change as before one. All others say that nothing was changed: they become INTERRUPTED. */
  trueAfterChange: ["identity", "cells", "busy", "protection", "space", "interruption", "loss", "bug"],
  /** The job ended after a change. What ended it is the cause. */
  afterChange: ["interruption", "loss"],
  /** The same, and nothing is only in memory. */
  resumable: ["interruption"],
} as const satisfies Readonly<Record<string, readonly ErrorCategory[]>>;

/** Name of a group of errors. */
export type ErrorGroup = keyof typeof ERROR_GROUPS;

/** Whether the error itself belongs to the group; its causes do not count. */
export function isOf(error: unknown, group: ErrorGroup): boolean {
  const categories: readonly ErrorCategory[] = ERROR_GROUPS[group];
  return error instanceof NorbridgeError && categories.includes(error.category);
}

/**
 * The first error that `test` accepts: `error` itself, its cause, the cause of that, and so on. Looks only through errors
 * of the group `through`, if one is given, and never through an error that is not a `NorbridgeError`.
 */
export function causeIn(
  error: unknown,
  test: (error: NorbridgeError) => boolean,
  through?: ErrorGroup,
): NorbridgeError | undefined {
  for (let current = error; current instanceof NorbridgeError; current = current.cause) {
    if (test(current)) return current;
    if (through !== undefined && !isOf(current, through)) return undefined;
  }
  return undefined;
}
