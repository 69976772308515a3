/**
 * `log read` of logs whose order is not certain: what a wrap of the device at the wrong place, or another count of
 * sectors, leaves.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { CircularBuffer } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { Fcb2 } from "../../src/storage/fcb2/fcb2.ts";
import { encodePageHeader, encodeSlot } from "../../src/storage/log-fs/format.ts";
import { goldenBytes } from "../storage/support/golden.ts";
import { NorRegion } from "../storage/support/nor-region.ts";
import { fakeIo } from "../support/fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-order-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const struct = join(folder, "struct.json");
writeFileSync(struct, JSON.stringify({ fields: [{ name: "at", type: "u32le", time: { unit: "s" } }] }));

async function run(
  flash: Uint8Array,
  ...words: readonly string[]
): Promise<{ code: number; out: string; err: string; seconds: number[] }> {
  const path = join(folder, "dump.bin");
  writeFileSync(path, flash);
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
  const code = await runCli([...words, "-p", `image:${path}`], { ...io, clock: realClock });
  expect(Buffer.compare(readFileSync(path), flash)).toBe(0);
  const seconds = [...io.stdout.text.matchAll(/(\d{4}-[0-9T:-]+Z)/g)].map(([time]) => Date.parse(time) / 1000);
  return { code, out: io.stdout.text, err: io.stderr.text, seconds };
}

function ascending(seconds: readonly number[]): boolean {
  return seconds.every((time, index) => index === 0 || time > seconds[index - 1]!);
}

function bytesOf(seconds: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, seconds, true);
  return bytes;
}

const PAGE_BYTES = 256;
const BLOCK_PAGES = 16;
const RECORD_BYTES = 8;
const RECORDS = 25;

/** Blocks by the number of their first page and the time of their first record. */
function pxLog(blocks: readonly { readonly number: number; readonly seconds: number }[]): Uint8Array {
  const flash = new Uint8Array(blocks.length * BLOCK_PAGES * PAGE_BYTES).fill(0xff);
  blocks.forEach(({ number, seconds }, block) => {
    for (let page = 0; page < BLOCK_PAGES; page++) {
      const start = (block * BLOCK_PAGES + page) * PAGE_BYTES;
      flash.set(encodePageHeader((number + page) % 0x10000, 2), start);
      for (let slot = 0; slot < RECORDS; slot++) {
        const data = bytesOf(seconds + page * RECORDS + slot);
        flash.set(encodeSlot(data, RECORD_BYTES, 2), start + 4 + slot * (RECORD_BYTES + 2));
      }
    }
  });
  return flash;
}

/** Blocks 0 and 2 were skipped at every wrap; the numbers of the others are about to begin again, so that those seem newer. */
const skipped = pxLog([
  { number: 0, seconds: 10_000 },
  { number: 0x10000 - 32, seconds: 900_000 },
  { number: 32, seconds: 20_000 },
  { number: 0x10000 - 16, seconds: 900_400 },
]);

describe("px_log_fs of which a device skipped blocks", () => {
  it("warns, and in which way a struct helps", async () => {
    const { code, err } = await run(skipped, "log", "read", "--format", "csv");
    expect(code).toBe(0);
    expect(err).toContain("warning: the order of this log is not certain: its page numbers do not tell");
    expect(err).toContain("--struct");
    expect((await run(skipped, "log", "read", "--last", "1")).err).toContain("not certain");
    expect((await run(skipped, "log", "info")).out).toMatch(/^order +ambiguous: its page numbers/m);
  });

  it("sorts by the time in the struct, also the last ones", async () => {
    const { code, err, seconds } = await run(skipped, "log", "read", "--struct", struct, "--format", "csv");
    expect([code, seconds.length, ascending(seconds)]).toEqual([0, 4 * BLOCK_PAGES * RECORDS, true]);
    expect(err).toContain("The records are sorted by at.");
    const last = await run(skipped, "log", "read", "--struct", struct, "--format", "csv", "--last", "2");
    expect(last.seconds).toEqual([900_798, 900_799]);
  });

  it("refuses to erase a block for a new record", async () => {
    const words = ["--layout", "px-log-fs", "--record-size", "8", "--data", "00"];
    const { code, err } = await run(skipped, "log", "append", ...words);
    expect([code, err]).toEqual([9, expect.stringContaining("page numbers do not tell")]);
  });

  it("as long as the numbers tell the order only says that records are missing", async () => {
    const near = pxLog([
      { number: 0, seconds: 10_000 },
      { number: 64, seconds: 40_000 },
      { number: 32, seconds: 20_000 },
      { number: 80, seconds: 50_000 },
    ]);
    const { code, err, seconds } = await run(near, "log", "read", "--struct", struct, "--format", "csv");
    expect([code, ascending(seconds)]).toEqual([0, true]);
    expect(err).toContain("note: the records of 32 pages are missing in the middle");
    expect(err).not.toContain("not certain");
    expect((await run(near, "log", "info")).out).toMatch(/^order +certain, but the records of 32 pages/m);
  });

  it("two blocks of which one was skipped look as they should: only the times show it", async () => {
    const blocks = [
      { number: 0, seconds: 10_000 },
      { number: 0x10000 - 16, seconds: 900_000 },
    ];
    const { code, err } = await run(pxLog(blocks), "log", "read", "--struct", struct, "--format", "csv");
    expect([code, err]).toEqual([0, expect.stringContaining("note: the time goes back 1 time: the clock")]);
  });

  it("says nothing of a log that has gone round as it should", async () => {
    const blocks = [64, 80, 32, 48].map((number) => ({ number, seconds: 1000 * number }));
    const { err } = await run(pxLog(blocks), "log", "read", "--struct", struct, "--format", "csv");
    expect(err).not.toMatch(/missing|certain|goes back/);
  });
});

const SECTOR_BYTES = 4096;
const FCB = {
  sectorBytes: SECTOR_BYTES,
  magic: 0xabcd1234,
  version: 1,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
} as const;

/** Sectors of an FCB with ids from `firstId` on; each has 30 records. */
async function fcbSectors(firstId: number, count: number, seconds: number): Promise<Uint8Array[]> {
  const region = new NorRegion({ eraseBytes: SECTOR_BYTES, lengthBytes: (firstId + count) * SECTOR_BYTES });
  const log = await CircularBuffer.mount(region, FCB);
  let at = seconds;
  for (let sector = 0; sector < firstId + count; sector++) {
    if (sector > 0) await log.appendToScratch();
    if (sector < firstId) continue;
    for (let record = 0; record < 30; record++) await log.append(bytesOf(at++));
  }
  return Array.from({ length: count }, (_, index) =>
    region.cells.slice((firstId + index) * SECTOR_BYTES, (firstId + index + 1) * SECTOR_BYTES),
  );
}

function joined(sectors: readonly Uint8Array[], count: number): Uint8Array {
  const flash = new Uint8Array(count * SECTOR_BYTES).fill(0xff);
  sectors.forEach((sector, index) => flash.set(sector, index * SECTOR_BYTES));
  return flash;
}

/** The whole region as one log; with less told, each chain counts as a log. */
const asOne = ["--layout", "fcb", "--magic", "0xabcd1234", "--version", "1", "--align", "1", "--sector-size", "4k"];
const range = ["--range", `0,${8 * SECTOR_BYTES}`];

describe("an FCB whose ids do not form one chain", () => {
  it("is refused as several logs, and read as one if all of it is specified: with a warning, or sorted by time", async () => {
    // The device began a ring of 4 sectors, after one of 6: the newer sectors stand before two of the older ones.
    const [older, newer] = [await fcbSectors(2, 2, 1000), await fcbSectors(9, 4, 5000)];
    const flash = joined([...newer, ...older], 8);
    const unsaid = await run(flash, "log", "read", "--layout", "fcb", ...range);
    expect([unsaid.code, unsaid.err]).toEqual([9, expect.stringContaining("there are 2 logs: 0x000000..0x003fff")]);
    const read = ["log", "read", ...asOne, ...range, "--format", "csv"];
    const plain = await run(flash, ...read);
    expect(plain.code).toBe(0);
    expect(plain.err).toContain("the order of this log is not certain: the ids of its sectors do not form one chain");
    const leftOut = /2 sectors \((4), (5)\) left out/.exec(plain.err);
    const one = await run(flash, ...read, "--sector", leftOut?.[1] ?? "");
    expect(one.out.trimEnd().split("\r\n")).toHaveLength(31);
    const sorted = await run(flash, ...read, "--struct", struct);
    expect([sorted.seconds.length, ascending(sorted.seconds)]).toEqual([180, true]);
    expect((await run(flash, "log", "info", ...asOne, ...range)).out).toMatch(/^order +ambiguous: the ids/m);
  });

  it("also where the sectors of two rings alternate", async () => {
    const [a, b] = [await fcbSectors(0, 3, 1000), await fcbSectors(12, 3, 5000)];
    const flash = joined([a[0]!, b[0]!, a[1]!, b[1]!, a[2]!, b[2]!], 8);
    const words = ["log", "read", ...asOne, ...range, "--struct", struct, "--format", "csv", "--last", "91"];
    const sorted = await run(flash, ...words);
    expect(sorted.err).toContain("not certain");
    expect([sorted.seconds.length, ascending(sorted.seconds), sorted.seconds[0]]).toEqual([91, true, 1089]);
  });

  it("a single sector of another id with nothing in it is what a cut leaves: damage, not a doubt", async () => {
    const sectors = await fcbSectors(3, 3, 1000);
    const torn = new Uint8Array(SECTOR_BYTES).fill(0xff);
    torn.set(sectors[0]!.subarray(0, 8));
    torn[6] = 0xf7;
    const flash = joined([...sectors, torn], 8);
    const { code, err } = await run(flash, "log", "read", ...asOne, ...range, "--format", "csv");
    expect([code, err.includes("not certain"), err.includes("out of order")]).toEqual([0, false, true]);
  });

  it("an FCB2 has the same doubt", async () => {
    const golden = goldenBytes("mynewt-log/fcb2-log3-a1-wrapped.bin.gz");
    const options = { sectorBytes: SECTOR_BYTES, magic: 0x7eadbadf, version: 3, alignBytes: 1 };
    const countOf = async (cells: Uint8Array): Promise<[string | undefined, number]> => {
      const log = await Fcb2.mount(new NorRegion({ eraseBytes: SECTOR_BYTES, cells }), options);
      let records = 0;
      for (const sector of [...log.sectorsInUse, ...log.sectorsOutOfOrder]) {
        for await (const { kind } of log.recordsOfSector(sector)) records += kind === "record" ? 1 : 0;
      }
      return [log.orderDoubt, records];
    };
    const [doubt, records] = await countOf(golden);
    expect([doubt, records > 0]).toEqual([undefined, true]);
    const count = golden.length / SECTOR_BYTES;
    const sectors = Array.from({ length: count }, (_, at) => golden.slice(at * SECTOR_BYTES, (at + 1) * SECTOR_BYTES));
    const swapped = joined([sectors[1]!, sectors[0]!, ...sectors.slice(2)], count);
    expect(await countOf(swapped)).toEqual(["the ids of its sectors do not form one chain", records]);
  });
});
