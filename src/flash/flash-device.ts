/**
 * The MTD layer. `run` is the primitive: a stream of operations in, a stream of results out, in order, with the pipe
 * kept full. The rest is sugar for one operation. Names and error meanings follow QNX's flash filesystem.
 */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import type { Clock } from "../clock.ts";
import type { RunOptions, Stream } from "../stream.ts";
import type { ChipFailure } from "./chip-failure.ts";
import type { ChipServices } from "./chip-services.ts";
import type { Claims } from "./claims.ts";
import type { AroundErase, EraseFinding } from "./erase-finding.ts";
import type { ChipState } from "./leave-states.ts";
import type { PageFinding } from "./page-proof.ts";

/**
 * One operation of `FlashDevice.run`. `address` and `lengthBytes` are in bytes and lie within the chip, else ERANGE.
 */
export type FlashOp =
  | {
      /**
       * The chip must return its ID, else the operation fails with `no-answer`. If it does, what was read before came from a
       * chip. One without supply reads FF, which looks like blank cells.
       */
      readonly kind: "identify";
      /** Always 0. */
      readonly address: 0;
      /** Always 0. */
      readonly lengthBytes: 0;
    }
  | {
      /** `read` and `digest` take any range. */
      readonly kind: "read" | "digest";
      /** First byte, bytes from the start of the chip. */
      readonly address: number;
      /** Length, bytes. */
      readonly lengthBytes: number;
    }
  | {
      /** `erase` takes one erase block, or a range of whole ones. */
      readonly kind: "erase";
      /** First byte, bytes from the start of the chip. */
      readonly address: number;
      /** Length, bytes. */
      readonly lengthBytes: number;
      /** What is known of the bytes around it. If it is left out, all of them count as needed. */
      readonly around?: AroundErase | undefined;
    }
  | {
      /** Takes any range and is cut at page boundaries. Only clears bits: the caller sees to it that the cells are erased. */
      readonly kind: "program";
      /** First byte, bytes from the start of the chip. */
      readonly address: number;
      /** Bytes to program. */
      readonly data: Uint8Array;
    };

/**
 * Result of one operation, in the order of the operations. `kind` is that of the operation, or how it ended without
 * one.
 */
export type FlashResult =
  | {
      /** The range was read. */
      readonly kind: "read";
      /** The bytes read, as many as requested. */
      readonly data: Uint8Array;
    }
  | {
      /** The checksum was taken. */
      readonly kind: "digest";
      /** Block check (`blockCheck`) of the range, 0 to 0xffffffff. */
      readonly check: number;
    }
  | {
      /** The bytes were programmed. */
      readonly kind: "program";
      /** Bytes that were sent, if not all: the first programs of a device leave out erased bytes. */
      readonly sentBytes?: number | undefined;
    }
  | {
      /** It is the same chip. */
      readonly kind: "identify";
    }
  | {
      /** The range was erased. */
      readonly kind: "erase";
    }
  | {
      /** The operation failed. Later operations are `skipped`. */
      readonly kind: "failed";
      /** How the chip reported the failure. */
      readonly outcome: ChipFailure;
      /** Place of the failure within the operation. */
      readonly range: ByteRange;
      /** What an erase did instead, for the outcomes `ignored` and `wrong-size`. */
      readonly finding?: EraseFinding | undefined;
      /** The page size that a program showed, for the outcome `wrong-page`. */
      readonly page?: PageFinding | undefined;
      /** For the outcome `refused`: what `AroundErase.keep` threw, or why the size of the chip is in doubt. */
      readonly reason?: unknown;
    }
  | {
      /** The operation was not run, because one before it failed. */
      readonly kind: "skipped";
    };

/** What the device is, for people and for keying journals. */
export interface FlashIdentity {
  /** Part name from the catalogue: "AT25SF041". */
  readonly name: string;
  /** Manufacturer from the catalogue: "Adesto". */
  readonly vendor: string;
  /** JEDEC ID as read, lower-case hex, "" if the device has none (RAM, image file). */
  readonly jedecId: string;
}

/** Properties of the link to the chip, for callers that choose how to read and check. */
export interface LinkTraits {
  /** A digest is taken here, of bytes that have travelled: it costs as much as a read. */
  readonly digestsTravel: boolean;
  /** The bytes are not checked on the way: one answer alone proves a match, and not that something differs. */
  readonly isUnchecked: boolean;
  /** Every read is made twice, in other pieces, and compared. */
  readonly readsTwice: boolean;
}

/**
 * A flash chip that is open: on a bridge, simulated, a dump, or memory. Addresses and lengths are bytes, from 0 to
 * `geometry.capacityBytes`. Do not use it after `close`.
 */
export interface FlashDevice {
  /** Capacity, page size, erase units and the value of an erased byte. */
  readonly geometry: FlashGeometry;
  /** The time that the device lives in, for jobs that are given none; left out: the machine's. */
  readonly clock?: Clock | undefined;
  /** Undefined if nothing travels. */
  readonly link?: LinkTraits | undefined;
  /**
   * Bytes of programs that wait close to the chip while it is busy; undefined if there is no link. While a digest
   * of more than that is taken, the link to the chip becomes idle: writers digest in smaller pieces then.
   */
  readonly queueBytes?: number | undefined;
  /** Name, manufacturer and ID of the chip, as read when it was opened. */
  readonly identity: FlashIdentity;
  /** Who relies on its content, so that no store overwrites the records of another; left out by devices without claims. */
  readonly claims?: Claims | undefined;
  /** What the chip can do beside this; undefined if there is no chip (RAM, image file). */
  readonly services?: ChipServices | undefined;
  /** States in which the chip was found when it was opened, as busy or suspended; undefined if there is no chip. */
  readonly states?: readonly ChipState[] | undefined;
  /** Where what is known of the chip comes from, a line each; undefined if nothing had to be known. */
  readonly sources?: readonly string[] | undefined;
  /**
   * Runs operations in order; one result an operation. Every range is checked before anything of the operation is
   * sent: ERANGE outside of the chip, EINVAL for an erase that does not tile.
   *
   * A power cut may leave: a program partly done (only within its pages; bits partly cleared), an erase block in any
   * state. Bytes outside of the operation under way are unchanged.
   *
   * Runs and single operations that are asked for at the same time are carried out one after the other; a run gives way between
   * two operations.
   */
  run(ops: Stream<FlashOp>, options?: RunOptions): AsyncIterable<FlashResult>;
  /** Throws EIO, ERANGE, ECANCELED. */
  read(address: number, lengthBytes: number): Promise<Uint8Array>;
  /**
   * Programs bytes from `address` on, of any length. It only clears bits, so erase first, and it compares nothing.
   * Throws EIO, EROFS, ERANGE, ECANCELED.
   */
  program(address: number, data: Uint8Array): Promise<void>;
  /**
   * Erases a range, which must consist of whole erase blocks. Throws EINVAL if it does not, EIO, EROFS, ERANGE,
   * ECANCELED.
   */
  erase(address: number, lengthBytes: number): Promise<void>;
  /** Block check (`blockCheck`) of a range as read from the chip. */
  digest(address: number, lengthBytes: number): Promise<number>;
  /** What is protected now, as the chip reports. Empty if the device knows no protection. */
  protectedRanges(): Promise<FlashProtection>;
  /**
   * Halves the SPI clock and returns it, Hz; undefined if it cannot be set, or is as slow as is of use. Left out by devices
   * without one.
   */
  halveClock?(): Promise<number | undefined>;
  /** Reads the identification again; throws CHIP_CHANGED or CHIP_MISSING if it is no longer the same chip. */
  checkIdentity(): Promise<void>;
  /** Releases chip and bridge. Idempotent. */
  close(): Promise<void>;
}

/** The ranges that are write-protected, and by what. */
export interface FlashProtection {
  /** Protected ranges in bytes, sorted by address; empty if nothing is protected. */
  readonly ranges: readonly ByteRange[];
  /** What holds it, in words; "" if nothing is protected. */
  readonly heldBy: string;
}
