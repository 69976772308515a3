/**
 * Which sector is written to, in which order sectors are read, and what a power cut left to do. On healthy flash and
 * after most cuts this is what a device finds; if it would take a sector that is spoilt, the sector after it that is
 * not. Pure.
 */
import type { PlacedAte, SectorTable } from "./sector-table.ts";
import type { Geometry, ZmsKey } from "./format.ts";

/**
 * What must be done before the first change:
 * - format: nothing was ever written; a device erases sector 0 and writes its header.
 * - close: the close ATE of the open sector was cut; it is programmed again.
 * - rescue: entries of a sector that no device would read are copied.
 * - collect-again: a collection was cut; a device erases the open sector and collects once more.
 * - erase-next: the collected sector was not erased, or not completely.
 * - void-entry: an entry was cut, but devices take it for an item; it is programmed to 00.
 * - leave-sector: the open sector holds data without an ATE, or an entry at which a device stops: another one is opened.
 */
export type RingWork =
  | "none"
  | "format"
  | "close"
  | "rescue"
  | "collect-again"
  | "erase-next"
  | "void-entry"
  | "leave-sector";

/** Where a store stands. */
export interface Ring {
  readonly tables: readonly SectorTable[];
  /** The sector that is written to. */
  readonly open: number;
  /** Sectors whose entries count, newest first. */
  readonly order: readonly number[];
  readonly work: RingWork;
  /** The sector to rescue. */
  readonly lost?: number | undefined;
}

/** `undefined` if no sector has anything of a ZMS. */
export function ringOf(tables: readonly SectorTable[], geometry: Geometry): Ring | undefined {
  if (tables.every(({ header }) => header === undefined)) {
    return tables.every(({ kind }) => kind === "blank") ? { tables, open: 0, order: [], work: "format" } : undefined;
  }
  const open = openSector(tables);
  const order = readingOrder(tables, open);
  const lost = lostSector(tables, open, order);
  const work = workOf(tables, open, lost, geometry);
  return { tables, open, order, work, lost };
}

/** The sector after another one in the ring. */
export function nextSector(tables: readonly unknown[], sector: number): number {
  return (sector + 1) % tables.length;
}

/** Whether a sector has entries that can be read. */
function isUsed(table: SectorTable | undefined): boolean {
  return table !== undefined && table.header !== undefined && (table.ates.length > 0 || table.hasGcDone);
}

function openSector(tables: readonly SectorTable[]): number {
  const candidates = tables
    .filter(({ kind, sector }) => kind === "closed" && tables[nextSector(tables, sector)]?.kind !== "closed")
    .map(({ sector }) => afterTorn(tables, nextSector(tables, sector)));
  const [first] = candidates;
  // Where a close ATE in the middle of the ring is spoilt there are two; the open sector has an erased close place.
  const used = candidates.filter((sector) => isUsed(tables[sector]));
  if (first !== undefined) return used.find((sector) => tables[sector]?.kind === "open") ?? used[0] ?? first;
  if (tables.every(({ kind }) => kind === "closed")) return 0;
  return openOfNoneClosed(tables);
}

/** A sector whose close ATE is spoilt is not the open one if the next one is in use and its close place is erased. */
function afterTorn(tables: readonly SectorTable[], sector: number): number {
  let at = sector;
  for (let steps = 0; steps < tables.length; steps++) {
    const next = nextSector(tables, at);
    if (tables[at]?.kind !== "torn" || tables[next]?.kind !== "open" || !isUsed(tables[next])) return at;
    at = next;
  }
  return sector;
}

/** Young areas, areas of two sectors after a cut erase, and areas with a spoilt close ATE have no closed sector. */
function openOfNoneClosed(tables: readonly SectorTable[]): number {
  const used = tables.filter((table) => isUsed(table));
  const open = used.filter(({ kind }) => kind === "open");
  const best = open.find(({ hasGcDone }) => hasGcDone) ?? open[0] ?? used.at(-1);
  return best?.sector ?? (tables.find(({ kind }) => kind === "open") ?? tables[0])?.sector ?? 0;
}

/** From the open sector back, over closed sectors and those whose close ATE is spoilt. */
function readingOrder(tables: readonly SectorTable[], open: number): readonly number[] {
  const oldest = nextSector(tables, open);
  const order = [open];
  for (let sector = before(tables, open); sector !== open; sector = before(tables, sector)) {
    const kind = tables[sector]?.kind;
    if (kind !== "closed" && kind !== "torn") break;
    order.push(sector);
  }
  const hasOldest = order.at(-1) === oldest && order.length > 1;
  if (!hasOldest) return order;
  // A collection that is done leaves nothing in its source. Otherwise the ring is longer than this.
  if (tables[open]?.hasGcDone === true) return isCollected(tables, order) ? order.slice(0, -1) : order;
  // Copies of a collection that was cut: their sources count. Copies of a spoilt sector stay.
  return tables[oldest]?.kind === "closed" ? order.slice(1) : order;
}

/** Whether all that counts in the last sector of an order stands in another one as well. */
function isCollected(tables: readonly SectorTable[], order: readonly number[]): boolean {
  const newer = new Set(order.slice(0, -1).flatMap((sector) => (tables[sector]?.ates ?? []).map(({ key }) => key)));
  const { ates: oldest = [], invalidPlaces = [] } = tables[order.at(-1) ?? 0] ?? {};
  // An erase that was cut may have taken a delete and left what it deleted.
  if (invalidPlaces.length > 0) return true;
  const seen = new Set<ZmsKey>();
  for (const { key, length } of oldest) {
    if (length > 0 && !newer.has(key) && !seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

function before(tables: readonly unknown[], sector: number): number {
  return (sector + tables.length - 1) % tables.length;
}

/** A sector before the open one that no device would read, because its close ATE is spoilt. */
function lostSector(tables: readonly SectorTable[], open: number, order: readonly number[]): number | undefined {
  return order.find((sector) => sector !== open && tables[sector]?.kind === "torn");
}

function workOf(tables: readonly SectorTable[], open: number, lost: number | undefined, geometry: Geometry): RingWork {
  const table = tables[open];
  const next = tables[nextSector(tables, open)];
  if (table === undefined || next === undefined) return "none";
  if (table.kind === "torn") return "close";
  if (table.header === undefined || (next.kind === "closed" && !table.hasGcDone)) return "collect-again";
  if (lost !== undefined) return "rescue";
  if (table.hasGcDone && next.kind !== "empty") return "erase-next";
  if (table.falseAt !== undefined) return "void-entry";
  return table.hasTornData || stopsDevice(table, geometry) ? "leave-sector" : "none";
}

/** A device does not start if the entry directly above the data was cut. */
function stopsDevice({ invalidPlaces, dataEnd }: SectorTable, { alignBytes }: Geometry): boolean {
  return invalidPlaces.some((at) => at >= dataEnd && at < dataEnd + alignBytes);
}

/** The newest entry of each key, deletes included. */
export function newestEntries({ tables, order }: Ring): Map<ZmsKey, PlacedAte> {
  const newest = new Map<ZmsKey, PlacedAte>();
  for (const sector of order) {
    for (const ate of tables[sector]?.ates ?? []) if (!newest.has(ate.key)) newest.set(ate.key, ate);
  }
  return newest;
}

/** A sector that is neither part of the ring nor free for it: the region is larger than the store, or holds something else. */
export function foreignSector({ tables, open, order }: Ring): number | undefined {
  const next = nextSector(tables, open);
  const own = new Set([...order, open, next]);
  if (order.length === tables.length && tables[open]?.hasGcDone === true && tables[next]?.kind === "closed")
    return next;
  const isYoung = order.length + 1 < tables.length;
  const oldest = order.at(-1) ?? open;
  for (const { sector, kind } of tables) {
    if (!own.has(sector) && kind !== "blank" && kind !== "empty") return sector;
  }
  // A ring that has gone round uses all sectors; one that has not begins at sector 0.
  if (isYoung && oldest !== 0 && tables.length > 2 && order.length > 0) return nextSector(tables, next);
  const isCut = tables[next]?.kind === "garbage" && tables[next].header === undefined;
  return isCut && tables[open]?.hasGcDone !== true && tables[open]?.header !== undefined ? next : undefined;
}
