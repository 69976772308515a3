/**
 * Watches the bytes around a block that is erased, in rings of the sizes that the erase could have. What is needed again is read
 * before, for certain; after the erase every ring must be as before.
 */
import type { ChipAnswer } from "../../drivers/chip-driver.ts";
import { subtractRanges } from "../../drivers/byte-ranges.ts";
import { type ByteRange, type EraseBlock, rangeEnd } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { sameBytes } from "../bytes.ts";
import type { RunOptions } from "../stream.ts";
import type { AroundErase, ChipBytes } from "./erase-finding.ts";
import { type Batch, type EraseQuestions, WatchFailed, type WatchTools } from "./erase-questions.ts";
import type { Ring } from "./erase-trust.ts";
import { readPieces } from "./op-parts.ts";

/** Reads of bytes that are needed again are tried up to this many times until two agree. */
const MAX_READS = 4;

/** A place that is compared: its block check before. */
export interface Mark {
  readonly range: ByteRange;
  before: number;
  /** Whether it was read for certain. */
  readonly isProved: boolean;
}

/** What one ring is compared by. */
export interface WatchedRing {
  readonly ring: Ring;
  readonly marks: readonly Mark[];
}

/** The rings of one erase. */
export class RingWatch {
  readonly #block: EraseBlock;
  readonly #around: AroundErase | undefined;
  readonly #tools: WatchTools;
  readonly #chip: EraseQuestions;
  readonly #kept: ChipBytes[] = [];

  constructor(block: EraseBlock, around: AroundErase | undefined, tools: WatchTools, chip: EraseQuestions) {
    this.#block = block;
    this.#around = around;
    this.#tools = tools;
    this.#chip = chip;
  }

  /** What was read of the rings because it is needed again. */
  get kept(): readonly ChipBytes[] {
    return this.#kept;
  }

  /** Reads what is needed again, and notes what the rings hold. */
  async look(rings: readonly Ring[], how: RunOptions): Promise<readonly WatchedRing[]> {
    const ask = this.#chip.batch();
    const kept: {
      readonly range: ByteRange;
      readonly own: Mark[];
      readonly data: () => ChipAnswer<Uint8Array>;
      readonly isProved: (data: Uint8Array) => boolean;
    }[] = [];
    const noted: { readonly mark: Mark; readonly answer: () => ChipAnswer<number> }[] = [];
    const watched = rings.map((ring): WatchedRing => {
      const own: Mark[] = [];
      for (const range of ring.ranges.flatMap((whole) => [...readPieces(whole)])) {
        const needed = this.#around === undefined ? [range] : this.#around.needed(range);
        for (const part of needed) {
          const data = ask.add(this.#tools.driver.read(part));
          kept.push({ range: part, own, data, isProved: this.#proofOf(ask, part) });
        }
        for (const place of subtractRanges(range, needed).flatMap((rest) => this.#chip.placesOf(rest))) {
          const mark = { range: place, before: 0, isProved: false };
          own.push(mark);
          noted.push({ mark, answer: ask.add(this.#chip.digest(place)) });
        }
      }
      return { ring, marks: own };
    });
    const identified = ask.add(this.#tools.presence);
    await ask.run(how);
    const presence = identified();
    for (const { mark, answer } of noted) mark.before = this.#chip.valueOf(answer());
    for (const { range, own, data: read, isProved } of kept) {
      const first = this.#chip.valueOf(read());
      const data = isProved(first) ? first : await this.#readAgain(range, first, how);
      this.#kept.push({ address: range.address, data });
      for (const place of this.#chip.placesOf(range)) {
        const part = data.subarray(place.address - range.address, rangeEnd(place) - range.address);
        own.push({ range: place, before: blockCheck(part), isProved: true });
      }
    }
    // Without supply everything reads FF, and that twice.
    if (presence !== "done") throw new WatchFailed(presence, this.#chip.range);
    return watched;
  }

  /** These may be the only copy of the user's bytes: a second read checks whether they are right. */
  #proofOf(ask: Batch, range: ByteRange): (data: Uint8Array) => boolean {
    const { driver, digestsTravel } = this.#tools;
    if (digestsTravel) {
      const again = ask.add(driver.read(range));
      return (data) => sameBytes(this.#chip.valueOf(again()), data);
    }
    const digest = ask.add(driver.digest(range));
    return (data) => this.#chip.valueOf(digest()) === blockCheck(data);
  }

  /** Until two reads agree. */
  async #readAgain(range: ByteRange, first: Uint8Array, how: RunOptions): Promise<Uint8Array> {
    const seen = [first];
    for (let reads = 0; reads < MAX_READS; reads++) {
      const data = await this.#chip.ask(this.#tools.driver.read(range), how);
      if (seen.some((other) => sameBytes(other, data))) return data;
      seen.push(data);
    }
    throw new WatchFailed("unsteady", range);
  }

  /** The size of the largest erase that the rings show; undefined if it kept to its block. */
  async wipedSize(watched: readonly WatchedRing[], after: ReadonlyMap<Mark, number>): Promise<number | undefined> {
    let wiped: number | undefined;
    for (const { ring, marks } of watched) {
      let isShown = false;
      for (const mark of marks) {
        if (mark.before === this.#chip.erasedCheck(mark.range)) continue;
        const fate = await this.#fateOf(mark, after.get(mark) ?? 0);
        if (fate === "as before") isShown = true;
        if (fate === "blank") wiped = ring.sizeBytes;
      }
      if (isShown && wiped !== ring.sizeBytes) this.#tools.trust.noteSmallerThan(this.#block, ring.sizeBytes);
    }
    return wiped;
  }

  /** What became of a place: a difference counts if it is seen twice. */
  async #fateOf({ range, before, isProved }: Mark, after: number): Promise<"as before" | "blank" | "unknown"> {
    if (after === before) return "as before";
    for (let asked = 1; asked < MAX_READS; asked++) {
      const found = await this.#chip.ask(this.#chip.digest(range), {});
      if (found === before) return "as before";
      if (found === this.#chip.erasedCheck(range)) return "blank";
    }
    // What was not read for certain before shows nothing.
    if (!isProved) return "unknown";
    throw new WatchFailed("unsteady", range);
  }
}
