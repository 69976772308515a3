/**
 * Whether a log holds records of the specified size. The flash does not store it, and adding records of another size
 * would mark places as bad that are the middle of records.
 */
import { advice } from "../../advice.ts";
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { decodePageHeader, PAGE_HEADER_BYTES, SLOT_OVERHEAD_BYTES, slotsPerPage } from "./format.ts";
import type { LogFsOptions } from "./log-fs-options.ts";
import { type PageShape, slotOffset, slotsOf } from "./page-slots.ts";

/** Pages that are looked into, the newest first. */
const MAX_PAGES = 4;
/**
 * A power cut leaves one place that is neither free nor a record; this many are not cuts, where not twice as many are
 * records.
 */
const TOO_MANY_WRONG = 3;
/** This many records to one place that is wrong need no other proof. */
const ENOUGH_RIGHT = 8;
const ERASED = 0xff;

interface Tally {
  right: number;
  wrong: number;
  /** Records whose check byte reads erased: what a cut left fits many a size by chance. */
  doubtful: number;
}

/**
 * Throws LAYOUT_MISMATCH if the newest pages cannot be of this record size. `pages`: those in use, oldest first; `lastPage`:
 * what the last of them holds. If that page is as it should be, nothing more is read.
 */
export async function proveShape(
  region: FlashRegion,
  options: LogFsOptions,
  pages: readonly number[],
  lastPage: Uint8Array,
): Promise<void> {
  const { pageBytes, recordBytes } = options;
  const newest = pages.slice(-MAX_PAGES).reverse();
  const looked: Uint8Array[] = [];
  const told: Tally = { right: 0, wrong: 0, doubtful: 0 };
  for (const page of newest) {
    const bytes = looked.length === 0 ? lastPage : await region.read(page * pageBytes, pageBytes);
    looked.push(bytes);
    refusePagesWithin(region, options, page, bytes);
    count(bytes, options, told);
    if (told.right > 0 && told.right >= ENOUGH_RIGHT * told.wrong) return;
  }
  const { right, wrong, doubtful } = told;
  const other = wrong + doubtful > 0 ? sizeThatExplains(looked, options, right) : undefined;
  const isOtherwise = wrong >= TOO_MANY_WRONG && 2 * wrong > right;
  if (other === undefined && !isOtherwise) return;
  const found = other === undefined ? "" : `; with ${other} bytes all of them are`;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `${right} of ${right + wrong} slots in the newest pages hold valid records of ${recordBytes} bytes${found}`,
    {
      operation: "append",
      range: { address: region.address + (newest[0] ?? 0) * pageBytes, lengthBytes: pageBytes },
      hint: advice(
        "Nothing was changed. Check record size and page size.",
        "detect-log",
        "set-record-size",
        "set-page-size",
      ),
    },
  );
}

/** A page of which a fraction is a page of its own, with a first record, was specified too large. */
function refusePagesWithin(region: FlashRegion, options: LogFsOptions, page: number, bytes: Uint8Array): void {
  const { pageBytes, format } = options;
  for (let offset = pageBytes / 2; Number.isInteger(offset) && offset >= PAGE_HEADER_BYTES; offset /= 2) {
    const within = bytes.subarray(offset, 2 * offset);
    const [first] = slotsOf(within, { ...options, pageBytes: offset });
    if (decodePageHeader(within, format).kind !== "used" || first?.kind !== "record") continue;
    const range = { address: region.address + page * pageBytes + offset, lengthBytes: PAGE_HEADER_BYTES };
    const message = `another page starts at ${formatAddress(range.address)}, inside a page of ${formatSize(pageBytes)}`;
    const hint = advice("Nothing was changed. Check the page size; the default is that of the chip.", "set-page-size");
    throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation: "append", range, hint });
  }
}

function count(bytes: Uint8Array, shape: PageShape, tally: Tally): void {
  for (const slot of slotsOf(bytes, shape)) {
    if (slot.kind === "record") tally[slot.isUnconfirmed ? "doubtful" : "right"]++;
    if (slot.kind === "strange" || slot.kind === "dirty") tally.wrong++;
  }
}

/** The record size that leaves nothing of the pages unexplained, with more records than `right`; undefined if there is none. */
function sizeThatExplains(pages: readonly Uint8Array[], options: LogFsOptions, right: number): number | undefined {
  const largest = options.pageBytes - PAGE_HEADER_BYTES - SLOT_OVERHEAD_BYTES;
  let best: { readonly recordBytes: number; readonly right: number } | undefined;
  for (let recordBytes = 1; recordBytes <= largest; recordBytes++) {
    const shape = { ...options, recordBytes };
    const behind = slotOffset(slotsPerPage(options.pageBytes, recordBytes), recordBytes);
    const tally: Tally = { right: 0, wrong: 0, doubtful: 0 };
    for (const bytes of pages) {
      count(bytes, shape, tally);
      if (bytes.subarray(behind).some((byte) => byte !== ERASED)) tally.wrong++;
    }
    const isWhole = tally.wrong === 0 && tally.doubtful === 0;
    if (isWhole && tally.right > (best?.right ?? right)) best = { recordBytes, right: tally.right };
  }
  return best?.recordBytes;
}
