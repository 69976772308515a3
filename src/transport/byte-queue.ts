/** Chunks that arrived before they were requested: turns events into an async iterable that ends and never throws. */
import { concatBytes } from "../bytes.ts";

export class ByteQueue implements AsyncIterable<Uint8Array> {
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  push(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#wake?.();
  }

  /** What was pushed before is still handed out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#chunks.length > 0) {
        // All at once: a serial port is read in units of four bytes, and a turn for each would cost more than the work.
        const chunks = this.#chunks;
        this.#chunks = [];
        yield concatBytes(chunks);
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
