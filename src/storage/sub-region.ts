/** A part of a region that is a region itself: a log that was found in a larger place is opened where it is. */
import { type Claims, claimsOf } from "../flash/claims.ts";
import type { FlashRegion, OffsetRange, RegionOp, RegionResult } from "../flash/flash-region.ts";
import type { Stream } from "../stream.ts";

/** The part `place` of a region; it must begin and end with erase blocks. */
export class SubRegion implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly claims: Claims;
  readonly #region: FlashRegion;
  readonly #start: number;

  constructor(region: FlashRegion, { offset, lengthBytes }: OffsetRange) {
    this.#region = region;
    this.#start = offset;
    this.address = region.address + offset;
    this.lengthBytes = lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
    this.claims = claimsOf(region);
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    yield* this.#region.run(isAsync(ops) ? this.#movedLater(ops) : this.#moved(ops));
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#region.read(this.#start + offset, lengthBytes);
  }

  readMany(ranges: Stream<OffsetRange>): AsyncIterable<Uint8Array> {
    return this.#region.readMany(isAsync(ranges) ? this.#movedLater(ranges) : this.#moved(ranges));
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

  *#moved<T extends { readonly offset: number }>(places: Iterable<T>): Generator<T> {
    for (const place of places) yield { ...place, offset: this.#start + place.offset };
  }

  async *#movedLater<T extends { readonly offset: number }>(places: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const place of places) yield { ...place, offset: this.#start + place.offset };
  }
}

function isAsync<T>(stream: Stream<T>): stream is AsyncIterable<T> {
  return Symbol.asyncIterator in stream;
}
