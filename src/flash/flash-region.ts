/**
 * A window on a device with addresses from 0. All that storage ever sees: it knows neither chips nor bridges, and cannot
 * reach outside of its window.
 */
import { type ByteRange, eraseBlocksTouching, rangeContains, smallestEraseUnit } from "../../drivers/geometry.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice, FlashOp } from "./flash-device.ts";

/** A piece of a region, counted from its start. */
export interface OffsetRange {
  readonly offset: number;
  readonly lengthBytes: number;
}

export interface FlashRegion {
  readonly lengthBytes: number;
  /** Smallest piece that can be erased; divides `lengthBytes`. */
  readonly eraseBytes: number;
  /** Largest piece that one program command takes. */
  readonly programBytes: number;
  readonly erasedByte: number;
  /** Throws ERANGE outside of the region, EIO and its kin from the chip. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** All of them in one stream, in order: turnarounds do not grow with their number. */
  readMany(ranges: readonly OffsetRange[]): AsyncIterable<Uint8Array>;
  /** Only clears bits. A power cut leaves any part of it done; bytes around it are unchanged. */
  program(offset: number, data: Uint8Array): Promise<void>;
  /** Whole erase blocks only. A power cut leaves the blocks in any state. */
  erase(offset: number, lengthBytes: number): Promise<void>;
}

/**
 * The region `range` of a device. Throws ERANGE if it lies outside of the chip, EINVAL if it does not begin and end with
 * erase blocks of one size.
 */
export function regionOf(device: FlashDevice, range: ByteRange): FlashRegion {
  const { geometry } = device;
  if (!rangeContains({ address: 0, lengthBytes: geometry.capacityBytes }, range)) {
    const message = `${formatRange(range)} lies outside of the chip, which has ${formatSize(geometry.capacityBytes)}`;
    throw new NorbridgeError("ERANGE", message, { operation: "open region", range });
  }
  const blocks = [...eraseBlocksTouching(smallestEraseUnit(geometry), range)];
  const eraseBytes = blocks[0]?.lengthBytes ?? 0;
  const isTiled = blocks.every((block) => block.lengthBytes === eraseBytes && rangeContains(range, block));
  if (!isTiled || blocks.length === 0) {
    throw new NorbridgeError("EINVAL", `${formatRange(range)} does not begin and end with erase blocks`, {
      operation: "open region",
      range,
      hint: `Begin and end at multiples of ${formatSize(eraseBytes)}.`,
    });
  }
  const inside = (offset: number, lengthBytes: number, operation: string): number => {
    const piece = { address: offset, lengthBytes };
    if (offset >= 0 && rangeContains({ address: 0, lengthBytes: range.lengthBytes }, piece))
      return range.address + offset;
    const message = `${formatRange(piece)} lies outside of the region, which has ${formatSize(range.lengthBytes)}`;
    throw new NorbridgeError("ERANGE", message, { operation, range: piece });
  };
  return {
    lengthBytes: range.lengthBytes,
    eraseBytes,
    programBytes: geometry.pageBytes,
    erasedByte: geometry.erasedByte,
    read: async (offset, lengthBytes) => device.read(inside(offset, lengthBytes, "read"), lengthBytes),
    async *readMany(ranges) {
      const ops = ranges.map(
        ({ offset, lengthBytes }): FlashOp => ({
          kind: "read",
          address: inside(offset, lengthBytes, "read"),
          lengthBytes,
        }),
      );
      for await (const result of device.run(ops)) {
        if (result.kind === "read") {
          yield result.data;
          continue;
        }
        const where = result.kind === "failed" ? result.range : range;
        throw new NorbridgeError("EIO", `read at ${formatRange(where)} failed`, { operation: "read", range: where });
      }
    },
    program: async (offset, data) => device.program(inside(offset, data.length, "program"), data),
    erase: async (offset, lengthBytes) => device.erase(inside(offset, lengthBytes, "erase"), lengthBytes),
  };
}
