/** FCBs in a dump of a whole chip: each one is found with its options and its ring; firmware and other formats are none. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { findFcbs } from "../../../src/storage/circular-buffer/sniffer.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { NorRegion } from "../support/nor-region.ts";
import { SubRegion } from "../support/sub-region.ts";

const ERASE = 1024;
const LOG = { sectorBytes: ERASE, magic: 0xabcd1234, version: 2, alignBytes: 1, scratchSectors: 0, hasCrc: true };

/** A chip with firmware in its first quarter, all else blank. */
function chip(seed: string): NorRegion {
  const cells = new Uint8Array(256 * ERASE).fill(0xff);
  cells.set(createRandom(seed).bytes(64 * ERASE));
  return new NorRegion({ eraseBytes: ERASE, cells });
}

async function addLog(region: NorRegion, block: number, sectors: number, entries: number, options = {}): Promise<void> {
  const all: CircularBufferOptions = { ...LOG, ...options };
  const random = createRandom(`log ${block}`);
  const part = new SubRegion(region, block * ERASE, sectors * all.sectorBytes);
  const log = await CircularBuffer.mount(part, all);
  for (let entry = 0; entry < entries; entry++) {
    const data = random.bytes(20 + random.intBelow(20));
    while (log.state.freeSectors < 1 && log.room.activeBytes < log.entryBytes(data.length)) await log.rotate();
    await log.append(data);
  }
}

describe("FCBs of a dump", () => {
  it.each([1, 4, 8, 16, 32])(
    "with write block %d, gone round: certain, with the ends of the ring",
    async (alignBytes) => {
      const region = chip("one");
      await addLog(region, 100, 16, 700, { alignBytes });
      const [found, ...others] = await recogniseRegions(region);
      expect(others).toEqual([]);
      expect(found).toMatchObject({
        ...{ layout: "fcb", offset: 100 * ERASE, lengthBytes: 16 * ERASE, certainty: "certain" },
        facts: { sectorBytes: ERASE, sectorCount: 16, magic: 0xabcd1234, version: 2, alignBytes, ring: "closed" },
      });
      expect(found?.content).toBeUndefined();
    },
  );

  it("each of several, also of longer sectors, and settings as settings", async () => {
    const region = chip("several");
    await addLog(region, 80, 8, 300);
    await addLog(region, 88, 6, 900, { sectorBytes: 4 * ERASE, magic: 0x1111_2222, alignBytes: 8 });
    const settings = new SubRegion(region, 200 * ERASE, 5 * ERASE);
    const store = await SettingsStore.mount(settings, { alignBytes: 4 });
    for (let count = 0; count < 400; count++) await store.set("app/count", Uint8Array.of(count & 0xff, count >> 8));
    const found = await recogniseRegions(region);
    expect(found.map(({ offset, lengthBytes, content }) => [offset / ERASE, lengthBytes / ERASE, content])).toEqual([
      [80, 8, undefined],
      [88, 24, undefined],
      [200, 5, "settings"],
    ]);
    expect(found.map(({ facts }) => facts["sectorBytes"])).toEqual([ERASE, 4 * ERASE, ERASE]);
    // The headers alone tell the same, with little read.
    region.resetCounts();
    const quick = await findFcbs(region);
    expect(quick.map(({ offset }) => offset).toSorted((a, b) => a - b)).toEqual(found.map(({ offset }) => offset));
    expect(region.bytesRead).toBeLessThan(region.lengthBytes / 4);
  });

  it("one that has not gone round: its end is not known, and it is said so", async () => {
    const region = chip("open");
    await addLog(region, 100, 16, 100);
    const [found] = await recogniseRegions(region);
    expect(found).toMatchObject({ offset: 100 * ERASE, certainty: "likely", facts: { ring: "open" } });
    expect(found?.why).toContain("the ids do not prove where the ring ends");
  });

  it("firmware and bytes of any kind are none", async () => {
    const random = createRandom("noise");
    for (let round = 0; round < 2; round++) {
      const region = new NorRegion({ eraseBytes: ERASE, cells: random.bytes(256 * ERASE) });
      // Many blocks that begin like a header.
      for (let block = 0; block < 256; block += 2) region.cells[block * ERASE + 5] = 0xff;
      const certain = (await recogniseRegions(region)).filter(({ certainty }) => certainty === "certain");
      expect(certain).toEqual([]);
    }
  });
});
