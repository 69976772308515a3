/**
 * Steps to record bytes, with short steps that come again and again (write enable, status poll) kept in the bridge's
 * slots: the second time they cost one byte.
 */
import { encodeStep, RECORD } from "../../../firmware-protocol/record.ts";
import { sameBytes } from "../../bytes.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";

export class StepEncoder {
  readonly #slotBytes: number;
  /** Record by slot; undefined if the slot is free. Least recently used goes first. */
  readonly #slots: (Uint8Array | undefined)[];
  readonly #lastUse: number[];
  #uses = 0;
  /** Seen once; the second time a short step gets a slot. */
  readonly #seen = new Set<string>();

  constructor(slotCount: number, slotBytes: number) {
    this.#slotBytes = slotBytes;
    this.#slots = new Array<Uint8Array | undefined>(slotCount).fill(undefined);
    this.#lastUse = new Array<number>(slotCount).fill(-1);
  }

  encode(step: SpiStep): Uint8Array {
    const record = encodeStep(step);
    if (!this.#isKeepable(step, record)) return record;
    const slot = this.#slots.findIndex((kept) => kept !== undefined && sameBytes(kept, record));
    if (slot >= 0) {
      this.#lastUse[slot] = this.#uses++;
      return Uint8Array.of(RECORD.use + slot);
    }
    const key = record.join();
    if (!this.#seen.has(key)) {
      if (this.#seen.size > 64) this.#seen.clear();
      this.#seen.add(key);
      return record;
    }
    const oldest = this.#lastUse.indexOf(Math.min(...this.#lastUse));
    this.#slots[oldest] = record;
    this.#lastUse[oldest] = this.#uses++;
    return Uint8Array.of(RECORD.define + oldest, ...record);
  }

  #isKeepable(step: SpiStep, record: Uint8Array): boolean {
    const fits = this.#slots.length > 0 && record.length <= this.#slotBytes && record.length > 1;
    return fits && (step.kind === "poll" || step.kind === "delay" || (step.kind === "transfer" && record[0] === 0x01));
  }
}
