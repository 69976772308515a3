/** Several images as one: for a job that has to put back bytes that its file does not hold. */
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { mergeNeighbours } from "../../drivers/merge-neighbours.ts";
import type { ImageSource } from "./image-source.ts";
import { lastSegmentAt } from "./segment-builder.ts";

/** A piece that lies beside the image. */
export interface OverlayPiece {
  readonly address: number;
  readonly data: Uint8Array;
}

/** `image` moved up by `offset`, and pieces, which do not overlap it or each other. Closing closes the image. */
export function overlayImage(image: ImageSource, offset: number, pieces: readonly OverlayPiece[]): ImageSource {
  const parts: { readonly range: ByteRange; readonly read: (range: ByteRange) => Promise<Uint8Array> }[] = [
    ...image.segments.map(({ address, lengthBytes }) => ({
      range: { address: address + offset, lengthBytes },
      read: (range: ByteRange) => image.read({ ...range, address: range.address - offset }),
    })),
    ...pieces.map(({ address, data }) => ({
      range: { address, lengthBytes: data.length },
      read: (range: ByteRange) =>
        Promise.resolve(data.slice(range.address - address, range.address - address + range.lengthBytes)),
    })),
  ].toSorted((a, b) => a.range.address - b.range.address);
  const ranges = parts.map(({ range }) => range);
  const segments = mergeNeighbours(ranges);
  return {
    name: image.name,
    format: image.format,
    segments,
    totalBytes: segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    async read(range) {
      const segment = segments[lastSegmentAt(segments, range.address)];
      if (segment === undefined || !rangeContains(segment, range)) throw new RangeError("not within one segment");
      const bytes = new Uint8Array(range.lengthBytes);
      for (let index = lastSegmentAt(ranges, range.address); index < parts.length; index++) {
        const part = parts[index];
        if (part === undefined || part.range.address >= rangeEnd(range)) break;
        const shared = rangeIntersection(part.range, range);
        if (shared !== undefined) bytes.set(await part.read(shared), shared.address - range.address);
      }
      return bytes;
    },
    close: () => image.close(),
  };
}
