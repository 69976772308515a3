/** Opens an NVS: reads the allocation tables, and of the data only what a power cut leaves in doubt. Changes nothing. */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { sameBytes } from "../../bytes.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { KeyValueDamage } from "../key-value-store.ts";
import { isTornFrom } from "../torn.ts";
import { aligned, type NvsGeometry } from "./format.ts";
import {
  around,
  findOpen,
  hasCollectionEnd,
  type Interruption,
  isStuck,
  newestOf,
  type NvsRing,
  sectorsInForce,
  tableOf,
} from "./ring.ts";
import { type PlacedAte, readTable, type SectorTable } from "./sector-table.ts";

/** Bytes that are read of each table at first: 16 entries or more are the common case. */
const FIRST_READ_BYTES = 128;

/** An opened NVS. */
export interface MountedNvs extends NvsRing {
  /** From here to the next entry the open sector is erased. */
  readonly dataEnd: number;
  readonly damage: readonly KeyValueDamage[];
}

/** Reads the tables of all sectors. */
export async function readTables(
  region: Pick<FlashRegion, "readMany">,
  geometry: NvsGeometry,
  base = 0,
): Promise<readonly SectorTable[]> {
  const { sectorBytes, sectorCount } = geometry;
  const tables: SectorTable[] = [];
  const first = Math.min(sectorBytes, Math.max(FIRST_READ_BYTES, 2 * geometry.ateBytes));
  let missing = Array.from({ length: sectorCount }, (_, sector) => ({ sector, lengthBytes: first }));
  while (missing.length > 0) {
    const ranges = missing.map(
      ({ sector, lengthBytes }): OffsetRange => ({
        offset: base + (sector + 1) * sectorBytes - lengthBytes,
        lengthBytes,
      }),
    );
    const more: typeof missing = [];
    let index = 0;
    for await (const tail of region.readMany(ranges)) {
      const sector = missing[index++]?.sector ?? 0;
      const table = readTable(sector, tail, geometry);
      if (typeof table === "number") more.push({ sector, lengthBytes: table });
      else tables[sector] = table;
    }
    missing = more;
  }
  return tables;
}

/** Opens an NVS. Throws LAYOUT_MISMATCH if no device would start on it. */
export async function mountNvs(region: FlashRegion, geometry: NvsGeometry): Promise<MountedNvs> {
  const tables = await readTables(region, geometry);
  const open = findOpen(tables, geometry);
  const table = tableOf(tables, open);
  const next = around(open, 1, geometry);
  const gap = { offset: table.dataEnd, lengthBytes: Math.max(0, table.nextPlace + geometry.ateBytes - table.dataEnd) };
  const [isNextBlank, isGapBlank] = [
    await isBlank(region, geometry, next, { offset: 0, lengthBytes: geometry.sectorBytes }),
    await isBlank(region, geometry, open, gap),
  ];
  const interruption = isStuck(tables, open, geometry)
    ? "stuck"
    : isNextBlank
      ? "none"
      : await interruptionOf(region, geometry, { tables, open });
  const dataEnd = isGapBlank ? table.dataEnd : await endOfTorn(region, geometry, table);
  const ring = { tables, open, interruption };
  return { ...ring, dataEnd, damage: damageOf(ring, dataEnd, geometry) };
}

/** Whether a part of a sector is erased. The block check decides, so its bytes do not travel. */
export async function isBlank(
  region: FlashRegion,
  { sectorBytes, erasedByte }: NvsGeometry,
  sector: number,
  { offset, lengthBytes }: OffsetRange,
): Promise<boolean> {
  if (lengthBytes === 0) return true;
  const found = await region.digest(sector * sectorBytes + offset, lengthBytes);
  return found === blockCheckOfFill(erasedByte, lengthBytes);
}

/** The first multiple of the write block after which all is erased, up to the next entry's place. */
async function endOfTorn(region: FlashRegion, geometry: NvsGeometry, table: SectorTable): Promise<number> {
  const { sectorBytes, ateBytes, erasedByte } = geometry;
  const { dataEnd, nextPlace, sector } = table;
  const bytes = await region.read(sector * sectorBytes + dataEnd, nextPlace + ateBytes - dataEnd);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === erasedByte) end--;
  return Math.min(nextPlace + ateBytes, dataEnd + aligned(geometry, end));
}

/** What the sector after the open one is, which is not erased. */
async function interruptionOf(
  region: FlashRegion,
  geometry: NvsGeometry,
  { tables, open }: Pick<NvsRing, "tables" | "open">,
): Promise<Interruption> {
  const table = tableOf(tables, open);
  // An erase that was cut so that its sector looks closed: nothing in it counts.
  if (table.close !== "erased") return "again";
  if (hasCollectionEnd(table)) return "erase-next";
  const older = newestOf(tables, sectorsInForce({ tables, open, interruption: "again" }, geometry));
  const others = await entriesThatAreNoCopies(region, geometry, table, older);
  // A device that packs its copies writes the new item before the collection ends; it was not acknowledged.
  const [first] = others;
  const isPending =
    others.length === 1 &&
    first === table.entries.at(-1) &&
    tableOf(tables, around(open, 1, geometry)).close === "valid";
  return others.length === 0 || isPending ? "again" : "continue";
}

/** Entries of the open sector that a collection did not copy from one of `older`. */
async function entriesThatAreNoCopies(
  region: FlashRegion,
  geometry: NvsGeometry,
  { entries }: SectorTable,
  older: ReadonlyMap<number, PlacedAte>,
): Promise<readonly PlacedAte[]> {
  const others: PlacedAte[] = [];
  const pairs: { readonly entry: PlacedAte; readonly source: PlacedAte }[] = [];
  const seen = new Set<number>();
  for (const entry of entries) {
    const source = older.get(entry.id);
    if (source === undefined || entry.length === 0 || source.length !== entry.length || seen.has(entry.id)) {
      others.push(entry);
    } else {
      pairs.push({ entry, source });
    }
    seen.add(entry.id);
  }
  const stored: Uint8Array[] = [];
  const ranges = pairs.flatMap(({ entry, source }) => [rangeOf(entry, geometry), rangeOf(source, geometry)]);
  for await (const bytes of region.readMany(ranges)) stored.push(bytes);
  pairs.forEach(({ entry }, index) => {
    const copy = stored[2 * index];
    const source = stored[2 * index + 1];
    if (copy === undefined || source === undefined) return;
    // The entry of a packed copy is written before the last bytes of its data.
    if (!sameBytes(copy, source) && !isTornFrom(copy, source, geometry.erasedByte)) others.push(entry);
  });
  return others;
}

/** Where the data of an entry is, from the start of the region. */
export function rangeOf({ sector, offset, length }: PlacedAte, { sectorBytes }: NvsGeometry): OffsetRange {
  return { offset: sector * sectorBytes + offset, lengthBytes: length };
}

function damageOf({ tables, open, interruption }: NvsRing, dataEnd: number, geometry: NvsGeometry): KeyValueDamage[] {
  const { sectorBytes, ateBytes, closePlace } = geometry;
  const damage: KeyValueDamage[] = [];
  const gone = interruption === "again" ? open : interruption === "erase-next" ? around(open, 1, geometry) : undefined;
  for (const { sector, close, tornPlaces } of tables) {
    if (sector === gone) continue;
    const add = (place: number, lengthBytes: number, reason: string): void => {
      damage.push({ sector, offset: sector * sectorBytes + place, lengthBytes, reason });
    };
    for (const place of tornPlaces)
      add(place, ateBytes, "an allocation table entry is damaged or was not written completely");
    if (close === "torn" && interruption === "stuck")
      add(
        closePlace,
        ateBytes,
        "the place of the entry that closes the sector is spoilt, and no device starts on this NVS",
      );
    else if (close === "torn" && sector !== open)
      add(closePlace, ateBytes, "the entry that closes the sector was not written completely");
  }
  const table = tableOf(tables, open);
  if (interruption !== "again" && dataEnd > table.dataEnd) {
    damage.push({
      sector: open,
      offset: open * sectorBytes + table.dataEnd,
      lengthBytes: dataEnd - table.dataEnd,
      reason: "data without an allocation table entry: its write was interrupted",
    });
  }
  return damage;
}
