/** Journals as files: lines are only ever appended, and what has to be is on the disk before anything is erased. */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, truncateSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { Journal, type JournalMedium } from "./journal.ts";
import { JournalDamage, type JobRecord } from "./journal-line.ts";
import { parseJournal, type ReadJournal } from "./read-journal.ts";

/** More than any job writes: twice the largest chip there is, as base64. */
const MOST_BYTES = 1 << 30;

/** A new file; throws FILE_EXISTS where it cannot be made. */
export function createJournal(path: string, job: JobRecord): Journal {
  return attempt(path, () => {
    const medium = new FileMedium(path, openSync(path, "wx", 0o600));
    const journal = Journal.begin(medium, job);
    syncFolder(dirname(path));
    return journal;
  });
}

/** One that was left behind, to go on in it; `read` is what it holds. Throws FILE_EXISTS. */
export function reopenJournal(path: string, read: ReadJournal): Journal {
  return attempt(path, () => {
    // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
    truncateSync(path, readFileSync(path).lastIndexOf(0x0a) + 1);
    return Journal.goOn(new FileMedium(path, openSync(path, "a", 0o600)), read);
  });
}

/** Reads a journal. Throws FILE_INVALID with the line that is wrong. */
export function readJournal(path: string): ReadJournal {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new JournalDamage(1, `${formatSize(size)} are no journal`);
    return parseJournal(readFileSync(path));
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
  readonly #file: number;
  #isFull = false;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  append(line: Uint8Array, isDurable: boolean): void {
    attempt(this.#path, () => {
      if (this.#isFull) throw new Error("the disk was full before");
      try {
        for (let at = 0; at < line.length; ) at += writeSync(this.#file, line, at);
        if (isDurable) fsyncSync(this.#file);
      } catch (error) {
        // The line may be torn, and would break what is appended behind it: so nothing is.
        this.#isFull = true;
        throw error;
      }
    });
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The name of the file is in its folder, and that is not on the disk because the file is. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Not every system lets a folder be opened; the file is there as long as the machine is.
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
