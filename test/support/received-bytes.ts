/** Collects bytes as they come and lets a test wait until there are enough. */
export class ReceivedBytes {
  readonly #chunks: Uint8Array[] = [];
  #count = 0;
  #wake: (() => void) | undefined;

  push(bytes: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(bytes));
    this.#count += bytes.length;
    this.#wake?.();
  }

  /** All that came so far, as soon as that is `count` bytes or more. */
  async atLeast(count: number): Promise<Uint8Array> {
    while (this.#count < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return Uint8Array.from(Buffer.concat(this.#chunks));
  }
}
