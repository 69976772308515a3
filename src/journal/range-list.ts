/** Ranges that are added in any order and often: those that touch become one, now and then. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { mergeRanges } from "../jobs/byte-ranges.ts";

/** So many are gathered before they are merged. */
const LOOSE_RANGES = 4096;

export class RangeList {
  #ranges: ByteRange[] = [];
  #mergeAt = LOOSE_RANGES;
  #isMerged = true;

  /** Nothing is added by an empty range. */
  add({ address, lengthBytes }: ByteRange): void {
    if (lengthBytes === 0) return;
    this.#ranges.push({ address, lengthBytes });
    this.#isMerged = false;
    if (this.#ranges.length >= this.#mergeAt) this.#merge();
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** As many as there are, or more where some of them still touch. */
  get count(): number {
    return this.#ranges.length;
  }

  /** Sorted, disjoint, not touching. */
  get merged(): readonly ByteRange[] {
    if (!this.#isMerged) this.#merge();
    return this.#ranges;
  }

  /** What does not become less by it may grow to twice as much before it is tried again. */
  #merge(): void {
    this.#ranges = [...mergeRanges(this.#ranges)];
    this.#isMerged = true;
    this.#mergeAt = Math.max(LOOSE_RANGES, 2 * this.#ranges.length);
  }
}
