/** What is specified about a px_log_fs, and whether a region can hold it and does. Nothing of it is stored on the flash. */
import { formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { isNamed } from "../recognise/places.ts";
import { type LogFsFormat, PAGE_HEADER_BYTES, type PageHeader, slotsPerPage } from "./format.ts";

/**
 * The settings of the device that writes the log. Nothing of them is stored on the flash, so all of them must match.
 */
export interface LogFsOptions {
  /** Page size, bytes. */
  readonly pageBytes: number;
  /** Pages in an erase block. */
  readonly blockPages: number;
  /** Data bytes of a record. */
  readonly recordBytes: number;
  /** What `append` does when the log is full: erase the oldest block, or throw ENOSPC. */
  readonly whenFull: "overwrite" | "stop";
  /** Format on the flash: 1 for releases 0.8.0 to 0.9.3, 2 for 0.10.0 and newer. */
  readonly format: LogFsFormat;
  /** Number of the region's first page on the chip; 0 if left out. Only for what `state` shows. */
  readonly firstPage?: number | undefined;
  /**
   * Places of the region that the log may erase, whatever they hold, bytes from its start. Else only what is blank or
   * of the log.
   */
  readonly overwrite?:
    | readonly {
        /** First byte. */
        readonly offset: number;
        /** Length, bytes. */
        readonly lengthBytes: number;
      }[]
    | undefined;
}

/** How the original writes "no page". */
export const NO_PAGE = 0xffff;
const ERASED = 0xff;

/** Throws EINVAL for options that make no sense. */
export function checkOptions(region: FlashRegion, options: LogFsOptions): void {
  const { pageBytes, blockPages, recordBytes } = options;
  const refuse = (message: string): NorbridgeError =>
    new NorbridgeError("EINVAL", message, { operation: "open px_log_fs" });
  const blockBytes = pageBytes * blockPages;
  if (region.erasedByte !== ERASED) throw refuse("px_log_fs needs flash that erases to ff");
  if (!Number.isInteger(blockBytes / region.eraseBytes) || blockBytes === 0) {
    throw refuse(
      `a block of ${blockPages} pages of ${formatSize(pageBytes)} is not a multiple of the erase block of ${formatSize(region.eraseBytes)}`,
    );
  }
  const blocks = region.lengthBytes / blockBytes;
  if (!Number.isInteger(blocks) || blocks < 2) {
    throw refuse(
      `the region of ${formatSize(region.lengthBytes)} is not 2 or more whole blocks of ${formatSize(blockBytes)}`,
    );
  }
  if (blocks * blockPages > NO_PAGE)
    throw refuse(`${blocks * blockPages} pages: px_log_fs supports at most ${NO_PAGE}`);
  if (!Number.isInteger(recordBytes) || recordBytes < 1 || slotsPerPage(pageBytes, recordBytes) < 1) {
    throw refuse(`records of ${recordBytes} bytes do not fit a page of ${formatSize(pageBytes)}`);
  }
}

/** Not one valid page, and more than a cut can leave: other data. Throws LAYOUT_MISMATCH. */
export function refuseForeign(region: FlashRegion, headers: readonly PageHeader[], options: LogFsOptions): void {
  const { pageBytes, overwrite } = options;
  const strange = headers.flatMap(({ kind }, page) => {
    const isForeign = kind === "strange" && !isNamed({ offset: page * pageBytes, lengthBytes: pageBytes }, overwrite);
    return isForeign ? [page] : [];
  });
  const [first] = strange;
  if (first === undefined || headers.some(({ kind }) => kind === "used")) return;
  if (strange.length <= options.blockPages) return;
  const address = region.address + first * options.pageBytes;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `no page has a valid header of px_log_fs format ${options.format}; ${strange.length} of ${headers.length} pages hold other data`,
    { operation: "open px_log_fs", range: { address, lengthBytes: PAGE_HEADER_BYTES } },
  );
}
