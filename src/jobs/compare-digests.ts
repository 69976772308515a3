/**
 * Compares the chip with a target by digests, one a few KiB, many of them under way. What verify, diff and
 * blank check have in common.
 */
import { type ByteRange, eraseBlockAt, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { digestUnit } from "./digest-unit.ts";
import { readBy } from "./job-source.ts";
import type { OpPipe } from "./op-pipe.ts";
import type { PhaseCount } from "./phase-count.ts";
import type { Target } from "./target.ts";

/** Digests asked ahead of answers. */
const DIGESTS_AHEAD = 64;
/** Image bytes are read in pieces of this size at most, for chips with very large erase blocks. */
const MAX_PIECE_BYTES = 64 * 1024;

/** One piece of the target and whether the chip holds it. */
export interface Compared {
  readonly range: ByteRange;
  readonly isEqual: boolean;
}

/** `isUnchecked`: the bytes are not checked on the way, and a difference counts when it was seen twice. Pieces in order of address; each lies in one block of the digest unit and one segment. */
export async function* compareDigests(
  pipe: OpPipe,
  target: Target,
  geometry: FlashGeometry,
  count: PhaseCount,
  isUnchecked: boolean,
): AsyncGenerator<Compared> {
  const asked: { readonly range: ByteRange; readonly expected: number; readonly found: Promise<number> }[] = [];
  const take = async (): Promise<Compared | undefined> => {
    const first = asked.shift();
    if (first === undefined) return undefined;
    let isEqual = (await first.found) === first.expected;
    // That two are equal is not an accident; that they differ may be the line's doing.
    if (!isEqual && isUnchecked) isEqual = (await pipe.digest(first.range)) === first.expected;
    count.done(first.range.lengthBytes);
    return { range: first.range, isEqual };
  };
  const readable = readBy(pipe, target);
  for (const range of comparePieces(target, geometry)) {
    if (asked.length >= DIGESTS_AHEAD) {
      const compared = await take();
      if (compared !== undefined) yield compared;
    }
    const expected = blockCheck(await readable.read(range));
    asked.push({ range, expected, found: pipe.digest(range) });
  }
  for (let compared = await take(); compared !== undefined; compared = await take()) yield compared;
}

function* comparePieces(target: Target, geometry: FlashGeometry): Generator<ByteRange> {
  const unit = digestUnit(geometry);
  for (const segment of target.segments) {
    let { address } = segment;
    while (address < rangeEnd(segment)) {
      const block = eraseBlockAt(unit, address);
      const blockEnd = block === undefined ? rangeEnd(segment) : rangeEnd(block);
      const end = Math.min(rangeEnd(segment), blockEnd, address + MAX_PIECE_BYTES);
      yield { address, lengthBytes: end - address };
      address = end;
    }
  }
}
