/**
 * The interface between the pass over a flash and the formats: each format has one `Sniffer`. The pass hands every block to all
 * of them in order, so flash is read once; what a sniffer noted it then proves with a few reads.
 */
import type { FlashRegion } from "../../flash/flash-region.ts";

/** Layouts that are recognised. What lies on one, for example settings on an FCB, is in `content`. */
export type RegionLayout =
  | "fcb"
  | "fcb2"
  | "px-log-fs"
  | "safe"
  | "nvs"
  | "zms"
  | "flashdb-tsdb"
  | "flashdb-kvdb"
  | "littlefs"
  | "mcuboot-image"
  | "mcuboot-trailer"
  | "esp-partitions"
  | "esp-nvs"
  | "fmap"
  | "ifd";

/** certain: proved by check bytes or a chain, nothing contradicts it. likely: proved in part. possible: a mark alone. */
export type Certainty = "certain" | "likely" | "possible";

/** A store, log, file system or image that was found, from one end to the other. */
export interface RegionFinding {
  /** The format. */
  readonly layout: RegionLayout;
  /** First byte, from the start of the searched region. */
  readonly offset: number;
  /** All that belongs to it, blank sectors of its ring included, bytes. */
  readonly lengthBytes: number;
  /** How sure it is that this is the layout, and that it reaches from `offset` to its end. */
  readonly certainty: Certainty;
  /** The evidence, as the end of a sentence: "magic 0xabcd1234 in 4 sectors, 300 entries with valid check bytes". */
  readonly why: string;
  /**
   * Check values, links and marks that are right: of two findings that claim the same bytes the better proved one is
   * kept. 1 if left out.
   */
  readonly proofs?: number | undefined;
  /** What lies on it: "settings", "mynewt-log", ...; undefined if the layout is all that is known. */
  readonly content?: string | undefined;
  /** The options that open it and other facts, named as in JSON output: `sectorBytes`, `alignBytes`, `magic`, `version`, ... */
  readonly facts: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** What a sniffer may need to know of the flash before the pass. */
export type FlashShape = Pick<FlashRegion, "lengthBytes" | "eraseBytes" | "programBytes" | "erasedByte">;

/** Reads only. */
export type ReadableRegion = FlashShape & Pick<FlashRegion, "read" | "readMany">;

/** Bytes of a block that the pass hands over; the last one may be shorter. */
export const SNIFFED_BYTES = 4096;

/**
 * Notes where a format may begin, then proves it. Created again for each pass. Its memory is bounded, whatever the flash
 * holds.
 */
export interface Sniffer {
  /** Takes the next block; `offset` is a multiple of `SNIFFED_BYTES`. Does not keep `block`, whose memory is used again. */
  look(offset: number, block: Uint8Array): void;
  /** After the last block: what was found, by reads of the places noted. Ends on any bytes. */
  conclude(region: ReadableRegion): Promise<readonly RegionFinding[]>;
}
