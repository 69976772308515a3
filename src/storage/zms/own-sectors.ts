/** What is checked before a ZMS is changed: that every sector of the ring is one of its own, or erased, and that the options are the device's. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { Mounted } from "./mount.ts";
import { foreignSector } from "./ring.ts";

/** Throws LAYOUT_MISMATCH if a sector holds what neither a device nor a power cut leaves there, or if the write block cannot be the device's. */
export function refuseForeign(region: FlashRegion, mounted: Mounted): void {
  refuseOtherAlignment(region, mounted);
  const sector = foreignSector(mounted.ring);
  if (sector === undefined) return;
  const { sectorBytes } = mounted.geometry;
  const range = { address: region.address + sector * sectorBytes, lengthBytes: sectorBytes };
  throw new NorbridgeError("LAYOUT_MISMATCH", `${formatRange(range)} is not part of this ZMS`, {
    operation: "write ZMS",
    range,
    hint: advice(
      "Nothing was changed. Check the range, the sector size and the write block: the ring may be shorter than the range.",
      "set-region",
    ),
  });
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
