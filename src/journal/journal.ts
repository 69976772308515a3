/** A journal that is being written: what the lines go to is a file, or nothing where none is kept. */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { HeldUnit, JobSafe } from "../jobs/job-safe.ts";
import { encodeLine, type JobRecord, type JournalLine, type RangeDigest } from "./journal-line.ts";
import { JournalSum, type ReadJournal } from "./read-journal.ts";

/** Takes lines in order. Throws where one cannot be kept; behind that nothing is taken any more. */
export interface JournalMedium {
  /** Returns when the line is handed over; with `isDurable` when it survives a power cut. */
  append(line: Uint8Array, isDurable: boolean): void;
  close(): void;
}

/** Keeps nothing: the sum in memory is all there is. */
const NOWHERE: JournalMedium = { append: () => undefined, close: () => undefined };

export class Journal implements JobSafe {
  readonly keepsOld: boolean;
  readonly #medium: JournalMedium;
  readonly #sum: JournalSum;
  #isUndoing = false;

  private constructor(medium: JournalMedium, sum: JournalSum, keepsOld: boolean) {
    this.#medium = medium;
    this.#sum = sum;
    this.keepsOld = keepsOld;
  }

  /** A new one. Throws what the medium throws. */
  static begin(medium: JournalMedium, job: JobRecord): Journal {
    medium.append(encodeLine({ kind: "job", job }), true);
    const sum = new JournalSum();
    sum.keepsOld = job.keepsOld;
    return new Journal(medium, sum, job.keepsOld);
  }

  /** One that was left behind, to go on in it; `read` is what it holds. */
  static goOn(medium: JournalMedium, read: ReadJournal): Journal {
    const journal = new Journal(medium, JournalSum.goOn(read), read.job.keepsOld);
    journal.#isUndoing = read.state === "undoing";
    return journal;
  }

  /** One that lives as long as this program. */
  static inMemory(): Journal {
    const sum = new JournalSum();
    sum.keepsOld = false;
    return new Journal(NOWHERE, sum, false);
  }

  get held(): readonly HeldUnit[] {
    return this.#sum.held;
  }

  get bytesWritten(): number {
    return this.#sum.bytesWritten;
  }

  /** Whether somebody could want to resume or undo. */
  get isOfUse(): boolean {
    return this.#sum.isOfUse;
  }

  /** Ranges that an undo would write back. */
  get oldRanges(): readonly ByteRange[] {
    return this.#sum.oldRanges;
  }

  holds(address: number): boolean {
    return this.#sum.holds(address);
  }

  hold(units: readonly HeldUnit[]): void {
    // A unit that is in hand already is there with its bytes: once more would only make the file longer.
    const lines = units.map((unit) => (this.#sum.holds(unit.address) ? { ...unit, pieces: [], old: [] } : unit));
    this.#append({ kind: "hold", units: lines }, true);
  }

  blank(ranges: readonly ByteRange[], value: number): void {
    if (ranges.length > 0) this.#append({ kind: "blank", value, ranges }, true);
  }

  /** Not waited for, and no reason to stop: a unit that is taken for unproved is only done once more. */
  release(address: number): void {
    try {
      this.#append({ kind: "release", address }, false);
    } catch {
      // Whoever holds next is told.
    }
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
    this.#append({ kind: "done", digests }, true);
  }

  close(): void {
    this.#medium.close();
  }

  #append(line: Exclude<JournalLine, { kind: "job" }>, isDurable: boolean): void {
    this.#medium.append(encodeLine(line), isDurable);
    this.#sum.add(line);
  }
}
