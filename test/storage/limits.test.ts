/** How many bytes and turnarounds logs cost on a chip on the native bridge, counted. */
import { beforeAll, describe, expect, it } from "vitest";
import type { FlashDevice, FlashOp } from "../../src/flash/flash-device.ts";
import { regionOf } from "../../src/flash/open-region.ts";
import { readFlash } from "../../src/jobs/read-flash.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { encodePageHeader, encodeSlot, slotsPerPage } from "../../src/storage/log-fs/format.ts";
import { LogFs, type LogFsOptions } from "../../src/storage/log-fs/log-fs.ts";
import { createRandom } from "../../src/sim/random.ts";
import type { RecordLog } from "../../src/storage/record-log.ts";
import { simulatedFlash } from "../flash/simulated-flash.ts";
import { effort, sayCount } from "../support/effort.ts";
import { NorRegion } from "./support/nor-region.ts";

const MIB = 1024 * 1024;
const SIZE_BYTES = effort(2 * MIB, 4 * MIB);
const SIZE = `${SIZE_BYTES / MIB} MiB`;
const FCB: CircularBufferOptions = {
  sectorBytes: 4096,
  magic: 0x0badc0de,
  version: 1,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
};
const PX: LogFsOptions = { pageBytes: 256, blockPages: 16, recordBytes: 40, whenFull: "overwrite", format: 2 };

/** A full FCB. */
async function fullFcb(lengthBytes: number, entryBytes: number): Promise<Uint8Array> {
  const region = new NorRegion({ eraseBytes: 4096, lengthBytes });
  const log = await CircularBuffer.mount(region, FCB);
  // Not to be compressed on the wire, as the records of a real logger are not.
  const entry = createRandom(61).bytes(entryBytes);
  for (let number = 0; ; number++) {
    new DataView(entry.buffer).setUint32(0, number, true);
    try {
      await log.append(entry);
    } catch {
      return region.cells;
    }
  }
}

/** A px_log_fs that went round: the newest page in the middle, one block free after it. */
function wrappedPx(lengthBytes: number): Uint8Array {
  const cells = new Uint8Array(lengthBytes).fill(0xff);
  const pages = lengthBytes / PX.pageBytes;
  const newest = pages / 2 - 1;
  const slots = slotsPerPage(PX.pageBytes, PX.recordBytes);
  const random = createRandom(62);
  for (let age = pages - PX.blockPages - 1; age >= 0; age--) {
    const page = (newest - age + pages) % pages;
    const number = pages - age;
    cells.set(encodePageHeader(number, 2), page * PX.pageBytes);
    for (let slot = 0; slot < (age === 0 ? 3 : slots); slot++) {
      const record = random.bytes(PX.recordBytes);
      cells.set(encodeSlot(record, PX.recordBytes, 2), page * PX.pageBytes + 4 + slot * (PX.recordBytes + 2));
    }
  }
  return cells;
}

interface Counts {
  waits: number;
  readBytes: number;
  changes: number;
}

/** Counts what passes; a run is one turnaround. */
function counted(device: FlashDevice, counts: Counts): FlashDevice {
  const run: FlashDevice["run"] = (ops, options) => {
    counts.waits++;
    return device.run(watched(ops, counts), options);
  };
  return new Proxy(device, {
    get: (target, name) => (name === "run" ? run : (Reflect.get(target, name, target) as unknown)),
  });
}

async function* watched(ops: Iterable<FlashOp> | AsyncIterable<FlashOp>, counts: Counts): AsyncGenerator<FlashOp> {
  for await (const op of ops) {
    if (op.kind === "read") counts.readBytes += op.lengthBytes;
    if (op.kind === "program" || op.kind === "erase") counts.changes++;
    yield op;
  }
}

interface Measured extends Counts {
  readonly records: number;
  readonly durationUs: number;
}

/** Opens a log on a simulated chip with these bytes, and does something with it. */
async function onChip(
  cells: Uint8Array,
  open: (region: ReturnType<typeof regionOf>) => Promise<RecordLog>,
  body: (log: RecordLog) => Promise<number>,
): Promise<Measured> {
  const { simulation, device } = await simulatedFlash("AT25SF321", { seed: "9" });
  simulation.chip.load(0, cells);
  const counts: Counts = { waits: 0, readBytes: 0, changes: 0 };
  const startUs = simulation.clock.nowUs();
  const records = await simulation.run(async () => {
    const region = regionOf(counted(device, counts), { address: 0, lengthBytes: cells.length });
    return body(await open(region));
  });
  const durationUs = simulation.clock.nowUs() - startUs;
  await simulation.run(() => device.close());
  expect(counts.changes).toBe(0);
  const name = expect.getState().currentTestName ?? "";
  sayCount(
    `${name}: ${counts.waits} turnarounds, ${counts.readBytes} bytes read, ${records} records, ${durationUs / 1e6} s`,
  );
  return { ...counts, records, durationUs };
}

/** Virtual time of a plain dump. */
async function dumpUs(cells: Uint8Array, lengthBytes: number): Promise<number> {
  const { simulation, device } = await simulatedFlash("AT25SF321", { seed: "9" });
  simulation.chip.load(0, cells);
  const startUs = simulation.clock.nowUs();
  const context = { clock: simulation.clock };
  await simulation.run(() => readFlash(device, { address: 0, lengthBytes }, () => undefined, context));
  const durationUs = simulation.clock.nowUs() - startUs;
  await simulation.run(() => device.close());
  sayCount(`a plain dump of ${lengthBytes} bytes: ${durationUs / 1e6} s`);
  return durationUs;
}

async function countRecords(log: RecordLog, options: { last?: number } = {}): Promise<number> {
  let count = 0;
  for await (const item of log.records(options)) if (item.kind === "record") count++;
  return count;
}

const openFcb = (region: ReturnType<typeof regionOf>): Promise<RecordLog> => CircularBuffer.mount(region, FCB);
const openPx = (region: ReturnType<typeof regionOf>): Promise<RecordLog> => LogFs.mount(region, PX);

describe(`a full FCB of ${SIZE}`, { timeout: 120_000 }, () => {
  let cells = new Uint8Array();
  beforeAll(async () => {
    cells = new Uint8Array(await fullFcb(SIZE_BYTES, 60));
  });

  it("is opened in two turnarounds, for headers and active sector", async () => {
    const open = await onChip(cells, openFcb, () => Promise.resolve(0));
    expect(open.waits).toBeLessThanOrEqual(2);
    expect(open.readBytes).toBeLessThanOrEqual(1.2 * ((8 * SIZE_BYTES) / 4096 + 4096));
  });

  it("gives its newest 100 for under 2 % of a dump and 10 turnarounds", async () => {
    const last = await onChip(cells, openFcb, (log) => countRecords(log, { last: 100 }));
    expect(last.records).toBe(100);
    expect(last.readBytes).toBeLessThan(0.02 * SIZE_BYTES);
    expect(last.waits).toBeLessThanOrEqual(10);
  });

  it("is read out within 5 % of a plain dump", async () => {
    const all = await onChip(cells, openFcb, (log) => countRecords(log));
    expect(all.records).toBe((65 * SIZE_BYTES) / 4096);
    expect(all.readBytes).toBeLessThanOrEqual(1.05 * SIZE_BYTES);
    expect(all.durationUs / (await dumpUs(cells, SIZE_BYTES))).toBeLessThanOrEqual(1.05);
  });
});

describe("a full FCB of one MiB", () => {
  it("gives its newest 100 for at most 10 KB", async () => {
    const last = await onChip(await fullFcb(MIB, 60), openFcb, (log) => countRecords(log, { last: 100 }));
    expect(last.records).toBe(100);
    expect(last.readBytes).toBeLessThanOrEqual(10 * 1024);
  });
});

describe(`a px_log_fs of ${SIZE} that went round`, { timeout: 120_000 }, () => {
  const cells = wrappedPx(SIZE_BYTES);
  const pages = SIZE_BYTES / PX.pageBytes;

  it("is opened in two turnarounds, for headers and newest page", async () => {
    const open = await onChip(cells, openPx, () => Promise.resolve(0));
    expect(open.waits).toBeLessThanOrEqual(2);
    expect(open.readBytes).toBeLessThanOrEqual(4 * pages + PX.pageBytes);
  });

  it("gives its newest 100 for under 2 % of a dump and 10 turnarounds", async () => {
    const last = await onChip(cells, openPx, (log) => countRecords(log, { last: 100 }));
    expect(last.records).toBe(100);
    expect(last.readBytes).toBeLessThan(0.02 * SIZE_BYTES);
    expect(last.waits).toBeLessThanOrEqual(10);
  });

  it("is read out within 5 % of a plain dump of what is used", async () => {
    const all = await onChip(cells, openPx, (log) => countRecords(log));
    expect(all.records).toBe((pages - PX.blockPages - 1) * slotsPerPage(PX.pageBytes, PX.recordBytes) + 3);
    expect(all.readBytes).toBeLessThanOrEqual(1.05 * SIZE_BYTES);
    expect(all.durationUs / (await dumpUs(cells, SIZE_BYTES))).toBeLessThanOrEqual(1.05);
  });
});
