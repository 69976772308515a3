/** Reads what is needed of each sector: its end, its allocation table, and a checksum of what should be erased. */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { concatBytes, isFilledWith } from "../../bytes.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { Geometry } from "./format.ts";
import { type SectorEnd, type SectorTable, sectorEnd, type TableWalk, walkTable } from "./sector-table.ts";

/** A table is read in pieces from its top; most need no second one. */
const TABLE_PIECE_BYTES = 512;

/** What tables are read from; without checksums, bytes are read instead. */
export type TableRegion = Pick<FlashRegion, "erasedByte" | "read" | "readMany"> & Partial<Pick<FlashRegion, "digest">>;

/** Reads the tables of all sectors; `sectorCount` of them from the start of the region. */
export async function readTables(
  region: TableRegion,
  geometry: Geometry,
  sectorCount: number,
): Promise<readonly SectorTable[]> {
  const { sectorBytes, ateBytes } = geometry;
  const tailBytes = Math.min(sectorBytes, Math.max(TABLE_PIECE_BYTES, 4 * ateBytes));
  const ranges = Array.from({ length: sectorCount }, (_, sector) => ({
    offset: (sector + 1) * sectorBytes - tailBytes,
    lengthBytes: tailBytes,
  }));
  const tables: SectorTable[] = [];
  const tails: Uint8Array[] = [];
  for await (const tail of region.readMany(ranges)) tails.push(tail.slice());
  for (const [sector, tail] of tails.entries()) tables.push(await readTable(region, geometry, sector, tail));
  return tables;
}

/** Reads one table, of which `tail` was read already. */
export async function readTable(
  region: TableRegion,
  geometry: Geometry,
  sector: number,
  tail: Uint8Array,
): Promise<SectorTable> {
  const end = sectorEnd(tail, geometry);
  const { header, closeTarget } = end;
  const cycle = header?.cycle ?? 0;
  const source = new TailSource(region, geometry, sector, tail);
  let walk = walkTable(source.tail, geometry, { sector, cycle, lastAt: closeTarget });
  while (!walk.isComplete) {
    await source.more();
    walk = walkTable(source.tail, geometry, { sector, cycle, lastAt: closeTarget });
  }
  if (closeTarget !== undefined) return tableOf(sector, "closed", end, walk, false);
  const isRestErased = await source.isErased(walk.dataEnd, walk.atePlace + geometry.ateBytes);
  return tableOf(sector, kindOf(end, walk, isRestErased), end, walk, !isRestErased);
}

function kindOf(end: SectorEnd, walk: TableWalk, isRestErased: boolean): SectorTable["kind"] {
  const isUnused = walk.ates.length === 0 && !walk.hasGcDone && walk.invalidPlaces.length === 0 && isRestErased;
  if (end.header === undefined) return isUnused && end.isCloseErased && end.isHeaderFree ? "blank" : "garbage";
  if (end.isCloseErased) return isUnused ? "empty" : "open";
  return walk.ates.length > 0 || walk.hasGcDone ? "torn" : "garbage";
}

function tableOf(
  sector: number,
  kind: SectorTable["kind"],
  { header, closeBytes }: SectorEnd,
  { ates, hasGcDone, atePlace, dataEnd, invalidPlaces, falseAt }: TableWalk,
  hasTornData: boolean,
): SectorTable {
  const isTorn = kind === "torn" || kind === "garbage";
  return {
    sector,
    kind,
    header,
    tornClose: isTorn ? closeBytes : undefined,
    ates,
    hasGcDone,
    atePlace,
    dataEnd,
    invalidPlaces,
    falseAt,
    hasTornData,
  };
}

/** The last bytes of a sector; more are read when they are needed. */
class TailSource {
  readonly #region: TableRegion;
  readonly #geometry: Geometry;
  readonly #base: number;
  tail: Uint8Array;

  constructor(region: TableRegion, geometry: Geometry, sector: number, tail: Uint8Array) {
    this.#region = region;
    this.#geometry = geometry;
    this.#base = sector * geometry.sectorBytes;
    this.tail = tail;
  }

  get #from(): number {
    return this.#geometry.sectorBytes - this.tail.length;
  }

  async more(): Promise<void> {
    const lengthBytes = Math.min(this.#from, this.tail.length);
    const before = await this.#region.read(this.#base + this.#from - lengthBytes, lengthBytes);
    this.tail = concatBytes([before, this.tail]);
  }

  /** Whether a range of the sector is erased; what was not read yet is compared by its block check if the region can do that. */
  async isErased(start: number, end: number): Promise<boolean> {
    const { erasedByte } = this.#geometry;
    const known = this.tail.subarray(Math.max(0, start - this.#from), Math.max(0, end - this.#from));
    if (!isFilledWith(known, erasedByte)) return false;
    const lengthBytes = Math.min(end, this.#from) - start;
    if (lengthBytes <= 0) return true;
    return isRangeErased(this.#region, this.#base + start, lengthBytes);
  }
}

/** Whether a range of a region is erased. */
async function isRangeErased(region: TableRegion, offset: number, lengthBytes: number): Promise<boolean> {
  if (region.digest === undefined) return isFilledWith(await region.read(offset, lengthBytes), region.erasedByte);
  return (await region.digest(offset, lengthBytes)) === blockCheckOfFill(region.erasedByte, lengthBytes);
}
