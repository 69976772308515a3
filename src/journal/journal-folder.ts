/** Where journals lie, and which of them wait for somebody. */
import { homedir } from "node:os";
import { join } from "node:path";
import { printable } from "../bytes.ts";
import { claimedIn } from "../disk/file-lock.ts";
import { cannotRead, systemReason } from "../disk/file-problem.ts";
import { makeFolder, namesIn, removeFile } from "../disk/folder.ts";
import { isRunning } from "../disk/process-mark.ts";
import { NorbridgeError } from "../errors.ts";
import { type JournalHead, readJournalHead, summariseJournal } from "./journal-file.ts";
import type { JobRecord } from "./journal-line.ts";
import type { JournalSummary } from "./journal-summary.ts";

const ENDING = ".journal";

/** A journal that was left behind. */
export interface LeftJob<T = JournalSummary> {
  readonly id: string;
  readonly path: string;
  /** What it holds, or why it cannot be used. */
  readonly journal: T | NorbridgeError;
  /** A process works on it: the one that began it, a resume or an undo. */
  readonly isRunning: boolean;
}

/** `XDG_STATE_HOME`, or what stands for it, and our folder in it. */
export function journalFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env["XDG_STATE_HOME"];
  return join(state === undefined || state === "" ? join(homedir(), ".local", "state") : state, "norbridge", "jobs");
}

/** The path of a new journal; makes the folder. Throws FILE_EXISTS. */
export function newJournalPath(folder: string, random: () => number): string {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new NorbridgeError("FILE_EXISTS", `the folder for journals cannot be made: ${systemReason(error)}`, {
      operation: "write journal",
      hint: "Name another with --journal, or do without one with --no-journal.",
      cause: error,
    });
  }
  return join(folder, `${(random() >>> 0).toString(16).padStart(8, "0")}${ENDING}`);
}

/**
 * All journals of a folder in the order in which their jobs began; none where there is no folder. Each is read whole, in memory
 * of a line. Throws ECANCELED.
 */
export async function leftJobs(folder: string, signal?: AbortSignal): Promise<readonly LeftJob[]> {
  const jobs = await jobsIn(folder, (path) => summariseJournal(path, signal));
  return jobs.toSorted((a, b) => numberOf(jobOf(a)) - numberOf(jobOf(b)) || (a.id < b.id ? -1 : 1));
}

/** The same, with no more of each than its first line and whether it ended. Throws ECANCELED. */
export async function leftHeads(folder: string, signal?: AbortSignal): Promise<readonly LeftJob<JournalHead>[]> {
  const jobs = await jobsIn(folder, (path) => readJournalHead(path, signal));
  return jobs.toSorted((a, b) => numberOf(jobOf(a)) - numberOf(jobOf(b)) || (a.id < b.id ? -1 : 1));
}

function jobOf({ journal }: LeftJob<{ readonly job: JobRecord }>): JobRecord | undefined {
  return journal instanceof NorbridgeError ? undefined : journal.job;
}

function numberOf(job: JobRecord | undefined): number {
  return job?.number ?? 0;
}

/** The number of the next job: one more than that of any other, whatever any clock says. */
export function nextJobNumber(jobs: readonly LeftJob<JournalHead>[]): number {
  return jobs.reduce((most, job) => Math.max(most, numberOf(jobOf(job))), 0) + 1;
}

async function jobsIn<T extends { readonly job: JobRecord }>(
  folder: string,
  read: (path: string) => Promise<T>,
): Promise<LeftJob<T>[]> {
  const names = await namesIn(folder);
  const claimed = claimedIn(folder, names);
  const jobs: LeftJob<T>[] = [];
  for (const name of names) {
    if (!name.endsWith(ENDING)) continue;
    const job = await leftJob(join(folder, name), name.slice(0, -ENDING.length), claimed.has(name), read);
    if (job !== undefined) jobs.push(job);
  }
  return jobs;
}

/** Undefined where its job has just ended, and the file with it. */
async function leftJob<T extends { readonly job: JobRecord }>(
  path: string,
  id: string,
  isClaimed: boolean,
  read: (path: string) => Promise<T>,
): Promise<LeftJob<T> | undefined> {
  try {
    const journal = await read(path);
    // Journals of the version before have no number and no lock; the process that began them is all that is known.
    const isOfOldProcess = journal.job.number === undefined && isRunning(journal.job.process);
    return { id, path, journal, isRunning: isClaimed || isOfOldProcess };
  } catch (error) {
    if (isGone(error)) return undefined;
    if (error instanceof NorbridgeError && error.code === "ECANCELED") throw error;
    const journal = error instanceof NorbridgeError ? error : cannotRead(path, error);
    return { id, path, journal, isRunning: isClaimed };
  }
}

function isGone(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** So many jobs that ended are kept for an undo. */
const MOST_DONE = 8;

/**
 * Removes all but the newest journals of jobs that ended, and of one chip all but the newest; never `own`, that of the job that
 * has just promised an undo. What cannot be removed stays.
 */
export async function pruneDoneJobs(folder: string, own: string): Promise<void> {
  const jobs = await leftHeads(folder);
  const newestFirst = jobs.filter(({ path }) => path !== own).toReversed();
  const ownJob = jobs.find(({ path }) => path === own);
  const chips = new Set<string>();
  if (ownJob !== undefined && !(ownJob.journal instanceof NorbridgeError)) chips.add(chipKey(ownJob.journal.job, own));
  for (const { path, journal, isRunning: isInUse } of newestFirst) {
    if (journal instanceof NorbridgeError || !journal.isDone || isInUse) continue;
    // Where chips have no number, two of a kind cannot be told apart here: the eight newest stay then.
    const chip = chipKey(journal.job, path);
    if (chips.has(chip) || chips.size >= MOST_DONE) removeQuietly(path);
    else chips.add(chip);
  }
}

function chipKey({ chip: { jedecId, uniqueId } }: JobRecord, path: string): string {
  return uniqueId === "" ? path : JSON.stringify([jedecId, uniqueId]);
}

function removeQuietly(path: string): void {
  try {
    removeFile(path);
  } catch {
    // It is another user's, in a folder of all.
  }
}

/** Removes a journal; it is fine if it is gone. Throws FILE_EXISTS where the system does not do it. */
export function removeJournal(path: string): void {
  try {
    removeFile(path);
  } catch (error) {
    throw new NorbridgeError(
      "FILE_EXISTS",
      `the journal ${printable(path)} cannot be removed: ${systemReason(error)}`,
      {
        operation: "remove journal",
        hint: "Look who owns it, and what it is.",
        cause: error,
      },
    );
  }
}
