/** Journals in a store of whole files that are opened beforehand and then written without waiting, as browsers have one. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { systemReason } from "../disk/file-problem.ts";
import { quietly } from "../disk/quietly.ts";
import { NorbridgeError } from "../errors.ts";
import type { JobRecord } from "./journal-line.ts";
import type { JournalPlace, JournalShelf } from "./journal-shelf.ts";
import { Journal, type JournalMedium } from "./journal.ts";
import { inOrder, type JournalHead, type LeftJob, readJournalBytes, summariseJournalBytes } from "./left-job.ts";
import type { JournalSummary } from "./journal-summary.ts";
import type { ReadJournal } from "./read-journal.ts";
import { supersededIn } from "./superseded-jobs.ts";

/** Files that keep the journals of a program which has no folder: of a page in a browser, the files of its origin. */
export interface JournalStore {
  /** Names of all journals. Rejects if the store cannot be read. */
  list(): Promise<readonly string[]>;
  /**
   * Opens a journal for this program alone, and makes it if it is not there. Undefined: another program has it open. Rejects if
   * the store takes no more files.
   */
  open(name: string): Promise<JournalFile | undefined>;
}

/** An open file of a journal. Nothing here waits: bytes are saved before an erase is sent. */
export interface JournalFile {
  /** All bytes of it. */
  read(): Uint8Array;
  /** Cuts off what is after so many bytes. */
  truncate(lengthBytes: number): void;
  /** Writes at its end; with `isDurable` it returns when the bytes survive the end of the program. Throws if there is no room. */
  append(bytes: Uint8Array, isDurable: boolean): void;
  /** Lets others have it. Idempotent. */
  close(): void;
  /** Closes it and removes it from the store, soon. */
  remove(): void;
}

/** What a list of jobs shows. */
type Listed = JournalSummary & JournalHead;

/** The journals of a store. `random`: 32 random bits. */
export function storeShelf(store: JournalStore, random: () => number): JournalShelf {
  return {
    // No process of a system: the store itself knows who has a file open.
    mark: () => ({ pid: 0, started: "" }),
    async reserve() {
      const id = (random() >>> 0).toString(16).padStart(8, "0");
      return new StorePlace(id, await opened(store, id, "write journal"));
    },
    heads: () => storedJobs(store),
    hold: async ({ id }, operation) => new StorePlace(id, await opened(store, id, operation)),
    async prune(own) {
      const superseded = supersededIn(await storedJobs(store), own.path);
      for (const { id } of superseded) {
        const file = await store.open(id).catch(() => undefined);
        if (file !== undefined) quietly(() => file.remove());
      }
    },
  };
}

/** All journals of a store, the oldest first, as lists show them; empty ones were never begun. Throws FILE_INVALID. */
export async function storedJobs(store: JournalStore): Promise<readonly LeftJob<Listed>[]> {
  let names: readonly string[];
  try {
    names = await store.list();
  } catch (error) {
    const message = `the journals cannot be read: ${systemReason(error)}`;
    throw new NorbridgeError("FILE_INVALID", message, { operation: "read journal", cause: error });
  }
  const jobs: LeftJob<Listed>[] = [];
  for (const id of names) {
    const job = await storedJob(store, id);
    if (job !== undefined) jobs.push(job);
  }
  return inOrder(jobs);
}

async function storedJob(store: JournalStore, id: string): Promise<LeftJob<Listed> | undefined> {
  const file = await store.open(id).catch(() => undefined);
  if (file === undefined) return { id, path: id, journal: inUse(id, "list jobs"), runner: 0 };
  try {
    const bytes = file.read();
    if (bytes.length === 0) {
      file.remove();
      return undefined;
    }
    return { id, path: id, journal: summariseJournalBytes(id, bytes), runner: undefined };
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    return { id, path: id, journal: error, runner: undefined };
  } finally {
    quietly(() => file.close());
  }
}

/** Removes the journal of a job. Throws EBUSY if another program works on it. */
export async function discardStored(store: JournalStore, id: string): Promise<void> {
  (await opened(store, id, "discard")).remove();
}

async function opened(store: JournalStore, id: string, operation: string): Promise<JournalFile> {
  let file: JournalFile | undefined;
  try {
    file = await store.open(id);
  } catch (error) {
    throw notWritten(id, error);
  }
  if (file === undefined) throw inUse(id, operation);
  return file;
}

function inUse(id: string, operation: string): NorbridgeError {
  return new NorbridgeError("EBUSY", `the job ${printable(id)} still runs, in another program or window`, {
    operation,
    hint: "Wait for it, or close that program or window.",
  });
}

function notWritten(id: string, error: unknown): NorbridgeError {
  return new NorbridgeError("FILE_EXISTS", `the journal ${printable(id)} cannot be written: ${systemReason(error)}`, {
    operation: "write journal",
    hint: advice("Free space on this computer, and allow the page to keep data.", "omit-journal"),
    cause: error,
  });
}

class StorePlace implements JournalPlace {
  readonly id: string;
  readonly #file: JournalFile;
  /** It has a job: what was only reserved leaves nothing. */
  #isUsed = false;
  #isGone = false;

  constructor(id: string, file: JournalFile) {
    this.id = id;
    this.#file = file;
  }

  get path(): string {
    return this.id;
  }

  create(job: JobRecord): Journal {
    this.#isUsed = true;
    return Journal.begin(new StoreMedium(this.id, this.#file), job);
  }

  read(keeping: "units" | "all"): Promise<ReadJournal> {
    this.#isUsed = true;
    // A throw in there becomes a rejection.
    return new Promise((resolve) => resolve(readJournalBytes(this.id, this.#file.read(), keeping)));
  }

  reopen(read: ReadJournal): Journal {
    try {
      // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
      this.#file.truncate(read.wholeBytes);
    } catch (error) {
      throw notWritten(this.id, error);
    }
    return Journal.goOn(new StoreMedium(this.id, this.#file), read);
  }

  remove(): void {
    this.#isGone = true;
    this.#file.remove();
  }

  release(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    quietly(() => {
      if (this.#isUsed) this.#file.close();
      else this.#file.remove();
    });
  }
}

class StoreMedium implements JournalMedium {
  readonly #id: string;
  readonly #file: JournalFile;
  #isFull = false;

  constructor(id: string, file: JournalFile) {
    this.#id = id;
    this.#file = file;
  }

  append(line: Uint8Array, isDurable: boolean): void {
    try {
      if (this.#isFull) throw new Error("the store was full before");
      this.#file.append(line, isDurable);
    } catch (error) {
      // The line may be torn, and would break what is appended after it: so nothing is.
      this.#isFull = true;
      throw notWritten(this.#id, error);
    }
  }

  close(): void {
    // The place closes the file when it is released: until then no other program works on the job.
  }
}
