/** What devices keep, with options left out or a range told too large: reported cases, as their users would type them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { NvsStore } from "../../src/storage/nvs/nvs-store.ts";
import { settingsOn } from "../../src/storage/open-key-values.ts";
import { SettingsStore } from "../../src/storage/settings/settings-store.ts";
import { ZmsStore } from "../../src/storage/zms/zms-store.ts";
import { NorRegion } from "../storage/support/nor-region.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { SubRegion } from "../storage/support/sub-region.ts";
import { runHere } from "../support/cli.ts";
import { effort } from "../support/effort.ts";

const CHIP_BYTES = 512 * 1024;
const SECTOR_BYTES = 4096;
const folder = mkdtempSync(join(tmpdir(), "norbridge-devices-"));
const file = join(folder, "chip.bin");
const port = ["--port", `image:${file}?pageBytes=256&eraseBytes=${SECTOR_BYTES}`];
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const newChip = (): NorRegion => new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: CHIP_BYTES });
const onDisk = (): NorRegion => new NorRegion({ eraseBytes: SECTOR_BYTES, cells: new Uint8Array(readFileSync(file)) });
const run = (...words: readonly string[]): ReturnType<typeof runHere> => runHere([...words, ...port]);

describe("a stream that keeps its progress beside a device's settings", () => {
  const AREA = { offset: 0x7c000, lengthBytes: 4 * SECTOR_BYTES };
  const CELLS = { sectorBytes: SECTOR_BYTES, alignBytes: 4, hasDataCrc: false };
  const openOn = {
    nvs: (region: NorRegion) => NvsStore.mount(new SubRegion(region, AREA.offset, AREA.lengthBytes), CELLS),
    zms: (region: NorRegion) =>
      ZmsStore.mount(new SubRegion(region, AREA.offset, AREA.lengthBytes), { ...CELLS, keyBits: 32 }),
  };

  it.each(["nvs", "zms"] as const)("on %s: they stay, and nothing else of the chip changes", async (form) => {
    const chip = newChip();
    const saved = await settingsOn(await openOn[form](chip));
    for (const name of ["bt/id", "app/serial", "app/n"]) await saved.set(name, createRandom(name).bytes(12));
    writeFileSync(file, chip.cells);
    const image = createRandom("image").bytes(100_000);
    writeFileSync(join(folder, "img.bin"), image);
    const words = ["--range", "0,128k", "--progress-key", "dfu/progress", "--settings-range", "0x7c000,16k"];
    const { code, stderr } = await run("stream", join(folder, "img.bin"), ...words, "--no-journal");
    expect(code, stderr).toBe(0);
    const after = onDisk();
    expect(after.cells.subarray(0, image.length)).toEqual(image);
    expect(after.cells.subarray(image.length, AREA.offset).every((byte) => byte === 0xff)).toBe(true);
    const found = await settingsOn(await openOn[form](after));
    for (const name of saved.names()) expect(toHex(found.get(name)!)).toBe(toHex(saved.get(name)!));
  });
});

describe("settings in sectors of 64 KiB, of which nothing was specified", () => {
  const open = (region: NorRegion): Promise<SettingsStore> =>
    SettingsStore.mount(region, { sectorBytes: 64 * 1024, alignBytes: 1 });

  it.each(effort([50, 300], [50, 300, 3500, 7300]))(
    "saved %i times: the newest value, and a set that the device sees",
    async (times) => {
      const chip = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: 256 * 1024 });
      const store = await open(chip);
      await store.set("app/first", Uint8Array.of(1));
      const value = new Uint8Array(4);
      for (let number = 1; number <= times; number++) {
        new DataView(value.buffer).setUint32(0, number, true);
        await store.set("app/counter", value);
      }
      await store.set("app/last", Uint8Array.of(2));
      writeFileSync(file, chip.cells);
      const got = await run("settings", "get", "app/counter", "--range", "0,256k");
      expect([got.code, got.stdout]).toEqual([0, `${toHex(value)}\n`]);
      const set = await run("settings", "set", "app/mode=01", "--range", "0,256k");
      const device = await open(onDisk());
      expect(toHex(device.get("app/counter")!)).toBe(toHex(value));
      expect(toHex(device.get("app/last")!)).toBe("02");
      expect(device.get("app/mode")).toEqual(set.code === 0 ? Uint8Array.of(1) : undefined);
      expect([0, 9]).toContain(set.code);
      // Once the flash shows how long the sectors are, they are written to.
      if (times > 3000) expect(set.code, set.stderr).toBe(0);
    },
  );
});

describe("a log that has gone round within a chip with firmware and files", () => {
  const RING = { offset: 0x40000, lengthBytes: 16 * SECTOR_BYTES };
  const FILES_AT = 0x50000;
  const OPTIONS = {
    sectorBytes: SECTOR_BYTES,
    magic: 0xabcd1234,
    version: 1,
    alignBytes: 1,
    scratchSectors: 0,
    hasCrc: true,
  };
  const WORDS = ["--layout", "fcb", "--magic", "0xabcd1234", "--align", "1"];
  const open = (region: NorRegion): Promise<CircularBuffer> =>
    CircularBuffer.mount(new SubRegion(region, RING.offset, RING.lengthBytes), OPTIONS);
  const recordsOf = async (log: CircularBuffer): Promise<string[]> => {
    const all: string[] = [];
    for await (const item of log.records()) if (item.kind === "record") all.push(toHex(item.data));
    return all;
  };

  async function device(): Promise<NorRegion> {
    const chip = newChip();
    chip.cells.set(createRandom("firmware").bytes(150_000));
    chip.cells.set(packedGolden("littlefs").image("lfs21-4k-p16-empty"), FILES_AT);
    const log = await open(chip);
    for (let number = 0; number < 1700; number++) {
      const data = Uint8Array.from({ length: 60 }, (_, at) => (number * 13 + at) & 0xff);
      new DataView(data.buffer).setUint32(0, number);
      if (log.state.freeSectors === 0 && log.room.activeBytes < 80) await log.rotate();
      await log.append(data);
    }
    writeFileSync(file, chip.cells);
    return chip;
  }

  it("is read whole without a range, and its newest record is the newest", async () => {
    const wanted = await recordsOf(await open(await device()));
    const read = await run("log", "read", "--json");
    const lines = read.stdout.split("\n").flatMap((line) => {
      const { type, data } = line === "" ? {} : (JSON.parse(line) as { type?: string; data?: string });
      return type === "record" ? [data] : [];
    });
    expect(lines).toEqual(wanted);
    const last = await run("log", "read", "--last", "1", "--json");
    expect(last.stdout).toContain(wanted.at(-1));
  });

  it.each([
    { verb: "append", range: ["--range", "0x40000,128k"] },
    { verb: "append", range: [] },
    { verb: "append", range: ["--range", "0x40000,64k"] },
    { verb: "clear", range: ["--range", "0x40000,128k"] },
    { verb: "clear", range: [] },
  ])("$verb with $range leaves the files, and the device sees what was done", async ({ verb, range }) => {
    const before = await device();
    const had = await recordsOf(await open(before));
    const record = "5a".repeat(100);
    const words = verb === "append" ? ["--data", record] : [];
    for (let time = 0; time < 3; time++) {
      const { code, stderr } = await run("log", verb, ...WORDS, ...words, ...range);
      const after = onDisk();
      expect(after.cells.subarray(0, RING.offset)).toEqual(before.cells.subarray(0, RING.offset));
      expect(after.cells.subarray(FILES_AT)).toEqual(before.cells.subarray(FILES_AT));
      const has = await recordsOf(await open(after));
      if (code === 9) expect([has, stderr]).toEqual([had, expect.stringContaining("0x040000..0x04ffff")]);
      else if (code === 0) expect(has.at(-1)).toBe(verb === "append" ? record : undefined);
      // 8: the ring is full, as it is for the device.
      else expect(code, stderr).toBe(8);
      expect(code === 9).toBe(range[1] === "0x40000,128k");
      if (code !== 0) break;
    }
  });
});
