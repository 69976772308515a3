/**
 * What is asked before a sector that is not blank is erased to make room. Power cuts leave garbage there, and that may go; what
 * they cannot leave is entries.
 */
import { type Advice, advice } from "../../advice.ts";
import { formatAddress, formatRange, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type CircularBufferOptions, decodeHeader, HEADER_BYTES, type SectorHeader } from "./format.ts";
import { tally } from "./sector-tally.ts";
import { walkSector } from "./sector-walk.ts";

/**
 * Throws LAYOUT_MISMATCH if `sector`, which comes after `active`, holds entries: under a header that is damaged, or
 * out of the order of the log, since one before it is; or as the rest of a sector that is longer than was specified.
 */
export async function refuseToLoseEntries(
  region: FlashRegion,
  options: CircularBufferOptions,
  {
    active,
    sector,
    header,
  }: { readonly active: number; readonly sector: number; readonly header: SectorHeader | undefined },
): Promise<void> {
  const { sectorBytes } = options;
  const bytes = await region.read(sector * sectorBytes, sectorBytes);
  const range = { address: region.address + sector * sectorBytes, lengthBytes: sectorBytes };
  const refuse = (message: string, hint: Advice): NorbridgeError =>
    new NorbridgeError("LAYOUT_MISMATCH", `the next sector, ${formatRange(range)}, ${message}`, {
      operation: "append",
      range,
      hint,
    });
  const { entries, damaged } = tally(bytes, options, region.erasedByte);
  // A header that a cut tore has no entries after it yet; in an erase that was cut an 8-bit check byte fits once in 256.
  if (entries > 1 && entries > damaged) {
    throw refuse(
      header?.kind === "used"
        ? `holds ${entries} entries out of order: an earlier header is damaged`
        : `holds ${entries} entries after a header that is damaged or belongs to another log`,
      advice("Nothing was changed. Save these entries, then erase the sector.", { kind: "save-and-erase", ...range }),
    );
  }
  // After the end of the ring nothing continues.
  if (sector !== active + 1) return;
  const both = new Uint8Array(2 * sectorBytes);
  both.set(await region.read(active * sectorBytes, sectorBytes));
  both.set(bytes, sectorBytes);
  const count = entriesAfter(both, options, region.erasedByte);
  if (count === 0) return;
  throw refuse(
    `continues with ${count === 1 ? "an entry" : `${count} entries`} of the sector before it: sectors are longer than ${formatSize(sectorBytes)}`,
    CHECK_SIZE,
  );
}

/**
 * Throws LAYOUT_MISMATCH if within `sector` another one of this log begins: then sectors are shorter than was specified, and
 * to write there or to give it up would cost more than was meant. `known`: what the sector holds, if that was read.
 */
export async function refuseSectorsWithin(
  region: FlashRegion,
  { sectorBytes, magic }: CircularBufferOptions,
  sector: number,
  known?: Uint8Array,
): Promise<void> {
  const { eraseBytes, erasedByte } = region;
  const starts = Array.from({ length: sectorBytes / eraseBytes - 1 }, (_, index) => (index + 1) * eraseBytes);
  const headers: Uint8Array[] = [];
  if (known !== undefined) {
    headers.push(...starts.map((start) => known.subarray(start, start + HEADER_BYTES)));
  } else if (starts.length > 0) {
    const ranges = starts.map((start) => ({ offset: sector * sectorBytes + start, lengthBytes: HEADER_BYTES }));
    for await (const bytes of region.readMany(ranges)) headers.push(bytes);
  }
  const index = headers.findIndex((bytes) => {
    return decodeHeader(bytes, magic, erasedByte).kind === "used" && bytes[5] === erasedByte;
  });
  const start = starts[index];
  if (start === undefined) return;
  const range = { address: region.address + sector * sectorBytes + start, lengthBytes: HEADER_BYTES };
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `another sector starts at ${formatAddress(range.address)}, inside a sector of ${formatSize(sectorBytes)}`,
    { operation: "open FCB", range, hint: CHECK_SIZE },
  );
}

const CHECK_SIZE = advice("Nothing was changed. Check the sector size.", "detect-log", "set-sector-size");

/** Entries that end in the second half of `both`, where that is not by chance: two, or one with nothing after it. */
function entriesAfter(both: Uint8Array, options: CircularBufferOptions, erasedByte: number): number {
  const boundary = both.length / 2;
  let count = 0;
  let isWhole = true;
  let end = 0;
  for (const item of walkSector(both, options, erasedByte)) {
    if (item.kind === "end") {
      end = item.offset;
    } else if (item.kind === "damage") {
      if (item.offset + item.lengthBytes > boundary) isWhole = false;
    } else if (item.data.byteOffset + item.data.length - both.byteOffset >= boundary && !item.isUnconfirmed) {
      count++;
    }
  }
  const isAlone = isWhole && both.subarray(end).every((byte) => byte === erasedByte);
  return count > 1 || isAlone ? count : 0;
}
