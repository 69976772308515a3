/** Every image that Zephyr's own code made, read and made again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { encodeLength, padded } from "../../../src/storage/circular-buffer/format.ts";
import type { LogRecord } from "../../../src/storage/record-log.ts";
import { goldenBytes, goldenJson, patternOf } from "../support/golden.ts";
import { NorRegion, type RegionChange } from "../support/nor-region.ts";

interface Entry {
  sector: number;
  elemOffset: number;
  dataOffset: number;
  length: number;
  dataHex?: string;
  dataSha256?: string;
}
interface State {
  oldestSector: number;
  activeSector: number;
  activeElemOffset: number;
  activeId: number;
  freeSectors: number;
  isEmpty: boolean;
}
interface Operation {
  op: string;
  rc?: number | string;
  seed: number;
  length: number;
  written?: number;
  offset: number;
  hex?: string;
  dataHex?: string;
}
interface FlashWrite {
  op: "write" | "erase";
  offset: number;
  length: number;
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
  crc: boolean;
  eraseValue: number;
  operations: Operation[];
  flashWrites: FlashWrite[] | null;
  expected: State & {
    initError: string | null;
    walkEndless?: boolean;
    entries?: Entry[];
    offsetLastN?: Record<string, { rc: number | string } & Partial<Entry>>;
  };
  liveState?: State;
  tolerantEntries?: Entry[] | string;
}

const cases = (goldenJson("zephyr-fcb/manifest.json") as Case[]).map((one) => ({ ...one, folder: "zephyr-fcb" }));
const lengths = (goldenJson("zephyr-fcb-lengths/manifest.json") as Case[]).map((one) => ({
  ...one,
  folder: "zephyr-fcb-lengths",
}));

function optionsOf(one: Case): Parameters<typeof CircularBuffer.mount>[1] {
  return {
    sectorBytes: one.sectorBytes,
    magic: one.magic,
    version: one.version,
    alignBytes: one.align,
    scratchSectors: one.scratchCount,
    hasCrc: one.crc,
    // The limit of the build that made the images.
    maxEntryBytes: 16_382,
  };
}

function regionOf(one: Case, cells?: Uint8Array): NorRegion {
  return new NorRegion({
    eraseBytes: one.sectorBytes,
    lengthBytes: one.sectorBytes * one.sectorCount,
    erasedByte: one.eraseValue,
    ...(cells === undefined ? {} : { cells }),
  });
}

async function recordsOf(log: CircularBuffer): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const item of log.records()) if (item.kind === "record") records.push(item);
  return records;
}

function shown(records: readonly LogRecord[], like: readonly Entry[]): object[] {
  return records.map(({ sector, offset, data }, index) => ({
    sector,
    elemOffset: offset,
    length: data.length,
    data:
      like[index]?.dataHex !== undefined
        ? toHex(data)
        : like[index]?.dataSha256 === undefined
          ? undefined
          : sha256(data),
  }));
}

function wished(entries: readonly Entry[]): object[] {
  return entries.map(({ sector, elemOffset, length, dataHex, dataSha256 }) => ({
    sector,
    elemOffset,
    length,
    data: dataHex ?? dataSha256,
  }));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What a device and we both call healthy: it mounts, ends its walk, and the tolerant reader sees the same. */
function isHealthy({ expected, tolerantEntries, name }: Case): boolean {
  const isSame = tolerantEntries === undefined || tolerantEntries === "same as entries";
  return expected.initError === null && expected.walkEndless !== true && isSame && !UPSTREAM_ONLY.has(name);
}

/** Cases where the original's state is a defect of the original: FORMAT.md, "A better reader", names each. */
const UPSTREAM_ONLY = new Set(["torn-header-no-id", "magic-ffffffff"]);

describe.each([...cases, ...lengths])("$folder/$name", (one) => {
  it("reads as the manifest says, and reading changes nothing", async () => {
    const cells = goldenBytes(`${one.folder}/${one.file}`);
    expect(sha256(cells)).toBe(one.sha256);
    const region = regionOf(one, cells);
    if (one.name === "foreign-all") {
      await expect(CircularBuffer.mount(region, optionsOf(one))).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
      return;
    }
    const log = await CircularBuffer.mount(region, optionsOf(one));
    const records = await recordsOf(log);
    const { tolerantEntries, expected } = one;
    const entries = typeof tolerantEntries === "object" ? tolerantEntries : (expected.entries ?? []);
    expect(shown(records, entries)).toEqual(wished(entries));
    if (isHealthy(one)) {
      const { oldestSector, activeSector, activeElemOffset, activeId, freeSectors, isEmpty } = expected;
      expect(log.state).toEqual({ oldestSector, activeSector, activeElemOffset, activeId, freeSectors, isEmpty });
      for (const [n, wish] of Object.entries(expected.offsetLastN ?? {})) {
        const [first] = await log.lastEntries(Number(n));
        expect(first === undefined ? "ENOENT" : [first.sector, first.offset, first.data.length]).toEqual(
          wish.rc === 0 ? [wish.sector, wish.elemOffset, wish.length] : wish.rc,
        );
      }
    }
    expect(region.changes).toEqual([]);
  });
});

function rcOf(error: unknown): string {
  const code = (error as { code: string }).code;
  return code;
}

const REPLAYABLE = ["init", "append", "rotate", "appendToScratch", "clear", "appendPartial"];
// crc-off-mixed was begun by another build of the device.
const replayed = cases.filter(
  (one) =>
    one.operations.length > 0 &&
    one.name !== "crc-off-mixed" &&
    one.operations.every(({ op }) => REPLAYABLE.includes(op)) &&
    isHealthy(one),
);

describe.each(replayed)("replay of $name", (one) => {
  it("gives the same image by the same programs and erases in the same order", async () => {
    const region = regionOf(one);
    let log = await CircularBuffer.mount(region, optionsOf(one));
    for (const operation of one.operations) {
      try {
        if (operation.op === "init") {
          log = await CircularBuffer.mount(region, optionsOf(one));
          await log.init();
        }
        if (operation.op === "append") await log.append(patternOf(operation.seed, operation.length));
        if (operation.op === "rotate") await log.rotate();
        if (operation.op === "appendToScratch") await log.appendToScratch();
        if (operation.op === "clear") await log.clear();
        if (operation.op === "appendPartial") await appendPartial(region, log, one, operation);
        expect(operation.rc ?? 0).toBe(0);
      } catch (error) {
        expect(rcOf(error)).toBe(operation.rc);
      }
    }
    expect(sha256(region.cells)).toBe(one.sha256);
    if (one.flashWrites !== null) {
      expect(region.changes.map(asWrite)).toEqual(one.flashWrites.filter(({ length }) => length > 0));
    }
    // The device that stopped in an append had already moved on in its memory; we open the flash again.
    const hasStopped = one.operations.some(({ op }) => op === "appendPartial");
    if (one.liveState !== undefined && !hasStopped) expect(log.state).toEqual(one.liveState);
    expect(region.violations).toEqual([]);
  });
});

function asWrite(change: RegionChange): FlashWrite {
  return change.kind === "erase"
    ? { op: "erase", offset: change.offset, length: change.lengthBytes }
    : { op: "write", offset: change.offset, length: change.data.length };
}

/** An append that stopped: the length field and a part of the data. */
async function appendPartial(region: NorRegion, log: CircularBuffer, one: Case, operation: Operation): Promise<void> {
  const { activeSector, activeElemOffset } = log.state;
  const at = activeSector * one.sectorBytes + activeElemOffset;
  const field = padded(encodeLength(operation.length, one.eraseValue), one.align, one.eraseValue);
  await region.program(at, field);
  const data = patternOf(operation.seed, operation.length).subarray(0, operation.written ?? 0);
  if (data.length > 0) await region.program(at + field.length, padded(data, one.align, one.eraseValue));
}

interface Trace extends Case {
  start: string;
  steps: { step: string; operations: { op: "read" | "write" | "erase"; offset: number; length: number }[] }[];
}

const traces = goldenJson("zephyr-fcb/trace.json") as Trace[];

describe.each(traces.filter(({ start }) => start === "erased"))("trace $name", (trace) => {
  it("has the same programs and erases in each step", async () => {
    const region = regionOf(trace);
    let log = await CircularBuffer.mount(region, optionsOf(trace));
    for (const { step, operations } of trace.steps) {
      const before = region.changes.length;
      const [verb, seed, length] = /^(\S+)(?: seed=(\d+) length=(\d+))?/.exec(step)!.slice(1);
      if (verb === "init") {
        log = await CircularBuffer.mount(region, optionsOf(trace));
        await log.init();
      } else if (step.startsWith("append seed=i")) {
        // Until the log is full.
        for (let i = 0; ; i++) if (!(await isAppended(log, patternOf(i, 60)))) break;
      } else if (verb === "append") {
        await log.append(patternOf(Number(seed), Number(length)));
      } else if (verb === "clear") {
        await log.clear();
      } else if (verb === "rotate") {
        await log.rotate();
      } else {
        // Reading: it changes nothing, on the device and here.
        for await (const item of log.records()) expect(item.sector).toBeGreaterThanOrEqual(0);
      }
      const wished = operations.flatMap(({ op, offset, length: bytes }) =>
        op === "read" || bytes === 0 ? [] : [{ op, offset, length: bytes }],
      );
      expect(region.changes.slice(before).map(asWrite), step).toEqual(wished);
    }
  });
});

async function isAppended(log: CircularBuffer, data: Uint8Array): Promise<boolean> {
  try {
    await log.append(data);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
    return false;
  }
}

it("goes from entry to entry, and through one sector", async () => {
  const one = cases.find(({ name }) => name === "wrapped")!;
  const region = regionOf(one, goldenBytes("zephyr-fcb/wrapped.bin"));
  const log = await CircularBuffer.mount(region, optionsOf(one));
  const all = await recordsOf(log);
  const walked: LogRecord[] = [];
  for (let record = await log.next(); record !== undefined; record = await log.next(record)) walked.push(record);
  expect(walked).toEqual(all);
  for (let sector = 0; sector < one.sectorCount; sector++) {
    const records: LogRecord[] = [];
    for await (const item of log.recordsOfSector(sector)) if (item.kind === "record") records.push(item);
    expect(records).toEqual(all.filter((record) => record.sector === sector));
  }
});
