/** The ring of sectors of an NVS: which one is written to, and which entry of an id is in force. Pure. */
import { NorbridgeError } from "../../errors.ts";
import { MARKER_ID, type NvsGeometry } from "./format.ts";
import { isCollectionEnd, isOfNvs, type PlacedAte, type SectorTable } from "./sector-table.ts";

/**
 * What a power cut left of a collection. `none`: nothing. `erase-next`: all was copied, the source is not erased yet.
 * `again`: the open sector holds nothing but copies, and goes. `continue`: the open sector holds more than copies, so
 * it stays, and what is missing in it is copied. `stuck`: no power cut leaves this. Every sector is closed, so no
 * device starts; only reading is possible.
 */
export type Interruption = "none" | "erase-next" | "again" | "continue" | "stuck";

/** An NVS as a device sees it after its start. */
export interface NvsRing {
  readonly tables: readonly SectorTable[];
  /** Sector that is written to. */
  readonly open: number;
  readonly interruption: Interruption;
}

/** Sector after `sector` in the ring; `steps` may be negative. */
export function around(sector: number, steps: number, { sectorCount }: Pick<NvsGeometry, "sectorCount">): number {
  return (((sector + steps) % sectorCount) + sectorCount) % sectorCount;
}

/** The table of a sector of the ring. */
export function tableOf(tables: readonly SectorTable[], sector: number): SectorTable {
  const table = tables[sector];
  if (table === undefined) throw new NorbridgeError("BUG", `NVS has no sector ${sector}`, { operation: "open NVS" });
  return table;
}

/**
 * The sector that is written to, found as devices find it: the first that is not closed, after one that is. Where an
 * erase was cut so that its sector looks closed as well, it is that one. Devices do not start if all are closed; then
 * it is the only one with entries whose end is not a valid one: its place was spoilt. Throws LAYOUT_MISMATCH if there
 * is no such one, or several.
 */
export function findOpen(tables: readonly SectorTable[], geometry: NvsGeometry): number {
  const isClosed = (sector: number): boolean => tableOf(tables, sector).close !== "erased";
  for (let sector = 0; sector < geometry.sectorCount; sector++) {
    const next = around(sector, 1, geometry);
    if (isClosed(sector) && !isClosed(next)) return next;
  }
  if (!isClosed(0)) {
    const last = geometry.sectorCount - 1;
    const { entries, tornPlaces } = tableOf(tables, last);
    return [...entries.map(({ place }) => place), ...tornPlaces].includes(geometry.firstPlace) ? last : 0;
  }
  const spoilt = tables.filter((table) => !isOfNvs(table, geometry));
  if (spoilt.length === 1 && spoilt[0] !== undefined) return spoilt[0].sector;
  const [open, ...others] = tables.filter(({ close, entries }) => close === "torn" && entries.length > 0);
  if (open !== undefined && others.length === 0) return open.sector;
  throw new NorbridgeError("LAYOUT_MISMATCH", "every sector is closed, so a device does not start on this NVS", {
    operation: "open NVS",
    hint: "Check the range and the sector size. Or this region holds other data.",
  });
}

/** Whether no device starts on this: every sector is closed, and the open one is not what a cut erase left. */
export function isStuck(tables: readonly SectorTable[], open: number, geometry: NvsGeometry): boolean {
  const isOpenKept = isOfNvs(tableOf(tables, open), geometry);
  return isOpenKept && tables.every(({ close }) => close !== "erased");
}

/** Whether a collection into the open sector ended. */
export function hasCollectionEnd({ entries }: SectorTable): boolean {
  return entries.some(isCollectionEnd);
}

/** Sectors in which items are looked up, the newest first. */
export function sectorsInForce({ tables, open, interruption }: NvsRing, geometry: NvsGeometry): readonly number[] {
  const sectors: number[] = [];
  const first = interruption === "again" ? -1 : 0;
  for (let steps = 0; steps < geometry.sectorCount; steps++) {
    const sector = around(open, first - steps, geometry);
    const isOpen = sector === open;
    if (isOpen && steps > 0) break;
    if (interruption === "erase-next" && sector === around(open, 1, geometry) && steps > 0) break;
    if (!isOpen && tableOf(tables, sector).close === "erased") break;
    sectors.push(sector);
  }
  return sectors;
}

/** The entry in force of each id, those that say "deleted" included. Markers count as entries of no id. */
export function newestOf(tables: readonly SectorTable[], sectors: readonly number[]): Map<number, PlacedAte> {
  const newest = new Map<number, PlacedAte>();
  for (const sector of sectors) {
    const { entries } = tableOf(tables, sector);
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index];
      if (entry !== undefined && !isCollectionEnd(entry) && !newest.has(entry.id)) newest.set(entry.id, entry);
    }
  }
  return newest;
}

/** Space that a device reports is left for items: as if every sector but one were collected. */
export function freeBytesOf(ring: NvsRing, geometry: NvsGeometry): number {
  const { sectorCount, sectorBytes, ateBytes, alignBytes } = geometry;
  const sectors = sectorsInForce(ring, geometry);
  let free = (sectorCount - 1) * (sectorBytes - 2 * ateBytes);
  for (const sector of sectors) free -= ateBytes * tableOf(ring.tables, sector).entries.filter(isCollectionEnd).length;
  for (const { id, length } of newestOf(ring.tables, sectors).values()) {
    // An item with the id of the markers does not count on a device.
    if (length > 0 && id !== MARKER_ID) free -= Math.ceil(length / alignBytes) * alignBytes + ateBytes;
  }
  return free;
}
