/**
 * The way out of every format: runs of bytes by rising address become the bytes of a file, piece by piece, so that a
 * chip of any size is written without being held.
 */

/** Makes a file of one format. Calls of `data` come by rising address and do not overlap; `end` comes once and last. */
export interface ImageEncoder {
  /** What the file gains by these bytes. Throws EINVAL for an address the format cannot express. */
  data(address: number, bytes: Uint8Array): Uint8Array;
  /** What closes the file. */
  end(): Uint8Array;
}
