/** Journals in a folder on the disk: the shelf of command line and library. */
import { basename } from "node:path";
import { printable } from "../bytes.ts";
import { type FileLock, heldOrBusy, lockFile, tryLockFile } from "../disk/file-lock.ts";
import { removeFile } from "../disk/folder.ts";
import { ownMark } from "../disk/process-mark.ts";
import { NorbridgeError } from "../errors.ts";
import { createJournal, readJournal, reopenJournal } from "./journal-file.ts";
import {
  journalFolder,
  journalFolders,
  leftHeads,
  newJournalPath,
  pruneDoneJobs,
  removeJournal,
} from "./journal-folder.ts";
import type { JobRecord } from "./journal-line.ts";
import type { JournalPlace, JournalShelf } from "./journal-shelf.ts";
import type { Journal } from "./journal.ts";
import type { LeftJob } from "./left-job.ts";
import type { ReadJournal } from "./read-journal.ts";

/** What names the folders of the user, and new journals. */
export interface FolderOwner {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly random: () => number;
}

/** The journals of a folder; undefined: those of the user. */
export function folderShelf(folder: string | undefined, owner: FolderOwner): JournalShelf {
  const forNew = (): string => folder ?? journalFolder(owner.env);
  return {
    mark: ownMark,
    reserve: () => Promise.resolve(new NewPlace(forNew, owner.random)),
    heads: (signal) => leftHeads(folder ?? journalFolders(owner.env), signal),
    hold: (left, operation) => holdJournal(left, operation),
    prune: (own, signal) => pruneDoneJobs(forNew(), own.path, signal),
  };
}

/** Removes the journal of a job. EBUSY if another process works on it, FILE_EXISTS and FILE_INVALID if it cannot be removed. */
export async function discardJournal(job: LeftJob<unknown>): Promise<void> {
  const place = await holdJournal(job, "discard");
  try {
    removeJournal(job.path);
  } finally {
    place.release();
  }
}

/** The journal of a job, locked until it is released. Throws EBUSY if another process works on it. */
async function holdJournal({ id, path, runner }: LeftJob<unknown>, operation: string): Promise<JournalPlace> {
  const lock = await lockFile(path);
  if (lock.kind === "taken") {
    throw stillRuns(id, lock.pid, operation, `If no such program runs, remove ${printable(lock.claim)}.`);
  }
  // One of the version before has no lock: only the process that began it is known.
  if (runner === undefined) return new HeldPlace(id, path, lock);
  lock.release();
  const otherwise = `If that is another program, remove ${printable(path)} by hand to discard the job.`;
  throw stillRuns(id, runner, operation, otherwise);
}

function stillRuns(id: string, pid: number, operation: string, otherwise: string): NorbridgeError {
  return new NorbridgeError("EBUSY", `the job ${printable(id)} still runs, as process ${pid}`, {
    operation,
    hint: `Wait for it, or end it first. ${otherwise}`,
  });
}

class HeldPlace implements JournalPlace {
  readonly id: string;
  readonly path: string;
  readonly #lock: FileLock;

  constructor(id: string, path: string, lock: FileLock) {
    this.id = id;
    this.path = path;
    this.#lock = lock;
  }

  create(job: JobRecord): Journal {
    return createJournal(this.path, job);
  }

  read(keeping: "units" | "all", signal: AbortSignal): Promise<ReadJournal> {
    return readJournal(this.path, keeping, { signal });
  }

  reopen(read: ReadJournal): Journal {
    return reopenJournal(this.path, read);
  }

  remove(): void {
    removeFile(this.path);
  }

  release(): void {
    this.#lock.release();
  }
}

/** A journal of which nothing is on the disk before its job has been checked. */
class NewPlace implements JournalPlace {
  readonly #folder: () => string;
  readonly #random: () => number;
  #held: HeldPlace | undefined;

  constructor(folder: () => string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  get id(): string {
    return this.#held?.id ?? "";
  }

  get path(): string {
    return this.#held?.path ?? "";
  }

  create(job: JobRecord): Journal {
    const path = newJournalPath(this.#folder(), this.#random);
    // The name is unique: one try is enough, and nothing may wait here.
    this.#held = new HeldPlace(basename(path, ".journal"), path, heldOrBusy(tryLockFile(path), "the journal"));
    return this.#held.create(job);
  }

  read(): Promise<ReadJournal> {
    return Promise.reject(notHeld());
  }

  reopen(): Journal {
    throw notHeld();
  }

  remove(): void {
    this.#held?.remove();
  }

  release(): void {
    this.#held?.release();
  }
}

function notHeld(): NorbridgeError {
  return new NorbridgeError("BUG", "a new journal holds nothing yet", { operation: "journal" });
}
