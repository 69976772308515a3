/**
 * A region for recognition: a block whose erase was cut may read differently each time, and the chip then refuses the
 * read. Such a block proves nothing, and must not hide what lies beside it: it reads as zeros here.
 */
import { NorbridgeError } from "../../errors.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { Stream } from "../../stream.ts";
import { type ReadableRegion, SNIFFED_BYTES } from "./region-finding.ts";

export class SteadyRegion implements ReadableRegion {
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #region: ReadableRegion;

  constructor(region: ReadableRegion) {
    this.#region = region;
    this.lengthBytes = region.lengthBytes;
    this.eraseBytes = region.eraseBytes;
    this.programBytes = region.programBytes;
    this.erasedByte = region.erasedByte;
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    try {
      return await this.#region.read(offset, lengthBytes);
    } catch (error) {
      if (!isUnsteady(error)) throw error;
      return this.#piecewise(offset, lengthBytes);
    }
  }

  async *readMany(ranges: Stream<OffsetRange>): AsyncGenerator<Uint8Array> {
    // What was asked for and has not come yet: those continue one by one after a failure.
    const open: OffsetRange[] = [];
    const source = iteratorOf(ranges);
    try {
      for await (const bytes of this.#region.readMany(noted(source, open))) {
        open.shift();
        yield bytes;
      }
    } catch (error) {
      if (!isUnsteady(error)) throw error;
      for (const { offset, lengthBytes } of open.splice(0)) yield await this.read(offset, lengthBytes);
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        yield await this.read(next.value.offset, next.value.lengthBytes);
      }
    }
  }

  async #piecewise(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const all = new Uint8Array(lengthBytes);
    for (let at = 0; at < lengthBytes; ) {
      const pieceBytes = Math.min(SNIFFED_BYTES - ((offset + at) % SNIFFED_BYTES), lengthBytes - at);
      try {
        all.set(await this.#region.read(offset + at, pieceBytes), at);
      } catch (error) {
        if (!isUnsteady(error)) throw error;
      }
      at += pieceBytes;
    }
    return all;
  }
}

function iteratorOf(ranges: Stream<OffsetRange>): Iterator<OffsetRange> | AsyncIterator<OffsetRange> {
  return Symbol.asyncIterator in ranges ? ranges[Symbol.asyncIterator]() : ranges[Symbol.iterator]();
}

async function* noted(
  source: Iterator<OffsetRange> | AsyncIterator<OffsetRange>,
  open: OffsetRange[],
): AsyncGenerator<OffsetRange> {
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    open.push(next.value);
    yield next.value;
  }
}

/** The only way for a read to fail with EIO. */
function isUnsteady(error: unknown): boolean {
  return error instanceof NorbridgeError && error.code === "EIO";
}
