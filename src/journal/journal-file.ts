/** Journals as files: lines are only ever appended, and what has to be is on the disk before anything is erased. */
import { formatSize, printable } from "../bytes.ts";
import { type AppendFile, createAppendFile, reopenAppendFile } from "../disk/append-file.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { NorbridgeError } from "../errors.ts";
import { Journal, type JournalMedium } from "./journal.ts";
import { JournalDamage, type JobRecord } from "./journal-line.ts";
import { parseJournal, type ReadJournal } from "./read-journal.ts";

/** More than any job writes: twice the largest chip there is, as base64. */
const MOST_BYTES = 1 << 30;

/** A new file; throws FILE_EXISTS where it cannot be made. */
export function createJournal(path: string, job: JobRecord): Journal {
  return attempt(path, () => Journal.begin(new FileMedium(path, createAppendFile(path)), job));
}

/** One that was left behind, to go on in it; `read` is what it holds. Throws FILE_EXISTS. */
export function reopenJournal(path: string, read: ReadJournal): Journal {
  return attempt(path, () => {
    // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
    const wholeBytes = bytesOf(path).lastIndexOf(0x0a) + 1;
    return Journal.goOn(new FileMedium(path, reopenAppendFile(path, wholeBytes)), read);
  });
}

/** Reads a journal. Throws FILE_INVALID with the line that is wrong. */
export function readJournal(path: string): ReadJournal {
  try {
    return parseJournal(bytesOf(path));
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    const message = `the journal ${printable(path)} cannot be used: line ${error.line}: ${error.message}`;
    throw new NorbridgeError("FILE_INVALID", message, {
      operation: "read journal",
      hint: "Nothing was changed. The bytes it holds are in its lines, as base64.",
    });
  }
}

function bytesOf(path: string): Uint8Array {
  const file = openRegularFile(path);
  try {
    const { lengthBytes } = file;
    if (lengthBytes > MOST_BYTES) throw new JournalDamage(1, `${formatSize(lengthBytes)} are no journal`);
    return file.read(0, lengthBytes);
  } finally {
    file.close();
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
    const why = error instanceof Error ? error.message : String(error);
    throw new NorbridgeError("FILE_EXISTS", `the journal ${printable(path)} cannot be written: ${printable(why)}`, {
      operation: "write journal",
      hint: "Name another folder with --journal, or do without one with --no-journal.",
      cause: error,
    });
  }
}
