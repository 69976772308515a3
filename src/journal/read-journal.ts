/**
 * What the lines of a journal mean taken together, and whether they can all be true: each range lies on the chip, units do not
 * overlap, nothing comes after the end of the job but its undo.
 */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { formatRange, formatSize } from "../bytes.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import { capacityOf, MAX_CHIP_BYTES, MAX_RANGES, MAX_STRETCHES, MAX_UNITS } from "./journal-bounds.ts";
import { decodeLines, JournalDamage, type JobRecord, type JournalLine, type RangeDigest } from "./journal-line.ts";
import { type JobState, JournalSum, type Keeping } from "./journal-sum.ts";
import type { OldBytes } from "./old-bytes.ts";

export interface ReadJournal {
  readonly job: JobRecord;
  /** Units that have not been verified, in order of address, each with the bytes that are to be restored. */
  readonly held: readonly HeldUnit[];
  /** Addresses of units that were proved and not touched since. */
  readonly released: readonly number[];
  /** Where the job has changed something, sorted and disjoint; only if it keeps what was there. */
  readonly oldRanges: readonly ByteRange[];
  /** What the chip held there before the job; nothing if it was not asked for. */
  readonly old: OldBytes;
  /** Length of the whole lines: what stands after them a kill has torn. */
  readonly wholeBytes: number;
  /** Of a stream: bytes that are on the chip for sure. */
  readonly bytesWritten: number;
  /** `undoing`: it was being taken back. `done`: it ended, and can be taken back. */
  readonly state: JobState;
  /** What the chip held when the job was done, wherever it has changed something. */
  readonly digests: readonly RangeDigest[];
}

/** Takes a journal's bytes apart. Throws JournalDamage with the line that is wrong. */
export function parseJournal(bytes: Uint8Array): ReadJournal {
  const reader = new JournalReader("all");
  for (const line of decodeLines(bytes)) reader.take(line);
  return reader.read(bytes.lastIndexOf(0x0a) + 1);
}

/** A unit as it was first held, and in which line. */
interface KnownUnit extends ByteRange {
  readonly line: number;
}

/** Takes the lines of a journal one by one, and says what they mean taken together. */
export class JournalReader {
  readonly #keeping: Keeping;
  /** Made anew when the job is known. */
  #sum: JournalSum;
  readonly #units = new Map<number, KnownUnit>();
  #job: JobRecord | undefined;
  #capacityBytes = MAX_CHIP_BYTES;
  #number = 0;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    this.#sum = new JournalSum(keeping, false);
  }

  /** Throws JournalDamage for a line that cannot stand here, or speaks of what the chip does not have. */
  take(line: JournalLine): void {
    const number = ++this.#number;
    if (line.kind === "job") {
      if (this.#job !== undefined) throw new JournalDamage(number, "it is a second job");
      this.#job = line.job;
      this.#sum = new JournalSum(this.#keeping, line.job.keepsOld);
      this.#capacityBytes = capacityOf(line.job.chip, line.job.connection);
      this.#checkRange(line.job);
      return;
    }
    if (this.#job === undefined) throw new JournalDamage(number, "it is not a job");
    if (this.#sum.state === "done" && line.kind !== "done" && line.kind !== "undo") {
      throw new JournalDamage(number, "it comes after the end of the job");
    }
    this.#check(line, this.#job);
    this.#sum.add(line);
    if (this.#isTooMuch()) throw new JournalDamage(number, "there are too many ranges for any chip");
  }

  /** How many bytes an undo would put back, or else a resume. Throws JournalDamage as `read`. */
  get heldBytes(): number {
    const { job, sum } = this.#whole();
    return job.keepsOld ? sum.oldRanges.reduce((total, range) => total + range.lengthBytes, 0) : sum.heldBytes;
  }

  /** The job. Throws JournalDamage where there is none. */
  get job(): JobRecord {
    if (this.#job === undefined) throw new JournalDamage(1, "it contains no job");
    return this.#job;
  }

  get state(): JobState {
    return this.#sum.state;
  }

  /** Throws JournalDamage where there was no job, or units overlap. */
  read(wholeBytes: number): ReadJournal {
    const { job, sum } = this.#whole();
    const { held, released, bytesWritten, state, digests } = sum;
    const { old, oldRanges } = sum;
    return { job, held, released, old, oldRanges, wholeBytes, bytesWritten, state, digests };
  }

  #isTooMuch(): boolean {
    const { releasedCount, old } = this.#sum;
    if (releasedCount > MAX_UNITS || this.#units.size > MAX_UNITS || old.count > MAX_STRETCHES) return true;
    return this.#sum.hasMoreRangesThan(MAX_RANGES);
  }

  #whole(): { readonly job: JobRecord; readonly sum: JournalSum } {
    const units = [...this.#units.values()].toSorted((a, b) => a.address - b.address);
    for (const [index, unit] of units.entries()) {
      const next = units[index + 1];
      if (next === undefined || rangeEnd(unit) <= next.address) continue;
      throw new JournalDamage(Math.max(unit.line, next.line), `${formatRange(next)} is in another erase unit`);
    }
    return { job: this.job, sum: this.#sum };
  }

  #check(line: Exclude<JournalLine, { kind: "job" }>, job: JobRecord): void {
    switch (line.kind) {
      case "hold":
        for (const unit of line.units) this.#checkUnit(unit);
        return;
      case "blank":
        for (const range of line.ranges) this.#checkRange(range);
        return;
      case "done":
        for (const range of line.digests) this.#checkRange(range);
        return;
      case "release":
        this.#checkRange({ address: line.address, lengthBytes: 1 });
        return;
      case "progress":
        this.#checkRange({ address: job.address, lengthBytes: line.bytesWritten });
        if (job.command !== "stream" || line.bytesWritten <= job.lengthBytes) return;
        throw new JournalDamage(this.#number, "more was written than the job had to write");
      case "undo":
        return;
    }
  }

  #checkUnit({ address, lengthBytes }: HeldUnit): void {
    this.#checkRange({ address, lengthBytes });
    const known = this.#units.get(address);
    if (known === undefined && lengthBytes > 0) {
      this.#units.set(address, { address, lengthBytes, line: this.#number });
    } else if (known?.lengthBytes !== lengthBytes) {
      throw new JournalDamage(this.#number, `the erase unit at ${address} has a different length than before, or none`);
    }
  }

  #checkRange(range: ByteRange): void {
    if (rangeEnd(range) <= this.#capacityBytes) return;
    const chip = formatSize(this.#capacityBytes);
    throw new JournalDamage(this.#number, `a range ends beyond the chip, which holds ${chip}`);
  }
}
