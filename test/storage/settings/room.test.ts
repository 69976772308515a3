/** A save that cannot be is refused before anything is moved, and only then: against the moves themselves, made on a copy. */
import { describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { decodeLine, encodeLine, nameText, type SettingLine } from "../../../src/storage/settings/line.ts";
import { SETTINGS_MAGIC, SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { NorRegion } from "../support/nor-region.ts";
import { effort } from "../../support/effort.ts";

const SHAPES = [
  { sectorBytes: 64, sectors: 4, scratchSectors: 1, alignBytes: 1 },
  { sectorBytes: 64, sectors: 2, scratchSectors: 1, alignBytes: 1 },
  { sectorBytes: 64, sectors: 5, scratchSectors: 2, alignBytes: 4 },
  { sectorBytes: 256, sectors: 3, scratchSectors: 1, alignBytes: 8 },
];

type Shape = (typeof SHAPES)[number];

/** As a device does it: appends, and compresses the oldest sector until there is room or it has been all round. */
async function fitsOnACopy(cells: Uint8Array, shape: Shape, line: SettingLine): Promise<boolean> {
  const { sectorBytes, scratchSectors, alignBytes } = shape;
  const region = new NorRegion({ eraseBytes: sectorBytes, cells });
  const fcb = { sectorBytes, scratchSectors, alignBytes, magic: SETTINGS_MAGIC, version: 1, hasCrc: true };
  const log = await CircularBuffer.mount(region, fcb);
  const append = async (one: SettingLine): Promise<boolean> => {
    try {
      await log.append(encodeLine(one));
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
      return false;
    }
  };
  for (let tries = 0; !(await append(line)); tries++) {
    if (tries >= shape.sectors - 1) return false;
    const last = new Map<string, { readonly line: SettingLine; readonly sector: number }>();
    for await (const item of log.records()) {
      const found = item.kind === "record" ? decodeLine(item.data) : undefined;
      if (found !== undefined) last.set(nameText(found.name), { line: found, sector: item.sector });
    }
    const { oldestSector, freeSectors } = log.state;
    if (freeSectors > 0) await log.appendToScratch();
    for (const one of last.values()) {
      if (one.sector === oldestSector && one.line.value.length > 0 && !(await append(one.line))) return false;
    }
    await log.rotate();
  }
  return true;
}

describe("room for a setting", () => {
  it.each(SHAPES)("$sectors sectors of $sectorBytes bytes, $scratchSectors for scratch", async (shape) => {
    const random = createRandom(71).branch(JSON.stringify(shape));
    const { sectorBytes, sectors, scratchSectors, alignBytes } = shape;
    const options = { sectorBytes, scratchSectors, alignBytes };
    const counts = { saved: 0, refused: 0 };
    for (let round = 0; round < effort(8, 12); round++) {
      const region = new NorRegion({ eraseBytes: sectorBytes, lengthBytes: sectors * sectorBytes });
      let store = await SettingsStore.mount(region, options);
      for (let step = 0; step < 60; step++) {
        if (random.chance(0.1)) store = await SettingsStore.mount(region, options);
        const name = `n${random.intBelow(14)}`;
        const value = random.chance(0.15) ? new Uint8Array() : random.bytes(1 + random.intBelow(sectorBytes >> 2));
        const fits = await fitsOnACopy(region.cells, shape, { name: Buffer.from(name), value });
        const before = region.changes.length;
        const values = store.names().map((one) => [one, store.get(one)]);
        try {
          if (await store.set(name, value)) expect(fits).toBe(true);
          counts.saved++;
        } catch (error) {
          expect(error).toBeInstanceOf(NorbridgeError);
          expect(error).toMatchObject({ code: "ENOSPC" });
          expect([fits, region.changes.length]).toEqual([false, before]);
          expect(store.names().map((one) => [one, store.get(one)])).toEqual(values);
          counts.refused++;
        }
      }
      expect(region.violations).toEqual([]);
    }
    expect(Math.min(counts.saved, counts.refused)).toBeGreaterThan(50);
  });
});
