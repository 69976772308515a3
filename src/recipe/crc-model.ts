/** CRCs of 8 and 16 bits whose bits go out highest first, from a table: a model by the parameters of the CRC catalogue. */

/** Parameters of one CRC. */
export interface CrcModel {
  /** Width: 8 or 16. */
  readonly bits: 8 | 16;
  /** Made by `crcTable` of the polynomial. */
  readonly table: readonly number[];
  /** What the register starts with. */
  readonly start: number;
}

/** The table of a polynomial, highest bit first. */
export function crcTable(bits: 8 | 16, polynomial: number): readonly number[] {
  const top = 1 << (bits - 1);
  const mask = 2 * top - 1;
  return Array.from({ length: 256 }, (_, index) => {
    let rest = index << (bits - 8);
    for (let bit = 0; bit < 8; bit++) rest = (rest & top) === 0 ? rest << 1 : (rest << 1) ^ polynomial;
    return rest & mask;
  });
}

/** The CRC of these bytes. */
export function crcOf({ bits, table, start }: CrcModel, bytes: Uint8Array): number {
  const mask = 2 ** bits - 1;
  return bytes.reduce((rest, byte) => {
    const index = (rest >> (bits - 8)) ^ byte;
    return ((rest << 8) & mask) ^ (table[index & 0xff] ?? 0);
  }, start);
}
