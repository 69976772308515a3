/**
 * The changes of a ZMS, each as a device makes it: an item, closing a sector, a collection. Data is compared before its entry is
 * written, and copies before their source is erased. Each function returns what is on the flash then.
 */
import { blockCheck, blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type Programs, programCompared, readsDifferently } from "../compared-programs.ts";
import {
  copiedPieces,
  dataPieces,
  encodeHeader,
  encodeItem,
  encodeItemAte,
  encodeMarker,
  type Geometry,
  type ItemAte,
  roundUp,
  type ZmsKey,
} from "./format.ts";
import type { Mounted } from "./mount.ts";
import { newestEntries, nextSector, type Ring } from "./ring.ts";
import { liveEntries } from "./room.ts";
import type { PlacedAte, SectorTable } from "./sector-table.ts";

const OPERATION = "write ZMS";

/** A region whose changes are announced. */
export interface ChangedRegion {
  readonly region: FlashRegion;
  /** Called before each program and erase. */
  changing(): void;
}

/** Writes an item, or a delete if there is no data, into the open sector; there must be room. */
export async function appendItem(on: ChangedRegion, mounted: Mounted, key: ZmsKey, data: Uint8Array): Promise<Mounted> {
  const { geometry, ring } = mounted;
  const table = tableOf(ring, ring.open);
  const cycle = table.header?.cycle ?? 0;
  const base = ring.open * geometry.sectorBytes;
  const isOutside = data.length > geometry.inlineBytes;
  on.changing();
  if (isOutside) {
    const parts = dataPieces(data, geometry);
    await programCompared(on.region, [{ offset: base + table.dataEnd, parts }], OPERATION);
  }
  const bytes = encodeItem(geometry, cycle, key, data, table.dataEnd);
  await programCompared(on.region, [{ offset: base + table.atePlace, parts: [bytes] }], OPERATION);
  const item: ItemAte = isOutside
    ? { kind: "item", cycle, key, length: data.length, dataAt: table.dataEnd, dataCrc: dataCrcOf(geometry, data) }
    : { kind: "item", cycle, key, length: data.length, inline: data.slice() };
  const placed = { ...item, sector: ring.open, at: table.atePlace };
  const newest = new Map(mounted.newest).set(key, placed);
  return { geometry, newest, ring: withTable(ring, withEntry(table, placed, geometry)) };
}

function dataCrcOf({ keyBits, hasDataCrc }: Geometry, data: Uint8Array): number {
  return keyBits === 32 && hasDataCrc ? crc32(data) : 0;
}

function withEntry(table: SectorTable, ate: PlacedAte, geometry: Geometry): SectorTable {
  const dataEnd = ate.dataAt === undefined ? table.dataEnd : ate.dataAt + roundUp(ate.length, geometry.alignBytes);
  return { ...table, kind: "open", ates: [ate, ...table.ates], atePlace: table.atePlace - geometry.ateBytes, dataEnd };
}

/** Programs the close ATE of the open sector: `target` is its last used place. */
export async function programClose(on: ChangedRegion, { geometry, ring }: Mounted, target: number): Promise<void> {
  const cycle = tableOf(ring, ring.open).header?.cycle ?? 0;
  const offset = ring.open * geometry.sectorBytes + geometry.closeAt;
  on.changing();
  await programCompared(on.region, [{ offset, parts: [encodeMarker(geometry, cycle, target)] }], OPERATION);
}

/** Closes the open sector, opens the next one, and collects the one after that into it. */
export async function closeAndCollect(on: ChangedRegion, mounted: Mounted): Promise<Mounted> {
  const { ring, geometry } = mounted;
  await programClose(on, mounted, tableOf(ring, ring.open).atePlace + geometry.ateBytes);
  return openNext(on, { ...mounted, ring: withTable(ring, { ...tableOf(ring, ring.open), kind: "closed" }) });
}

/** Opens the sector after one that is full, and collects into it. */
export async function openNext(on: ChangedRegion, mounted: Mounted): Promise<Mounted> {
  const { ring } = mounted;
  const open = nextSector(ring.tables, ring.open);
  const table = tableOf(ring, open);
  const isReady = table.kind === "empty" && !table.hasTornData;
  const opened = isReady ? table : await beginSector(on, mounted, open);
  return collectInto(on, { ...mounted, ring: { ...withTable(ring, opened), open } });
}

/** Erases the open sector, and collects into it once more. */
export async function collectAgain(on: ChangedRegion, mounted: Mounted): Promise<Mounted> {
  const { ring } = mounted;
  return collectInto(on, { ...mounted, ring: withTable(ring, await beginSector(on, mounted, ring.open)) });
}

/** Copies what is in force in the sector after the open one, marks that it is done, and erases that sector. */
async function collectInto(on: ChangedRegion, mounted: Mounted): Promise<Mounted> {
  const { geometry, ring } = mounted;
  const source = nextSector(ring.tables, ring.open);
  const live = liveEntries(mounted, source);
  const datas = await readDatas(on.region, geometry, live);
  const base = ring.open * geometry.sectorBytes;
  const groups: Programs[] = [];
  // Its first entry goes to the first place: only a start of the device passes over that.
  let table: SectorTable = { ...tableOf(ring, ring.open), atePlace: geometry.firstAt };
  const cycle = table.header?.cycle ?? 0;
  const newest = new Map(mounted.newest);
  for (const [index, ate] of live.entries()) {
    const data = datas[index] ?? new Uint8Array();
    const copy = { ...ate, cycle, dataAt: ate.dataAt === undefined ? undefined : table.dataEnd };
    const placed = { ...copy, sector: ring.open, at: table.atePlace };
    groups.push({ offset: base + table.dataEnd, parts: copiedPieces(data, geometry) });
    groups.push({ offset: base + table.atePlace, parts: [encodeItemAte(geometry, copy)] });
    newest.set(ate.key, placed);
    table = withEntry(table, placed, geometry);
  }
  on.changing();
  const copies = groups.filter(({ parts }) => parts.length > 0);
  if (copies.length > 0) await programCompared(on.region, copies, OPERATION);
  return finishCollection(on, { geometry, newest, ring: withTable(ring, table) });
}

/** Writes the mark that the collection is done, and erases the sector after the open one. */
export async function finishCollection(on: ChangedRegion, mounted: Mounted): Promise<Mounted> {
  const { geometry, ring, newest } = mounted;
  const table = tableOf(ring, ring.open);
  const offset = ring.open * geometry.sectorBytes + table.atePlace;
  const mark = encodeMarker(geometry, table.header?.cycle ?? 0, table.dataEnd);
  on.changing();
  await programCompared(on.region, [{ offset, parts: [mark] }], OPERATION);
  const atePlace = table.atePlace - geometry.ateBytes;
  const marked: SectorTable = { ...table, kind: "open", hasGcDone: true, atePlace };
  const erased = await beginSector(on, mounted, nextSector(ring.tables, ring.open));
  const { open } = ring;
  const order = [open, ...ring.order.filter((sector) => sector !== open && sector !== erased.sector)];
  const next: Ring = { ...withTable(withTable(ring, marked), erased), order, work: "none" };
  return { geometry, newest, ring: next };
}

/** The data of entries, in their order; none for data in the entry. */
export async function readDatas(
  region: FlashRegion,
  { sectorBytes }: Geometry,
  ates: readonly PlacedAte[],
): Promise<readonly Uint8Array[]> {
  const outside = ates.flatMap(({ sector, dataAt, length }) =>
    dataAt === undefined ? [] : [{ offset: sector * sectorBytes + dataAt, lengthBytes: length }],
  );
  const read: Uint8Array[] = [];
  for await (const bytes of region.readMany(outside)) read.push(bytes.slice());
  let index = 0;
  return ates.map(({ dataAt }) => (dataAt === undefined ? new Uint8Array() : (read[index++] ?? new Uint8Array())));
}

/** Erases a sector and programs its header; both are compared. */
export async function beginSector(on: ChangedRegion, mounted: Mounted, sector: number): Promise<SectorTable> {
  const { geometry, ring } = mounted;
  const { sectorBytes, headerAt, ateBytes, firstAt } = geometry;
  const offset = sector * sectorBytes;
  const header = headerAfterErase(tableOf(ring, sector), geometry);
  const bytes = encodeHeader(geometry, header.cycle, header.fullCycles);
  on.changing();
  for await (const result of on.region.run([
    { kind: "erase", offset, lengthBytes: sectorBytes },
    { kind: "program", offset: offset + headerAt, data: bytes },
    { kind: "digest", offset, lengthBytes: sectorBytes },
  ])) {
    if (result.kind !== "digest") continue;
    const wished = blockCheck(bytes, blockCheckOfFill(geometry.erasedByte, headerAt));
    if (result.check !== wished) throw readsDifferently(on.region, { offset, lengthBytes: sectorBytes }, OPERATION);
  }
  return {
    sector,
    kind: "empty",
    header,
    ates: [],
    hasGcDone: false,
    // After a start, devices pass over the first place of a sector without entries.
    atePlace: firstAt - ateBytes,
    dataEnd: 0,
    invalidPlaces: [],
    hasTornData: false,
  };
}

/** With 32-bit keys devices find no header after the erase, so the cycle is always 1; with 64-bit keys it continues. */
function headerAfterErase(
  { header }: SectorTable,
  { keyBits }: Geometry,
): { readonly cycle: number; readonly fullCycles: number } {
  const fullCycles = ((header?.fullCycles ?? 0) + 1) % 2 ** 32;
  if (keyBits === 32) return { cycle: 1, fullCycles };
  const cycle = ((header?.cycle ?? 0) + 1) & 0xff;
  return { cycle, fullCycles };
}

/** The table of a sector, which exists. */
export function tableOf({ tables }: Ring, sector: number): SectorTable {
  const table = tables[sector];
  if (table === undefined) throw new RangeError(`no sector ${sector}`);
  return table;
}

function withTable(ring: Ring, table: SectorTable): Ring {
  return { ...ring, tables: ring.tables.map((one) => (one.sector === table.sector ? table : one)) };
}

/** The newest entries of a ring, after its order changed. */
export function reordered(mounted: Mounted, ring: Ring): Mounted {
  return { ...mounted, ring, newest: newestEntries(ring) };
}
