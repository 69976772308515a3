/** A window on a region, for workloads that keep two things on one chip. */
import type { FlashRegion, RegionOp, RegionResult } from "../../../src/flash/flash-region.ts";
import { RegionOperations } from "../../../src/flash/region-operations.ts";
import type { Stream } from "../../../src/stream.ts";

export class SubRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #region: FlashRegion;
  readonly #start: number;

  constructor(region: FlashRegion, start: number, lengthBytes: number) {
    super();
    this.#region = region;
    this.#start = start;
    this.address = region.address + start;
    this.lengthBytes = lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
  }

  run(ops: Stream<RegionOp>): AsyncIterable<RegionResult> {
    return this.#region.run(this.#moved(ops));
  }

  async *#moved(ops: Stream<RegionOp>): AsyncGenerator<RegionOp> {
    for await (const op of ops) {
      const length = op.kind === "program" ? op.data.length : op.lengthBytes;
      if (op.offset < 0 || op.offset + length > this.lengthBytes) throw new RangeError(`${op.kind} leaves the window`);
      yield { ...op, offset: op.offset + this.#start };
    }
  }
}
