/** What a power cut can have left of a program. Pure. */

/**
 * Whether a power cut in the programming of `wish` can have left `stored`: every bit is either as erased or as requested.
 */
export function isTornFrom(stored: Uint8Array, wish: Uint8Array, erasedByte: number): boolean {
  return wish.every(
    (byte, index) =>
      ((stored[index] ?? 0) ^ erasedByte) === (((stored[index] ?? 0) ^ erasedByte) & (byte ^ erasedByte)),
  );
}
