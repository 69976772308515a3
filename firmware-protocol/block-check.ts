/**
 * The block check: 32 bits by which bridge and host compare a range of the chip without its bytes.
 *
 * It is a CRC with a polynomial that no common format uses: 93A409EB, reflected (D79025C9), start and final XOR
 * FFFFFFFF. CRC-32 does not serve here. Records in flash often end in their own CRC-32, and two such records of equal
 * length leave the CRC-32 of a range around them unchanged. A comparison by CRC-32 cannot see that one has replaced the
 * other.
 *
 * 93A409EB is the product of x + 1 and an irreducible polynomial of degree 31, and 2^31 - 1 is prime. So any three
 * flipped bits in up to 256 MiB are found (Hamming distance 4). It has at most the factor x + 1 in common with the
 * polynomials of other CRCs.
 *
 * Vector: the block check of the ASCII digits "123456789" is EEA8BAA4.
 */

const TABLE = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xd79025c9;
  return value >>> 0;
});

/** Block check of `bytes`, unsigned. To continue over further bytes, pass the result of the bytes before as `previous`. */
export function blockCheck(bytes: Uint8Array, previous = 0): number {
  let check = ~previous;
  for (let i = 0; i < bytes.length; i++) {
    check = (TABLE[(check ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (check >>> 8);
  }
  return ~check >>> 0;
}

/**
 * Block check of `lengthBytes` bytes that all have the value `value` (0 to 255), without an array of them. `previous` is as in
 * `blockCheck`. Used for blank areas.
 */
export function blockCheckOfFill(value: number, lengthBytes: number, previous = 0): number {
  let check = ~previous;
  for (let i = 0; i < lengthBytes; i++) check = (TABLE[(check ^ value) & 0xff] ?? 0) ^ (check >>> 8);
  return ~check >>> 0;
}
