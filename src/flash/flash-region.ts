/**
 * A window on a device with addresses from 0. All that storage ever sees: it knows neither chips nor bridges, and cannot
 * reach outside of its window.
 */
import type { Stream } from "../stream.ts";
import type { Claims } from "./claims.ts";

/** A piece of a region, counted from its start. */
export interface OffsetRange {
  /** Bytes from the start of the region, from 0. */
  readonly offset: number;
  /** Length in bytes; `offset + lengthBytes` never exceeds the length of the region. */
  readonly lengthBytes: number;
}

/** One operation; offsets count from the start of the region. */
export type RegionOp =
  | ({
      /** `erase` takes whole erase blocks; a power cut leaves them in any state. `read` and `digest` take any range. */
      readonly kind: "read" | "digest" | "erase";
    } & OffsetRange)
  | {
      /** Only clears bits. A power cut leaves any part of it done; bytes around it are unchanged. */
      readonly kind: "program";
      /** First byte, bytes from the start of the region. */
      readonly offset: number;
      /** Bytes to program. */
      readonly data: Uint8Array;
    };

/** Result of one operation of a region, in the order of the operations. */
export type RegionResult =
  | {
      /** The range was read. */
      readonly kind: "read";
      /** The bytes read, as many as requested. */
      readonly data: Uint8Array;
    }
  | {
      /** The checksum was taken, on the bridge if it can do that: then only four bytes travel. */
      readonly kind: "digest";
      /** Block check (`blockCheck`) of the range as read from the chip, 0 to 0xffffffff. */
      readonly check: number;
    }
  | {
      /** The operation was carried out. */
      readonly kind: "program" | "erase";
    };

/** A part of a flash device, with offsets from 0. `regionOf` makes one; every storage format takes one. */
export interface FlashRegion {
  /** Where the region begins on its device: a message to a person names `address + offset`. */
  readonly address: number;
  /** Length of the region, bytes; offsets run from 0 to this. */
  readonly lengthBytes: number;
  /** Smallest piece that can be erased; divides `lengthBytes`. */
  readonly eraseBytes: number;
  /** Largest piece that one program command takes. */
  readonly programBytes: number;
  /** What a byte reads after an erase: 0xff, or 0x00 on flash that programs bits to 1. */
  readonly erasedByte: number;
  /** Who relies on the content of its device; left out by a region that does not share its bytes. */
  readonly claims?: Claims | undefined;
  /**
   * Runs operations in order, in one stream: turnarounds do not grow with their number, so a caller with several
   * operations passes them together. One result an operation. Ends with the first that fails, nothing after it is carried
   * out: ERANGE outside of the region, EIO and related codes from the chip.
   */
  run(ops: Stream<RegionOp>): AsyncIterable<RegionResult>;
  /** One read. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** All of them in one stream, in order. */
  readMany(ranges: Stream<OffsetRange>): AsyncIterable<Uint8Array>;
  /** One digest. */
  digest(offset: number, lengthBytes: number): Promise<number>;
  /** One program. */
  program(offset: number, data: Uint8Array): Promise<void>;
  /** One erase. */
  erase(offset: number, lengthBytes: number): Promise<void>;
}
