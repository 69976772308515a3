/** A journal that is being written: what the lines go to is a file, or nothing where none is kept. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { HeldUnit, JobSafe } from "../jobs/job-safe.ts";
import { FULL_LINE_BYTES, FULL_LINE_ENTRIES, MAX_LINE_BYTES, MAX_RANGES } from "./journal-bounds.ts";
import { encodeLine, type JobRecord, type JournalLine, type RangeDigest } from "./journal-line.ts";
import { JournalSum } from "./journal-sum.ts";
import type { ReadJournal } from "./read-journal.ts";

/** Takes lines in order. Throws if one cannot be kept; after that nothing is taken any more. */
export interface JournalMedium {
  /** Returns when the line is handed over; with `isDurable` when it survives a power cut. */
  append(line: Uint8Array, isDurable: boolean): void;
  close(): void;
}

/** Keeps nothing: the sum in memory is all there is. */
const NOWHERE: JournalMedium = { append: () => undefined, close: () => undefined };

export class Journal implements JobSafe {
  readonly #keepsOld: boolean;
  readonly #medium: JournalMedium;
  readonly #sum: JournalSum;
  #isUndoing = false;
  /** Undefined while no job has ended that might have changed the chip. */
  #hasChanged: boolean | undefined;

  private constructor(medium: JournalMedium, sum: JournalSum, keepsOld: boolean) {
    this.#medium = medium;
    this.#sum = sum;
    this.#keepsOld = keepsOld;
  }

  /** A new one. Throws what the medium throws. */
  static begin(medium: JournalMedium, job: JobRecord): Journal {
    medium.append(encodeLine({ kind: "job", job }), true);
    return new Journal(medium, new JournalSum("units", job.keepsOld), job.keepsOld);
  }

  /** An unfinished one, to continue in it; `read` is what it holds. */
  static goOn(medium: JournalMedium, read: ReadJournal): Journal {
    const journal = new Journal(medium, JournalSum.goOn(read, read.job.keepsOld), read.job.keepsOld);
    journal.#isUndoing = read.state === "undoing";
    journal.#hasChanged = true;
    return journal;
  }

  /** One that lives as long as this program. */
  static inMemory(): Journal {
    return new Journal(NOWHERE, new JournalSum("units", false), false);
  }

  /** Not during an undo: what was there is known then, and what is removed again is not required. */
  get keepsOld(): boolean {
    return this.#keepsOld && !this.#isUndoing;
  }

  get held(): readonly HeldUnit[] {
    return this.#sum.held;
  }

  get bytesWritten(): number {
    return this.#sum.bytesWritten;
  }

  /** Whether there is something to resume or undo. */
  get isOfUse(): boolean {
    if (this.#hasChanged === false) return false;
    // Without the old bytes of the target there is no undo.
    return this.#sum.isInHand || (this.#keepsOld && this.#sum.isOfUse);
  }

  /** Ranges that an undo would write back. */
  get oldRanges(): readonly ByteRange[] {
    return this.#sum.oldRanges;
  }

  holds(address: number): boolean {
    return this.#sum.holds(address);
  }

  hold(units: readonly HeldUnit[]): void {
    // A unit that is in progress is there with its bytes: nothing new is to be said of it, also if the disk is full by now.
    const fresh = units.filter((unit) => !this.#sum.holds(unit.address));
    this.#appendAll(fullLines(fresh, bytesIn).map((some) => ({ kind: "hold", units: some })));
  }

  blank(ranges: readonly ByteRange[], value: number): void {
    this.#appendAll(fullLines(ranges, () => 0).map((some) => ({ kind: "blank", value, ranges: some })));
  }

  /** Not waited for, and no reason to stop: a unit that is treated as unproved is only done once more. */
  release(address: number): void {
    try {
      this.#append({ kind: "release", address }, false);
    } catch {
      // The next `hold` reports a lasting error.
    }
  }

  spare(address: number): void {
    try {
      this.#append({ kind: "release", address, asBefore: true }, false);
    } catch {
      // The next `hold` reports a lasting error.
    }
  }

  ended(hasChanged: boolean): void {
    this.#hasChanged = hasChanged || this.#hasChanged === true;
  }

  progress(bytesWritten: number): void {
    this.#append({ kind: "progress", bytesWritten }, true);
  }

  /** Whether the job is being taken back. */
  get isUndoing(): boolean {
    return this.#isUndoing;
  }

  /** From here on the job is taken back. */
  beginUndo(): void {
    this.#isUndoing = true;
    this.#append({ kind: "undo" }, true);
  }

  done(digests: readonly RangeDigest[]): void {
    const all = fullLines(digests, () => 0);
    this.#appendAll((all.length === 0 ? [[]] : all).map((some) => ({ kind: "done", digests: some })));
  }

  close(): void {
    this.#medium.close();
  }

  /** All of them are on the disk when the last is. */
  #appendAll(lines: readonly Exclude<JournalLine, { kind: "job" }>[]): void {
    for (const [index, line] of lines.entries()) this.#append(line, index === lines.length - 1);
  }

  #append(line: Exclude<JournalLine, { kind: "job" }>, isDurable: boolean): void {
    const bytes = encodeLine(line);
    // What is written has to be read again.
    if (bytes.length > MAX_LINE_BYTES) throw tooMuch(`${formatSize(bytes.length)} of one erase unit`);
    const addsPlaces = line.kind === "hold" || line.kind === "blank";
    if (addsPlaces && !this.#isUndoing && this.#sum.hasMoreRangesThan(MAX_RANGES / 2)) {
      throw tooMuch("this many separate ranges");
    }
    this.#medium.append(bytes, isDurable);
    this.#sum.add(line);
  }
}

function tooMuch(what: string): NorbridgeError {
  return new NorbridgeError("FILE_EXISTS", `the journal cannot hold ${what}`, {
    operation: "write journal",
    hint: advice("Do not keep the old bytes, or split the job into smaller ones.", "omit-old-bytes"),
  });
}

/** Cut so that no line becomes longer than one that is read again. */
function fullLines<T>(entries: readonly T[], bytesOf: (entry: T) => number): T[][] {
  const lines: T[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const line = lines.at(-1);
    const entryBytes = bytesOf(entry);
    if (line === undefined || line.length >= FULL_LINE_ENTRIES || bytes + entryBytes > FULL_LINE_BYTES) {
      lines.push([entry]);
      bytes = 0;
    } else {
      line.push(entry);
    }
    bytes += entryBytes;
  }
  return lines;
}

function bytesIn({ pieces, old = [] }: HeldUnit): number {
  return [...pieces, ...old].reduce((sum, { data }) => sum + data.length, 0);
}
