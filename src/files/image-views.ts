/**
 * Images that show another image differently: a part of it, at another place, with its gaps filled. Closing one closes
 * the other.
 */
import { type ByteRange, rangeContains, rangeIntersection } from "../../drivers/geometry.ts";
import { mergeNeighbours } from "../../drivers/byte-ranges.ts";
import { type Advice, advice } from "../advice.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { noteFilledRead } from "./filled-reads.ts";
import { checkBase, type ImageSource, imageSpan } from "./image-source.ts";
import { readFilled } from "./read-filled.ts";
import { segmentsIn } from "./segment-builder.ts";
import { movedSegments } from "./segment.ts";

/** This many stretches are named. */
const MAX_NAMED = 4;

/**
 * What an image has within `range`, by its own addresses. Its notes say how much is left out.
 *
 * @throws NorbridgeError FILE_INVALID if it has nothing there.
 */
export function croppedImage(image: ImageSource, range: ByteRange): ImageSource {
  const hint = advice("Nothing was changed. Choose a range by the addresses in the file.", "set-crop");
  return partOf(image, [range], segmentsOrNone(image, range, hint));
}

/** Throws FILE_INVALID if there are none. */
function segmentsOrNone(image: ImageSource, range: ByteRange, hint: Advice): readonly ByteRange[] {
  const segments = segmentsIn(image, range);
  if (segments.length > 0) return segments;
  throw fileInvalid(image.name, `has no bytes in ${formatRange(range)}; it has ${segmentsText(image)}`, { hint });
}

/**
 * What an image has within these ranges, which do not overlap, by its own addresses. Its notes say how much is left out.
 *
 * @throws NorbridgeError FILE_INVALID if it has nothing in one of them.
 */
export function keptImage(image: ImageSource, ranges: readonly ByteRange[]): ImageSource {
  const text =
    "Nothing was changed. Select a region that the file has bytes for, or use a file whose addresses count from the start of the chip.";
  const hint = advice(text, "list-regions");
  const segments = mergeNeighbours(
    ranges.toSorted((a, b) => a.address - b.address).flatMap((range) => [...segmentsOrNone(image, range, hint)]),
  );
  return partOf(image, ranges, segments);
}

/** The part of an image within `lengthBytes` of its lowest address. Its notes say how much is left out. */
export function firstBytes(image: ImageSource, lengthBytes: number): ImageSource {
  return croppedImage(image, { address: imageSpan(image).address, lengthBytes });
}

/**
 * The image with `base` subtracted from all its addresses; a negative one is added.
 *
 * @throws NorbridgeError FILE_INVALID if that would move a byte below address 0.
 */
export function relocatedImage(image: ImageSource, base: number): ImageSource {
  if (base === 0) return image;
  checkBase(image, base);
  const moved = ({ address, lengthBytes }: ByteRange): ByteRange => ({ address: address + base, lengthBytes });
  const read: ImageSource["read"] = (range) => image.read(moved(range));
  noteFilledRead(read, (range, value) => readFilled(image, moved(range), value));
  return { ...viewOf(image), segments: movedSegments(image.segments, -base), read };
}

/** The image with every byte of `range` that it lacks set to `value`. `range` contains it. */
export function filledImage(image: ImageSource, range: ByteRange, value: number): ImageSource {
  return {
    ...viewOf(image),
    segments: [{ address: range.address, lengthBytes: range.lengthBytes }],
    totalBytes: range.lengthBytes,
    async read(wanted) {
      if (!rangeContains(range, wanted)) throw new RangeError("not within the image");
      return readFilled(image, wanted, value);
    },
  };
}

/** What an image has in some ranges: `segments`. Its notes say how much is left out. */
function partOf(image: ImageSource, ranges: readonly ByteRange[], segments: readonly ByteRange[]): ImageSource {
  const totalBytes = bytesOf(segments);
  const read: ImageSource["read"] = (range) => image.read(range);
  noteFilledRead(read, async (wanted, value) => {
    const bytes = new Uint8Array(wanted.lengthBytes).fill(value);
    for (const range of ranges) {
      const shared = rangeIntersection(range, wanted);
      if (shared !== undefined) bytes.set(await readFilled(image, shared, value), shared.address - wanted.address);
    }
    return bytes;
  });
  const notes = [...(image.notes ?? []), ...leftOut(image, totalBytes)];
  return { ...viewOf(image), segments, totalBytes, notes, read };
}

/** Without what a view replaces. The methods may be of a class. */
function viewOf(image: ImageSource): ImageSource {
  const { name, format, segments, totalBytes, notes } = image;
  return {
    name,
    format,
    segments,
    totalBytes,
    notes,
    read: (range) => image.read(range),
    close: () => image.close(),
  };
}

function leftOut(image: ImageSource, usedBytes: number): readonly string[] {
  const leftBytes = image.totalBytes - usedBytes;
  return leftBytes === 0
    ? []
    : [`${formatSize(leftBytes)} of the ${formatSize(image.totalBytes)} in the file are left out`];
}

function segmentsText({ segments }: ImageSource): string {
  const named = segments.slice(0, MAX_NAMED).map(formatRange).join(", ");
  return segments.length > MAX_NAMED ? `${named} and ${segments.length - MAX_NAMED} more` : named;
}

function bytesOf(segments: readonly ByteRange[]): number {
  return segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}
