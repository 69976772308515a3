/**
 * Numbers of one to five bytes: seven bits a byte, lowest first, bit 7 set on all but the last.
 *
 * 0..127 take one byte, up to 16 383 two, up to 2^32 - 1 five. Longer forms of a small number are refused, so that a
 * number has one spelling.
 *
 * Vectors: 0 = 00, 127 = 7F, 128 = 80 01, 300 = AC 02, 4294967295 = FF FF FF FF 0F.
 */

/** Appends the varint of `value` (0 to 2^32 - 1) to `out` (PROTOCOL.md section 5). */
export function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

/**
 * The result of `readVarint`: the number and where it ends; `"incomplete"` if bytes are missing; `"invalid"` if it is
 * not in the shortest form or exceeds 2^32 - 1.
 */
export type VarintReading =
  | {
      /** The number, 0 to 2^32 - 1. */
      readonly value: number;
      /** Index of the first byte after the varint. */
      readonly end: number;
    }
  | "incomplete"
  | "invalid";

/** Reads the varint that starts at index `at`. */
export function readVarint(bytes: Uint8Array, at: number): VarintReading {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return "incomplete";
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return (i > 0 && byte === 0) || value > 0xffffffff ? "invalid" : { value, end: at + i + 1 };
    factor *= 0x80;
  }
  return "invalid";
}
