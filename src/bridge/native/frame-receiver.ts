/**
 * Bytes of the bridge as frames: counts what was damaged, and gives up a frame whose rest does not come (PROTOCOL.md,
 * section 10).
 */
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { type Frame, MAX_FRAME_UNITS } from "../../../firmware-protocol/frame.ts";

const PART_TIMEOUT_US = 20_000;

export class FrameReceiver {
  readonly #decoder = new FrameDecoder(MAX_FRAME_UNITS);
  #lastByteUs = 0;
  #reportedDamage = 0;

  /** When the last byte came, or when the host began to wait for one. */
  get lastByteUs(): number {
    return this.#lastByteUs;
  }

  /** For STATUS: position of the last valid frame on the grid of units. */
  get shift(): number {
    return this.#decoder.shift;
  }

  push(bytes: Uint8Array, nowUs: number): readonly Frame[] {
    this.#lastByteUs = nowUs;
    return this.#decoder.push(bytes);
  }

  /** The host begins to wait for bytes. */
  restart(nowUs: number): void {
    this.#lastByteUs = nowUs;
  }

  /** When an incomplete frame is given up; Infinity if there is none. */
  get dueUs(): number {
    return this.#decoder.holdsPart ? this.#lastByteUs + PART_TIMEOUT_US : Number.POSITIVE_INFINITY;
  }

  /** Treats the incomplete frame as damaged; returns the frames that its bytes contain. */
  giveUpPart(nowUs: number): readonly Frame[] {
    this.#lastByteUs = nowUs;
    return this.#decoder.giveUpPart();
  }

  /** How many damaged frames came since the last call. */
  takeDamaged(): number {
    const damaged = this.#decoder.damagedFrames - this.#reportedDamage;
    this.#reportedDamage += damaged;
    return damaged;
  }
}
