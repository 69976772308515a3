/** What the documents of the originals promise and no other test asks by name: docs/originals.md has the table. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { MtdDevice } from "../../src/flash/mtd/mtd-device.ts";
import { FlashSocket } from "../../src/flash/mtd/socket.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../src/storage/flash-safe/flash-safe.ts";
import { encodePageHeader, encodeSlot, type LogFsFormat } from "../../src/storage/log-fs/format.ts";
import { LogFs, type LogFsOptions } from "../../src/storage/log-fs/log-fs.ts";
import { SettingsStore } from "../../src/storage/settings/settings-store.ts";
import { settingsProgressStore } from "../../src/storage/stream-flash/settings-progress-store.ts";
import { StreamFlash } from "../../src/storage/stream-flash/stream-flash.ts";
import { NorRegion } from "./support/nor-region.ts";

const KIB = 1024;
const PAGE = 4 * KIB;

function flash(pages: number): NorRegion {
  return new NorRegion({ eraseBytes: PAGE, lengthBytes: pages * PAGE });
}

describe("Stream Flash", () => {
  it("a size of 0 is the rest of the device", () => {
    const stream = StreamFlash.init(flash(8), { offset: 2 * PAGE, sizeBytes: 0, bufferBytes: 256 });
    expect(stream.sizeBytes).toBe(6 * PAGE);
  });

  it("progress: no key is a success, fewer bytes than were written are ignored, more are taken", async () => {
    const store = settingsProgressStore(await SettingsStore.mount(flash(4), { alignBytes: 1 }), "dfu/progress", 4);
    const begin = (): StreamFlash => StreamFlash.init(flash(8), { offset: 0, sizeBytes: 0, bufferBytes: 256 });
    const stream = begin();
    await stream.loadProgress(store);
    expect(stream.bytesWritten).toBe(0);
    await stream.write(new Uint8Array(512));
    await store.save({ bytesWritten: 256 });
    await stream.loadProgress(store);
    expect(stream.bytesWritten).toBe(512);
    await stream.saveProgress(store);
    const again = begin();
    await again.loadProgress(store);
    expect(again.bytesWritten).toBe(512);
    await store.clear();
    const cleared = begin();
    await cleared.loadProgress(store);
    expect(cleared.bytesWritten).toBe(0);
  });

  it("a full buffer is written without a flush, the remainder is kept, and a flush with no data writes it", async () => {
    const region = flash(2);
    const stream = StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 256, writeBlockBytes: 4 });
    const data = Uint8Array.from({ length: 519 }, (_, index) => index & 0xff);
    for (let at = 0; at < data.length; at += 37) await stream.write(data.subarray(at, at + 37));
    expect([stream.bytesWritten, stream.buffered]).toEqual([512, 7]);
    await stream.write(new Uint8Array(), { flush: true });
    expect([stream.bytesWritten, stream.buffered]).toEqual([519, 0]);
    expect(region.cells.slice(0, 520)).toEqual(Uint8Array.of(...data, 0xff));
    const exact = StreamFlash.init(flash(2), { offset: 0, sizeBytes: 0, bufferBytes: 256 });
    await exact.write(new Uint8Array(512));
    expect([exact.bytesWritten, exact.buffered]).toEqual([512, 0]);
  });
});

const FCB = { sectorBytes: PAGE, magic: 0xabcd1234, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true };

describe("FCB", () => {
  it("has more than 255 sectors", async () => {
    const region = new NorRegion({ eraseBytes: 256, lengthBytes: 300 * 256 });
    const options = { ...FCB, sectorBytes: 256 };
    const log = await CircularBuffer.mount(region, options);
    for (let number = 0; number < 400; number++)
      await log.append(new Uint8Array(200).fill(number)).catch(rotated(log, number));
    const again = await CircularBuffer.mount(region, options);
    expect([again.state.activeId, again.state.freeSectors]).toEqual([399, 0]);
    expect((await again.lastEntries(300)).map(({ data }) => data[0])).toEqual(
      Array.from({ length: 300 }, (_, index) => (100 + index) & 0xff),
    );
  });

  function rotated(log: CircularBuffer, number: number): (error: unknown) => Promise<unknown> {
    return async (error) => {
      expect(error).toMatchObject({ code: "ENOSPC" });
      await log.rotate();
      return log.append(new Uint8Array(200).fill(number));
    };
  }

  it("is empty until the first entry, and after the last sector was cleared", async () => {
    const log = await CircularBuffer.mount(flash(3), FCB);
    expect(log.state.isEmpty).toBe(true);
    await log.append(Uint8Array.of(1));
    expect(log.state.isEmpty).toBe(false);
    await log.clear();
    expect([log.state.isEmpty, log.state.activeId]).toEqual([true, 1]);
  });

  it("a walk ends where its caller stops it", async () => {
    const log = await CircularBuffer.mount(flash(3), FCB);
    for (let number = 0; number < 10; number++) await log.append(Uint8Array.of(number));
    const seen: (number | undefined)[] = [];
    for await (const item of log.records()) {
      if (item.kind === "record") seen.push(item.data[0]);
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([0, 1, 2, 3]);
    expect((await log.next({ sector: 0, offset: 0 }))?.data).toEqual(Uint8Array.of(0));
  });

  it("an entry of length 0 is one", async () => {
    const region = flash(2);
    await (await CircularBuffer.mount(region, FCB)).append(new Uint8Array());
    expect((await (await CircularBuffer.mount(region, FCB)).next())?.data).toEqual(new Uint8Array());
  });
});

const LOG: LogFsOptions = { pageBytes: 256, blockPages: 16, recordBytes: 8, whenFull: "overwrite", format: 2 };

async function dataOf(log: LogFs): Promise<string[]> {
  const found: string[] = [];
  for await (const item of log.records()) if (item.kind === "record") found.push(toHex(item.data));
  return found;
}

describe("px_log_fs", () => {
  /**
   * The seven examples of the document for 16 pages, two of them with numbers that begin again; and one more with a bad page. Its
   * numbers have two digits; here they have 16 bits. `from`: the number of the oldest page.
   */
  const EXAMPLES: readonly (readonly [string, { first: number; count: number; from: number; bad?: number }])[] = [
    ["page 5 is last and page 0 is first", { first: 0, count: 6, from: 0 }],
    ["page 9 is last and page 4 is first", { first: 4, count: 6, from: 0 }],
    ["page 10 is last and page 12 is first", { first: 12, count: 15, from: 0 }],
    ["page 14 is last and page 0 is first", { first: 0, count: 15, from: 0 }],
    ["page 2 is last and page 3 is first", { first: 3, count: 16, from: 0 }],
    ["page 3 is last and page 4 is first, the numbers begin again", { first: 4, count: 16, from: 0x10000 - 6 }],
    ["page 6 is last and page 7 is first, the numbers begin again", { first: 7, count: 16, from: 0x10000 - 1 }],
    ["page 6 is last, page 7 is bad, page 8 is first", { first: 8, count: 15, from: 0x10000 - 1, bad: 7 }],
  ];

  describe.each([1, 2] as const)("format %i", (format: LogFsFormat) => {
    it.each(EXAMPLES)("%s", async (_, { first, count, from, bad }) => {
      const options: LogFsOptions = { ...LOG, pageBytes: 64, blockPages: 1, format };
      const region = new NorRegion({ eraseBytes: 64, lengthBytes: 16 * 64, programBytes: 64 });
      for (let index = 0; index < count; index++) {
        const start = ((first + index) % 16) * 64;
        region.cells.set(encodePageHeader((from + index) % 0x10000, format), start);
        region.cells.set(encodeSlot(Uint8Array.of(index), 8, format), start + 4);
      }
      if (bad !== undefined) region.cells[bad * 64] = 0x00;
      const { state } = await LogFs.mount(region, options);
      expect([state.pageFirst, state.pageLast]).toEqual([first, (first + count - 1) % 16]);
      expect(state).toMatchObject({ pageNrNext: (from + count) % 0x10000, order: "certain" });
    });
  });

  it("records are written, read from the first to the last and back, and found again", async () => {
    const region = new NorRegion({ eraseBytes: PAGE, lengthBytes: 4 * PAGE });
    const log = await LogFs.mount(region, LOG);
    for (let number = 1; number <= 8; number++) await log.append(Uint8Array.of(number, 0, 0, 0, 0, 0, 0, number));
    const cursor = (await LogFs.mount(region, LOG)).cursor();
    const seen: (number | undefined)[] = [];
    for (let read = await cursor.first(); read.kind === "record"; read = await cursor.next())
      seen.push(read.record.data[7]);
    for (let read = await cursor.last(); read.kind === "record"; read = await cursor.previous())
      seen.push(read.record.data[0]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("data that is too short is filled up with FF", async () => {
    const region = new NorRegion({ eraseBytes: PAGE, lengthBytes: 2 * PAGE });
    const log = await LogFs.mount(region, LOG);
    await log.append(Uint8Array.of(1, 2));
    expect(await dataOf(await LogFs.mount(region, LOG))).toEqual(["0102ffffffffffff"]);
  });

  it.each([
    ["blocks of 128 KiB (px-fwlib 3)", 2, 512, 8],
    ["three blocks, records of 6 bytes (px-fwlib 9)", 3, 16, 6],
  ])("%s go round and keep all but one block", async (_, blocks, blockPages, recordBytes) => {
    const options: LogFsOptions = { ...LOG, blockPages, recordBytes };
    const blockBytes = 256 * blockPages;
    const region = new NorRegion({ eraseBytes: blockBytes, lengthBytes: blocks * blockBytes });
    const log = await LogFs.mount(region, options);
    const perBlock = blockPages * Math.floor(252 / (recordBytes + 2));
    const total = (blocks + 1) * perBlock + 3;
    for (let number = 0; number < total; number++) await log.append(Uint8Array.of(number & 0xff, number >> 8));
    const found = await dataOf(await LogFs.mount(region, options));
    expect(found.length).toBeGreaterThanOrEqual((blocks - 1) * perBlock);
    expect(Number.parseInt(found.at(-1)!.slice(2, 4) + found.at(-1)!.slice(0, 2), 16)).toBe(total - 1);
  });

  it("is read while records are added", async () => {
    const log = await LogFs.mount(new NorRegion({ eraseBytes: PAGE, lengthBytes: 4 * PAGE }), LOG);
    for (let number = 0; number < 60; number++) await log.append(Uint8Array.of(number));
    let seen = 0;
    for await (const item of log.records()) {
      if (item.kind === "record") expect(item.data[0]).toBe(seen++);
      if (seen === 10) await log.append(Uint8Array.of(60));
    }
    expect(seen).toBeGreaterThanOrEqual(60);
    expect(await dataOf(log)).toHaveLength(61);
  });
});

it("Flash Safe: an item goes over segments, and keys are 0 to 0xfffffffe in any order", async () => {
  const region = flash(3);
  const options = { blockBytes: PAGE, bufferBytes: 256 };
  const transaction = await (await FlashSafe.format(region, options)).open();
  const long = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  await transaction.write(0xfffffffe, long);
  await transaction.write(0, new Uint8Array());
  await transaction.commit();
  const safe = await FlashSafe.mount(region, options);
  expect([safe.read(0), safe.read(0xfffffffe)]).toEqual([new Uint8Array(), long]);
});

describe("the flash filesystem of QNX", () => {
  const MIB = KIB * KIB;
  const geometry = {
    capacityBytes: MIB,
    pageBytes: 256,
    erasedByte: 0xff,
    programTypicalUs: 1,
    programMaximumUs: 9,
    eraseUnits: [
      { name: "64k", regions: [{ address: 0, unitBytes: 64 * KIB, count: 16, typicalUs: 1, maximumUs: 9 }] },
    ],
  };

  it("its devf-ram: one MiB of memory as an array of 64 KiB units, behind a socket", async () => {
    const socket = FlashSocket.on(createRamFlash(geometry));
    expect([socket.array.lengthBytes, socket.windowBytes]).toEqual([MIB, 64 * KIB]);
    const device = new MtdDevice(socket.device);
    expect(await device.program(70_000, Uint8Array.of(1, 2, 3))).toBe(3);
    expect(await socket.page(70_000).read(70_000 - 65_536, 3)).toEqual(Uint8Array.of(1, 2, 3));
    await device.erase(70_000);
    await device.sync();
    expect(await device.read(70_000, 3)).toEqual(Uint8Array.of(0xff, 0xff, 0xff));
  });
});
