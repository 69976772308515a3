/** The ranges of an image, as images of very many of them have to store them. */
import type { ByteRange } from "../../drivers/geometry.ts";

/**
 * A range of its own class. V8 stores the fields of all literals `{ address, lengthBytes }` alike: one large or fractional number
 * in any of them converts every object of the kind at its next use, which costs more than a million segments are worth.
 */
export class Segment implements ByteRange {
  readonly address: number;
  readonly lengthBytes: number;

  constructor(address: number, lengthBytes: number) {
    this.address = address;
    this.lengthBytes = lengthBytes;
  }
}

/** The same ranges at addresses that are higher by `bytes`, which may be negative. */
export function movedSegments(segments: readonly ByteRange[], bytes: number): readonly ByteRange[] {
  if (bytes === 0) return segments;
  return segments.map(({ address, lengthBytes }) => new Segment(address + bytes, lengthBytes));
}
