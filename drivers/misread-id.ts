/** An ID of the catalogue that arrived shifted: the sign of a wrong SPI mode, too fast a clock, or a byte too many. */
import { CATALOG } from "./catalog/catalog.ts";
import { hex } from "./jedec-id.ts";

/** A bridge that returns what was left in its receive register is a whole byte late. */
const MOST_BITS_LATE = 8;
const ID_BITS = 24;

/** "it looks like ef4018 read one bit late", or undefined if no ID of the catalogue fits that way. */
export function misreadId(id: Uint8Array): string | undefined {
  const read = bitsAt(id, 0);
  for (const part of CATALOG) {
    const own = bitsAt(part.jedecId, 0);
    const name = hex(part.jedecId);
    // Of a reading one bit late the first bit is unknown, of one a bit early the last.
    if ((read & 0x7fffff) === own >>> 1) return `it looks like ${name} read one bit late`;
    if ((read & 0xfffffe) === ((own << 1) & 0xfffffe)) return `it looks like ${name} read one bit early`;
    for (let late = 2; late <= MOST_BITS_LATE; late++) {
      if (id.length * 8 < late + ID_BITS || bitsAt(id, late) !== own) continue;
      return `it looks like ${name} read ${late === 8 ? "one byte" : `${late} bits`} late`;
    }
  }
  return undefined;
}

/** 24 bits from bit `offset` on, the highest bit of the first byte being bit 0. */
function bitsAt(bytes: ArrayLike<number>, offset: number): number {
  const at = offset >> 3;
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  const bits = (a << 24) | (b << 16) | (c << 8) | d;
  return (bits >>> (8 - (offset & 7))) & 0xffffff;
}
