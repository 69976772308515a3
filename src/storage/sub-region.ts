/** A part of a region that is a region itself: a log that was found in a larger place is opened where it is. */
import { type Claims, claimsOf } from "../flash/claims.ts";
import type { FlashRegion, OffsetRange, RegionOp, RegionResult } from "../flash/flash-region.ts";
import type { Stream } from "../stream.ts";
import { PartRegion } from "./recognise/part-region.ts";

/** The part `place` of a region; it must begin and end with erase blocks. */
export class SubRegion extends PartRegion implements FlashRegion {
  readonly claims: Claims;
  readonly #region: FlashRegion;
  readonly #start: number;

  constructor(region: FlashRegion, place: OffsetRange) {
    super(region, place, region.address + place.offset);
    this.#region = region;
    this.#start = place.offset;
    this.claims = claimsOf(region);
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    yield* this.#region.run(this.moved(ops));
  }

  digest(offset: number, lengthBytes: number): Promise<number> {
    return this.#region.digest(this.#start + offset, lengthBytes);
  }

  program(offset: number, data: Uint8Array): Promise<void> {
    return this.#region.program(this.#start + offset, data);
  }

  erase(offset: number, lengthBytes: number): Promise<void> {
    return this.#region.erase(this.#start + offset, lengthBytes);
  }
}
