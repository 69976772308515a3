/** Unfinished jobs: which one is meant, and what lists show of it. */
import { advice } from "../advice.ts";
import { formatAddress, formatRange, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ListedJob } from "../journal/journal-summary.ts";
import type { LeftJob } from "../journal/left-job.ts";

/**
 * What became of a job: "interrupted" can be resumed, "undo interrupted" as well, "done" can be undone, "running" belongs to a
 * process, and the journal of a "damaged" one cannot be read.
 */
export type LeftJobState = "damaged" | "running" | "interrupted" | "undo interrupted" | "done";

const STATES = { begun: "interrupted", undoing: "undo interrupted", done: "done" } as const;

/** A job of whose journal nothing is asked but what it is called. */
export type AnyJob = LeftJob<unknown>;

/** The job of that ID, or the only one. Throws CHECK_FAILED if there is none, USAGE if several could be meant. */
export function pickJob<T extends AnyJob>(all: readonly T[], id: string, operation: string): T {
  const found = id === "" ? all : all.filter((job) => job.id === id);
  const [job, ...others] = found;
  if (job === undefined) {
    const what = id === "" ? `there is no job to ${operation}` : `no job ${printable(id)} was left behind`;
    throw new NorbridgeError("CHECK_FAILED", what, {
      operation,
      hint: advice("It was completed or discarded, or its journal is in another folder.", "list-jobs"),
    });
  }
  if (others.length === 0) return job;
  throw new NorbridgeError("USAGE", `there are ${found.length} jobs to ${operation}`, {
    operation,
    hint: advice(`Specify one: ${namesOf(found)}.`, "list-jobs"),
  });
}

/** A job in one line, for people: the texts of a journal are untrusted, so they are escaped. */
export function jobText({ command, imageFile, moreFiles = 0, address, lengthBytes, chip }: ListedJob): string {
  const more = moreFiles === 0 ? "" : ` and ${moreFiles} more`;
  const what = imageFile === undefined ? "" : ` ${printable(imageFile)}${more}`;
  const where = command === "write" ? `at ${formatAddress(address)}` : formatRange({ address, lengthBytes });
  return `${command}${what} ${where} on ${printable(chip.name)}`;
}

/** What a job is in, by the word that lists show. */
export function stateOf({ journal, runner }: LeftJob): LeftJobState {
  if (journal instanceof NorbridgeError) return "damaged";
  if (runner !== undefined) return "running";
  return STATES[journal.state];
}

/** So many IDs are named. */
const MAX_NAMED = 20;

function namesOf(jobs: readonly AnyJob[]): string {
  const ids = jobs.slice(0, MAX_NAMED).map(({ id }) => printable(id));
  return jobs.length > MAX_NAMED ? `${ids.join(", ")} and others` : ids.join(", ");
}
