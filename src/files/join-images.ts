/** Several images as one, which a job plans and writes in one pass. */
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { mergeNeighbours } from "../../drivers/byte-ranges.ts";
import { advice } from "../advice.ts";
import { formatRange, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { noteFilledRead } from "./filled-reads.ts";
import type { ImageSource } from "./image-source.ts";
import { readFilled } from "./read-filled.ts";
import { lastSegmentAt, segmentsIn } from "./segment-builder.ts";

/**
 * One image of all of these, by their addresses. Closing it closes all.
 *
 * @throws NorbridgeError FILE_INVALID if two of them have the same address, with both names.
 */
export function joinedImages(images: readonly ImageSource[]): ImageSource {
  const [first, second] = images;
  if (first === undefined) throw new RangeError("no image to join");
  if (second === undefined) return first;
  const ranges = images.flatMap(({ segments }) => segments).sort((a, b) => a.address - b.address);
  checkApart(images, ranges);
  const segments = mergeNeighbours(ranges);
  const read: ImageSource["read"] = async (range) => {
    const segment = segments[lastSegmentAt(segments, range.address)];
    if (segment === undefined || !rangeContains(segment, range)) throw new RangeError("not within one segment");
    return readAll(images, range, 0);
  };
  noteFilledRead(read, (range, value) => readAll(images, range, value));
  return {
    name: images.map(({ name }) => name).join(", "),
    // They have addresses, whatever they are.
    format: images.every(({ format }) => format === first.format) && first.format !== "bin" ? first.format : "hex",
    segments,
    totalBytes: images.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    notes: images.flatMap(({ notes }) => notes ?? []),
    read,
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

/** What the images have of a range; the rest of it is `value`. */
async function readAll(images: readonly ImageSource[], range: ByteRange, value: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.lengthBytes).fill(value);
  for (const image of images) {
    const held = segmentsIn(image, range);
    const [first, last] = [held[0], held.at(-1)];
    if (first === undefined || last === undefined) continue;
    const span = { address: first.address, lengthBytes: rangeEnd(last) - first.address };
    const found = await readFilled(image, span, value);
    for (const { address, lengthBytes } of held) {
      const from = address - span.address;
      const to = address - range.address;
      // Others may have bytes in the gaps of this one, and very many segments are short.
      for (let at = 0; at < lengthBytes; at++) bytes[to + at] = found[from + at] ?? 0;
    }
  }
  return bytes;
}

/** `ranges`: of all images, by address. */
function checkApart(images: readonly ImageSource[], ranges: readonly ByteRange[]): void {
  for (let index = 1; index < ranges.length; index++) {
    const [before, range] = [ranges[index - 1], ranges[index]];
    if (before === undefined || range === undefined || rangeEnd(before) <= range.address) continue;
    const shared = rangeIntersection(before, range) ?? range;
    const [first, second] = images.filter((image) => segmentsIn(image, shared).length > 0);
    const names = `${printable(first?.name ?? "")} and ${printable(second?.name ?? "")}`;
    throw new NorbridgeError("FILE_INVALID", `${names} overlap: both have bytes at ${formatRange(shared)}`, {
      operation: "join images",
      hint: advice("Nothing was changed. Write one of them to another address.", "place-files"),
    });
  }
}
