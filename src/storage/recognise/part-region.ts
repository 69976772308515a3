/** A stretch of a region, to be read alone. */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { Stream } from "../../stream.ts";
import type { ReadableRegion } from "./region-finding.ts";

/** The part of `region` from `offset` on; its `address` counts from the start of the region. */
export class PartRegion implements ReadableRegion, Pick<FlashRegion, "address"> {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #region: ReadableRegion;

  constructor(region: ReadableRegion, { offset, lengthBytes }: OffsetRange) {
    this.#region = region;
    this.address = offset;
    this.lengthBytes = lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    return this.#region.read(this.address + offset, lengthBytes);
  }

  readMany(ranges: Stream<OffsetRange>): AsyncIterable<Uint8Array> {
    return this.#region.readMany(this.#moved(ranges));
  }

  async *#moved(ranges: Stream<OffsetRange>): AsyncGenerator<OffsetRange> {
    for await (const { offset, lengthBytes } of ranges) yield { offset: this.address + offset, lengthBytes };
  }
}
