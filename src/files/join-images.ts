/** Several images as one, which a job plans and writes in one pass. */
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { mergeNeighbours } from "../../drivers/merge-neighbours.ts";
import { advice } from "../advice.ts";
import { formatRange, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "./image-source.ts";
import { lastSegmentAt } from "./segment-builder.ts";

interface Part {
  readonly range: ByteRange;
  readonly image: ImageSource;
}

/**
 * One image of all of these, by their addresses. Closing it closes all.
 *
 * @throws NorbridgeError FILE_INVALID if two of them have the same address, with both names.
 */
export function joinedImages(images: readonly ImageSource[]): ImageSource {
  const [first, second] = images;
  if (first === undefined) throw new RangeError("no image to join");
  if (second === undefined) return first;
  const parts = images
    .flatMap((image) => image.segments.map((range): Part => ({ range, image })))
    .sort((a, b) => a.range.address - b.range.address);
  checkApart(parts);
  const ranges = parts.map(({ range }) => range);
  const segments = mergeNeighbours(ranges);
  return {
    name: images.map(({ name }) => name).join(", "),
    // They have addresses, whatever they are.
    format: images.every(({ format }) => format === first.format) && first.format !== "bin" ? first.format : "hex",
    segments,
    totalBytes: images.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    notes: images.flatMap(({ notes }) => notes ?? []),
    async read(range) {
      const segment = segments[lastSegmentAt(segments, range.address)];
      if (segment === undefined || !rangeContains(segment, range)) throw new RangeError("not within one segment");
      const bytes = new Uint8Array(range.lengthBytes);
      for (let index = lastSegmentAt(ranges, range.address); index < parts.length; index++) {
        const part = parts[index];
        if (part === undefined || part.range.address >= rangeEnd(range)) break;
        const shared = rangeIntersection(part.range, range);
        if (shared !== undefined) bytes.set(await part.image.read(shared), shared.address - range.address);
      }
      return bytes;
    },
    async close() {
      await closeAll(images);
    },
  };
}

/** Closes all, also if one of them fails; throws the first error. */
export async function closeAll(images: readonly ImageSource[]): Promise<void> {
  const ends = await Promise.allSettled(images.map((image) => image.close()));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

function checkApart(parts: readonly Part[]): void {
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1];
    const shared = before === undefined ? undefined : rangeIntersection(before.range, part.range);
    if (before === undefined || shared === undefined) continue;
    const names = `${printable(before.image.name)} and ${printable(part.image.name)}`;
    throw new NorbridgeError("FILE_INVALID", `${names} overlap: both have bytes at ${formatRange(shared)}`, {
      operation: "join images",
      hint: advice("Nothing was changed. Write one of them to another address.", "place-files"),
    });
  }
}
