/** Where an erase is looked at: places of its block before and after it, and what of the block it has left. */
import type { ByteRange } from "../../drivers/geometry.ts";

const SAMPLE_BYTES = 16;
/** Smaller erases of a block are aligned powers of two of it. */
const PARTS = [16, 8, 4, 2];

/** Start, middle and end of a range. */
export function samplesOf({ address, lengthBytes }: ByteRange): readonly ByteRange[] {
  const sampleBytes = Math.min(SAMPLE_BYTES, lengthBytes);
  const offsets = new Set([0, (lengthBytes - sampleBytes) >> 1, lengthBytes - sampleBytes]);
  return [...offsets].map((offset) => ({ address: address + offset, lengthBytes: sampleBytes }));
}

/** A place in each part of a block that an erase of a half, a quarter, an eighth or a sixteenth of it would leave. */
export function samplesOfAllSizes(range: ByteRange): readonly ByteRange[] {
  const { address, lengthBytes } = range;
  const starts = PARTS.map((part) => address + lengthBytes / part).filter((start) => start % SAMPLE_BYTES === 0);
  const between = starts.map((start) => ({ address: start, lengthBytes: SAMPLE_BYTES }));
  const [first, , last] = samplesOf(range);
  return [first, ...between, last].filter((sample) => sample !== undefined);
}

/**
 * The place of a block, as found, with the most bits that an erase has to change; undefined if there is one at most,
 * which may be that of a bad cell.
 */
export function tellingPlace({ address }: ByteRange, found: Uint8Array, erasedByte: number): ByteRange | undefined {
  let most = { bits: 1, at: -1 };
  for (let at = 0; at < found.length; at += SAMPLE_BYTES) {
    const bits = bitsToErase(found.subarray(at, at + SAMPLE_BYTES), erasedByte);
    if (bits > most.bits) most = { bits, at };
  }
  if (most.at < 0) return undefined;
  return { address: address + most.at, lengthBytes: Math.min(SAMPLE_BYTES, found.length - most.at) };
}

/** How many bits an erase has to change. */
export function bitsToErase(bytes: Uint8Array, erasedByte: number): number {
  return bytes.reduce((sum, byte) => sum + bitsSet(byte ^ erasedByte), 0);
}

function bitsSet(byte: number): number {
  let bits = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** How many bytes are not erased. */
export function countNotErased(found: Uint8Array, erasedByte: number): number {
  return found.reduce((count, byte) => count + (byte === erasedByte ? 0 : 1), 0);
}
