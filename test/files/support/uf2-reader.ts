/** A second reader of UF2, written from its specification: what a boot loader would write. Shares nothing with src. */
import { type Listing, listingOf } from "./peers.ts";

interface Shape {
  readonly total: number;
  readonly seen: Set<number>;
}

/** Bytes for one family (undefined: blocks without one); undefined if the file is not whole. */
export function uf2Listing(file: Uint8Array, family: number | undefined): Listing {
  if (file.length === 0 || file.length % 512 !== 0) return undefined;
  const bytes: (readonly [number, number])[] = [];
  let shape: Shape | undefined;
  for (let at = 0; at < file.length; at += 512) {
    const block = Buffer.from(file.buffer, file.byteOffset + at, 512);
    const field = (index: number): number => block.readUInt32LE(4 * index);
    if (field(0) !== 0x0a324655 || field(1) !== 0x9e5d5157 || block.readUInt32LE(508) !== 0x0ab16f30) return undefined;
    const flags = field(2);
    if (((flags & 0x2000) === 0 ? undefined : field(7)) !== family) continue;
    const [address, length, number, total] = [field(3), field(4), field(5), field(6)];
    if (length > 476 || number >= total) return undefined;
    if (shape?.total !== total) {
      if (shape !== undefined && shape.seen.size !== shape.total) return undefined;
      shape = { total, seen: new Set() };
    }
    shape.seen.add(number);
    if ((flags & 0x1001) !== 0) continue;
    for (let i = 0; i < length; i++) bytes.push([address + i, block[32 + i] ?? 0]);
  }
  return shape === undefined || shape.seen.size !== shape.total ? undefined : listingOf(bytes);
}
