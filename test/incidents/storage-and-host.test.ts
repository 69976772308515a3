/**
 * What went wrong for users of other programs, each with its thread: here the same happens to norbridge, and it ends
 * right or with a clear error. This file: formats on flash, files, ports, dependencies. Every cut point of the formats
 * is in test/storage.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sameBytes } from "../../src/bytes.ts";
import { NorbridgeError } from "../../src/errors.ts";
import type { FlashRegion, RegionOp, RegionResult } from "../../src/flash/flash-region.ts";
import { RegionOperations } from "../../src/flash/region-operations.ts";
import { createRandom } from "../../src/sim/random.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { LogFs } from "../../src/storage/log-fs/log-fs.ts";
import type { RecordLog } from "../../src/storage/record-log.ts";
import { StreamFlash } from "../../src/storage/stream-flash/stream-flash.ts";
import type { Stream } from "../../src/stream.ts";
import { openSerial } from "../../src/transport/serial.ts";
import { NorRegion } from "../storage/support/nor-region.ts";
import { effort } from "../support/effort.ts";
import { makePty, ptyMissing } from "../support/pty.ts";
import { appendRotating } from "../storage/support/append-rotating.ts";

const SECTOR = 256;
const FCB: CircularBufferOptions = {
  ...{ sectorBytes: SECTOR, magic: 0xbadc0de, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true },
};

function region(lengthBytes = 4 * SECTOR): NorRegion {
  return new NorRegion({ eraseBytes: SECTOR, lengthBytes });
}

async function recordsOf(log: RecordLog): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const item of log.records()) if (item.kind === "record") found.push(item.data);
  return found;
}

/** How often something was erased. */
const erases = (flash: NorRegion): number => flash.changes.filter(({ kind }) => kind === "erase").length;
const dataOf = (index: number, length = 20): Uint8Array => createRandom(`record ${index}`).bytes(length);

describe("FCB", () => {
  it("Zephyr fcb.c, settings_fcb.c: a torn header stops the log, and the settings erase the whole partition", async () => {
    const flash = region();
    const log = await CircularBuffer.mount(flash, FCB);
    for (let i = 0; i < 15; i++) await log.append(dataOf(i));
    const before = (await recordsOf(log)).length;
    for (let byte = 0; byte < 8; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        const torn = new NorRegion({ eraseBytes: SECTOR, cells: flash.cells });
        // The third sector's header is being written: some of its bits are there.
        const at = 2 * SECTOR + byte;
        torn.cells[at] = (torn.cells[at] ?? 0) & ~(1 << bit);
        const mounted = await CircularBuffer.mount(torn, FCB);
        expect((await recordsOf(mounted)).length).toBeGreaterThanOrEqual(Math.min(before, 8));
        expect(erases(torn)).toBe(0);
      }
    }
  });

  it("apache/mynewt-core#1080: the walk loops for ever when a read fails", async () => {
    const flash = region();
    const log = await CircularBuffer.mount(flash, FCB);
    for (let i = 0; i < 12; i++) await log.append(dataOf(i));
    for (let failing = 0; failing < 60; failing++) {
      const bad = new FailingReads(flash, failing);
      const ended = await CircularBuffer.mount(bad, FCB)
        .then(recordsOf)
        .then(
          () => "done",
          () => "refused",
        );
      expect(["done", "refused"]).toContain(ended);
      expect(bad.calls).toBeLessThan(1000);
    }
  });

  it("apache/mynewt-core PR#2809: a sector that is full but for a few bytes", async () => {
    for (let left = 0; left <= 16; left++) {
      const flash = region();
      const log = await CircularBuffer.mount(flash, FCB);
      // Header 8, and each record a length, its data and a check.
      await log.append(dataOf(1, SECTOR - 8 - 2 - 2 - left));
      const again = await CircularBuffer.mount(flash, FCB);
      await appendRotating(again, dataOf(2));
      const found = await recordsOf(await CircularBuffer.mount(flash, FCB));
      expect(found.length, `${left} bytes left`).toBe(2);
      expect(flash.violations).toEqual([]);
    }
  });

  it("zephyrproject-rtos/zephyr#111886, #106254: write blocks that the header is not a multiple of", async () => {
    for (const alignBytes of [1, 2, 4, 8, 16, 32]) {
      // The chip takes any length; it is the device's layout that has to be kept, and read again.
      const flash = region();
      const log = await CircularBuffer.mount(flash, { ...FCB, alignBytes });
      for (let i = 0; i < 5; i++) await appendRotating(log, dataOf(i, 13));
      const found = await recordsOf(await CircularBuffer.mount(flash, { ...FCB, alignBytes }));
      expect(found.map((data) => data.subarray(0, 13)).some((data) => sameBytes(data, dataOf(4, 13)))).toBe(true);
      expect(flash.violations, `aligned to ${alignBytes}`).toEqual([]);
    }
  });

  it("tweedegolf/sequential-storage#136: two torn headers, and an acknowledged item is gone", async () => {
    const flash = region();
    const log = await CircularBuffer.mount(flash, FCB);
    for (let i = 0; i < 5; i++) await log.append(dataOf(i));
    const random = createRandom("two headers");
    for (let run = 0; run < effort(200, 2000); run++) {
      const torn = new NorRegion({ eraseBytes: SECTOR, cells: flash.cells });
      for (const sector of [1, 2]) {
        for (let byte = 0; byte < 8; byte++)
          if (random.chance(0.5)) torn.cells[sector * SECTOR + byte] = random.intBelow(256);
      }
      const mounted = await CircularBuffer.mount(torn, FCB);
      const found = await recordsOf(mounted);
      for (let i = 0; i < 5; i++) expect(found.some((data) => sameBytes(data, dataOf(i)))).toBe(true);
    }
  });

  it("armink/EasyFlash#151, #179, armink/FlashDB#383: a cut in one erase, and all logs are cleaned", async () => {
    const flash = region();
    const log = await CircularBuffer.mount(flash, FCB);
    for (let i = 0; i < 30; i++) await appendRotating(log, dataOf(i));
    const random = createRandom("cut erase");
    for (let run = 0; run < 50; run++) {
      const torn = new NorRegion({ eraseBytes: SECTOR, cells: flash.cells });
      const victim = (await log.sectors()).find(({ state }) => state === "used")?.sector ?? 0;
      torn.cells.set(random.bytes(SECTOR), victim * SECTOR);
      const mounted = await CircularBuffer.mount(torn, FCB);
      const found = await recordsOf(mounted);
      expect(found.some((data) => sameBytes(data, dataOf(29)))).toBe(true);
      expect(erases(torn)).toBe(0);
    }
  });

  it("zephyrproject-rtos/zephyr#84874: 256 cuts in a row wrap a counter", async () => {
    const flash = region();
    const random = createRandom("256 cuts");
    const keeper = await CircularBuffer.mount(flash, FCB);
    await keeper.append(dataOf(0));
    for (let cut = 0; cut < 256; cut++) {
      // Each start finds a record that was begun: a length, and some of its data.
      const log = await CircularBuffer.mount(flash, FCB);
      const changes = flash.changes.length;
      await appendRotating(log, dataOf(1 + cut));
      const last = flash.changes.at(-1);
      if (last?.kind === "program" && flash.changes.length > changes && random.chance(0.5)) {
        flash.cells.fill(0xff, last.offset + 1, last.offset + last.data.length);
      }
    }
    const log = await CircularBuffer.mount(flash, FCB);
    await appendRotating(log, dataOf(1000));
    const found = await recordsOf(await CircularBuffer.mount(flash, FCB));
    expect(found.some((data) => sameBytes(data, dataOf(1000)))).toBe(true);
  });
});

describe("px_log_fs", () => {
  const OPTIONS = { pageBytes: 64, blockPages: 4, recordBytes: 10, whenFull: "overwrite" as const, format: 2 as const };

  it("piconomix/px-fwlib#9: the wrap erases the wrong block; a ring that is exactly full reads as empty", async () => {
    const flash = region(1024);
    const log = await LogFs.mount(flash, OPTIONS);
    const records: Uint8Array[] = [];
    for (let i = 0; i < 200; i++) {
      records.push(dataOf(i, 10));
      await log.append(dataOf(i, 10));
      const found = await recordsOf(await LogFs.mount(flash, OPTIONS));
      // The newest are there, in order, however full it is.
      const newest = records.slice(-10);
      expect(found.slice(-newest.length)).toEqual(newest);
    }
    expect(flash.violations).toEqual([]);
  });

  it("betaflight/betaflight PR#15197: behind the wrap the first sector is written before it is erased", async () => {
    const flash = region(1024);
    const log = await LogFs.mount(flash, OPTIONS);
    for (let i = 0; i < 500; i++) await log.append(dataOf(i, 10));
    expect(flash.violations).toEqual([]);
  });
});

describe("Stream Flash", () => {
  const image = createRandom("stream").bytes(900);

  it("zephyrproject-rtos/zephyr#92982: a stream that begins in the middle of a page erases what it has just written", async () => {
    for (let offset = 0; offset < SECTOR; offset += effort(37, 1)) {
      for (const bufferBytes of [16, 64, 256]) {
        const flash = region(2048);
        const old = createRandom("beside").bytes(offset);
        flash.cells.set(old, 0);
        const stream = StreamFlash.init(flash, { offset, sizeBytes: 0, bufferBytes });
        for (let at = 0; at < image.length; at += 100) {
          await stream.write(image.subarray(at, at + 100), { flush: at + 100 >= image.length });
        }
        expect(Buffer.compare(flash.cells.subarray(offset, offset + image.length), image), `${offset}`).toBe(0);
        expect(Buffer.compare(flash.cells.subarray(0, offset), old)).toBe(0);
      }
    }
  });

  it("zephyrproject-rtos/zephyr#67407: nothing below the write pointer is ever erased", async () => {
    const flash = region(2048);
    const stream = StreamFlash.init(flash, { offset: 0, sizeBytes: 0, bufferBytes: 64 });
    for (let at = 0; at < image.length; at += 33) {
      const written = stream.bytesWritten;
      const from = flash.changes.length;
      await stream.write(image.subarray(at, at + 33), { flush: at + 33 >= image.length });
      for (const change of flash.changes.slice(from)) {
        if (change.kind === "erase") expect(change.offset).toBeGreaterThanOrEqual(written);
      }
    }
  });

  it("zephyrproject-rtos/zephyr#76029: a write block of 512 bytes does not fit a byte, and becomes 0", async () => {
    for (const writeBlockBytes of [1, 2, 4, 8, 16, 32, 64, 128, 256]) {
      const flash = new NorRegion({
        eraseBytes: 1024,
        lengthBytes: 4096,
        alignBytes: writeBlockBytes,
        programBytes: 1024,
      });
      const stream = StreamFlash.init(flash, { offset: 0, sizeBytes: 0, bufferBytes: 256, writeBlockBytes });
      await stream.write(image, { flush: true });
      expect(Buffer.compare(flash.cells.subarray(0, image.length), image)).toBe(0);
      expect(flash.violations).toEqual([]);
    }
  });

  it("nrfconnect/sdk-nrf PR#3961: going on forgets where the stream begins, and erases its progress", async () => {
    const identity = { lengthBytes: image.length, sha256: "0".repeat(64) };
    const offset = 2 * SECTOR;
    for (let kept = SECTOR; kept < image.length; kept += SECTOR) {
      const flash = region(2048);
      flash.cells.set(createRandom("before").bytes(offset), 0);
      const before = flash.cells.slice(0, offset);
      flash.cells.set(image.subarray(0, kept), offset);
      const stream = StreamFlash.init(flash, { offset, sizeBytes: 0, bufferBytes: 64 });
      const store = {
        load: () => Promise.resolve({ bytesWritten: kept, image: identity }),
        save: () => Promise.resolve(),
        clear: () => Promise.resolve(),
      };
      await stream.loadProgress(store, identity);
      await stream.write(image.subarray(stream.bytesWritten), { flush: true });
      expect(Buffer.compare(flash.cells.subarray(offset, offset + image.length), image)).toBe(0);
      expect(Buffer.compare(flash.cells.subarray(0, offset), before)).toBe(0);
    }
  });
});

describe("ports and packages", () => {
  it.skipIf(ptyMissing !== undefined)(
    "serialport/node-serialport#1361, #587: unplugged, and no event, or a crash",
    async () => {
      for (const written of [0, 1, 5000]) {
        const pty = await makePty();
        const port = await openSerial(pty.path, 115_200);
        if (written > 0) await port.write(new Uint8Array(written).fill(0x55));
        const ended = (async () => {
          let bytes = 0;
          for await (const chunk of port.incoming) bytes += chunk.length;
          return bytes === 0 ? "ended" : "heard something";
        })();
        await pty.peer.vanish();
        expect(await ended).toBe("ended");
        await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "ESHUTDOWN" });
        await port.close();
      }
    },
  );

  it.skipIf(ptyMissing !== undefined)(
    "serialport/node-serialport#1188, #1024, bindings-cpp#237: a crash after many small writes, a close that hangs",
    { timeout: 60_000 },
    async () => {
      const pty = await makePty();
      const port = await openSerial(pty.path, 115_200);
      const count = effort(2000, 20_000);
      for (let i = 0; i < count; i++) await port.write(Uint8Array.of(i & 0xff));
      const received = await pty.peer.received(count);
      expect(received.every((byte, i) => byte === (i & 0xff))).toBe(true);
      await port.close();
      await pty.peer.vanish();
    },
  );

  it("debug-js/debug#1005: malware in a dependency: few packages, each with its hash, two install scripts", () => {
    const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
      packages: Record<
        string,
        {
          integrity?: string;
          dev?: boolean;
          devOptional?: boolean;
          hasInstallScript?: boolean;
          dependencies?: Record<string, string>;
          optionalDependencies?: Record<string, string>;
        }
      >;
    };
    const production = Object.entries(lock.packages).filter(
      ([name, { dev, devOptional }]) => name !== "" && dev !== true && devOptional !== true,
    );
    // A new one is a decision: recipes need yaml, zod and csv-parse, tables of logs hyparquet-writer, the ledger sqlite on
    // Node 20 and pg for several stations, and the page of the station hono with its server.
    const own = lock.packages[""];
    expect(Object.keys({ ...own?.dependencies, ...own?.optionalDependencies }).toSorted()).toEqual([
      "@hono/node-server",
      "@photostructure/sqlite",
      "@serialport/parser-byte-length",
      "csv-parse",
      "hono",
      "hyparquet-writer",
      "pg",
      "serialport",
      "yaml",
      "yargs",
      "zod",
    ]);
    expect(production.length, "packages that an installation brings").toBe(59);
    expect(production.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name)).toEqual([
      "node_modules/@photostructure/sqlite",
      "node_modules/@serialport/bindings-cpp",
    ]);
  });
});

/** From the nth operation on every read fails. */
class FailingReads extends RegionOperations implements FlashRegion {
  calls = 0;
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly #inner: FlashRegion;
  readonly #from: number;

  constructor(inner: FlashRegion, from: number) {
    super();
    this.#inner = inner;
    this.#from = from;
    this.address = inner.address;
    this.lengthBytes = inner.lengthBytes;
    this.eraseBytes = inner.eraseBytes;
    this.programBytes = inner.programBytes;
    this.erasedByte = inner.erasedByte;
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    for await (const op of ops) {
      if (++this.calls > this.#from) throw new NorbridgeError("EIO", "a read failed", { operation: op.kind });
      yield* this.#inner.run([op]);
    }
  }
}
