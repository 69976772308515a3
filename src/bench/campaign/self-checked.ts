/** Records that end in their own CRC-32, before and after a change: a CRC-32 of the block around them does not see the change. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import type { Random } from "../../sim/random.ts";

export interface SelfChecked {
  /** What the chip holds. */
  readonly old: Uint8Array;
  /** What it is to hold. */
  readonly wanted: Uint8Array;
}

const CRC_BYTES = 4;

/** As many records as fit `lengthBytes`, of one length, some of them changed. The rest is erased. Undefined if not one fits. */
export function drawSelfChecked(lengthBytes: number, draw: Random): SelfChecked | undefined {
  const recordBytes = draw.pick([8, 16, 60, 200]);
  const count = Math.floor(lengthBytes / recordBytes);
  if (count === 0) return undefined;
  const old = new Uint8Array(lengthBytes).fill(0xff);
  for (let index = 0; index < count; index++) old.set(record(recordBytes, draw), index * recordBytes);
  const wanted = old.slice();
  const changes = 1 + draw.intBelow(Math.min(count, 4));
  for (let change = 0; change < changes; change++) {
    wanted.set(record(recordBytes, draw), draw.intBelow(count) * recordBytes);
  }
  return { old, wanted };
}

function record(lengthBytes: number, draw: Random): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  bytes.set(draw.bytes(lengthBytes - CRC_BYTES));
  const crc = crc32(bytes.subarray(0, lengthBytes - CRC_BYTES));
  new DataView(bytes.buffer).setUint32(lengthBytes - CRC_BYTES, crc, true);
  return bytes;
}
