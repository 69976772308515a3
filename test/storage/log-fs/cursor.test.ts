/**
 * The cursor of px_log_fs: forwards and backwards over every image of the original, at its ends, while records are
 * added and erased.
 */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import {
  LogFs,
  type LogFsCursor,
  type LogFsOptions,
  type LogFsRead,
  type LogFsRecord,
} from "../../../src/storage/log-fs/log-fs.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort } from "../../support/effort.ts";
import { goldenBytes, goldenJson } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";

interface Case {
  name: string;
  file: string;
  variant: "v1" | "v1a" | "v2";
  pageBytes: number;
  blockPages: number;
  recordBytes: number;
  whenFull: "overwrite" | "stop";
  pageStart: number;
  pageEnd: number;
  expectedAllOrder: "certain" | "ambiguous";
  upstreamReadsAll: boolean;
  /** `error`: how reading to the end ended; `lastRecord`: what rd_last read. */
  expected: { error: "EMPTY" | "NO_RECORD"; records: string[]; lastRecord: string | null };
}

const cases = goldenJson("px-log-fs/manifest.json") as Case[];
const ERRORS = { EMPTY: "empty", NO_RECORD: "no-record" } as const;

async function open(one: Case): Promise<{ log: LogFs; region: NorRegion }> {
  const { pageBytes, blockPages, recordBytes, whenFull, pageStart, pageEnd, variant } = one;
  const cells = goldenBytes(`px-log-fs/${one.file}`).slice(pageStart * pageBytes, (pageEnd + 1) * pageBytes);
  const region = new NorRegion({ eraseBytes: pageBytes * blockPages, cells });
  const format = variant === "v2" ? 2 : 1;
  const options: LogFsOptions = { pageBytes, blockPages, recordBytes, whenFull, format };
  return { log: await LogFs.mount(region, options), region };
}

async function recordsOf(log: LogFs): Promise<LogFsRecord[]> {
  const records: LogFsRecord[] = [];
  for await (const item of log.records()) if (item.kind === "record") records.push(item);
  return records;
}

/** All that `step` finds from `begin` on, and how it ends. */
async function walk(
  begin: () => Promise<LogFsRead>,
  step: () => Promise<LogFsRead>,
): Promise<{ records: LogFsRecord[]; end: LogFsRead["kind"] }> {
  const records: LogFsRecord[] = [];
  let read = await begin();
  while (read.kind === "record") {
    records.push(read.record);
    read = await step();
  }
  return { records, end: read.kind };
}

function hexOf(read: LogFsRead): string {
  return read.kind === "record" ? toHex(read.record.data) : read.kind;
}

describe.each(cases)("$name", (one) => {
  it("is walked in both directions, and reading changes nothing", async () => {
    const { log, region } = await open(one);
    const records = await recordsOf(log);
    const cursor = log.cursor();
    const end = log.state.usedPages === 0 ? "empty" : "no-record";
    const forward = await walk(
      () => cursor.first(),
      () => cursor.next(),
    );
    expect(forward).toEqual({ records, end });
    const backward = await walk(
      () => cursor.last(),
      () => cursor.previous(),
    );
    expect(backward).toEqual({ records: records.toReversed(), end });
    if (one.upstreamReadsAll && one.expectedAllOrder === "certain") {
      expect(forward.records.map(({ data }) => toHex(data))).toEqual(one.expected.records);
      expect(forward.end).toBe(ERRORS[one.expected.error]);
      expect(hexOf(await cursor.last())).toBe(one.expected.lastRecord ?? ERRORS[one.expected.error]);
    }
    expect(region.changes).toEqual([]);
  });
});

const SMALL: LogFsOptions = { pageBytes: 64, blockPages: 2, recordBytes: 6, whenFull: "overwrite", format: 2 };
/** Records of a page. */
const PER_PAGE = 7;

function small(blocks = 4): NorRegion {
  return new NorRegion({ eraseBytes: 128, lengthBytes: 128 * blocks, programBytes: 64 });
}

function record(number: number): Uint8Array {
  return Uint8Array.of(number & 0xff, number >> 8, 1, 2, 3, 4);
}

function numberOf(read: LogFsRead): number | LogFsRead["kind"] {
  return read.kind === "record" ? (read.record.data[0] ?? 0) + 256 * (read.record.data[1] ?? 0) : read.kind;
}

async function logOf(count: number, blocks = 4): Promise<{ log: LogFs; region: NorRegion; cursor: LogFsCursor }> {
  const region = small(blocks);
  const log = await LogFs.mount(region, SMALL);
  for (let number = 0; number < count; number++) await log.append(record(number));
  return { log, region, cursor: log.cursor() };
}

describe("ends", () => {
  it("an empty log differs from one without a valid record", async () => {
    const empty = await logOf(0);
    for (const call of ["first", "next", "last", "previous"] as const)
      expect((await empty.cursor[call]()).kind).toBe("empty");
    // A page was begun, and its only record is torn.
    const torn = await logOf(1);
    torn.region.cells[8] = 0x00;
    const log = await LogFs.mount(torn.region, SMALL);
    const cursor = log.cursor();
    for (const call of ["first", "next", "last", "previous"] as const) {
      expect((await cursor[call]()).kind).toBe("no-record");
    }
  });

  it("stays at both ends: after the last record, previous is the one before it; before the first, next is the second", async () => {
    const { cursor } = await logOf(3);
    const seen: (number | string)[] = [];
    for (const call of ["first", "previous", "next", "next", "next", "next", "previous", "last", "next"] as const)
      seen.push(numberOf(await cursor[call]()));
    expect(seen).toEqual([0, "no-record", 1, 2, "no-record", "no-record", 1, 2, "no-record"]);
  });

  it("begins as first with next, and as last with previous", async () => {
    const { log } = await logOf(20);
    expect(numberOf(await log.cursor().next())).toBe(0);
    expect(numberOf(await log.cursor().previous())).toBe(19);
  });

  it("finds after the end what was appended since, also in a new page", async () => {
    const { log, cursor } = await logOf(PER_PAGE - 1);
    expect(numberOf(await cursor.last())).toBe(PER_PAGE - 2);
    for (let number = PER_PAGE - 1; number < 3 * PER_PAGE; number++) {
      expect((await cursor.next()).kind).toBe("no-record");
      await log.append(record(number));
      expect(numberOf(await cursor.next())).toBe(number);
    }
  });

  it("when its page was erased goes on with the oldest record; before that there is none", async () => {
    const { log, cursor } = await logOf(PER_PAGE);
    expect(numberOf(await cursor.first())).toBe(0);
    const other = log.cursor();
    await other.first();
    for (let number = PER_PAGE; number < 9 * PER_PAGE; number++) await log.append(record(number));
    const [oldest] = await recordsOf(log);
    const read = await cursor.next();
    expect(read.kind === "record" && toHex(read.record.data)).toBe(toHex(oldest!.data));
    expect(numberOf(read)).toBeGreaterThan(0);
    expect((await other.previous()).kind).toBe("no-record");
  });

  it("does not take a page of the same number for its own after the log was cleared", async () => {
    const { log, cursor } = await logOf(3 * PER_PAGE);
    expect(numberOf(await cursor.first())).toBe(0);
    await log.clear();
    expect((await cursor.next()).kind).toBe("empty");
    await log.append(record(500));
    expect(numberOf(await cursor.next())).toBe(500);
  });
});

describe("lengths", () => {
  it("returns as many bytes as asked for, and no more than a record has", async () => {
    const { cursor } = await logOf(2);
    expect(hexOf(await cursor.first({ lengthBytes: 2 }))).toBe("0000");
    expect(hexOf(await cursor.next({ lengthBytes: 0 }))).toBe("");
    expect(hexOf(await cursor.last({ lengthBytes: 999 }))).toBe("010001020304");
    expect(hexOf(await cursor.previous({ lengthBytes: 3 }))).toBe("000001");
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %s bytes and does not move",
    async (lengthBytes) => {
      const { cursor } = await logOf(3);
      await cursor.first();
      for (const call of ["first", "next", "last", "previous"] as const)
        await expect(cursor[call]({ lengthBytes })).rejects.toMatchObject({ code: "EINVAL" });
      expect(numberOf(await cursor.next())).toBe(1);
    },
  );
});

describe("reading", () => {
  it("a step back reads one page at most, however many records there are", async () => {
    const { region } = await logOf(7 * PER_PAGE);
    const log = await LogFs.mount(region, SMALL);
    const records = await recordsOf(log);
    const cursor = log.cursor();
    region.resetCounts();
    await cursor.last();
    expect(region.bytesRead).toBe(0);
    for (let step = 0; step < 3 * PER_PAGE; step++) await cursor.previous();
    expect(region.bytesRead).toBe(3 * SMALL.pageBytes);
    for (let step = 0; step < records.length; step++) await cursor.previous();
    // Of the block that is erased next, both pages are read for each of them.
    expect(region.bytesRead).toBeLessThanOrEqual(8 * SMALL.pageBytes);
  });

  it("sees a record that was archived since its page was read", async () => {
    const { log, cursor } = await logOf(3 * PER_PAGE);
    await cursor.first();
    const second = await cursor.next();
    if (second.kind !== "record") throw new Error("no record");
    await log.markArchived(second.record);
    await cursor.first();
    const again = await cursor.next();
    expect(again.kind === "record" && again.record.isArchived).toBe(true);
  });
});

it("walks as a list does, with records added and erased on the way", async () => {
  const random = createRandom("cursor of px_log_fs");
  for (let round = 0; round < effort(20, 500); round++) {
    const region = small(3 + random.intBelow(3));
    const log = await LogFs.mount(region, SMALL);
    const cursor = log.cursor();
    /** Number of the record that the cursor is on. */
    let at: number | undefined;
    let appended = 0;
    for (let step = 0; step < 150; step++) {
      if (random.chance(0.4)) {
        await log.append(record(appended++));
        continue;
      }
      const all = (await recordsOf(log)).map(({ data }) => (data[0] ?? 0) + 256 * (data[1] ?? 0));
      const call = random.pick(["first", "next", "last", "previous", "next", "previous"] as const);
      const [oldest, newest] = [all[0], all.at(-1)];
      const isLost = at !== undefined && oldest !== undefined && at < oldest;
      const wanted: number | undefined = {
        first: oldest,
        last: newest,
        next: at === undefined || isLost ? oldest : all.find((number) => number > (at ?? 0)),
        previous: at === undefined ? newest : all.findLast((number) => number < (at ?? 0)),
      }[call];
      const read = numberOf(await cursor[call]());
      expect(read).toBe(wanted ?? (oldest === undefined ? "empty" : "no-record"));
      if (wanted !== undefined) at = wanted;
    }
    expect(region.violations).toEqual([]);
  }
});
