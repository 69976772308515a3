/**
 * What is checked before a ZMS is changed: that every sector of the ring is one of its own, or erased, and that the
 * options are the device's.
 */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { refuseForeign } from "../recognise/foreign.ts";
import type { RegionFinding } from "../recognise/region-finding.ts";
import type { Mounted } from "./mount.ts";
import { foreignSector, nextSector } from "./ring.ts";

/**
 * Throws LAYOUT_MISMATCH if a sector holds what neither a device nor a power cut leaves there, or if the write block
 * cannot be the device's. Answers such a sector if it lies in `overwrite`: it must be erased before the ring is used.
 * Reads only.
 */
export async function refuseForeignSector(
  region: FlashRegion,
  mounted: Mounted,
  overwrite: readonly OffsetRange[] | undefined,
): Promise<OffsetRange | undefined> {
  refuseOtherAlignment(region, mounted);
  const { ring, geometry } = mounted;
  const sector = foreignSector(ring);
  const next = nextSector(ring.tables, ring.open);
  const isCut = sector === undefined && ring.tables[next]?.kind === "garbage";
  if (sector === undefined && !isCut) return undefined;
  const { sectorBytes } = geometry;
  const place = { offset: (sector ?? next) * sectorBytes, lengthBytes: sectorBytes };
  const asker = { what: "ZMS", operation: "write ZMS", overwrite, isOwn: isZms };
  // What a cut leaves of an erase is noise: never something that is recognised.
  await refuseForeign(region, [place], asker, () => isCut);
  return isCut ? undefined : place;
}

function isZms({ layout }: RegionFinding): boolean {
  return layout === "zms";
}

function refuseOtherAlignment(region: FlashRegion, { geometry, ring }: Mounted): void {
  const { alignBytes, sectorBytes } = geometry;
  for (const { ates, sector } of ring.tables) {
    const wrong = ates.find(({ dataAt }) => dataAt !== undefined && dataAt % alignBytes !== 0);
    if (wrong === undefined) continue;
    const range = { address: region.address + sector * sectorBytes + (wrong.dataAt ?? 0), lengthBytes: wrong.length };
    throw new NorbridgeError(
      "LAYOUT_MISMATCH",
      `the item at ${formatRange(range)} does not begin at a multiple of ${alignBytes}`,
      {
        operation: "write ZMS",
        range,
        hint: advice("Nothing was changed. Specify the write block of the device.", "set-alignment"),
      },
    );
  }
}
