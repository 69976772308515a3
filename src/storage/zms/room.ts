/** Whether an item can be written, found out before anything is moved: a device finds out by erasing every sector once. Pure. */
import { type Geometry, markerKey, roundUp } from "./format.ts";
import type { Mounted } from "./mount.ts";
import { nextSector } from "./ring.ts";
import { endOf, type PlacedAte, type SectorTable } from "./sector-table.ts";

/** Places of the next entry and of the next data in the sector that is written to. */
export type Free = Pick<SectorTable, "atePlace" | "dataEnd">;

/** Bytes of data outside of the entry. */
export function outsideBytes(length: number, { inlineBytes, alignBytes }: Geometry): number {
  return length > inlineBytes ? roundUp(length, alignBytes) : 0;
}

/**
 * Whether an item of this length, or a delete (0), fits now. The place at offset 0 is never used, the one above it for
 * deletes only.
 */
export function fits(length: number, { atePlace, dataEnd }: Free, geometry: Geometry): boolean {
  const { ateBytes } = geometry;
  const needed = length === 0 ? 0 : outsideBytes(length, geometry) + ateBytes;
  return atePlace > 0 && atePlace >= dataEnd + needed && (atePlace !== ateBytes || length === 0);
}

/** Entries of a sector that are in force and have data. */
export function liveEntries({ ring, newest }: Mounted, sector: number): readonly PlacedAte[] {
  const ates = ring.tables[sector]?.ates ?? [];
  return ates.filter((ate) => ate.length > 0 && newest.get(ate.key) === ate);
}

/** Whether there is room, or collections make it: the moves of a device, on paper. */
export function hasRoomFor(length: number, mounted: Mounted): boolean {
  const { geometry, ring } = mounted;
  const { tables } = ring;
  const live = tables.map(({ sector }) =>
    liveEntries(mounted, sector).map((ate) => endOf(ate, geometry) - (ate.dataAt ?? 0)),
  );
  let open = ring.open;
  let free: Free | undefined = tables[open];
  for (let collections = 0; collections <= tables.length; collections++) {
    if (free === undefined) return false;
    if (fits(length, free, geometry)) return true;
    const target = nextSector(tables, open);
    const source = nextSector(tables, target);
    const copied = live[source] ?? [];
    live[source] = [];
    live[target] = copied;
    open = target;
    free = afterCollection(copied, geometry);
  }
  return false;
}

/** What is left of a sector after a collection into it: the copies and the mark that it is done. */
function afterCollection(dataBytes: readonly number[], { firstAt, ateBytes }: Geometry): Free {
  return {
    atePlace: firstAt - (dataBytes.length + 1) * ateBytes,
    dataEnd: dataBytes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Free bytes as a device calculates them, over the open sector and those that it can collect. */
export function freeBytes(mounted: Mounted): number {
  const { geometry, ring } = mounted;
  const { sectorBytes, ateBytes, inlineBytes } = geometry;
  const count = ring.tables.length;
  let sum = 0;
  for (let back = 0; back < count - 1; back++) {
    const sector = (ring.open + count - back) % count;
    const isCounted = back === 0 || ring.tables[sector]?.kind === "closed" || ring.order.includes(sector);
    const live = isCounted ? liveEntries(mounted, sector).filter(({ key }) => key !== markerKey(geometry)) : [];
    const data = live.reduce((bytes, ate) => bytes + endOf(ate, geometry) - (ate.dataAt ?? 0), 0);
    const rest = sectorBytes - (4 + live.length) * ateBytes;
    if (rest >= 2 * ateBytes && rest >= data + ateBytes) sum += Math.max(rest - data - ateBytes, inlineBytes);
  }
  return sum;
}
