/** A stretch of a region, to be read alone. */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { Stream } from "../../stream.ts";
import type { ReadableRegion } from "./region-finding.ts";

/** The part of `region` from `offset` on; its `address` counts from the start of the region, unless another one is given. */
export class PartRegion implements ReadableRegion, Pick<FlashRegion, "address"> {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #region: ReadableRegion;
  readonly #start: number;

  constructor(region: ReadableRegion, { offset, lengthBytes }: OffsetRange, address = offset) {
    this.#region = region;
    this.#start = offset;
    this.address = address;
    this.lengthBytes = lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#region.read(this.#start + offset, lengthBytes);
  }

  readMany(ranges: Stream<OffsetRange>): AsyncIterable<Uint8Array> {
    return this.#region.readMany(this.moved(ranges));
  }

  /** Places of this part as places of the region; a list stays one that needs no waiting. */
  protected moved<T extends { readonly offset: number }>(places: Stream<T>): Stream<T> {
    return Symbol.asyncIterator in places ? movedLater(places, this.#start) : movedNow(places, this.#start);
  }
}

function* movedNow<T extends { readonly offset: number }>(places: Iterable<T>, start: number): Generator<T> {
  for (const place of places) yield { ...place, offset: start + place.offset };
}

async function* movedLater<T extends { readonly offset: number }>(
  places: AsyncIterable<T>,
  start: number,
): AsyncGenerator<T> {
  for await (const place of places) yield { ...place, offset: start + place.offset };
}
