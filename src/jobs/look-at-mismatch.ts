/** Reads a place that does not hold what it should, twice, and says what that looks like. */
import { type ByteRange, rangeContains } from "../../drivers/geometry.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { classifyMismatch, type Mismatch } from "./mismatch.ts";
import type { Target } from "./target.ts";

/** So much is read: enough for a pattern, little over a slow line. */
const MAX_BYTES = 1024;

/** The first bytes of `range`, which lies within one segment of the target. Throws what reading throws. */
export async function lookAtMismatch(device: FlashDevice, target: Target, range: ByteRange): Promise<Mismatch> {
  const lengthBytes = Math.min(range.lengthBytes, MAX_BYTES);
  const { address } = range;
  const found = await device.read(address, lengthBytes);
  const again = await device.read(address, lengthBytes);
  const expected = await target.read({ address, lengthBytes });
  const near = await nearby(target, { address, lengthBytes });
  return classifyMismatch({ expected, found, again, expectedAt: (distance) => near.get(distance) });
}

/** What the target holds around, at the distances that are asked about. */
async function nearby(target: Target, { address, lengthBytes }: ByteRange): Promise<ReadonlyMap<number, Uint8Array>> {
  const near = new Map<number, Uint8Array>();
  const distances = [1, 2, 3, 4, ...Array.from({ length: 19 }, (_, index) => 2 ** (8 + index))];
  for (const distance of distances.flatMap((one) => [one, -one])) {
    const range = { address: address + distance, lengthBytes };
    if (target.segments.some((segment) => rangeContains(segment, range))) near.set(distance, await target.read(range));
  }
  return near;
}
