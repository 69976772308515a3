/**
 * Arithmetic with lists of ranges; that with one or two is in geometry.ts. Always holds: what comes out is sorted and
 * disjoint.
 */
import { type ByteRange, rangeEnd } from "./geometry.ts";

/** Appends a range that begins at or after the end of the last; one that touches it makes it longer. */
export function appendRange(ranges: ByteRange[], range: ByteRange): void {
  if (range.lengthBytes === 0) return;
  const last = ranges.at(-1);
  if (last !== undefined && rangeEnd(last) >= range.address) {
    const end = Math.max(rangeEnd(last), rangeEnd(range));
    ranges[ranges.length - 1] = { address: last.address, lengthBytes: end - last.address };
  } else {
    ranges.push({ address: range.address, lengthBytes: range.lengthBytes });
  }
}

/** Sorts ranges and joins those that touch or overlap. */
export function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.address - b.address)) appendRange(merged, range);
  return merged;
}

/** Joins those that touch. `ranges` are in order and do not overlap; the result has the same objects where nothing is joined. */
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

/** What is left of `whole` without `holes`, which are sorted and disjoint. */
export function subtractRanges(whole: ByteRange, holes: readonly ByteRange[]): readonly ByteRange[] {
  const left: ByteRange[] = [];
  let address = whole.address;
  for (const hole of holes) {
    if (hole.address > address) left.push({ address, lengthBytes: Math.min(hole.address, rangeEnd(whole)) - address });
    address = Math.max(address, rangeEnd(hole));
    if (address >= rangeEnd(whole)) return left;
  }
  left.push({ address, lengthBytes: rangeEnd(whole) - address });
  return left;
}

/** Sum of lengths. */
export function totalBytes(ranges: Iterable<ByteRange>): number {
  let sum = 0;
  for (const range of ranges) sum += range.lengthBytes;
  return sum;
}

/** Index of the first of these ranges, which are sorted and disjoint, that ends after the address; their number if none does. */
export function firstEndingBehind(ranges: readonly ByteRange[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range !== undefined && rangeEnd(range) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
