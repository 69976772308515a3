/**
 * Very many short pieces of a target close to each other, as a shredded HEX file has them. A digest or a program for each would
 * take hours: what lies around them is read or programmed with them.
 */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";

/** Fewer pieces than this are cheap enough one by one. */
const MIN_PIECES = 8;
/** What one digest costs on the way, with its answer, compared with bytes that are read. */
const BYTES_A_PIECE = 64;

/** Whether one read of all that these ranges span is cheaper than a question about each. They are sorted. */
export function isFragmented(ranges: readonly ByteRange[]): boolean {
  return ranges.length >= MIN_PIECES && spanOf(ranges).lengthBytes <= ranges.length * BYTES_A_PIECE;
}

/** From the first byte to the last. The ranges are sorted. */
export function spanOf(ranges: readonly ByteRange[]): ByteRange {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return { address: 0, lengthBytes: 0 };
  return { address: first.address, lengthBytes: rangeEnd(last) - first.address };
}
