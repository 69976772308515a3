/** A dump as a region of the chip that it was read from: read only, all in memory. */
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion, RegionOp, RegionResult } from "../flash/flash-region.ts";
import { RegionOperations } from "../flash/region-operations.ts";
import type { Stream } from "../stream.ts";

/** What decoding must know of the flash that a dump comes from. */
export interface DumpShape {
  /** Page of the chip, bytes. */
  readonly pageBytes: number;
  /** Smallest erase block within the dump, bytes. */
  readonly eraseBytes: number;
  /** What an erased byte reads, 0xff or 0x00. */
  readonly erasedByte: number;
}

/** Bytes of a chip from `address` on. */
export class DumpRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, address: number, shape: DumpShape) {
    super();
    this.#bytes = bytes;
    this.address = address;
    this.lengthBytes = bytes.length;
    this.eraseBytes = shape.eraseBytes;
    this.programBytes = shape.pageBytes;
    this.erasedByte = shape.erasedByte;
  }

  /** A part as a region of its own; if it is shorter than `leastBytes`, erased bytes follow it. */
  part(offset: number, lengthBytes: number, leastBytes = 0): DumpRegion {
    const held = this.#bytesAt(offset, lengthBytes, "open region");
    const bytes = new Uint8Array(Math.max(lengthBytes, leastBytes)).fill(this.erasedByte);
    bytes.set(held);
    const { eraseBytes, programBytes: pageBytes, erasedByte } = this;
    return new DumpRegion(bytes, this.address + offset, { eraseBytes, pageBytes, erasedByte });
  }

  /** Reads and digests. Throws ERANGE for places outside, EROFS for a change. */
  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    for await (const op of ops) {
      if (op.kind === "program" || op.kind === "erase") {
        throw new NorbridgeError("EROFS", "a stored dump is not changed", { operation: op.kind });
      }
      const bytes = this.#bytesAt(op.offset, op.lengthBytes, op.kind);
      yield op.kind === "read" ? { kind: "read", data: bytes.slice() } : { kind: "digest", check: blockCheck(bytes) };
    }
  }

  #bytesAt(offset: number, lengthBytes: number, operation: string): Uint8Array {
    if (offset >= 0 && lengthBytes >= 0 && offset + lengthBytes <= this.lengthBytes) {
      return this.#bytes.subarray(offset, offset + lengthBytes);
    }
    const range = { address: offset, lengthBytes };
    const message = `${formatRange(range)} is outside the dump, which has ${formatSize(this.lengthBytes)}`;
    throw new NorbridgeError("ERANGE", message, { operation, range });
  }
}
