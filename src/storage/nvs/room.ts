/** Whether an item can be written, found out before anything is moved: a device finds out by erasing every sector once. Pure. */
import { aligned, type NvsGeometry } from "./format.ts";
import { around } from "./ring.ts";

/** What decides it. Lengths are those of the entries: data with its CRC. */
export interface RingFill {
  readonly open: number;
  /** Place of the next entry in the open sector, and the end of its data. */
  readonly nextPlace: number;
  readonly dataEnd: number;
  /** Sectors that are closed. */
  readonly closed: ReadonlySet<number>;
  /** Lengths of the items in force, by sector. */
  readonly inForce: ReadonlyMap<number, readonly number[]>;
}

/** Bytes that an item takes with its entry; a deletion needs only a place. */
export function spaceOf(length: number, geometry: NvsGeometry): number {
  return length === 0 ? 0 : aligned(geometry, length) + geometry.ateBytes;
}

/** Whether there is room for `spaceBytes` now. */
export function fits(spaceBytes: number, { nextPlace, dataEnd }: Pick<RingFill, "nextPlace" | "dataEnd">): boolean {
  return nextPlace > 0 && nextPlace >= dataEnd + spaceBytes;
}

/** Whether there is room, or collections make it: the moves of a device, on paper. */
export function hasRoomFor(spaceBytes: number, fill: RingFill, geometry: NvsGeometry): boolean {
  const { sectorCount, ateBytes, firstPlace } = geometry;
  const inForce = new Map(fill.inForce);
  const closed = new Set(fill.closed);
  let { open, nextPlace, dataEnd } = fill;
  for (let collections = 0; collections < sectorCount; collections++) {
    if (fits(spaceBytes, { nextPlace, dataEnd })) return true;
    closed.add(open);
    open = around(open, 1, geometry);
    const source = around(open, 1, geometry);
    const copied = closed.has(source) ? (inForce.get(source) ?? []) : [];
    dataEnd = copied.reduce((sum, length) => sum + aligned(geometry, length), 0);
    nextPlace = firstPlace - copied.length * ateBytes;
    if (fits(ateBytes, { nextPlace, dataEnd })) nextPlace -= ateBytes;
    inForce.set(open, copied);
    inForce.set(source, []);
    closed.delete(source);
  }
  return false;
}
