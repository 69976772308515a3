/**
 * What the chip shall hold, and where: an image laid on the chip, or a range that shall be blank. Addresses are those of
 * the chip; the offset of a command is already added. Pieces are found by binary search, so that a file of very many
 * segments stays cheap.
 */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlocksTouching,
  type EraseUnit,
  type FlashGeometry,
  rangeEnd,
  rangeIntersection,
} from "../../drivers/geometry.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { checkByteRange } from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { checkFits } from "../files/check-fits.ts";
import type { ImageSource } from "../files/image-source.ts";
import { readFilled } from "../files/read-filled.ts";
import { movedSegments } from "../files/segment.ts";
import { firstEndingBehind } from "../../drivers/byte-ranges.ts";

/** Where on the chip an image goes. */
export interface PlaceRequest {
  /** Added to every address of the image, bytes; default 0. May be negative if no byte comes to lie below address 0. */
  readonly offset?: number | undefined;
}

export interface Target {
  /** Where the bytes come from, as the user knows it. */
  readonly name: string;
  readonly totalBytes: number;
  /** Sorted, disjoint, not touching. */
  readonly segments: readonly ByteRange[];
  /** Bytes of a piece, which lies within one segment; a fresh array. */
  read(piece: ByteRange): Promise<Uint8Array>;
  /** Bytes of any range; those that the target lacks are `value`. A fresh array. */
  readFilled(range: ByteRange, value: number): Promise<Uint8Array>;
}

/** @throws NorbridgeError FILE_INVALID if the image reaches past the end of the chip, ERANGE if before its start. */
export function placedImage(image: ImageSource, offset: number, geometry: FlashGeometry): Target {
  checkFits(image, offset, geometry.capacityBytes);
  const moved = (range: ByteRange, by: number): ByteRange => ({
    address: range.address + by,
    lengthBytes: range.lengthBytes,
  });
  return {
    name: image.name,
    totalBytes: image.totalBytes,
    segments: movedSegments(image.segments, offset),
    read: (piece) => image.read(moved(piece, -offset)),
    readFilled: (range, value) => readFilled(image, moved(range, -offset), value),
  };
}

/** A range that shall read as erased. */
export function blankTarget(range: ByteRange, geometry: FlashGeometry): Target {
  return {
    name: "blank",
    totalBytes: range.lengthBytes,
    segments: range.lengthBytes === 0 ? [] : [range],
    read: (piece) => Promise.resolve(new Uint8Array(piece.lengthBytes).fill(geometry.erasedByte)),
    // One stretch: nothing asks for more than that.
    readFilled: ({ lengthBytes }) => Promise.resolve(new Uint8Array(lengthBytes).fill(geometry.erasedByte)),
  };
}

/** What the target holds of `range`, in order. */
export function piecesIn(target: Target, range: ByteRange): readonly ByteRange[] {
  const pieces: ByteRange[] = [];
  for (let index = firstEndingBehind(target.segments, range.address); index < target.segments.length; index++) {
    const segment = target.segments[index];
    if (segment === undefined || segment.address >= rangeEnd(range)) break;
    // Very many are whole: no copy of each.
    const piece = isWithin(segment, range) ? segment : rangeIntersection(segment, range);
    if (piece !== undefined) pieces.push(piece);
  }
  return pieces;
}

/** The first piece that the target holds of `range`. */
export function firstPieceIn(target: Target, range: ByteRange): ByteRange | undefined {
  const segment = target.segments[firstEndingBehind(target.segments, range.address)];
  return segment === undefined ? undefined : rangeIntersection(segment, range);
}

function isWithin(inner: ByteRange, outer: ByteRange): boolean {
  return inner.address >= outer.address && rangeEnd(inner) <= rangeEnd(outer);
}

/** The blocks of `unit` that the target touches, each once, in order. */
export function* blocksTouched(target: Target, unit: EraseUnit): Generator<EraseBlock> {
  let behind = 0;
  for (const segment of target.segments) {
    const start = Math.max(segment.address, behind);
    if (start >= rangeEnd(segment)) continue;
    for (const block of eraseBlocksTouching(unit, { address: start, lengthBytes: rangeEnd(segment) - start })) {
      yield block;
      behind = rangeEnd(block);
    }
  }
}

/** @throws NorbridgeError EINVAL if it is not a range, ERANGE if it reaches past the end of the chip. */
export function checkInChip(range: ByteRange, geometry: FlashGeometry, operation: string): void {
  checkByteRange(range, "range", operation);
  if (rangeEnd(range) <= geometry.capacityBytes) return;
  const { capacityBytes } = geometry;
  const excess = formatSize(rangeEnd(range) - capacityBytes);
  const message = `${formatRange(range)} ends ${excess} after the end of the chip, which has ${formatSize(capacityBytes)}`;
  throw new NorbridgeError("ERANGE", message, { operation, range });
}
