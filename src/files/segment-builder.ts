/**
 * From the pieces that a file holds to sorted segments. Every format but a raw binary goes through here.
 *
 * A piece is never copied to its address: it is remembered as "address A is at offset O of the bytes, N long", so
 * memory follows the bytes of a file and never the span of its addresses. Pieces may come in any order; two that share
 * an address are an error that names both places in the file.
 */
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../drivers/geometry.ts";
import { formatAddress } from "../bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { NumberColumn } from "./number-column.ts";
import { Segment } from "./segment.ts";

/** Most segments one image may have; more is a damaged or hostile file. */
export const MAX_SEGMENTS = 1_000_000;
/** Most pieces that do not continue the piece before them (they take about 200 MB while a file is read). */
export const MAX_PIECES = 2_000_000;

const SHORT_PIECE_BYTES = 32;
const ROW_BYTES = 4096;
/** More than the pieces of any image. */
const INDEX_SPAN = 2 ** 21;
/** Below it an address and an index fit into one number exactly. */
const LARGEST_KEYED = 2 ** 32;

/** Takes one piece: `lengthBytes` at `address` stand at `offset` of the source. `place` is a line, block or header. */
export type AddPiece = (address: number, offset: number, lengthBytes: number, place: number) => void;

/** Where the bytes of an image are. The three arrays run in parallel, by rising address, without overlap. */
export interface PieceTable {
  readonly addresses: Float64Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  /** Sorted, neither overlapping nor touching. */
  readonly segments: readonly Segment[];
  readonly totalBytes: number;
}

/** What a decoder makes of a file. */
export interface DecodedImage {
  readonly pieces: PieceTable;
  /** What the offsets of the pieces count in. */
  readonly bytes: ByteSource;
  /** Sentences that a person should see although the file is good. */
  readonly notes: readonly string[];
}

/** How a decoder names itself in messages of this file. */
export interface PieceOrigin {
  readonly name: string;
  /** `line 12`, `block 3`, `program header 1`. */
  describe(place: number): string;
}

/**
 * Gathers the pieces that `visit` adds.
 *
 * `visit` must add the same pieces each time it is called: after an overlap it is called once more, to find out who wrote
 * the doubled byte. That keeps the good case free of a note per record.
 *
 * @throws NorbridgeError FILE_INVALID for an overlap, for no bytes at all, and past the limits above.
 */
export function collectPieces(origin: PieceOrigin, visit: (add: AddPiece) => void): PieceTable {
  const addresses = new NumberColumn();
  const offsets = new NumberColumn();
  const lengths = new NumberColumn();
  let nextAddress = -1;
  let nextOffset = -1;
  visit((address, offset, lengthBytes) => {
    if (lengthBytes === 0) return;
    if (address === nextAddress && offset === nextOffset) {
      lengths.addToLast(lengthBytes);
    } else {
      if (addresses.length >= MAX_PIECES)
        throw fileInvalid(origin.name, `has more than ${MAX_PIECES} scattered pieces`);
      addresses.push(address);
      offsets.push(offset);
      lengths.push(lengthBytes);
    }
    nextAddress = address + lengthBytes;
    nextOffset = offset + lengthBytes;
  });
  if (addresses.length === 0) throw fileInvalid(origin.name, "holds no data");

  const sorted = sortedByAddress(addresses.values, offsets.values, lengths.values);
  const doubled = firstOverlap(sorted);
  if (doubled !== undefined) throw overlapError(origin, visit, doubled);
  const segments = mergeTouching(origin, sorted);
  return { ...sorted, segments, totalBytes: segments.reduce((sum, segment) => sum + segment.lengthBytes, 0) };
}

/** Index of the piece that holds `address`, or -1. */
export function pieceIndexAt(pieces: PieceTable, address: number): number {
  const index = lastStartAt(pieces.addresses, address);
  const start = pieces.addresses[index] ?? Infinity;
  return address >= start && address < start + (pieces.lengths[index] ?? 0) ? index : -1;
}

/** Index of the last of these rising addresses that is at `address` or before; 0 if none is. */
function lastStartAt(addresses: Float64Array, address: number): number {
  let low = 0;
  let high = addresses.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((addresses[middle] ?? Infinity) <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether one segment has all of `range`. */
export function isHeld({ segments }: PieceTable, range: ByteRange): boolean {
  const segment = segments[lastSegmentAt(segments, range.address)];
  return segment !== undefined && rangeContains(segment, range);
}

/** A fresh array with the bytes of `range`, which lies in one segment. */
export function readPieces(pieces: PieceTable, bytes: ByteSource, range: ByteRange): Uint8Array {
  const result = new Uint8Array(range.lengthBytes);
  let done = 0;
  for (let index = pieceIndexAt(pieces, range.address); done < result.length; index++) {
    const skip = range.address + done - (pieces.addresses[index] ?? 0);
    const lengthBytes = Math.min((pieces.lengths[index] ?? 0) - skip, result.length - done);
    bytes.readInto((pieces.offsets[index] ?? 0) + skip, result.subarray(done, done + lengthBytes));
    done += lengthBytes;
  }
  return result;
}

/** A fresh array with the bytes of any `range`; those that no piece has are `value`. */
export function readFilledPieces(pieces: PieceTable, bytes: ByteSource, range: ByteRange, value: number): Uint8Array {
  const result = new Uint8Array(range.lengthBytes).fill(value);
  const { addresses, lengths, offsets } = pieces;
  const end = range.address + range.lengthBytes;
  /** A row of the source that short pieces are taken from: they follow each other there, too. */
  let row: Uint8Array = new Uint8Array(0);
  let rowAt = 0;
  for (let index = lastStartAt(addresses, range.address); index < addresses.length; index++) {
    const address = addresses[index] ?? 0;
    if (address >= end) break;
    const from = Math.max(address, range.address);
    const lengthBytes = Math.min(address + (lengths[index] ?? 0), end) - from;
    if (lengthBytes <= 0) continue;
    const offset = (offsets[index] ?? 0) + from - address;
    const target = from - range.address;
    if (lengthBytes > SHORT_PIECE_BYTES) {
      bytes.readInto(offset, result.subarray(target, target + lengthBytes));
      continue;
    }
    if (offset < rowAt || offset + lengthBytes > rowAt + row.length) {
      rowAt = offset;
      row = bytes.read(offset, Math.min(ROW_BYTES, bytes.lengthBytes - offset));
    }
    for (let at = 0; at < lengthBytes; at++) result[target + at] = row[offset - rowAt + at] ?? 0;
  }
  return result;
}

/** Index of the last of these ranges, which are sorted, that begins at the address or before; 0 if none does. */
export function lastSegmentAt(segments: readonly ByteRange[], address: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segments[middle]?.address ?? Infinity) <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What an image has of a range, in order. */
export function segmentsIn(
  { segments }: { readonly segments: readonly ByteRange[] },
  range: ByteRange,
): readonly ByteRange[] {
  const within: ByteRange[] = [];
  for (let index = lastSegmentAt(segments, range.address); index < segments.length; index++) {
    const segment = segments[index];
    if (segment === undefined || segment.address >= rangeEnd(range)) break;
    // Very many are whole: no copy of each.
    const shared = rangeContains(range, segment) ? segment : rangeIntersection(segment, range);
    if (shared !== undefined) within.push(shared);
  }
  return within;
}

type Columns = Pick<PieceTable, "addresses" | "offsets" | "lengths">;

function sortedByAddress(addresses: Float64Array, offsets: Float64Array, lengths: Float64Array): Columns {
  // As nearly every file is.
  if (isRising(addresses)) return { addresses, offsets, lengths };
  const order = orderByAddress(addresses);
  return { addresses: pick(addresses, order), offsets: pick(offsets, order), lengths: pick(lengths, order) };
}

function isRising(values: Float64Array): boolean {
  for (let at = 1; at < values.length; at++) if ((values[at] ?? 0) < (values[at - 1] ?? 0)) return false;
  return true;
}

/** The indices in the order that sorts. */
function orderByAddress(addresses: Float64Array): Uint32Array {
  const highest = addresses.reduce((most, address) => Math.max(most, address), 0);
  if (highest < LARGEST_KEYED) {
    // Numbers sort many times faster than by a function; the index in their low bits leads back.
    const keys = addresses.map((address, index) => address * INDEX_SPAN + index).sort();
    return Uint32Array.from(keys, (key) => key % INDEX_SPAN);
  }
  const order = Uint32Array.from(addresses, (_, index) => index);
  return order.sort((a, b) => (addresses[a] ?? 0) - (addresses[b] ?? 0));
}

function pick(values: Float64Array, order: Uint32Array): Float64Array {
  return Float64Array.from(order, (index) => values[index] ?? 0);
}

function firstOverlap({ addresses, lengths }: Columns): number | undefined {
  for (let i = 1; i < addresses.length; i++) {
    const address = addresses[i] ?? 0;
    if (address < (addresses[i - 1] ?? 0) + (lengths[i - 1] ?? 0)) return address;
  }
  return undefined;
}

function overlapError(origin: PieceOrigin, visit: (add: AddPiece) => void, address: number): Error {
  const writers: number[] = [];
  visit((start, _offset, lengthBytes, place) => {
    if (writers.length < 2 && start <= address && address < start + lengthBytes) writers.push(place);
  });
  const [first = 0, second = 0] = writers;
  return fileInvalid(
    origin.name,
    `${origin.describe(second)} overlaps ${origin.describe(first)}: both hold address ${formatAddress(address)}`,
  );
}

function mergeTouching(origin: PieceOrigin, { addresses, lengths }: Columns): Segment[] {
  const segments: Segment[] = [];
  let start = addresses[0] ?? 0;
  let end = start;
  const finish = (): void => {
    if (segments.length >= MAX_SEGMENTS) throw fileInvalid(origin.name, `has more than ${MAX_SEGMENTS} segments`);
    segments.push(new Segment(start, end - start));
  };
  for (let index = 0; index < addresses.length; index++) {
    const address = addresses[index] ?? 0;
    if (address !== end) {
      finish();
      start = address;
    }
    end = address + (lengths[index] ?? 0);
  }
  finish();
  return segments;
}
