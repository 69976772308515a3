/** Every image that the original's own code made, read; and its traces, made again. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { LogFs, type LogFsOptions, type LogFsRecord } from "../../../src/storage/log-fs/log-fs.ts";
import { goldenBytes, goldenJson } from "../support/golden.ts";
import { NorRegion, type RegionChange } from "../support/nor-region.ts";

interface FlashOp {
  op: "read" | "write" | "erase";
  page: number;
  offset: number;
  length: number;
  data?: string;
}
interface Shape {
  name: string;
  variant: "v1" | "v1a" | "v2";
  pageBytes: number;
  blockPages: number;
  recordBytes: number;
  whenFull: "overwrite" | "stop";
  pageStart: number;
  pageEnd: number;
}
interface Place {
  pageFirst: number;
  pageLast: number;
  pageNrNext: number;
  adrWr: { page: number; offset: number };
}
interface Case extends Shape {
  file: string;
  sha256: string;
  expectedAll: string[];
  expectedAllPages: { nr: number; page: number }[];
  expectedAllOrder: "certain" | "ambiguous";
  expectedAllArchived?: number[];
  upstreamReadsAll: boolean;
  expected: Place & {
    initWrites: unknown[];
    /** Absent in format 1. */
    firstUnarchived?: { error: string; record: string | null };
    nextWrite: { data: string; error: string; ops: FlashOp[]; after: Place };
  };
}
interface Trace extends Shape {
  startImageGz: string;
  endImageSha256: string;
  steps: { call: string; result: string; ops: FlashOp[]; data?: string }[];
}

const cases = goldenJson("px-log-fs/manifest.json") as Case[];
const traces = goldenJson("px-log-fs/trace.json") as Trace[];

function optionsOf(one: Shape): LogFsOptions {
  const { pageBytes, blockPages, recordBytes, whenFull, pageStart, variant } = one;
  return { pageBytes, blockPages, recordBytes, whenFull, format: variant === "v2" ? 2 : 1, firstPage: pageStart };
}

/** The region of the file system; images may have pages around it. */
function regionOf(one: Shape, image: Uint8Array): NorRegion {
  const { pageBytes, blockPages, pageStart, pageEnd } = one;
  const cells = image.slice(pageStart * pageBytes, (pageEnd + 1) * pageBytes);
  return new NorRegion({ eraseBytes: pageBytes * blockPages, cells });
}

async function recordsOf(log: LogFs): Promise<LogFsRecord[]> {
  const records: LogFsRecord[] = [];
  for await (const item of log.records()) if (item.kind === "record") records.push(item);
  return records;
}

function asOps(changes: readonly RegionChange[], { pageBytes, pageStart }: Shape): FlashOp[] {
  return changes.map((change) => {
    const place = { page: Math.floor(change.offset / pageBytes) + pageStart, offset: change.offset % pageBytes };
    return change.kind === "erase"
      ? { op: "erase", ...place, length: change.lengthBytes }
      : { op: "write", ...place, length: change.data.length, data: toHex(change.data) };
  });
}

function placeOf(log: LogFs): Place {
  const { pageFirst, pageLast, pageNrNext, adrWr } = log.state;
  return { pageFirst, pageLast, pageNrNext, adrWr };
}

describe.each(cases)("$name", (one) => {
  it("reads in the order of its numbers, and reading changes nothing", async () => {
    const image = goldenBytes(`px-log-fs/${one.file}`);
    expect(createHash("sha256").update(image).digest("hex")).toBe(one.sha256);
    const region = regionOf(one, image);
    const log = await LogFs.mount(region, optionsOf(one));
    const records = await recordsOf(log);
    expect(records.map(({ data }) => toHex(data))).toEqual(one.expectedAll);
    const pages = [...new Set(records.map(({ page }) => page + one.pageStart))];
    const withRecords = one.expectedAllPages.map(({ page }) => page).filter((page) => pages.includes(page));
    expect(pages).toEqual(withRecords);
    expect(log.state.order).toBe(one.expectedAllOrder);
    const archived = records.flatMap(({ isArchived }, index) => (isArchived ? [index] : []));
    expect(archived).toEqual(one.expectedAllArchived ?? []);
    for (const last of [1, 7, 60]) {
      const newest: string[] = [];
      for await (const item of log.records({ last })) if (item.kind === "record") newest.push(toHex(item.data));
      expect(newest).toEqual(one.expectedAll.slice(-last));
    }
    if (one.upstreamReadsAll && one.expectedAllOrder === "certain") {
      const { pageFirst, pageLast, pageNrNext, adrWr, firstUnarchived } = one.expected;
      expect(placeOf(log)).toEqual({ pageFirst, pageLast, pageNrNext, adrWr });
      const unarchived = await log.firstUnarchived();
      if (firstUnarchived !== undefined) {
        expect(unarchived === undefined ? null : toHex(unarchived.data)).toBe(firstUnarchived.record);
      }
    }
    expect(region.changes).toEqual([]);
  });
});

/** Where the original does what we do not: FORMAT.md, "Where the original goes wrong". */
const OUR_WAY = new Set([
  "dirty-free-slot",
  "reset",
  "bad-first-page-only",
  "bad-page-block-end",
  "header-write-fail",
  "nr-rollover-many-writes",
]);
const alike = cases.filter(({ name, upstreamReadsAll }) => upstreamReadsAll && !OUR_WAY.has(name));

describe.each(alike)("one more record on $name", (one) => {
  it("is written by the same programs and erases", async () => {
    const region = regionOf(one, goldenBytes(`px-log-fs/${one.file}`));
    const log = await LogFs.mount(region, optionsOf(one));
    const { data, ops, after } = one.expected.nextWrite;
    await log.append(fromHex(data)!);
    expect(asOps(region.changes, one)).toEqual(ops);
    expect(placeOf(log)).toEqual(after);
    expect(region.violations).toEqual([]);
    const records = await recordsOf(await LogFs.mount(region, optionsOf(one)));
    expect(records.map((record) => toHex(record.data))).toEqual([...one.expectedAll, data]);
  });
});

// Where the ring wraps, the original skips a block.
const sound = traces.filter(({ name }) => !["block-border-wrap", "block-border-odd-first-block"].includes(name));

describe.each(sound)("trace $name", (trace) => {
  it("has the same programs and erases in the same order", async () => {
    const image = new Uint8Array(gunzipSync(Buffer.from(trace.startImageGz, "base64")));
    const region = regionOf(trace, image);
    let log = await LogFs.mount(region, optionsOf(trace));
    for (const { call, ops } of trace.steps) {
      const before = region.changes.length;
      const changes = ops.filter(({ op }) => op !== "read");
      if (call === "init") log = await LogFs.mount(region, optionsOf(trace));
      if (call === "write") {
        const slot = fromHex(changes.at(-1)?.data ?? "")!;
        await log.append(slot.subarray(1, -1));
      }
      expect(asOps(region.changes.slice(before), trace)).toEqual(changes);
    }
    expect(createHash("sha256").update(region.cells).digest("hex")).toBe(trace.endImageSha256);
    expect(region.violations).toEqual([]);
  });
});
