/** Journals as files: lines are only ever appended, and what has to be is on the disk before anything is erased. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { type AppendFile, createAppendFile, reopenAppendFile } from "../disk/append-file.ts";
import { systemReason } from "../disk/file-problem.ts";
import { removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import { eachLine, endLines, type Turn } from "../disk/read-lines.ts";
import { orCanceled } from "../disk/or-canceled.ts";
import { NorbridgeError } from "../errors.ts";
import { Journal, type JournalMedium } from "./journal.ts";
import { MAX_JOB_LINE_BYTES, MAX_JOURNAL_BYTES, MAX_LINE_BYTES } from "./journal-bounds.ts";
import { decodeJournalLine, type JobRecord, type JournalLine } from "./journal-line.ts";
import { type JournalSummary, listedJob } from "./journal-summary.ts";
import { damageSaid, headOf, type JournalHead } from "./left-job.ts";
import { JournalReader, type ReadJournal } from "./read-journal.ts";

/** A new file; throws FILE_EXISTS if it cannot be made. */
export function createJournal(path: string, job: JobRecord): Journal {
  return attempt(path, () => {
    const file = createAppendFile(path);
    try {
      return Journal.begin(new FileMedium(path, file), job);
    } catch (error) {
      // An empty one would remain as an incomplete job until a user removes it.
      quietly(() => {
        file.close();
        removeFile(path);
      });
      throw error;
    }
  });
}

/** An unfinished one, to continue in it; `read` is what it holds. Throws FILE_EXISTS. */
export function reopenJournal(path: string, read: ReadJournal): Journal {
  // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
  return attempt(path, () => Journal.goOn(new FileMedium(path, reopenAppendFile(path, read.wholeBytes)), read));
}

/** How a journal is read. */
export interface JournalReading {
  readonly signal?: AbortSignal | undefined;
  /** Its folder has just said that it is a regular file. */
  readonly isRegular?: boolean | undefined;
  /** Of many that are read at once, the long ones go one by one. */
  readonly turn?: Turn | undefined;
}

/**
 * Reads a journal whole: with `keeping` "units" what it takes to continue, with "all" what it takes to undo. Throws FILE_INVALID
 * with the line that is wrong, ECANCELED.
 */
export async function readJournal(
  path: string,
  keeping: "units" | "all",
  { signal }: JournalReading = {},
): Promise<ReadJournal> {
  const reader = new JournalReader(keeping);
  const reading = eachJournalLine(path, { signal }, (line) => {
    reader.take(line);
  });
  const wholeBytes = await orCanceled(reading, signal, "reading the journal");
  return damageSaid(path, () => reader.read(wholeBytes));
}

/** Reads a journal as far as a list of jobs shows it, in memory of a line. Throws FILE_INVALID, ECANCELED. */
export async function summariseJournal(path: string, reading: JournalReading = {}): Promise<JournalSummary> {
  const reader = new JournalReader("counts");
  await eachJournalLine(path, reading, (line) => {
    reader.take(line);
  });
  return damageSaid(path, () => ({
    job: listedJob(reader.job),
    state: reader.state,
    heldBytes: reader.heldBytes,
  }));
}

/** Looks at the first line of a journal and the last, and at nothing between. Throws FILE_INVALID, ECANCELED. */
export function readJournalHead(path: string, reading: JournalReading = {}): Promise<JournalHead> {
  return endLines(path, { ...BOUNDS, ...reading }, ({ first, last }) => damageSaid(path, () => headOf(first, last)));
}

const BOUNDS = {
  what: "a journal",
  mostBytes: MAX_JOURNAL_BYTES,
  mostLineBytes: MAX_LINE_BYTES,
  mostFirstLineBytes: MAX_JOB_LINE_BYTES,
};

/** Returns the length of the whole lines. */
function eachJournalLine(path: string, reading: JournalReading, take: (line: JournalLine) => void): Promise<number> {
  return eachLine(path, { ...BOUNDS, ...reading }, ({ bytes, number }) => {
    damageSaid(path, () => {
      take(decodeJournalLine(bytes, number));
    });
  });
}

class FileMedium implements JournalMedium {
  readonly #path: string;
  readonly #file: AppendFile;
  #isFull = false;

  constructor(path: string, file: AppendFile) {
    this.#path = path;
    this.#file = file;
  }

  append(line: Uint8Array, isDurable: boolean): void {
    attempt(this.#path, () => {
      if (this.#isFull) throw new Error("the disk was full before");
      try {
        this.#file.append(line, isDurable);
      } catch (error) {
        // The line may be torn, and would break what is appended after it: so nothing is.
        this.#isFull = true;
        throw error;
      }
    });
  }

  close(): void {
    this.#file.close();
  }
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof NorbridgeError) throw error;
    throw new NorbridgeError(
      "FILE_EXISTS",
      `the journal ${printable(path)} cannot be written: ${systemReason(error)}`,
      {
        operation: "write journal",
        hint: advice("Specify another folder for journals.", "omit-journal", "set-journal-folder"),
        cause: error,
      },
    );
  }
}
