/**
 * Sectors whose close ATE is spoilt: a device loses what they hold. Here it is read, and after the next change a device
 * reads it again.
 */
import { expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { ZmsStore } from "../../../src/storage/zms/zms-store.ts";
import { effort } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { ZephyrZmsDevice } from "../support/zephyr-zms-device.ts";

const SECTOR_BYTES = 512;
const OPTIONS = { sectorBytes: SECTOR_BYTES, alignBytes: 4, hasDataCrc: false, keyBits: 32 } as const;
const KEYS = [1, 2, 3, 4, 5, 6, 7, 8];

async function contentsOf(store: ZmsStore): Promise<Map<number, string>> {
  return new Map((await store.getMany(store.keys())).map(({ key, data }) => [key, toHex(data)]));
}

/** A store after this many writes; the first keys are written once and stay in old sectors. */
async function worked(sectorCount: number, writes: number): Promise<NorRegion> {
  const random = createRandom(`${sectorCount} ${writes}`);
  const region = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: sectorCount * SECTOR_BYTES });
  const store = await ZmsStore.mount(region, OPTIONS);
  for (const key of KEYS) await store.set(key, random.bytes(key * 2));
  for (let count = 0; count < writes; count++)
    await store.set(random.pick([6, 7, 8]), random.bytes(1 + random.intBelow(24)));
  return region;
}

const isClosed = ({ cells }: NorRegion, sector: number): boolean =>
  cells.subarray((sector + 1) * SECTOR_BYTES - 32, (sector + 1) * SECTOR_BYTES - 16).some((byte) => byte !== 0xff);

it.each([3, 4, 6])("keeps what a sector with a spoilt close ATE holds: %d sectors", async (sectorCount) => {
  let spoilt = 0;
  for (let writes = 0; writes < effort(60, 200); writes += 7) {
    const before = await worked(sectorCount, writes);
    const wished = await contentsOf(await ZmsStore.mount(before, OPTIONS));
    for (let sector = 0; sector < sectorCount; sector++) {
      if (!isClosed(before, sector)) continue;
      const region = new NorRegion({ eraseBytes: SECTOR_BYTES, cells: before.cells });
      region.cells.fill(0, (sector + 1) * SECTOR_BYTES - 32, (sector + 1) * SECTOR_BYTES - 20);
      const name = `${writes} writes, sector ${sector}`;
      const store = await ZmsStore.mount(region, OPTIONS);
      expect(await contentsOf(store), name).toEqual(wished);
      await store.set(99, Uint8Array.of(1, 2, 3));
      const after = new Map([...wished, [99, "010203"]]);
      expect(await contentsOf(await ZmsStore.mount(region, OPTIONS)), name).toEqual(after);
      const device = new ZephyrZmsDevice(region.cells.slice(), {
        sectorBytes: SECTOR_BYTES,
        sectorCount,
        alignBytes: 4,
      });
      expect(device.mount(), name).toBeUndefined();
      const read = [...after.keys()].map((key): [number, string] => [key, toHex(device.get(key) ?? new Uint8Array())]);
      expect(new Map(read), name).toEqual(after);
      expect(region.violations, name).toEqual([]);
      spoilt++;
    }
  }
  expect(spoilt).toBeGreaterThan(5);
});
