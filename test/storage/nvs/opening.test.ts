/** What opening an NVS reads: the allocation tables at the ends of the sectors, and nothing of the data before them. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { NvsStore } from "../../../src/storage/nvs/nvs-store.ts";
import { NorRegion } from "../support/nor-region.ts";

const SECTOR = 4096;
const ATE = 8;

/** Bytes from the lowest entry of each sector to its end, by the flash alone. */
function tableBytes(cells: Uint8Array): number[] {
  return Array.from({ length: cells.length / SECTOR }, (_, sector) => {
    const bytes = cells.subarray(sector * SECTOR, (sector + 1) * SECTOR);
    let lowest = SECTOR;
    for (let place = SECTOR - ATE; place >= 0; place -= ATE) {
      if (bytes.subarray(place, place + ATE).every((byte) => byte === 0xff)) {
        if (place !== SECTOR - ATE) break;
      } else lowest = place;
    }
    return SECTOR - lowest;
  });
}

describe.each([1, 4, 8])("an NVS of 64 KiB, write block %i", (alignBytes) => {
  it.each([60, 400])("with items of up to %i bytes reads its tables only", async (most) => {
    const options = { sectorBytes: SECTOR, alignBytes, hasDataCrc: false };
    const region = new NorRegion({ eraseBytes: SECTOR, lengthBytes: 16 * SECTOR, alignBytes });
    const random = createRandom(`opening ${most}`);
    const store = await NvsStore.mount(region, options);
    // More than goes into all sectors, so that each of them was collected.
    for (let written = 0; written < 20 * SECTOR; ) {
      const data = random.bytes(1 + random.intBelow(most));
      await store.set(random.intBelow(50), data);
      written += data.length + ATE;
    }
    expect(region.changes.some(({ kind }) => kind === "erase")).toBe(true);
    const tables = tableBytes(region.cells);
    region.resetCounts();
    const again = await NvsStore.mount(region, options);
    expect([...again.keys()].sort()).toEqual([...store.keys()].sort());
    const sum = tables.reduce((total, bytes) => total + bytes, 0);
    // The first look is as large for each sector; one that shows more entries is followed by a second one.
    expect(region.bytesRead).toBeLessThanOrEqual(3 * sum + 16 * 128);
    expect(region.bytesRead).toBeLessThan(region.lengthBytes / (most === 60 ? 2 : 8));
    for (const { offset, lengthBytes } of region.reads) {
      const sector = Math.floor(offset / SECTOR);
      // From the end of the sector, no further than twice its table.
      expect(offset + lengthBytes).toBe((sector + 1) * SECTOR);
      expect(lengthBytes).toBeLessThanOrEqual(Math.max(128, 2 * (tables[sector] ?? 0)));
    }
    expect(region.changes).toEqual([]);
  });
});
