/** Ranges in order of address, those that touch joined. */
import { type ByteRange, rangeEnd } from "./geometry.ts";

/** `ranges` are in order and do not overlap. */
export function mergeNeighbours(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && rangeEnd(last) === range.address) {
      merged[merged.length - 1] = { address: last.address, lengthBytes: last.lengthBytes + range.lengthBytes };
    } else {
      merged.push(range);
    }
  }
  return merged;
}
