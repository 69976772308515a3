/**
 * Linear addresses to the page and byte fields that an AT45 wants.
 *
 * Byte map of the 24 address bits, most significant first: don't-care bits (sent as 0), page bits, byte bits. With
 * standard pages the byte field has room for offsets that do not exist (264 to 511 of 9 bits); none is ever made here.
 */

/** Page sizes that exist, each with the width of its byte field. */
const BYTE_BITS: ReadonlyMap<number, number> = new Map([
  [256, 8],
  [264, 9],
  [512, 9],
  [528, 10],
  [1024, 10],
  [1056, 11],
]);

/** Width of the byte field for a page size. Throws RangeError for a size that no AT45 has. */
export function byteBitsOf(pageBytes: number): number {
  const bits = BYTE_BITS.get(pageBytes);
  if (bits === undefined) throw new RangeError(`no AT45 has pages of ${pageBytes} bytes`);
  return bits;
}

/**
 * Converts a linear address to the 24-bit address of an AT45 command, which has a page field and a byte field. Throws
 * RangeError if no AT45 has pages of `pageBytes` bytes.
 */
export function chipAddress(pageBytes: number, address: number): number {
  const page = Math.floor(address / pageBytes);
  return page * 2 ** byteBitsOf(pageBytes) + (address - page * pageBytes);
}

/**
 * The 24-bit AT45 address of the first byte of a page. `address` is linear and may lie anywhere in the page. Throws
 * RangeError if no AT45 has pages of `pageBytes` bytes.
 */
export function chipPageAddress(pageBytes: number, address: number): number {
  return Math.floor(address / pageBytes) * 2 ** byteBitsOf(pageBytes);
}
