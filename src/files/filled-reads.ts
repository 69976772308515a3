/**
 * Images that can read over their gaps at once. Known by their `read`, and not by a method beside it: a program may wrap an image
 * with a `read` of its own, which then counts.
 */
import type { ByteRange } from "../../drivers/geometry.ts";

/** The bytes of any range; those that the image lacks are `value`. A fresh array. */
export type FilledRead = (range: ByteRange, value: number) => Uint8Array | Promise<Uint8Array>;

const FILLED_READS = new WeakMap<object, FilledRead>();

/** Says how an image whose `read` this is reads over its gaps. */
export function noteFilledRead(read: object, filled: FilledRead): void {
  FILLED_READS.set(read, filled);
}

/** How an image reads over its gaps, if it can and its `read` is its own. */
export function filledReadOf(image: { readonly read: object }): FilledRead | undefined {
  return FILLED_READS.get(image.read);
}
