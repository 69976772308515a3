/** What is checked before an NVS is changed: that every sector of the ring is one of its own, or erased. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { refuseForeign } from "../recognise/foreign.ts";
import type { RegionFinding } from "../recognise/region-finding.ts";
import { isTornFrom } from "../torn.ts";
import { encodeAte, MARKER_ID, type NvsGeometry } from "./format.ts";
import { isBlank, type MountedNvs } from "./mount.ts";
import { around, newestOf, tableOf } from "./ring.ts";
import { isCollectionEnd, isOfNvs, type SectorTable } from "./sector-table.ts";

/**
 * Throws LAYOUT_MISMATCH if a sector holds bytes which neither a device nor a power cut leaves there: writing on would
 * erase it sooner or later. Answers such sectors that lie in `overwrite`: they must be erased before the ring is used.
 * Reads only.
 */
export async function refuseForeignSectors(
  region: FlashRegion,
  geometry: NvsGeometry,
  mounted: MountedNvs,
  overwrite: readonly OffsetRange[] | undefined,
): Promise<readonly OffsetRange[]> {
  const { foreign, cut } = await foreignSectors(region, geometry, mounted);
  const { sectorBytes } = geometry;
  const placeOf = (sector: number): OffsetRange => ({ offset: sector * sectorBytes, lengthBytes: sectorBytes });
  const doubtful = foreign.map(placeOf);
  const asker = { what: "NVS", operation: "write NVS", overwrite, isOwn: isNvs };
  await refuseForeign(region, doubtful, asker, () => false);
  // What a cut leaves of an erase is noise: never something that is recognised.
  for (const sector of cut) await refuseForeign(region, [placeOf(sector)], asker, () => true);
  if (foreign.length === 0) refuseShorterRing(region, mounted);
  return doubtful;
}

function isNvs({ layout }: RegionFinding): boolean {
  return layout === "nvs";
}

/** `foreign`: sectors of another. `cut`: those that hold what a power cut can have left. */
async function foreignSectors(
  region: FlashRegion,
  geometry: NvsGeometry,
  mounted: MountedNvs,
): Promise<{ readonly foreign: readonly number[]; readonly cut: readonly number[] }> {
  const { tables, open } = mounted;
  const foreign: number[] = [];
  const cut: number[] = [];
  for (const table of tables) {
    if (table.sector === open || isOfNvs(table, geometry)) continue;
    const isErased = mounted.interruption === "erase-next" && table.sector === around(open, 1, geometry);
    if (isErased && isCollected(mounted, geometry)) {
      cut.push(table.sector);
      continue;
    }
    const whole = { offset: 0, lengthBytes: geometry.sectorBytes };
    if (table.close === "erased" && (await isBlank(region, geometry, table.sector, whole))) continue;
    foreign.push(table.sector);
  }
  const table = tableOf(tables, open);
  if (isOfNvs(table, geometry)) return { foreign, cut };
  if (await isErasedOrTorn(region, geometry, mounted, table)) cut.push(open);
  else foreign.push(open);
  return { foreign, cut };
}

/**
 * The ring is used from its first sector on, and once it has gone round only the sector after the open one is erased.
 * Another erased sector is not of the ring, and a device does not look for anything in it.
 */
function refuseShorterRing(region: FlashRegion, { tables, open }: MountedNvs): void {
  const isErased = ({ sector, close }: SectorTable): boolean => sector !== open && close === "erased";
  const erased = tables.filter(isErased);
  const isFirstRound = tables.every((table) => isErased(table) === table.sector > open);
  // Devices write to the first sector of a ring in which none is closed.
  const isElsewhere =
    tables.every(({ close }) => close === "erased") &&
    tableOf(tables, open).entries.length === 0 &&
    tables.some(({ entries }) => entries.length > 0);
  if (!isElsewhere && (erased.length < 2 || isFirstRound)) return;
  const range = { address: region.address, lengthBytes: region.lengthBytes };
  throw new NorbridgeError("LAYOUT_MISMATCH", `this NVS is shorter than ${formatRange(range)}, or starts elsewhere`, {
    operation: "write NVS",
    range,
    hint: advice("Nothing was changed. Specify the range of the device's partition.", "set-region"),
  });
}

/**
 * Whether the sector after the open one is the source of a collection, whatever the cut of its erase left there: a
 * collection into the open sector has just ended, nothing was written since, and its copies are not from another
 * sector. Else the ring may be shorter.
 */
function isCollected({ tables, open }: MountedNvs, geometry: NvsGeometry): boolean {
  const { entries } = tableOf(tables, open);
  const last = entries.at(-1);
  const before = tableOf(tables, around(open, -1, geometry));
  if (last === undefined || !isCollectionEnd(last)) return false;
  if (geometry.sectorCount === 2) return open > 0 || entries.length > 1;
  if (before.close === "erased" || !isOfNvs(before, geometry)) return false;
  const others = tables.filter(({ sector }) => sector !== open && sector !== around(open, 1, geometry));
  const found = newestOf(
    tables,
    others.map(({ sector }) => sector),
  );
  const items = entries.filter(({ length }) => length > 0);
  // A device that packs its copies adds the new item, the last one, before the collection ends.
  const copies = items.length > 1 ? items.slice(0, -1) : items;
  return copies.every(({ id }) => (found.get(id)?.length ?? 0) === 0);
}

/**
 * Whether the open sector, without valid entries, is erased, or can be what a power cut left of its first entry or of
 * its erase.
 */
async function isErasedOrTorn(
  region: FlashRegion,
  geometry: NvsGeometry,
  { tables, open, interruption }: MountedNvs,
  table: SectorTable,
): Promise<boolean> {
  const whole = { offset: 0, lengthBytes: geometry.sectorBytes };
  if (table.close === "erased" && (await isBlank(region, geometry, open, whole))) return true;
  const isClosedOwn = (sector: number): boolean => {
    const other = tableOf(tables, sector);
    return other.close !== "erased" && isOfNvs(other, geometry);
  };
  if (interruption === "again")
    return isClosedOwn(around(open, 1, geometry)) && isClosedOwn(around(open, -1, geometry));
  const { ateBytes, firstPlace, sectorBytes } = geometry;
  const first = await region.read(open * sectorBytes + firstPlace, ateBytes);
  return isTornFrom(first, encodeAte({ id: MARKER_ID, offset: 0, length: 0 }, geometry), geometry.erasedByte);
}
