/**
 * The bridge's SPI pins: bytes that take their time. A piece of a window is handed over when it begins and carried out
 * when it ends, or cut to what had left by then if the bridge is reset in between, so that the chip sees exactly the
 * bytes that were clocked.
 */
import { possibleSpiClock, type SpiClocks } from "./bridge-options.ts";

/** What hangs on the pins: a chip model, or anything that behaves like one. Times in virtual nanoseconds. */
export interface SpiTarget {
  select(nowNs: number): void;
  deselect(nowNs: number): void;
  /**
   * Clocks `send` out, then `receiveBytes` in, a byte every `byteNs` from `startNs`; chip select is low and stays so.
   */
  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array;
  /** Levels: true is high, which is inactive. */
  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void;
  /** Until when the chip works by itself and its status cannot change; at or below now if it does not. */
  readonly busyUntilNs?: number | undefined;
}

interface Piece {
  readonly send: Uint8Array;
  readonly receiveBytes: number;
  readonly startNs: number;
}

const NOTHING = new Uint8Array(0);

export class SpiPort {
  readonly #target: SpiTarget;
  readonly #options: SpiClocks;
  #clockHz: number;
  #isSelected = false;
  #piece: Piece | undefined;

  constructor(target: SpiTarget, options: SpiClocks) {
    this.#target = target;
    this.#options = options;
    this.#clockHz = possibleSpiClock(options, options.spiClockHz);
  }

  get clockHz(): number {
    return this.#clockHz;
  }

  /** Sets the nearest clock not above the requested one and returns it. */
  setClockHz(requestedHz: number): number {
    this.#clockHz = possibleSpiClock(this.#options, requestedHz);
    return this.#clockHz;
  }

  /** Time of one byte, whole nanoseconds. */
  get byteNs(): number {
    return Math.round(8e9 / this.#clockHz);
  }

  get chipBusyUntilNs(): number {
    return this.#target.busyUntilNs ?? 0;
  }

  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void {
    this.#target.setPins(pins);
  }

  select(nowNs: number): void {
    this.#isSelected = true;
    this.#target.select(nowNs);
  }

  /** Begins to clock a piece and returns when its last bit has gone. */
  begin(send: Uint8Array, receiveBytes: number, startNs: number): number {
    this.#piece = { send, receiveBytes, startNs };
    return startNs + (send.length + receiveBytes) * this.byteNs;
  }

  /** The piece has ended: returns what came in after `send`. */
  finish(): Uint8Array {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined) return NOTHING;
    return this.#target.exchangeBlock(piece.send, piece.receiveBytes, piece.startNs, this.byteNs);
  }

  /** Raises chip select; a piece in the middle is cut to the bytes that were through. */
  deselect(nowNs: number): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece !== undefined) {
      const clocked = Math.max(0, Math.floor((nowNs - piece.startNs) / this.byteNs));
      const sent = piece.send.subarray(0, clocked);
      const received = Math.min(piece.receiveBytes, clocked - sent.length);
      if (clocked > 0) this.#target.exchangeBlock(sent, received, piece.startNs, this.byteNs);
    }
    if (!this.#isSelected) return;
    this.#isSelected = false;
    this.#target.deselect(nowNs);
  }

  /** A restart: chip select high, pins released, the clock of the beginning. */
  reset(nowNs: number): void {
    this.deselect(nowNs);
    this.#target.setPins({ wp: true, hold: true });
    this.#clockHz = possibleSpiClock(this.#options, this.#options.spiClockHz);
  }
}
