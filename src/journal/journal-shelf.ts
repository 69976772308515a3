/** Where the journals of jobs are kept: a folder on a disk, or the store that a browser has for a page. */
import type { JobRecord } from "./journal-line.ts";
import type { Journal } from "./journal.ts";
import type { JournalHead, LeftJob } from "./left-job.ts";
import type { ReadJournal } from "./read-journal.ts";

/** A journal that is ours until it is released: no other program works on its job. */
export interface JournalPlace {
  /** ID of its job, once it has one. */
  readonly id: string;
  /** Where it is, for messages. */
  readonly path: string;
  /** Starts a new one; nothing waits here. Throws FILE_EXISTS if it cannot be written, PORT_BUSY if another has it. */
  create(job: JobRecord): Journal;
  /**
   * Reads it whole: with `keeping` "units" what it takes to continue, with "all" what it takes to undo. Throws FILE_INVALID with
   * the line that is wrong, ECANCELED.
   */
  read(keeping: "units" | "all", signal: AbortSignal): Promise<ReadJournal>;
  /** Continues an unfinished one; `read` is what it holds. Nothing waits here. Throws FILE_EXISTS. */
  reopen(read: ReadJournal): Journal;
  /** Removes it: its job needs it no longer. Throws what the system reports. */
  remove(): void;
  /** Lets others have it. Idempotent; never throws. */
  release(): void;
}

/** All journals of one folder or store. */
export interface JournalShelf {
  /** What a job notes of the program that runs it. */
  mark(): JobRecord["process"];
  /** Room for a new journal; its own `create` may still fail. Called before anything is opened. Throws FILE_EXISTS. */
  reserve(): Promise<JournalPlace>;
  /** All journals, the oldest first. Throws FILE_INVALID if they cannot be listed, ECANCELED. */
  heads(signal: AbortSignal): Promise<readonly LeftJob<JournalHead>[]>;
  /** The journal of a job, ours until released. Throws EBUSY if another program works on it. `operation`: "resume". */
  hold(left: LeftJob<unknown>, operation: string): Promise<JournalPlace>;
  /** Removes older journals of jobs that ended, never `own`. Throws FILE_INVALID, ECANCELED. */
  prune(own: JournalPlace, signal: AbortSignal): Promise<void>;
}
