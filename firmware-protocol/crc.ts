/**
 * CRC-32 as IEEE 802.3, zlib and PNG have it: polynomial 04C11DB7, reflected, start and final XOR FFFFFFFF.
 *
 * It protects frames. Ranges of the chip are compared by another one: block-check.ts. Over the 364 bytes that the largest frame
 * covers it has Hamming distance 5: any four flipped bits are found.
 *
 * Vector: CRC-32 of the ASCII digits "123456789" is CBF43926.
 */

const TABLE = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320;
  return value >>> 0;
});

/** CRC-32 of `bytes`, unsigned. To continue over further bytes, pass the result of the bytes before as `previous`. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i++) {
    crc = (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
