/**
 * Run-length code for payloads: after three equal bytes in a row follows a varint that specifies how many more of the same
 * come. Everything else is itself.
 *
 *   41 42 43          ->  41 42 43
 *   FF x 3            ->  FF FF FF 00
 *   FF x 256          ->  FF FF FF FD 01          (253 more)
 *   00 00 01          ->  00 00 01
 *
 * Chosen because an encoder needs no look-ahead and 3 bytes of state, and random bytes grow by one in 65 536. After a
 * run the count of equal bytes starts again, also if the next byte is the same again. The decoded length is known from
 * elsewhere; the code has no end mark.
 */
import { pushVarint, readVarint } from "./varint.ts";

/** Longest run that one count may describe, in bytes after the first three. An encoder splits longer runs. */
export const MAX_EXTRA_RUN = 0x0fffffff;

/** Run-length codes all of `data` (PROTOCOL.md section 5). */
export function encodeRuns(data: Uint8Array): Uint8Array {
  // Random data grows by about 1 in 65 536, but triples may grow it by a third: 4/3 is the true bound.
  const out = new Uint8Array(data.length + Math.ceil(data.length / 3) + 5);
  const count: number[] = [];
  let length = 0;
  let i = 0;
  while (i < data.length) {
    const value = data[i] ?? 0;
    let end = i + 1;
    while (end < data.length && data[end] === value && end - i < MAX_EXTRA_RUN) end++;
    const run = end - i;
    for (let k = 0; k < Math.min(run, 3); k++) out[length++] = value;
    if (run >= 3) {
      count.length = 0;
      pushVarint(count, run - 3);
      for (const byte of count) out[length++] = byte;
    }
    i = end;
  }
  return out.slice(0, length);
}

/**
 * Decodes run-length code that arrives in pieces, until `lengthBytes` bytes are decoded. Any input gives bytes or
 * `"invalid"`; it never throws.
 */
export class RunDecoder {
  readonly #out: Uint8Array;
  #length = 0;
  #equal = 0;
  /** Bytes of a count that is not complete yet. */
  readonly #count = new Uint8Array(5);
  #countLength = 0;
  #awaitsCount = false;

  /** Allocates `lengthBytes` at once: the caller checks it against its own limit before. */
  constructor(lengthBytes: number) {
    this.#out = new Uint8Array(lengthBytes);
  }

  /** Whether all bytes are decoded and no count is outstanding. */
  get done(): boolean {
    return this.#length === this.#out.length && !this.#awaitsCount;
  }

  /** The bytes decoded so far; all of them if `done`. A view, not a copy. */
  get bytes(): Uint8Array {
    return this.#out.subarray(0, this.#length);
  }

  /**
   * Decodes `input` from index `from`. Returns the index after the last byte that was needed; it is the length of
   * `input` if more is needed. Returns `"invalid"` for a run that exceeds the declared length, or a count that is no
   * valid varint.
   */
  take(input: Uint8Array, from: number): number | "invalid" {
    const out = this.#out;
    let at = from;
    while (at < input.length && !this.done) {
      const byte = input[at++] ?? 0;
      if (this.#awaitsCount) {
        if (!this.#takeCount(byte)) return "invalid";
        continue;
      }
      if (this.#length === out.length) return "invalid";
      this.#equal = this.#equal > 0 && out[this.#length - 1] === byte ? this.#equal + 1 : 1;
      out[this.#length++] = byte;
      if (this.#equal === 3) this.#awaitsCount = true;
    }
    return at;
  }

  #takeCount(byte: number): boolean {
    this.#count[this.#countLength++] = byte;
    const reading = readVarint(this.#count.subarray(0, this.#countLength), 0);
    if (reading === "incomplete") return true;
    if (reading === "invalid" || reading.value > this.#out.length - this.#length) return false;
    this.#out.fill(this.#out[this.#length - 1] ?? 0, this.#length, this.#length + reading.value);
    this.#length += reading.value;
    this.#equal = 0;
    this.#countLength = 0;
    this.#awaitsCount = false;
    return true;
  }
}
