/**
 * Steps to record bytes, with short steps that come again and again (write enable, status poll) kept in the bridge's
 * slots: the second time they cost one byte.
 */
import { encodeStep, RECORD } from "../../../firmware-protocol/record.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";

export class StepEncoder {
  readonly #slotBytes: number;
  /** Record text by slot; undefined if the slot is free. Least recently used goes first. */
  readonly #slots: (string | undefined)[];
  readonly #lastUse: number[];
  #uses = 0;
  /** Seen once; the second time a short step gets a slot. */
  readonly #seen = new Set<string>();
  /** Encodings of step objects met before: drivers use the same object for the same step. */
  readonly #known = new WeakMap<SpiStep, { record: Uint8Array; key: string | undefined }>();

  constructor(slotCount: number, slotBytes: number) {
    this.#slotBytes = slotBytes;
    this.#slots = new Array<string | undefined>(slotCount).fill(undefined);
    this.#lastUse = new Array<number>(slotCount).fill(-1);
  }

  encode(step: SpiStep): Uint8Array {
    const { record, key } = this.#lookUp(step);
    if (key === undefined) return record;
    const slot = this.#slots.indexOf(key);
    if (slot >= 0) {
      this.#lastUse[slot] = this.#uses++;
      return Uint8Array.of(RECORD.use + slot);
    }
    if (!this.#seen.has(key)) {
      if (this.#seen.size > 64) this.#seen.clear();
      this.#seen.add(key);
      return record;
    }
    const oldest = this.#lastUse.indexOf(Math.min(...this.#lastUse));
    this.#slots[oldest] = key;
    this.#lastUse[oldest] = this.#uses++;
    return Uint8Array.of(RECORD.define + oldest, ...record);
  }

  #lookUp(step: SpiStep): { record: Uint8Array; key: string | undefined } {
    const known = this.#known.get(step);
    if (known !== undefined) return known;
    const record = encodeStep(step);
    const fits = this.#slots.length > 0 && record.length <= this.#slotBytes && record.length > 1;
    const keepable = step.kind === "poll" || step.kind === "delay" || (step.kind === "transfer" && record[0] === 0x01);
    const key = fits && keepable ? record.join() : undefined;
    const entry = { record, key };
    if (key !== undefined) this.#known.set(step, entry);
    return entry;
  }
}
