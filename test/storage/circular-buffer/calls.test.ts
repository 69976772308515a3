/** The calls of Zephyr's FCB as its page documents them: numbers that are refused, entries in pieces, one sector, the scratch. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fromHex } from "../../../src/bytes.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import type { LogDamage, LogRecord } from "../../../src/storage/record-log.ts";
import { runQuickly } from "../../support/cli.ts";
import { NorRegion } from "../support/nor-region.ts";
import { powerCuts } from "../support/power-cuts.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-fcb-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SECTOR = 4096;
const OPTIONS: CircularBufferOptions = {
  sectorBytes: SECTOR,
  magic: 0xabcd1234,
  version: 3,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
};
const flash = (options: Partial<CircularBufferOptions> = {}, sectors = 4): NorRegion =>
  new NorRegion({ eraseBytes: SECTOR, lengthBytes: sectors * SECTOR, alignBytes: options.alignBytes ?? 1 });
const mount = (region: NorRegion, options: Partial<CircularBufferOptions> = {}): Promise<CircularBuffer> =>
  CircularBuffer.mount(region, { ...OPTIONS, ...options });

async function itemsOf(log: CircularBuffer): Promise<(LogRecord | LogDamage)[]> {
  const items: (LogRecord | LogDamage)[] = [];
  for await (const item of log.records()) items.push(item);
  return items;
}
const datas = async (log: CircularBuffer): Promise<Uint8Array[]> =>
  (await itemsOf(log)).flatMap((item) => (item.kind === "record" ? [item.data] : []));

describe("numbers that the header has no bits for are EINVAL, before anything is read", () => {
  const cases: readonly Partial<CircularBufferOptions>[] = [
    ...[-1, 0xc0ffeeee | 0, 2 ** 32, 2 ** 32 + 5, 1.5, Number.NaN].map((magic) => ({ magic })),
    ...[-1, 256, 0.5, Number.NaN].map((version) => ({ version })),
    ...[-1, 1.5, Number.NaN, 4].map((scratchSectors) => ({ scratchSectors })),
    ...[-1, 1.5, Number.NaN, 0x7fff].map((maxEntryBytes) => ({ maxEntryBytes })),
    ...[0, 3, 64, 1.5].map((alignBytes) => ({ alignBytes })),
    ...[0, -4096, Number.NaN, 100].map((sectorBytes) => ({ sectorBytes })),
  ];
  it.each(cases)("%j", async (options) => {
    const region = flash();
    await expect(mount(region, options)).rejects.toMatchObject({ code: "EINVAL" });
    expect([region.reads, region.changes]).toEqual([[], []]);
  });

  it("the largest and smallest are taken, and a second session finds the log", async () => {
    for (const options of [
      { magic: 0, version: 0 },
      { magic: 0xfffffffe, version: 255 },
    ]) {
      const region = flash();
      await (await mount(region, options)).append(Uint8Array.of(1));
      await (await mount(region, options)).append(Uint8Array.of(2));
      const log = await mount(region, options);
      expect(await datas(log)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
      expect(log.version).toBe(options.version);
    }
  });
});

describe("entries", () => {
  it("of up to 16383 bytes, the limit of current devices, unless another is specified", async () => {
    const region = new NorRegion({ eraseBytes: 32_768, lengthBytes: 65_536 });
    const log = await mount(region, { sectorBytes: 32_768 });
    const data = createRandom("long").bytes(16_383);
    await log.append(data);
    await expect(log.append(new Uint8Array(16_384))).rejects.toMatchObject({ code: "EINVAL" });
    expect(await datas(log)).toEqual([data]);
    const older = await mount(region, { sectorBytes: 32_768, maxEntryBytes: 16_382 });
    await expect(older.append(data)).rejects.toMatchObject({ code: "EINVAL" });
    expect(await datas(older)).toEqual([data]);
  });

  it.each([1, 2, 4, 8, 16, 32])("tell where their data begins, alignment %i", async (alignBytes) => {
    const region = flash({ alignBytes });
    const log = await mount(region, { alignBytes });
    for (const length of [1, 127, 128, 300]) await log.append(createRandom(`at ${length}`).bytes(length));
    for (const item of await itemsOf(log)) {
      if (item.kind !== "record") throw new Error(item.reason);
      const at = item.sector * SECTOR + (item.dataOffset ?? 0);
      expect(region.cells.subarray(at, at + item.data.length)).toEqual(item.data);
    }
  });
});

describe("an entry in pieces", () => {
  it("is on the flash what one append puts there, byte for byte and program for program", async () => {
    const random = createRandom("pieces");
    for (const alignBytes of [1, 4, 16]) {
      for (const hasCrc of [true, false]) {
        for (const length of [0, 1, 15, 16, 17, 127, 128, 700]) {
          const data = random.bytes(length);
          const whole = flash({ alignBytes });
          await (await mount(whole, { alignBytes, hasCrc })).append(data);
          const region = flash({ alignBytes });
          const entry = await (await mount(region, { alignBytes, hasCrc })).beginEntry(length);
          for (let at = 0; at < length; ) {
            const bytes = 1 + random.intBelow(40);
            await entry.write(data.subarray(at, at + bytes));
            at = Math.min(length, at + bytes);
            expect(entry.writtenBytes).toBe(at);
          }
          await entry.finish();
          expect(region.cells).toEqual(whole.cells);
          // Headers are not padded.
          expect(region.violations).toEqual(whole.violations);
          expect(region.cells.subarray(entry.dataOffset, entry.dataOffset + length)).toEqual(data);
        }
      }
    }
  });

  it("is damage until it is finished, and other entries go on after it", async () => {
    const region = flash();
    const log = await mount(region);
    const entry = await log.beginEntry(10);
    await log.append(Uint8Array.of(7));
    await entry.write(new Uint8Array(4).fill(1));
    expect((await itemsOf(await mount(region))).map(({ kind }) => kind)).toEqual(["damage", "record"]);
    await expect(entry.finish()).rejects.toMatchObject({
      code: "EINVAL",
      message: expect.stringContaining("6 of 10") as string,
    });
    await expect(entry.write(new Uint8Array(7))).rejects.toMatchObject({ code: "EINVAL" });
    await entry.write(new Uint8Array(6).fill(2));
    expect(await entry.finish()).toEqual({ sector: 0, offset: 8 });
    await expect(entry.finish()).rejects.toMatchObject({ code: "EINVAL" });
    await expect(entry.write(new Uint8Array())).rejects.toMatchObject({ code: "EINVAL" });
    expect(await datas(log)).toEqual([Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 2, 2), Uint8Array.of(7)]);
  });

  it("costs nothing but itself where the power is cut, at every byte", async () => {
    const region = flash();
    const log = await mount(region);
    await log.append(Uint8Array.of(1, 2, 3));
    const before = region.cells.slice();
    const from = region.changes.length;
    const entry = await log.beginEntry(20);
    await entry.write(new Uint8Array(9).fill(5));
    await entry.write(new Uint8Array(11).fill(6));
    await entry.finish();
    let count = 0;
    for (const cut of powerCuts(before, region.changes.slice(from), { seed: "cut entry" })) {
      const found = await datas(await mount(new NorRegion({ eraseBytes: SECTOR, cells: cut.cells })));
      expect(found[0]).toEqual(Uint8Array.of(1, 2, 3));
      expect(found.length).toBeLessThanOrEqual(2);
      count++;
    }
    expect(count).toBeGreaterThan(20);
  });

  it("is given up with its sector: nothing is written to what was erased", async () => {
    const region = flash({}, 2);
    const log = await mount(region);
    const entry = await log.beginEntry(10);
    await log.rotate();
    const before = region.cells.slice();
    await expect(entry.write(new Uint8Array(10))).rejects.toMatchObject({ code: "EINVAL" });
    await expect(entry.finish()).rejects.toMatchObject({ code: "EINVAL" });
    expect(region.cells).toEqual(before);
  });

  it.each([-1, 1.5, Number.NaN, 16_384])("of %s bytes is EINVAL, too long for a sector ENOSPC", async (length) => {
    const region = flash();
    const log = await mount(region);
    await expect(log.beginEntry(length)).rejects.toMatchObject({ code: "EINVAL" });
    await expect(log.beginEntry(SECTOR)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(region.changes.filter(({ kind }) => kind === "erase")).toEqual([]);
  });
});

describe("one sector", () => {
  it("is walked by itself; one that is not there is ERANGE", async () => {
    const region = flash();
    const log = await mount(region);
    for (let index = 0; index < 30; index++) await log.append(new Uint8Array(300).fill(index));
    const seen: number[] = [];
    for (const sector of log.sectorsInUse) {
      for await (const item of log.recordsOfSector(sector)) if (item.kind === "record") seen.push(item.data[0] ?? -1);
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => index));
    for (const sector of [-1, 4, 0.5]) {
      await expect(log.recordsOfSector(sector).next()).rejects.toMatchObject({ code: "ERANGE" });
    }
  });
});

describe("on the command line", () => {
  const args = (file: string): string[] => [
    "-p",
    `image:${file}`,
    "--layout",
    "fcb",
    "--magic",
    "0xabcd1234",
    "--align",
    "1",
  ];

  it("log read --sector walks one sector, log append-to-scratch takes the next one", async () => {
    const region = flash({ scratchSectors: 1 }, 3);
    const log = await mount(region, { scratchSectors: 1 });
    for (let index = 0; index < 26; index++) await log.append(new Uint8Array(300).fill(index));
    await expect(log.append(new Uint8Array(300))).rejects.toMatchObject({ code: "ENOSPC" });
    const file = join(folder, "log.bin");
    writeFileSync(file, region.cells);
    const read = await runQuickly(["log", "read", "--json", "--sector", "1", ...args(file)]);
    const lines = read.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const records = lines.filter(({ type }) => type === "record");
    expect(records.map(({ sector, data }) => [sector, fromHex(String(data))?.[0]])).toEqual(
      Array.from({ length: 13 }, (_, index) => [1, 13 + index]),
    );
    const full = ["--scratch", "1", "--sector-size", "4096", "--version", "3"];
    const taken = await runQuickly(["log", "append-to-scratch", ...full, ...args(file)]);
    expect([taken.code, taken.stdout]).toEqual([0, expect.stringContaining("sector 2 is active now, 0 sectors free")]);
    const after = new Uint8Array(readFileSync(file));
    await log.appendToScratch();
    expect(after).toEqual(region.cells);
    const again = await runQuickly(["log", "append-to-scratch", ...full, ...args(file)]);
    expect(again.code).not.toBe(0);
    expect(new Uint8Array(readFileSync(file))).toEqual(region.cells);
    expect((await runQuickly(["log", "read", "--sector", "3", ...args(file)])).stderr).toContain("no sector 3");
  });

  it("append-to-scratch is for an FCB, --sector does not go with --last", async () => {
    expect((await runQuickly(["log", "append-to-scratch", "--layout", "px-log-fs", "-p", "image:x"])).code).toBe(2);
    expect((await runQuickly(["log", "read", "--sector", "1", "--last", "1", "-p", "image:x"])).code).toBe(2);
  });
});
