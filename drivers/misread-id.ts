/** A known ID that arrived shifted: the sign of a wrong SPI mode, too fast a clock, or a byte too many. */
import { CATALOG_ROWS } from "./catalog/catalog.ts";
import { knownPartsWithId } from "./catalog/known-parts.ts";
import { hex } from "./jedec-id.ts";

/** A bridge that returns what was left in its receive register is a whole byte late. */
const MAX_BITS_LATE = 8;
const ID_BITS = 24;

/** "it looks like ef4018 read one bit late", or undefined if no known ID fits that way. */
export function misreadId(id: Uint8Array): string | undefined {
  const read = bitsAt(id, 0);
  const catalogued = CATALOG_ROWS.map(({ jedecId }) => bitsAt(jedecId, 0));
  // Of a reading one bit late the first bit is unknown, of one a bit early the last.
  const late = catalogued.find((own) => (read & 0x7fffff) === own >>> 1);
  if (late !== undefined) return `it looks like ${idText(late)} read one bit late`;
  const early = [...catalogued.filter((own) => (read & 0xfffffe) === ((own << 1) & 0xfffffe)), ...earlyIds(read)];
  if (early[0] !== undefined) return `it looks like ${idText(early[0])} read one bit early`;
  for (let bits = 1; bits <= MAX_BITS_LATE && bits + ID_BITS <= id.length * 8; bits++) {
    const own = bitsAt(id, bits);
    const distance = bits === 8 ? "one byte" : bits === 1 ? "one bit" : `${bits} bits`;
    if (catalogued.includes(own) || isListed(own)) return `it looks like ${idText(own)} read ${distance} late`;
  }
  return undefined;
}

/** IDs of the tables whose first bit was lost. */
function earlyIds(read: number): readonly number[] {
  return [read >>> 1, (read >>> 1) | 0x800000].filter(isListed);
}

function isListed(id: number): boolean {
  return knownPartsWithId(bytesOf(id)).length > 0;
}

function idText(id: number): string {
  return hex(bytesOf(id));
}

function bytesOf(id: number): readonly number[] {
  return [id >>> 16, (id >>> 8) & 0xff, id & 0xff];
}

/** 24 bits from bit `offset` on, the highest bit of the first byte being bit 0. */
function bitsAt(bytes: ArrayLike<number>, offset: number): number {
  const at = offset >> 3;
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  const bits = (a << 24) | (b << 16) | (c << 8) | d;
  return (bits >>> (8 - (offset & 7))) & 0xffffff;
}
