/** Journals as files: lines are only ever appended, and what has to be is on the disk before anything is erased. */
import { dirname } from "node:path";
import { printable } from "../bytes.ts";
import { type AppendFile, createAppendFile, reopenAppendFile } from "../disk/append-file.ts";
import { systemReason } from "../disk/file-problem.ts";
import { syncFolder } from "../disk/folder.ts";
import { type FileLine, readLines } from "../disk/read-lines.ts";
import { NorbridgeError } from "../errors.ts";
import { Journal, type JournalMedium } from "./journal.ts";
import { decodeJournalLine, JournalDamage, type JobRecord, type JournalLine } from "./journal-line.ts";
import { type JournalSummary, SummaryReader } from "./journal-summary.ts";
import { JournalReader, type ReadJournal } from "./read-journal.ts";

/** More than any job writes: twice the largest chip there is, as base64; and a line holds the units of one erase. */
const BOUNDS = { what: "a journal", mostBytes: 2 ** 30, mostLineBytes: 2 ** 27 };

/** A new file; throws FILE_EXISTS where it cannot be made. */
export function createJournal(path: string, job: JobRecord): Journal {
  return attempt(path, () => {
    // The first line at once: a journal without one says nothing to whoever finds it after a kill.
    const journal = Journal.begin(new FileMedium(path, createAppendFile(path)), job);
    syncFolder(dirname(path));
    return journal;
  });
}

/** One that was left behind, to go on in it; `read` is what it holds. Throws FILE_EXISTS. */
export function reopenJournal(path: string, read: ReadJournal): Journal {
  // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
  return attempt(path, () => Journal.goOn(new FileMedium(path, reopenAppendFile(path, read.wholeBytes)), read));
}

/** Reads a journal whole. Throws FILE_INVALID with the line that is wrong, ECANCELED. */
export async function readJournal(path: string, signal?: AbortSignal): Promise<ReadJournal> {
  const reader = new JournalReader();
  const wholeBytes = await eachLine(path, signal, (line) => {
    reader.take(line);
  });
  return damageSaid(path, () => reader.read(wholeBytes));
}

/** Reads a journal as far as a list of jobs shows it, in memory of a line. Throws FILE_INVALID, ECANCELED. */
export async function summariseJournal(path: string, signal?: AbortSignal): Promise<JournalSummary> {
  const reader = new SummaryReader();
  await eachLine(path, signal, (line) => {
    reader.take(line);
  });
  return damageSaid(path, () => reader.summary());
}

/** What a journal says of its job, and whether it ended; nothing else is looked at or checked. */
export interface JournalHead {
  readonly job: JobRecord;
  readonly isDone: boolean;
}

const DONE = Buffer.from(' {"kind":"done"');
const CHECK_CHARACTERS = 8;

/** Throws FILE_INVALID, ECANCELED. */
export async function readJournalHead(path: string, signal?: AbortSignal): Promise<JournalHead> {
  let job: JobRecord | undefined;
  let isDone = false;
  for await (const line of readLines(path, { ...BOUNDS, signal })) {
    if (job === undefined) job = damageSaid(path, () => jobOf(line));
    isDone = Buffer.compare(line.bytes.subarray(CHECK_CHARACTERS, CHECK_CHARACTERS + DONE.length), DONE) === 0;
  }
  return { job: job ?? damageSaid(path, noJob), isDone };
}

function jobOf({ bytes, number }: FileLine): JobRecord {
  const line = decodeJournalLine(bytes, number);
  return line.kind === "job" ? line.job : noJob();
}

function noJob(): never {
  throw new JournalDamage(1, "it holds no job");
}

/** Answers the length of the whole lines. */
async function eachLine(
  path: string,
  signal: AbortSignal | undefined,
  take: (line: JournalLine) => void,
): Promise<number> {
  let wholeBytes = 0;
  for await (const { bytes, number, endsAt } of readLines(path, { ...BOUNDS, signal })) {
    damageSaid(path, () => {
      take(decodeJournalLine(bytes, number));
    });
    wholeBytes = endsAt;
  }
  return wholeBytes;
}

function damageSaid<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    const message = `the journal ${printable(path)} cannot be used: line ${error.line}: ${error.message}`;
    throw new NorbridgeError("FILE_INVALID", message, {
      operation: "read journal",
      hint: "Nothing was changed. The bytes it holds are in its lines, as base64.",
    });
  }
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
        // The line may be torn, and would break what is appended behind it: so nothing is.
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
        hint: "Name another folder with --journal, or do without one with --no-journal.",
        cause: error,
      },
    );
  }
}
