/** A chip in memory on which a unit's image is made, and which of its bytes are of the image. */
import { type ByteRange, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { mergeNeighbours } from "../../drivers/byte-ranges.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { createRamFlash } from "../flash/ram-flash.ts";

/** Bytes that are copied before others have their turn. */
const PIECE_BYTES = 4 * 1024 * 1024;

export class MemoryChip {
  /** The chip, for the code of stores and logs. */
  readonly device: FlashDevice;
  readonly #cells: Uint8Array;
  readonly #written: ByteRange[] = [];

  constructor(geometry: FlashGeometry) {
    this.#cells = new Uint8Array(geometry.capacityBytes).fill(geometry.erasedByte);
    this.device = createRamFlash(geometry, this.#cells);
  }

  /** All bytes of an image. */
  async load(image: ImageSource): Promise<void> {
    for (const segment of image.segments) {
      for (let address = segment.address; address < rangeEnd(segment); address += PIECE_BYTES) {
        const lengthBytes = Math.min(PIECE_BYTES, rangeEnd(segment) - address);
        this.put(address, await image.read({ address, lengthBytes }));
      }
    }
  }

  /** Sets bytes as they shall be on the chip. Only between the changes of stores: they read what they rely on once. */
  put(address: number, bytes: Uint8Array): void {
    this.#cells.set(bytes, address);
    this.claim({ address, lengthBytes: bytes.length });
  }

  /** The bytes of a range are of the image, also where they are erased. */
  claim(range: ByteRange): void {
    this.#written.push(range);
  }

  /** What is of the image, in order of address, without neighbours. */
  get segments(): readonly ByteRange[] {
    return mergeRanges(this.#written);
  }

  /** A copy of the bytes of a range. */
  bytes({ address, lengthBytes }: ByteRange): Uint8Array {
    return this.#cells.slice(address, address + lengthBytes);
  }
}

/** Ranges that may overlap, as some that do not. */
function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const apart: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.address - b.address)) {
    const last = apart.at(-1);
    const end = last === undefined ? 0 : rangeEnd(last);
    if (range.address >= end) apart.push(range);
    else if (rangeEnd(range) > end) apart.push({ address: end, lengthBytes: rangeEnd(range) - end });
  }
  return mergeNeighbours(apart);
}
