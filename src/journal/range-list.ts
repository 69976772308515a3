/** Ranges that are added in any order and often: those that touch become one, now and then. */
import { type ByteRange, rangeContains } from "../../drivers/geometry.ts";
import { firstEndingBehind, mergeRanges } from "../../drivers/byte-ranges.ts";

/** This many are gathered before they are merged. */
const LOOSE_RANGES = 4096;

export class RangeList {
  #merged: readonly ByteRange[] = [];
  #loose: ByteRange[] = [];

  /** Nothing is added by an empty range. */
  add({ address, lengthBytes }: ByteRange): void {
    if (lengthBytes === 0) return;
    this.#loose.push({ address, lengthBytes });
    // What does not become less by it may grow to twice as much before it is tried again.
    if (this.#loose.length >= Math.max(LOOSE_RANGES, this.#merged.length)) this.#merge();
  }

  get isEmpty(): boolean {
    return this.#merged.length === 0 && this.#loose.length === 0;
  }

  /** Sorted, disjoint, not touching. */
  get merged(): readonly ByteRange[] {
    this.#merge();
    return this.#merged;
  }

  /** Whether there are more that lie apart. Cheap, however often it is asked: only what was merged is counted. */
  hasMoreThan(most: number): boolean {
    return this.#merged.length > most;
  }

  /** Whether all of a range is among these; one that was added lately may not be known yet. */
  covers(range: ByteRange): boolean {
    const found = this.#merged[firstEndingBehind(this.#merged, range.address)];
    return found !== undefined && rangeContains(found, range);
  }

  /** Makes what was added lately known. */
  settle(): void {
    this.#merge();
  }

  #merge(): void {
    if (this.#loose.length === 0) return;
    this.#merged = mergeRanges([...this.#merged, ...this.#loose]);
    this.#loose = [];
  }
}
