/**
 * Writes results into the result buffer as they come about. A transfer's bytes are run-length coded piece by piece, as
 * a bridge with a few bytes of state does it: it never sees the whole answer.
 *
 * The caller asks `roomForReceived` before it reads from the chip, so that nothing ever has to be taken back.
 */
import { encodeResult, type WireResult } from "../../../firmware-protocol/result.ts";
import { MAX_EXTRA_RUN } from "../../../firmware-protocol/run-length.ts";
import { pushVarint } from "../../../firmware-protocol/varint.ts";
import type { ResultBuffer } from "./result-buffer.ts";

/** Longest result that is not a transfer's, and what the end of a transfer may still add (a count). */
const RESERVE_BYTES = 12;
/** Less room than for this many received bytes is not worth a piece, unless it is the rest. */
export const MIN_PIECE_BYTES = 16;

export class ResultWriter {
  readonly #buffer: ResultBuffer;
  #last = 0;
  #equal = 0;
  /** How many more of the same, while a run continues. */
  #extra: number | undefined;
  #lastByteNs = 0;

  constructor(buffer: ResultBuffer) {
    this.#buffer = buffer;
  }

  /** When the last byte of a result was written. */
  get lastByteNs(): number {
    return this.#lastByteNs;
  }

  /** Whether any result fits, or a piece of received bytes. */
  get hasRoom(): boolean {
    return this.roomForReceived >= MIN_PIECE_BYTES;
  }

  /** How many received bytes fit whatever they are: triples grow by a third. */
  get roomForReceived(): number {
    return Math.max(0, Math.floor(((this.#buffer.freeBytes - RESERVE_BYTES) * 3) / 4));
  }

  /** A result that is known at once. */
  write(result: Exclude<WireResult, { kind: "transfer" }>, nowNs: number): void {
    this.#append(encodeResult(result), nowNs);
  }

  beginTransfer(nowNs: number): void {
    this.#equal = 0;
    this.#extra = undefined;
    this.#append(Uint8Array.of(0), nowNs);
  }

  addReceived(bytes: Uint8Array, nowNs: number): void {
    const out: number[] = [];
    for (const byte of bytes) {
      if (this.#extra !== undefined) {
        if (byte === this.#last && this.#extra < MAX_EXTRA_RUN) {
          this.#extra++;
          continue;
        }
        this.#endRun(out, this.#extra);
      }
      this.#equal = this.#equal > 0 && byte === this.#last ? this.#equal + 1 : 1;
      this.#last = byte;
      out.push(byte);
      if (this.#equal === 3) this.#extra = 0;
    }
    this.#append(Uint8Array.from(out), nowNs);
  }

  endTransfer(nowNs: number): void {
    if (this.#extra === undefined) return;
    const out: number[] = [];
    this.#endRun(out, this.#extra);
    this.#append(Uint8Array.from(out), nowNs);
  }

  #endRun(out: number[], extra: number): void {
    pushVarint(out, extra);
    this.#extra = undefined;
    this.#equal = 0;
  }

  #append(bytes: Uint8Array, nowNs: number): void {
    if (bytes.length === 0) return;
    this.#buffer.append(bytes);
    this.#lastByteNs = nowNs;
  }
}
