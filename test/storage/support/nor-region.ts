/**
 * Flash in memory that obeys and remembers: programs only move bits away from the erased state, whatever breaks a rule is
 * noted, every operation is counted, and every change is kept so that a test can cut the power inside of it.
 */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import type { FlashRegion, OffsetRange, RegionOp, RegionResult } from "../../../src/flash/flash-region.ts";
import { RegionOperations } from "../../../src/flash/region-operations.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import type { Stream } from "../../../src/stream.ts";

/** A change of the cells, as it was asked for. */
export type RegionChange = Extract<RegionOp, { readonly kind: "program" }> | ({ readonly kind: "erase" } & OffsetRange);

export interface NorRegionOptions {
  /** Where it begins on its device, for messages; 0 if left out. */
  readonly address?: number;
  readonly eraseBytes: number;
  /** What the cells hold at first; all erased if left out. */
  readonly cells?: Uint8Array;
  readonly lengthBytes?: number;
  readonly erasedByte?: number;
  readonly programBytes?: number;
  /** Programs must begin and end at multiples of this. */
  readonly alignBytes?: number;
  /** Erased so weakly that reads waver: every read shows other bits, and no program holds. Erasing mends it. */
  readonly marginal?: OffsetRange;
}

/** Share of the bits of a marginal block that read wrong. */
const MARGINAL_BITS = 1 / 128;

export class NorRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly cells: Uint8Array;
  /** Every program and erase so far, in order. */
  readonly changes: RegionChange[] = [];
  /** Every read so far, in order. */
  readonly reads: OffsetRange[] = [];
  /** Every digest so far, in order. */
  readonly digests: OffsetRange[] = [];
  /** Calls of `run`: each is a turnaround on a real link. */
  waits = 0;
  /** Rules that were broken: a program on cells that are not erased, or not aligned. Must stay empty. */
  readonly violations: string[] = [];
  /** A cell that no program changes, although it reads erased. */
  stuckAt: number | undefined;
  readonly #alignBytes: number;
  readonly #random: Random = createRandom("marginal cells");
  #marginal: OffsetRange | undefined;

  constructor(options: NorRegionOptions) {
    super();
    this.address = options.address ?? 0;
    this.eraseBytes = options.eraseBytes;
    this.erasedByte = options.erasedByte ?? 0xff;
    this.lengthBytes = options.cells?.length ?? options.lengthBytes ?? 4 * options.eraseBytes;
    this.cells = options.cells?.slice() ?? new Uint8Array(this.lengthBytes).fill(this.erasedByte);
    this.programBytes = options.programBytes ?? 256;
    this.#alignBytes = options.alignBytes ?? 1;
    this.#marginal = options.marginal;
    if (this.lengthBytes % this.eraseBytes !== 0) throw new RangeError("the region is no whole number of erase blocks");
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    this.waits++;
    for await (const op of ops) yield this.#carryOut(op);
  }

  /** Bytes of all reads so far. */
  get bytesRead(): number {
    return this.reads.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  }

  /** Forgets what was counted; the cells stay. */
  resetCounts(): void {
    for (const list of [this.changes, this.reads, this.digests, this.violations]) list.length = 0;
    this.waits = 0;
  }

  #carryOut(op: RegionOp): RegionResult {
    const lengthBytes = op.kind === "program" ? op.data.length : op.lengthBytes;
    if (op.offset < 0 || lengthBytes < 0 || op.offset + lengthBytes > this.lengthBytes) {
      throw new RangeError(`${op.kind} of ${lengthBytes} bytes at ${op.offset} lies outside of the region`);
    }
    switch (op.kind) {
      case "read":
        this.reads.push({ offset: op.offset, lengthBytes });
        return { kind: "read", data: this.#look(op.offset, lengthBytes) };
      case "digest":
        this.digests.push({ offset: op.offset, lengthBytes });
        return { kind: "digest", check: blockCheck(this.#look(op.offset, lengthBytes)) };
      case "program":
        this.#program(op.offset, op.data);
        return { kind: "program" };
      case "erase":
        this.#erase(op.offset, lengthBytes);
        return { kind: "erase" };
    }
  }

  #look(offset: number, lengthBytes: number): Uint8Array {
    const bytes = this.cells.slice(offset, offset + lengthBytes);
    if (this.#marginal === undefined) return bytes;
    const { offset: start, lengthBytes: count } = this.#marginal;
    for (let at = Math.max(offset, start); at < Math.min(offset + lengthBytes, start + count); at++) {
      for (let bit = 0; bit < 8; bit++) {
        if (this.#random.chance(MARGINAL_BITS)) bytes[at - offset] = (bytes[at - offset] ?? 0) ^ (1 << bit);
      }
    }
    return bytes;
  }

  #program(offset: number, data: Uint8Array): void {
    this.changes.push({ kind: "program", offset, data: data.slice() });
    if (offset % this.#alignBytes !== 0 || data.length % this.#alignBytes !== 0) {
      this.violations.push(`program of ${data.length} bytes at ${offset} is not aligned to ${this.#alignBytes}`);
    }
    if (this.#isMarginal(offset, data.length))
      this.violations.push(`program at ${offset} on cells that are not erased`);
    data.forEach((wish, index) => {
      const at = offset + index;
      if (at === this.stuckAt) return;
      const now = programmed(this.cells[at] ?? 0, wish, this.erasedByte);
      if (now !== wish) this.violations.push(`program at ${at} on cells that are not erased`);
      this.cells[at] = now;
    });
  }

  #erase(offset: number, lengthBytes: number): void {
    if (offset % this.eraseBytes !== 0 || lengthBytes % this.eraseBytes !== 0) {
      throw new RangeError(`erase of ${lengthBytes} bytes at ${offset} is no whole number of blocks`);
    }
    this.changes.push({ kind: "erase", offset, lengthBytes });
    this.cells.fill(this.erasedByte, offset, offset + lengthBytes);
    if (this.#isMarginal(offset, lengthBytes)) this.#marginal = undefined;
  }

  #isMarginal(offset: number, lengthBytes: number): boolean {
    if (this.#marginal === undefined) return false;
    const { offset: start, lengthBytes: count } = this.#marginal;
    return offset < start + count && start < offset + lengthBytes;
  }
}

/** What a cell holds after a program: bits only move away from the erased state. */
export function programmed(old: number, wish: number, erasedByte: number): number {
  return erasedByte === 0xff ? old & wish : old | wish;
}
