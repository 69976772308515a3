/**
 * Compares the chip with a target by digests, one a few KiB, many of them in progress. What verify, diff and
 * blank check have in common.
 */
import { type ByteRange, eraseBlockAt, type EraseUnit, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { totalBytes } from "../../drivers/byte-ranges.ts";
import { digestUnit } from "./digest-unit.ts";
import { isFragmented, spanOf } from "./fragments.ts";
import { readBy } from "./job-source.ts";
import type { OpPipe } from "./op-pipe.ts";
import type { PhaseCount } from "./phase-count.ts";
import type { Target } from "./target.ts";
import { isExpectedCheck } from "./unchecked-check.ts";

/** Digests requested ahead of results. */
const DIGESTS_AHEAD = 64;
/** Image bytes are read in pieces of this size at most, for chips with very large erase blocks. */
const MAX_PIECE_BYTES = 64 * 1024;
/** Pieces that one read is for, at most. */
const MAX_NEAR = 4096;

/** One piece of the target and whether the chip holds it. */
export interface Compared {
  readonly range: ByteRange;
  readonly isEqual: boolean;
}

/**
 * Compares the target with the chip, in order of address; what differs lies in one block of the digest unit and one segment.
 * `isUnchecked`: the link has no integrity checking.
 */
export async function* compareDigests(
  pipe: OpPipe,
  target: Target,
  geometry: FlashGeometry,
  count: PhaseCount,
  isUnchecked: boolean,
): AsyncGenerator<Compared> {
  const asked: Asked[] = [];
  const readable = readBy(pipe, target);
  for (const pieces of comparePieces(target, geometry)) {
    if (asked.length >= DIGESTS_AHEAD) {
      const first = asked.shift();
      if (first !== undefined) yield* await first();
    }
    asked.push(await askPieces(pipe, readable, pieces, count, isUnchecked));
  }
  for (const take of asked) yield* await take();
}

/** Resolves with what a result shows. */
type Asked = () => Promise<readonly Compared[]>;

async function askPieces(
  pipe: OpPipe,
  target: Target,
  pieces: readonly ByteRange[],
  count: PhaseCount,
  isUnchecked: boolean,
): Promise<Asked> {
  const span = spanOf(pieces);
  if (pieces.length > 1) {
    const image = await target.readFilled(span, 0);
    const chip = pipe.read(span);
    return async () => {
      count.done(totalBytes(pieces));
      return comparedBytes(pieces, span, image, await chip);
    };
  }
  const expected = blockCheck(await target.read(span));
  const found = pipe.digest(span);
  return async () => {
    const isEqual = await isExpectedCheck({ pipe, isUnchecked }, span, { found: await found, expected });
    count.done(span.lengthBytes);
    return [{ range: span, isEqual }];
  };
}

/** One entry for pieces that are all equal, else one for each that differs. */
function comparedBytes(
  pieces: readonly ByteRange[],
  span: ByteRange,
  image: Uint8Array,
  chip: Uint8Array,
): readonly Compared[] {
  const differing = pieces.filter(({ address, lengthBytes }) => {
    const start = address - span.address;
    for (let at = start; at < start + lengthBytes; at++) if (image[at] !== chip[at]) return true;
    return false;
  });
  if (differing.length === 0) return [{ range: span, isEqual: true }];
  return differing.map((range) => ({ range, isEqual: false }));
}

/** Pieces that are compared together: one, or very many short ones of one block. */
function* comparePieces(target: Target, geometry: FlashGeometry): Generator<readonly ByteRange[]> {
  const unit = digestUnit(geometry);
  let near: ByteRange[] = [];
  let blockEnd = 0;
  for (const piece of shortPieces(target, unit)) {
    if (piece.address >= blockEnd || near.length >= MAX_NEAR) {
      yield* together(near);
      near = [];
      blockEnd = endOfBlock(unit, piece);
    }
    near.push(piece);
  }
  yield* together(near);
}

/** Where the block ends in which a range starts; outside of all blocks, where the range ends. */
function endOfBlock(unit: EraseUnit, range: ByteRange): number {
  return rangeEnd(eraseBlockAt(unit, range.address) ?? range);
}

function* together(near: readonly ByteRange[]): Generator<readonly ByteRange[]> {
  if (isFragmented(near)) yield near;
  else for (const piece of near) yield [piece];
}

function* shortPieces(target: Target, unit: EraseUnit): Generator<ByteRange> {
  let blockEnd = 0;
  for (const segment of target.segments) {
    let { address } = segment;
    const segmentEnd = rangeEnd(segment);
    while (address < segmentEnd) {
      if (address >= blockEnd) blockEnd = endOfBlock(unit, { address, lengthBytes: segmentEnd - address });
      const end = Math.min(segmentEnd, blockEnd, address + MAX_PIECE_BYTES);
      yield address === segment.address && end === segmentEnd ? segment : { address, lengthBytes: end - address };
      address = end;
    }
  }
}
