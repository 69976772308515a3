/** A chip around a chip, for faults and for modes in which it does not listen. */
import type { Random } from "../../random.ts";
import type { ChipModel, TornState } from "./chip-model.ts";

/** Hands everything on to the chip inside; a fault overrides what it spoils. */
export abstract class WrappedChip implements ChipModel {
  protected inner: ChipModel;

  constructor(inner: ChipModel) {
    this.inner = inner;
  }

  get name(): string {
    return this.inner.name;
  }
  get geometry(): ChipModel["geometry"] {
    return this.inner.geometry;
  }
  get violations(): ChipModel["violations"] {
    return this.inner.violations;
  }
  get counters(): ChipModel["counters"] {
    return this.inner.counters;
  }
  get busyUntilNs(): number {
    return this.inner.busyUntilNs;
  }
  select(nowNs: number): void {
    this.inner.select(nowNs);
  }
  exchange(mosi: number, nowNs: number): number {
    return this.inner.exchange(mosi, nowNs);
  }
  exchangeBlock(send: Uint8Array, receiveBytes: number, startNs: number, byteNs: number): Uint8Array {
    return this.inner.exchangeBlock(send, receiveBytes, startNs, byteNs);
  }
  deselect(nowNs: number): void {
    this.inner.deselect(nowNs);
  }
  setPins(pins: { readonly wp?: boolean | undefined; readonly hold?: boolean | undefined }): void {
    this.inner.setPins(pins);
  }
  peek(address: number, lengthBytes: number): Uint8Array {
    return this.inner.peek(address, lengthBytes);
  }
  peekRegisters(): ReturnType<ChipModel["peekRegisters"]> {
    return this.inner.peekRegisters();
  }
  changedSince(earlier: ChipModel): ReturnType<ChipModel["changedSince"]> {
    return this.inner.changedSince(earlier);
  }
  load(address: number, data: Uint8Array): void {
    this.inner.load(address, data);
  }
  /** The chip without the fault, in its present state: what a later session finds. */
  fork(): ChipModel {
    return this.inner.fork();
  }
  powerCut(nowNs: number, random: Random, torn?: TornState): void {
    this.inner.powerCut(nowNs, random, torn);
  }
  powerOn(nowNs: number): void {
    this.inner.powerOn(nowNs);
  }
  stayBusy(): void {
    this.inner.stayBusy();
  }
  stickBit(address: number, bit: number, level: 0 | 1): void {
    this.inner.stickBit(address, bit, level);
  }
  breakErase(range: { readonly address: number; readonly lengthBytes: number }): void {
    this.inner.breakErase(range);
  }
}
