/** A hand on the chip's pins: one window a call, time moved by hand. */
import type { ChipModel } from "../../../src/sim/chip/core/chip-model.ts";

export const US = 1000;
export const MS = 1000 * US;

export class Bus {
  readonly chip: ChipModel;
  nowNs = 1_000_000_000;
  /** Byte by byte instead of in blocks. */
  readonly isByteWise: boolean;

  constructor(chip: ChipModel, isByteWise = false) {
    this.chip = chip;
    this.isByteWise = isByteWise;
  }

  /** One chip-select window at 8 MHz; returns what came in after `send`. */
  send(send: readonly number[], receiveBytes = 0): number[] {
    const byteNs = 1000;
    this.chip.select(this.nowNs);
    const received: number[] = [];
    if (this.isByteWise) {
      for (let i = 0; i < send.length + receiveBytes; i++) {
        const answer = this.chip.exchange(send[i] ?? 0xff, this.nowNs + i * byteNs);
        if (i >= send.length) received.push(answer);
      }
    } else {
      received.push(...this.chip.exchangeBlock(Uint8Array.from(send), receiveBytes, this.nowNs, byteNs));
    }
    this.nowNs += (send.length + receiveBytes) * byteNs;
    this.chip.deselect(this.nowNs);
    return received;
  }

  wait(ns: number): this {
    this.nowNs += ns;
    return this;
  }

  /** Until the chip works no more. */
  ready(): this {
    this.nowNs = Math.max(this.nowNs, this.chip.busyUntilNs) + 1;
    return this;
  }

  get rules(): string[] {
    return this.chip.violations.map(({ rule }) => rule);
  }
}

export function at(opcode: number, address: number, ...data: number[]): number[] {
  return [opcode, (address >> 16) & 0xff, (address >> 8) & 0xff, address & 0xff, ...data];
}
