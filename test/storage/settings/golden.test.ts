/** Settings areas that Zephyr's own code wrote, read and written again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { goldenBytes, goldenJson } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";

interface Setting {
  name: string;
  valueHex: string;
}
interface Case {
  name: string;
  file: string;
  sha256: string;
  sectorBytes: number;
  sectorCount: number;
  align: number;
  magic: number;
  version: number;
  scratchCount: number;
  eraseValue: number;
  saves: Setting[];
  flashWrites: { op: "write" | "erase"; offset: number; length: number }[] | null;
  readout: Setting[];
}

const cases = goldenJson("zephyr-fcb/settings.json") as Case[];
const options = ({ sectorBytes, magic, version, align, scratchCount }: Case) => ({
  sectorBytes,
  magic,
  version,
  alignBytes: align,
  scratchSectors: scratchCount,
});

function readout(store: SettingsStore): Setting[] {
  return store
    .names()
    .map((name) => ({ name, valueHex: toHex(store.get(name)!) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const byName = (a: Setting, b: Setting): number => (a.name < b.name ? -1 : 1);

describe.each(cases)("$name", (one) => {
  it("reads as a device would", async () => {
    const region = new NorRegion({ eraseBytes: one.sectorBytes, cells: goldenBytes(`zephyr-fcb/${one.file}`) });
    const store = await SettingsStore.mount(region, options(one));
    expect(readout(store)).toEqual([...one.readout].sort(byName));
    expect(region.changes).toEqual([]);
  });

  it("is written again byte for byte, by the same programs and erases", async () => {
    const region = new NorRegion({ eraseBytes: one.sectorBytes, lengthBytes: one.sectorBytes * one.sectorCount });
    const store = await SettingsStore.mount(region, options(one));
    for (const { name, valueHex } of one.saves) await store.set(name, fromHex(valueHex)!);
    expect(createHash("sha256").update(region.cells).digest("hex")).toBe(one.sha256);
    if (one.flashWrites !== null) {
      const changes = region.changes.map((change) =>
        change.kind === "erase"
          ? { op: "erase", offset: change.offset, length: change.lengthBytes }
          : { op: "write", offset: change.offset, length: change.data.length },
      );
      expect(changes).toEqual(one.flashWrites.filter(({ length }) => length > 0));
    }
    expect(region.violations).toEqual([]);
    // A save reads nothing, also one that has to make room.
    expect(region.bytesRead).toBe(8 * one.sectorCount);
  });
});
