/**
 * A chip that kept its power while the world around it was built again: its time continues, that of the new world begins
 * at 0.
 */
import type { ChipModel } from "../../sim/chip/core/chip-model.ts";
import { WrappedChip } from "../../sim/chip/core/wrapped-chip.ts";

export class LaterChip extends WrappedChip {
  readonly #laterNs: number;

  /** `laterNs`: the chip's time when the new world begins, nanoseconds. */
  constructor(inner: ChipModel, laterNs: number) {
    super(inner);
    this.#laterNs = laterNs;
  }

  override get busyUntilNs(): number {
    return this.inner.busyUntilNs - this.#laterNs;
  }

  override select(nowNs: number): void {
    this.inner.select(nowNs + this.#laterNs);
  }

  override exchange(mosi: number, nowNs: number): number {
    return this.inner.exchange(mosi, nowNs + this.#laterNs);
  }

  override exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    return this.inner.exchangeBlock(send, receiveBytes, startNs + this.#laterNs, byteNs);
  }

  override deselect(nowNs: number): void {
    this.inner.deselect(nowNs + this.#laterNs);
  }

  override powerCut(...[nowNs, random, torn]: Parameters<ChipModel["powerCut"]>): void {
    this.inner.powerCut(nowNs + this.#laterNs, random, torn);
  }

  override powerOn(nowNs: number): void {
    this.inner.powerOn(nowNs + this.#laterNs);
  }

  override fork(): ChipModel {
    return new LaterChip(this.inner.fork(), this.#laterNs);
  }
}
