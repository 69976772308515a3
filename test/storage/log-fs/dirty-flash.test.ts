/** Flash that is not what it looks like, and what an unmodified device then reads of what we wrote. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { LogFs, type LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import { goldenBytes, goldenJson } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { readAsDevice } from "./device-reader.ts";

const OPTIONS: LogFsOptions = { pageBytes: 256, blockPages: 16, recordBytes: 8, whenFull: "overwrite", format: 2 };
const DATA = fromHex("0102030405060708")!;

describe("dirty flash", () => {
  it("a place that only looks free is marked, so that a device reads on behind it", async () => {
    const [one] = (goldenJson("px-log-fs/manifest.json") as { name: string; expectedAll: string[] }[]).filter(
      ({ name }) => name === "dirty-free-slot",
    );
    const region = new NorRegion({ eraseBytes: 4096, cells: goldenBytes("px-log-fs/dirty-free-slot.bin") });
    await (await LogFs.mount(region, OPTIONS)).append(DATA);
    expect(readAsDevice(region.cells, OPTIONS)).toEqual([...one!.expectedAll, toHex(DATA)]);
    expect(region.violations).toEqual([]);
  });

  it("a block with a page that only looks free is erased before it is begun", async () => {
    const cells = new Uint8Array(16_384).fill(0xff);
    cells[5 * 256 + 77] = 0;
    const region = new NorRegion({ eraseBytes: 4096, cells });
    const log = await LogFs.mount(region, OPTIONS);
    await log.append(DATA);
    expect(region.changes[0]).toEqual({ kind: "erase", offset: 0, lengthBytes: 4096 });
    expect(region.violations).toEqual([]);
  });

  it("a place that the flash does not take is marked, and the record goes to the next", async () => {
    const region = new NorRegion({ eraseBytes: 4096, lengthBytes: 16_384 });
    const log = await LogFs.mount(region, OPTIONS);
    await log.append(DATA);
    region.stuckAt = 4 + 10 + 3;
    const place = await log.append(DATA);
    expect(place.offset).toBe(4 + 2 * 10);
    expect(region.cells[4 + 10]).toBe(0);
    region.stuckAt = undefined;
    expect(readAsDevice(region.cells, OPTIONS)).toEqual([toHex(DATA), toHex(DATA)]);
  });

  it("a page whose header the flash does not take is marked, and the record goes to the next page", async () => {
    const region = new NorRegion({ eraseBytes: 4096, lengthBytes: 16_384 });
    const log = await LogFs.mount(region, OPTIONS);
    region.stuckAt = 3;
    const place = await log.append(DATA);
    expect(place.page).toBe(1);
    region.stuckAt = undefined;
    expect(readAsDevice(region.cells, OPTIONS)).toEqual([toHex(DATA)]);
  });
});
