/** Where journals are stored, and which of them wait for the user. */
import { join } from "node:path";
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { claimedIn, tryLockFile } from "../disk/file-lock.ts";
import { cannotRead, systemErrorCode, systemReason } from "../disk/file-problem.ts";
import { kindOf, makeFolder, entriesIn, removeFile } from "../disk/folder.ts";
import { isRunning } from "../disk/process-mark.ts";
import { hostUser, stateFolders, type UserOfSystem } from "../disk/user-folders.ts";
import { Turn } from "../disk/read-lines.ts";
import { throwIfAborted, orCanceled } from "../disk/or-canceled.ts";
import { NorbridgeError } from "../errors.ts";
import { type JournalReading, readJournalHead, summariseJournal } from "./journal-file.ts";
import type { ListedJob } from "./journal-summary.ts";
import { inOrder, type JournalHead, type LeftJob } from "./left-job.ts";
import { supersededIn } from "./superseded-jobs.ts";

const ENDING = ".journal";

/** The folder for new journals of this user. */
export function journalFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(stateFolders(env).current, "jobs");
}

/** All folders in which journals of this user may lie: that for new ones, and those of earlier versions. */
export function journalFolders(
  env: Readonly<Record<string, string | undefined>>,
  user: UserOfSystem = hostUser(),
): readonly string[] {
  const { current, former } = stateFolders(env, user);
  return [current, ...former].map((folder) => join(folder, "jobs"));
}

/** The path of a new journal; makes the folder. Throws FILE_EXISTS. */
export function newJournalPath(folder: string, random: () => number): string {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new NorbridgeError("FILE_EXISTS", `the folder for journals cannot be created: ${systemReason(error)}`, {
      operation: "write journal",
      hint: advice("Specify another folder for journals.", "omit-journal", "set-journal-folder"),
      cause: error,
    });
  }
  return join(folder, `${(random() >>> 0).toString(16).padStart(8, "0")}${ENDING}`);
}

/**
 * All journals of a folder, or of several, in the order in which their jobs began; none if there is no folder. Each is read
 * whole, in memory of a line. Throws FILE_INVALID for a folder that cannot be read, ECANCELED.
 */
export function leftJobs(folder: string | readonly string[], signal?: AbortSignal): Promise<readonly LeftJob[]> {
  return jobsInAll(folder, summariseJournal, signal);
}

/** The same, with no more of each than its first line and its last. */
export function leftHeads(
  folder: string | readonly string[],
  signal?: AbortSignal,
): Promise<readonly LeftJob<JournalHead>[]> {
  return jobsInAll(folder, readJournalHead, signal);
}

/** This many are looked at at once. */
const AT_ONCE = 32;

async function jobsInAll<T extends { readonly job: ListedJob }>(
  folders: string | readonly string[],
  read: (path: string, reading: JournalReading) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<readonly LeftJob<T>[]> {
  const each = typeof folders === "string" ? [folders] : folders;
  const jobs = await Promise.all(each.map((folder) => jobsIn(folder, read, signal)));
  return jobs.length === 1 ? (jobs[0] ?? []) : inOrder(jobs.flat());
}

function jobsIn<T extends { readonly job: ListedJob }>(
  folder: string,
  read: (path: string, reading: JournalReading) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<readonly LeftJob<T>[]> {
  const all = async (): Promise<readonly LeftJob<T>[]> => {
    const entries = await entriesIn(folder);
    const claimed = claimedIn(
      folder,
      entries.map(({ name }) => name),
    );
    const turn = new Turn();
    const oldRunnerOf = oldRunners();
    const waiting = entries.filter(({ name }) => name.endsWith(ENDING));
    const jobs: LeftJob<T>[] = [];
    const work = async (): Promise<void> => {
      for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
        throwIfAborted(signal, "reading the journals");
        const { name, isRegular } = entry;
        const path = join(folder, name);
        const reading = { signal, turn, isRegular };
        const id = name.slice(0, -ENDING.length);
        const job = await leftJob(path, id, claimed.get(name), oldRunnerOf, () => read(path, reading));
        if (job !== undefined) jobs.push(job);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return inOrder(jobs);
  };
  return orCanceled(all(), signal, "reading the journals");
}

/** Undefined if its job has just ended, and the file with it. */
async function leftJob<T extends { readonly job: ListedJob }>(
  path: string,
  id: string,
  claimedBy: number | undefined,
  oldRunnerOf: (job: ListedJob) => number | undefined,
  read: () => Promise<T>,
): Promise<LeftJob<T> | undefined> {
  try {
    const journal = await read();
    return { id, path, journal, runner: claimedBy ?? oldRunnerOf(journal.job) };
  } catch (error) {
    if (isGone(error)) return undefined;
    if (error instanceof NorbridgeError && error.code === "ECANCELED") throw error;
    const journal = error instanceof NorbridgeError ? error : cannotRead(path, error);
    return { id, path, journal, runner: claimedBy };
  }
}

/**
 * Journals of the version before have no number and no lock; the process that began them is all that is known. Each process is
 * looked for once.
 */
function oldRunners(): (job: ListedJob) => number | undefined {
  const found = new Map<string, boolean>();
  return ({ number, process }) => {
    if (number !== undefined) return undefined;
    const key = `${process.pid} ${process.started}`;
    const runs = found.get(key) ?? isRunning(process);
    found.set(key, runs);
    return runs ? process.pid : undefined;
  };
}

function isGone(error: unknown): boolean {
  const { cause } = error instanceof Error ? error : {};
  return systemErrorCode(cause) === "ENOENT";
}

/** This many journals are removed after one job: each is locked for that, which takes its time in a full folder. */
const MAX_REMOVED = 32;

/**
 * Removes all but the newest journals of jobs that ended, and of one chip all but the newest; never `own`, that of the job that
 * has just promised an undo. What another process works on and what cannot be removed stays. Throws ECANCELED, and FILE_INVALID
 * for a folder that cannot be read.
 */
export async function pruneDoneJobs(folder: string, own: string, signal?: AbortSignal): Promise<void> {
  const jobs = await leftHeads(folder, signal);
  const superseded = supersededIn(jobs, own).filter(({ runner }) => runner === undefined);
  // The oldest first: what is left over then is the newest of them.
  for (const { path } of superseded.toReversed().slice(0, MAX_REMOVED)) {
    throwIfAborted(signal, "reading the journals");
    await removeIfDone(path);
  }
}

/** Not while another process has just started to undo it. */
async function removeIfDone(path: string): Promise<void> {
  try {
    const lock = tryLockFile(path);
    if (lock.kind === "taken") return;
    try {
      if ((await readJournalHead(path)).isDone) removeFile(path);
    } finally {
      lock.release();
    }
  } catch {
    // It is another user's, in a folder of all; or the folder is read-only by now.
  }
}

/**
 * Removes a journal; it is fine if it is gone. Throws FILE_INVALID for what is none, FILE_EXISTS if the system does not do it:
 * both leave everything as it was.
 */
export function removeJournal(path: string): void {
  const kind = kindOf(path);
  if (kind !== "file" && kind !== "link" && kind !== undefined) {
    throw new NorbridgeError("FILE_INVALID", `${printable(path)} is a ${kind}, not a journal: it was not removed`, {
      operation: "remove journal",
      hint: "Find out who created it, then remove it by hand.",
    });
  }
  try {
    removeFile(path);
  } catch (error) {
    const message = `the journal ${printable(path)} cannot be removed: ${systemReason(error)}`;
    throw new NorbridgeError("FILE_EXISTS", message, {
      operation: "remove journal",
      hint: "Check its owner and the permissions of its folder.",
      cause: error,
    });
  }
}
