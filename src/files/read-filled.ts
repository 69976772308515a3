/** Bytes of an image with its gaps filled: one call for very many segments. */
import { type ByteRange, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { filledReadOf } from "./filled-reads.ts";
import type { ImageSource } from "./image-source.ts";
import { lastSegmentAt } from "./segment-builder.ts";

/** The bytes of `range`, which may lie anywhere; those that the image lacks are `value`. Throws what its `read` throws. */
export async function readFilled(image: ImageSource, range: ByteRange, value: number): Promise<Uint8Array> {
  const filled = filledReadOf(image);
  if (filled !== undefined) return filled(range, value);
  const bytes = new Uint8Array(range.lengthBytes).fill(value);
  for (let index = lastSegmentAt(image.segments, range.address); index < image.segments.length; index++) {
    const segment = image.segments[index];
    if (segment === undefined || segment.address >= rangeEnd(range)) break;
    const shared = rangeIntersection(segment, range);
    if (shared !== undefined) bytes.set(await image.read(shared), shared.address - range.address);
  }
  return bytes;
}
