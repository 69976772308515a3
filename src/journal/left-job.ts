/** Journals that wait for the user, wherever they are kept. */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { PLACES } from "./chip-proof.ts";
import { MAX_NUMBER } from "./journal-bounds.ts";
import { decodeJournalLine, decodeLines, JournalDamage, type RangeDigest } from "./journal-line.ts";
import { type JournalSummary, type ListedJob, listedJob } from "./journal-summary.ts";
import { JournalReader, type ReadJournal } from "./read-journal.ts";

/** A journal of an unfinished job. */
export interface LeftJob<T = JournalSummary> {
  readonly id: string;
  /** Where it is, for messages: a path, or a name in the store of a browser. */
  readonly path: string;
  /** What it holds, or why it cannot be used. */
  readonly journal: T | NorbridgeError;
  /** Number of the process that works on it: the one that began it, a resume or an undo. Undefined if none does. */
  readonly runner: number | undefined;
}

/** What a journal reports of its job, and whether it ended. */
export interface JournalHead {
  readonly job: ListedJob;
  readonly isDone: boolean;
  /** Places that the job does not touch, to recognise its chip by; those of the version before may be more than are kept. */
  readonly beside: readonly RangeDigest[];
}

/** The number of the next job: one more than that of any other, whatever any clock says. */
export function nextJobNumber(jobs: readonly LeftJob<JournalHead>[]): number {
  // The largest number does not occur in practice; the next job has the same age then.
  return Math.min(MAX_NUMBER, jobs.reduce((most, job) => Math.max(most, numberOf(job)), 0) + 1);
}

/** Age of a job among others. Those of the version before have none: they are older than all that have one. */
export function numberOf({ journal }: LeftJob<{ readonly job: ListedJob }>): number {
  return journal instanceof NorbridgeError ? 0 : (journal.job.number ?? 0);
}

/** In the order in which the jobs began; those of one age by their ID. */
export function inOrder<T extends { readonly job: ListedJob }>(jobs: readonly LeftJob<T>[]): readonly LeftJob<T>[] {
  return jobs.toSorted((a, b) => numberOf(a) - numberOf(b) || (a.id < b.id ? -1 : 1));
}

/** The head of a journal by its first line and its last, without their newlines. Throws JournalDamage. */
export function headOf(first: Uint8Array | undefined, last: Uint8Array | undefined): JournalHead {
  const line = first === undefined ? undefined : decodeJournalLine(first, 1);
  if (line?.kind !== "job" || last === undefined) throw new JournalDamage(1, "it contains no job");
  return { job: listedJob(line.job), isDone: isDone(last), beside: line.job.beside.slice(0, PLACES) };
}

/** A damaged one counts as incomplete: the user must decide. */
function isDone(last: Uint8Array): boolean {
  try {
    return decodeJournalLine(last, 1).kind === "done";
  } catch (error) {
    if (error instanceof JournalDamage) return false;
    throw error;
  }
}

/** Reads a journal from its bytes. Throws FILE_INVALID with the line that is wrong. */
export function readJournalBytes(path: string, bytes: Uint8Array, keeping: "units" | "all"): ReadJournal {
  const reader = new JournalReader(keeping);
  return damageSaid(path, () => {
    for (const line of decodeLines(bytes)) reader.take(line);
    // After the last newline is what a kill has torn.
    return reader.read(bytes.lastIndexOf(NEWLINE) + 1);
  });
}

/** As far as lists show it. Throws FILE_INVALID. */
export function summariseJournalBytes(path: string, bytes: Uint8Array): JournalSummary & JournalHead {
  const reader = new JournalReader("counts");
  return damageSaid(path, () => {
    for (const line of decodeLines(bytes)) reader.take(line);
    const { job, state, heldBytes } = reader;
    return { job: listedJob(job), state, heldBytes, isDone: state === "done", beside: job.beside.slice(0, PLACES) };
  });
}

const NEWLINE = 0x0a;

/** Damage of a journal as FILE_INVALID, with its name and line. */
export function damageSaid<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    const message = `the journal ${printable(path)} cannot be used: line ${error.line}: ${error.message}`;
    throw new NorbridgeError("FILE_INVALID", message, {
      operation: "read journal",
      hint: "Nothing was changed. The preserved bytes are in its lines, as base64.",
    });
  }
}
