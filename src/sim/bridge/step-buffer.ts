/**
 * Where the step stream is put together again: a ring indexed by stream offset, with the stretches that came ahead of
 * their turn (PROTOCOL.md section 4).
 *
 * What always holds: consumed <= received <= consumed + capacity; stretches lie after `received`, in order, apart.
 */
import { offsetDistance } from "../../../firmware-protocol/frame.ts";
import type { Stretch } from "../../../firmware-protocol/status.ts";

/** Small firmware remembers few; a STATUS names the first four, the others come up as those before them close. */
const MAX_STRETCHES = 32;

/** What became of a piece: new bytes are in; all of it was there before; no room for it here; beyond the credit. */
export type Placement = "new" | "known" | "dropped" | "beyond-credit";

export class StepBuffer {
  readonly #ring: Uint8Array;
  #received = 0;
  #consumed = 0;
  #stretches: Stretch[] = [];

  constructor(capacityBytes: number) {
    this.#ring = new Uint8Array(capacityBytes);
  }

  get capacityBytes(): number {
    return this.#ring.length;
  }

  /** End of what is there without a gap, counted from the start of the session. */
  get received(): number {
    return this.#received;
  }

  /** How much was run and forgotten. */
  get consumed(): number {
    return this.#consumed;
  }

  /** Bytes that wait to be run. */
  get availableBytes(): number {
    return this.#received - this.#consumed;
  }

  /** Pieces that came ahead of their turn. */
  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Puts a piece at its offset; `offset16` is meant near `received`, mod 65 536. */
  place(offset16: number, piece: Uint8Array): Placement {
    const start = this.#received + offsetDistance(this.#received & 0xffff, offset16);
    const end = start + piece.length;
    if (end > this.#consumed + this.#ring.length) return "beyond-credit";
    if (end <= this.#received) return "known";
    if (start <= this.#received) {
      this.#store(this.#received, piece.subarray(this.#received - start));
      this.#advanceTo(end);
      return "new";
    }
    return this.#placeAhead({ start, end }, piece);
  }

  #placeAhead(piece: Stretch, bytes: Uint8Array): Placement {
    if (this.#stretches.some(({ start, end }) => start <= piece.start && piece.end <= end)) return "known";
    const touching = this.#stretches.filter(({ start, end }) => start <= piece.end && piece.start <= end);
    const apart = this.#stretches.filter((stretch) => !touching.includes(stretch));
    if (apart.length === MAX_STRETCHES) return "dropped";
    const merged = touching.reduce(
      (all, one) => ({ start: Math.min(all.start, one.start), end: Math.max(all.end, one.end) }),
      piece,
    );
    this.#stretches = [...apart, merged].sort((a, b) => a.start - b.start);
    this.#store(piece.start, bytes);
    return "new";
  }

  #advanceTo(end: number): void {
    this.#received = end;
    for (let first = this.#stretches[0]; first !== undefined && first.start <= this.#received; ) {
      this.#received = Math.max(this.#received, first.end);
      this.#stretches.shift();
      first = this.#stretches[0];
    }
  }

  #store(offset: number, bytes: Uint8Array): void {
    const at = offset % this.#ring.length;
    const untilWrap = Math.min(bytes.length, this.#ring.length - at);
    this.#ring.set(bytes.subarray(0, untilWrap), at);
    this.#ring.set(bytes.subarray(untilWrap), 0);
  }

  /** The next bytes to be run, at most `limitBytes`. Good until the next call of any method. */
  peek(limitBytes: number): Uint8Array {
    const length = Math.min(limitBytes, this.availableBytes);
    const at = this.#consumed % this.#ring.length;
    if (at + length <= this.#ring.length) return this.#ring.subarray(at, at + length);
    const joined = new Uint8Array(length);
    const untilWrap = this.#ring.length - at;
    joined.set(this.#ring.subarray(at));
    joined.set(this.#ring.subarray(0, length - untilWrap), untilWrap);
    return joined;
  }

  /** The first `lengthBytes` were run: their room is free. */
  consume(lengthBytes: number): void {
    this.#consumed += lengthBytes;
  }
}
