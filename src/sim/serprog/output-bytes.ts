/**
 * What a serprog bridge has sent and the line has not taken yet: a row of bytes that grows at one end and shrinks at
 * the other.
 */

const MIN_BYTES = 256;

export class OutputBytes {
  #bytes = new Uint8Array(MIN_BYTES);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Up to `most` bytes, the oldest first. */
  take(most: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, Math.min(this.#end, this.#start + most));
    this.#start += taken.length;
    return taken;
  }

  /** Nothing is left, and no memory of what was there. */
  clear(): void {
    this.#bytes = new Uint8Array(MIN_BYTES);
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(moreBytes: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    const isRoomy = waiting.length + moreBytes <= this.#bytes.length / 2;
    const next = isRoomy ? this.#bytes : new Uint8Array(2 * (waiting.length + moreBytes));
    next.set(waiting);
    this.#bytes = next;
    this.#start = 0;
    this.#end = waiting.length;
  }
}
