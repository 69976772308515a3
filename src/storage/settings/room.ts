/**
 * Whether a line can be saved, found out before anything is moved: a device finds out by compressing the whole ring, which
 * costs an erase of every sector each time, for nothing. Pure.
 */

/** Sizes are those of whole entries, with length field, check byte and alignment. */
export interface RingFill {
  readonly sectorCount: number;
  /** What a sector holds in entries, at most. */
  readonly sectorRoomBytes: number;
  /** What is left in the sector that is written to. */
  readonly activeRoomBytes: number;
  /** Sectors that are free, those for scratch included. */
  readonly freeSectors: number;
  readonly scratchSectors: number;
  /** Of the lines in force, in order, sector by sector, the oldest first. */
  readonly inForceBytes: readonly (readonly number[])[];
}

/** Whether there is room for an entry, or compressing makes it: the same moves as those of a save, on paper. */
export function hasRoomFor(entryBytes: number, ring: RingFill): boolean {
  const { sectorCount, sectorRoomBytes, scratchSectors } = ring;
  const sectors = ring.inForceBytes.map((sizes) => [...sizes]);
  let { activeRoomBytes, freeSectors } = ring;
  const place = (bytes: number): boolean => {
    if (bytes > activeRoomBytes) {
      if (bytes > sectorRoomBytes || freeSectors < 1 + scratchSectors) return false;
      begin();
    }
    activeRoomBytes -= bytes;
    sectors.at(-1)?.push(bytes);
    return true;
  };
  const begin = (): void => {
    freeSectors--;
    activeRoomBytes = sectorRoomBytes;
    sectors.push([]);
  };
  for (let tries = 0; !place(entryBytes); tries++) {
    if (entryBytes > sectorRoomBytes || tries >= sectorCount - 1) return false;
    if (freeSectors > 0) begin();
    for (const bytes of sectors[0] ?? []) if (!place(bytes)) return false;
    sectors.shift();
    freeSectors++;
  }
  return true;
}
