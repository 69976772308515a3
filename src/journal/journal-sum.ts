/** What a job has left to do, line by line: kept by the writer and by the reader of a journal. */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { JournalLine, RangeDigest } from "./journal-line.ts";
import { OldBytes } from "./old-bytes.ts";
import { RangeList } from "./range-list.ts";

export type JobState = "begun" | "undoing" | "done";

/**
 * How much is kept of what a journal reports: only how many bytes there are, for a list; the bytes of the units in progress, to
 * continue; all that was there as well, to take the job back.
 */
export type Keeping = "counts" | "units" | "all";

/** What a sum starts with: what an unfinished job left. */
export interface SumSoFar {
  readonly held: readonly HeldUnit[];
  readonly oldRanges: readonly ByteRange[];
  readonly bytesWritten: number;
}

/** Bytes of what was there that may be kept twice for a while. */
const UNSETTLED_BYTES = 16 * 1024 * 1024;

export class JournalSum {
  readonly old = new OldBytes();
  readonly #keeping: Keeping;
  /** Without it nothing is taken back, and what stood around the target matters only while its unit is in progress. */
  readonly #keepsOld: boolean;
  readonly #held = new Map<number, HeldUnit>();
  /** Bytes that are held of each unit. */
  readonly #heldBytes = new Map<number, number>();
  readonly #released = new Set<number>();
  readonly #oldRanges = new RangeList();
  readonly #digests: RangeDigest[] = [];
  #unsettledBytes = 0;
  #bytesWritten = 0;
  #state: JobState = "begun";

  constructor(keeping: Keeping, keepsOld: boolean) {
    this.#keeping = keeping;
    this.#keepsOld = keepsOld;
  }

  /** The sum of an interrupted job, for the one that resumes it. */
  static goOn({ held, oldRanges, bytesWritten }: SumSoFar, keepsOld: boolean): JournalSum {
    const sum = new JournalSum("units", keepsOld);
    for (const range of oldRanges) sum.#oldRanges.add(range);
    for (const unit of held) sum.#held.set(unit.address, unit);
    sum.#bytesWritten = bytesWritten;
    return sum;
  }

  add(line: Exclude<JournalLine, { kind: "job" }>): void {
    switch (line.kind) {
      case "hold":
        for (const unit of line.units) this.#hold(unit);
        return;
      case "blank":
        for (const range of line.ranges) this.#addOld(range, line.value);
        return;
      case "release":
        this.#held.delete(line.address);
        this.#heldBytes.delete(line.address);
        if (line.asBefore !== true) this.#released.add(line.address);
        return;
      case "progress":
        this.#bytesWritten = line.bytesWritten;
        return;
      case "undo":
        this.#state = "undoing";
        return;
      case "done":
        // A long one is several lines.
        if (this.#state !== "done") this.#digests.length = 0;
        this.#state = "done";
        if (this.#keeping !== "counts") for (const digest of line.digests) this.#digests.push(digest);
    }
  }

  /** Whether the bytes around the target in this unit are here. */
  holds(address: number): boolean {
    return this.#held.has(address);
  }

  get held(): readonly HeldUnit[] {
    return [...this.#held.values()].toSorted((a, b) => a.address - b.address);
  }

  /** Bytes around the target that are held. */
  get heldBytes(): number {
    return [...this.#heldBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Addresses of units that were proved and not touched since, sorted. */
  get released(): readonly number[] {
    return [...this.#released].toSorted((a, b) => a - b);
  }

  get releasedCount(): number {
    return this.#released.size;
  }

  /** Whether a unit is in progress, or a stream. */
  get isInHand(): boolean {
    return this.#held.size > 0 || this.#bytesWritten > 0;
  }

  /** Whether anything was changed that is not proved, or that an undo would change back. */
  get isOfUse(): boolean {
    return this.isInHand || !this.#oldRanges.isEmpty;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  get state(): JobState {
    return this.#state;
  }

  /** What the chip held when the job was done. */
  get digests(): readonly RangeDigest[] {
    return this.#digests;
  }

  /** Ranges that an undo would write, sorted and disjoint. */
  get oldRanges(): readonly ByteRange[] {
    return this.#oldRanges.merged;
  }

  /** Whether there are more places that lie apart. Cheap, however often it is asked. */
  hasMoreRangesThan(most: number): boolean {
    return this.#oldRanges.hasMoreThan(most);
  }

  #hold(unit: HeldUnit): void {
    const { address, lengthBytes } = unit;
    this.#released.delete(address);
    let bytes = 0;
    for (const { address: at, data } of unit.pieces) {
      bytes += data.length;
      this.#addOld({ address: at, lengthBytes: data.length }, data);
    }
    for (const { address: at, data } of unit.old ?? []) this.#addOld({ address: at, lengthBytes: data.length }, data);
    // What was read first is what the chip held: a later hold is of a unit that is being done again.
    if (this.#held.has(address)) return;
    const pieces = this.#keeping === "counts" ? [] : unit.pieces;
    this.#held.set(address, { address, lengthBytes, pieces });
    this.#heldBytes.set(address, bytes);
  }

  #addOld({ address, lengthBytes }: ByteRange, data: Uint8Array | number): void {
    if (!this.#keepsOld) return;
    const range = { address, lengthBytes };
    if (this.#keeping === "all" && !this.#oldRanges.covers(range)) {
      this.old.add({ ...range, data });
      // A journal may say the same megabyte a thousand times: what was recorded before is not kept again.
      this.#unsettledBytes += typeof data === "number" ? 0 : data.length;
    }
    this.#oldRanges.add(range);
    if (this.#unsettledBytes < UNSETTLED_BYTES) return;
    this.#unsettledBytes = 0;
    this.#oldRanges.settle();
  }
}
