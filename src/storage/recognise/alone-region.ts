/** A place of a region as if erased flash came after it: a store is looked for in it alone, and has room for a second sector. */
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { Stream } from "../../stream.ts";
import { PartRegion } from "./part-region.ts";
import type { ReadableRegion } from "./region-finding.ts";

export class AloneRegion implements ReadableRegion {
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #part: PartRegion;

  constructor(region: ReadableRegion, place: OffsetRange) {
    this.#part = new PartRegion(region, place);
    this.lengthBytes = 2 * place.lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(lengthBytes).fill(this.erasedByte);
    const heldBytes = Math.min(lengthBytes, this.#part.lengthBytes - offset);
    if (heldBytes > 0) bytes.set(await this.#part.read(offset, heldBytes));
    return bytes;
  }

  async *readMany(ranges: Stream<OffsetRange>): AsyncGenerator<Uint8Array> {
    for await (const { offset, lengthBytes } of ranges) yield await this.read(offset, lengthBytes);
  }
}
