/**
 * A hash chain over everything that happened: two runs are the same run if their hashes are. Two 32-bit lanes, FNV-1a
 * and a multiply-rotate; no protection against malice, only against accident.
 */

export interface Trace {
  /** Adds an event: a label, up to two numbers (whole, up to 2^53), and bytes. */
  add(label: string, a?: number, b?: number, bytes?: Uint8Array): void;
  /** Hash of all events so far, 16 hex digits. */
  readonly hash: string;
}

export function createTrace(): Trace {
  return new HashChain();
}

class HashChain implements Trace {
  #first = 0x811c9dc5 | 0;
  #second = 0x9747b28c | 0;

  add(label: string, a = 0, b = 0, bytes: Uint8Array = new Uint8Array(0)): void {
    for (let i = 0; i < label.length; i++) this.#mix(label.charCodeAt(i));
    for (const value of [a, b, bytes.length]) {
      this.#mix(value >>> 0);
      this.#mix(Math.floor(value / 2 ** 32));
    }
    for (let i = 0; i < bytes.length; i++) this.#mix(bytes[i] ?? 0);
  }

  get hash(): string {
    const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, "0");
    return hex(this.#first) + hex(this.#second);
  }

  #mix(value: number): void {
    this.#first = Math.imul(this.#first ^ value, 0x01000193);
    const turned = Math.imul(this.#second ^ value, 0xcc9e2d51);
    this.#second = ((turned << 13) | (turned >>> 19)) ^ this.#first;
  }
}
