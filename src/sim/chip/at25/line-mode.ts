/**
 * A chip that an earlier program has left in a mode with several data lines. A host with one line for each direction drives IO0
 * and listens to IO1; the other lines are pulled up. So what it sends as opcodes is meaningless to the chip, and only ones on
 * IO0 lead out.
 */
import { type ContinuousRead } from "./part.ts";
import type { ChipModel } from "../core/chip-model.ts";
import { WrappedChip } from "../core/wrapped-chip.ts";

/** The mode that it was left in. */
export type LineMode = "qpi" | "qpi-unreachable" | ContinuousRead;

const FLOATING = 0xff;

/**
 * Clocks of the address, and the clock of the mode bit M4 on IO0. M5 comes on IO1, which is pulled up, so M4 alone decides: 0
 * continues, 1 ends (datasheet of W25Q64JV, "Continuous Read Mode Bits").
 */
function modeClock(mode: ContinuousRead, addressBytes: 3 | 4): number {
  const addressClocks = (8 * addressBytes) / (mode === "eb" ? 4 : 2);
  return addressClocks + (mode === "eb" ? 0 : 1);
}

/** The chip inside ignores everything until the mode is left. */
export class ChipInLineMode extends WrappedChip {
  readonly #addressBytes: 3 | 4;
  #mode: LineMode | undefined;
  /** What the host has sent in the window that is open. */
  #sent: number[] = [];

  constructor(inner: ChipModel, mode: LineMode | undefined, addressBytes: 3 | 4) {
    super(inner);
    this.#mode = mode;
    this.#addressBytes = addressBytes;
  }

  override select(nowNs: number): void {
    this.#sent = [];
    if (this.#mode === undefined) super.select(nowNs);
  }

  override exchange(mosi: number, nowNs: number): number {
    if (this.#mode === undefined) return super.exchange(mosi, nowNs);
    this.#sent.push(mosi);
    return FLOATING;
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    if (this.#mode === undefined) return super.exchangeBlock(send, receiveBytes, startNs, byteNs);
    this.#sent.push(...send, ...new Uint8Array(Math.min(receiveBytes, 16)).fill(FLOATING));
    return new Uint8Array(receiveBytes).fill(FLOATING);
  }

  override deselect(nowNs: number): void {
    if (this.#mode === undefined) super.deselect(nowNs);
    else if (this.#leaves(this.#mode)) this.#mode = undefined;
    this.#sent = [];
  }

  override fork(): ChipModel {
    return new ChipInLineMode(this.inner.fork(), this.#mode, this.#addressBytes);
  }

  override changedSince(earlier: ChipModel): ReturnType<ChipModel["changedSince"]> {
    return this.inner.changedSince(earlier instanceof ChipInLineMode ? earlier.inner : earlier);
  }

  override powerOn(nowNs: number): void {
    this.#mode = undefined;
    super.powerOn(nowNs);
  }

  #leaves(mode: LineMode): boolean {
    if (mode === "qpi-unreachable") return false;
    // FFh is the command that leaves it: every line stays high.
    if (mode === "qpi") return this.#sent.length > 0 && this.#sent.every((byte) => byte === 0xff);
    const clock = modeClock(mode, this.#addressBytes);
    const byte = this.#sent[clock >> 3];
    return byte !== undefined && (byte & (0x80 >> (clock & 7))) !== 0;
  }
}
