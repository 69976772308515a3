/** Opens a ZMS by reading alone: options are checked, all allocation tables read, and the ring is put in order. */
import { advice } from "../../advice.ts";
import { formatAddress, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { ATE_BYTES, decodeAte, type Geometry, geometryOf, type ZmsKey, type ZmsOptions } from "./format.ts";
import { readTables } from "./read-sectors.ts";
import { newestEntries, type Ring, ringOf } from "./ring.ts";
import type { PlacedAte, SectorTable } from "./sector-table.ts";

/** Options of a ZMS. */
export interface ZmsMountOptions extends Omit<ZmsOptions, "hasDataCrc"> {
  /** Whether items have a CRC-32 (ZMS_DATA_CRC); left out: as the items on the flash have it. */
  readonly hasDataCrc?: boolean | undefined;
  /** Places of the region that may be erased, whatever they hold. Else only sectors that are blank or of this store. */
  readonly overwrite?: readonly OffsetRange[] | undefined;
}

/** A ZMS as it was read. */
export interface Mounted {
  readonly geometry: Geometry;
  readonly ring: Ring;
  /** The newest entry of each key, deletes included. */
  readonly newest: ReadonlyMap<ZmsKey, PlacedAte>;
}

/**
 * Throws EINVAL for options that make no sense, LAYOUT_MISMATCH for a region that is not erased and has no sector of a
 * ZMS of these options.
 */
export async function mountZms(region: FlashRegion, options: ZmsMountOptions): Promise<Mounted> {
  checkOptions(region, options);
  const assumed = geometryOf({ ...options, hasDataCrc: options.hasDataCrc ?? false }, region.erasedByte);
  const sectorCount = region.lengthBytes / options.sectorBytes;
  await refuseSmallerSectors(region, assumed, sectorCount);
  const tables = await readTables(region, assumed, sectorCount);
  const ring = ringOf(tables, assumed);
  if (ring === undefined) throw await noSector(region, assumed, tables);
  const geometry = { ...assumed, hasDataCrc: dataCrcOf(tables, region.erasedByte, options.hasDataCrc) };
  return { geometry, ring, newest: newestEntries(ring) };
}

function checkOptions(region: FlashRegion, { sectorBytes, alignBytes, keyBits }: ZmsMountOptions): void {
  const refuse = (message: string): NorbridgeError => new NorbridgeError("EINVAL", message, { operation: "open ZMS" });
  if (![1, 2, 4, 8, 16, 32].includes(alignBytes))
    throw refuse(`a write block is 1, 2, 4, 8, 16 or 32 bytes, not ${alignBytes}`);
  if (![32, 64].includes(keyBits)) throw refuse(`a key has 32 or 64 bits, not ${keyBits}`);
  if (!Number.isInteger(sectorBytes / region.eraseBytes) || sectorBytes < region.eraseBytes) {
    const [sector, block] = [formatSize(sectorBytes), formatSize(region.eraseBytes)];
    throw refuse(`a sector of ${sector} is not a multiple of the erase block of ${block}`);
  }
  const { ateBytes } = geometryOf({ sectorBytes, alignBytes, keyBits, hasDataCrc: false }, region.erasedByte);
  if (sectorBytes < 5 * ateBytes || sectorBytes % ateBytes !== 0) {
    throw refuse(`a sector of ${formatSize(sectorBytes)} has no room for a ZMS with a write block of ${alignBytes}`);
  }
  const count = region.lengthBytes / sectorBytes;
  if (!Number.isInteger(count) || count < 2) {
    throw refuse(
      `the region of ${formatSize(region.lengthBytes)} is not two or more whole sectors of ${formatSize(sectorBytes)}`,
    );
  }
}

/** A header in the middle of a sector: the device's sectors are smaller, and every offset would be taken from the wrong place. */
async function refuseSmallerSectors(region: FlashRegion, geometry: Geometry, sectorCount: number): Promise<void> {
  const { sectorBytes, keyBits } = geometry;
  const half = sectorBytes / 2;
  if (half < 5 * ATE_BYTES || !Number.isInteger(half)) return;
  const places = Array.from({ length: sectorCount }, (_, sector) => sector * sectorBytes + half - geometry.ateBytes);
  let index = 0;
  for await (const bytes of region.readMany(places.map((offset) => ({ offset, lengthBytes: ATE_BYTES })))) {
    const offset = places[index++] ?? 0;
    if (decodeAte(bytes, keyBits)?.kind !== "header") continue;
    const at = formatAddress(region.address + offset);
    throw mismatch(
      region,
      `a sector header at ${at} shows that the sectors are smaller than ${formatSize(sectorBytes)}`,
      {
        offset,
        lengthBytes: ATE_BYTES,
      },
    );
  }
}

/** The error for a region without any header. */
async function noSector(
  region: FlashRegion,
  geometry: Geometry,
  tables: readonly SectorTable[],
): Promise<NorbridgeError> {
  const { sectorBytes, headerAt, keyBits } = geometry;
  const whole = { offset: 0, lengthBytes: region.lengthBytes };
  for (const { sector } of tables) {
    const bytes = await region.read(sector * sectorBytes + headerAt, ATE_BYTES);
    if (decodeAte(bytes, keyBits === 64 ? 32 : 64)?.kind !== "header") continue;
    return mismatch(region, `the keys of this ZMS have ${keyBits === 64 ? 32 : 64} bits, not ${keyBits}`, whole);
  }
  return mismatch(region, "no sector ends with the header of a ZMS, and the region is not erased", whole);
}

function mismatch(
  region: FlashRegion,
  message: string,
  { offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number },
): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: "open ZMS",
    range: { address: region.address + offset, lengthBytes },
    hint: advice(
      "Specify the range, sector size and write block that the device uses.",
      "set-sector-size",
      "set-alignment",
    ),
  });
}

/** Devices without ZMS_DATA_CRC leave the field at 0. Throws LAYOUT_MISMATCH for an option that all items contradict. */
function dataCrcOf(tables: readonly SectorTable[], erasedByte: number, told: boolean | undefined): boolean {
  // A field that ends with an erased byte may have been cut.
  const isWhole = (dataCrc: number | undefined): boolean => dataCrc !== undefined && dataCrc >>> 24 !== erasedByte;
  const outside = tables.flatMap(({ ates }) => ates.filter(({ dataCrc }) => isWhole(dataCrc)));
  const withCrc = outside.filter(({ dataCrc }) => dataCrc !== 0).length;
  const found = withCrc > 0;
  if (told === undefined || outside.length === 0 || told === found) return told ?? found;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    found ? `${withCrc} of ${outside.length} items have a CRC-32 of their data` : "no item has a CRC-32 of its data",
    { operation: "open ZMS", hint: "Nothing was changed. Leave this option out: then it is read from the items." },
  );
}
