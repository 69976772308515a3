/** Logs and safes without a description are recognised by their content; what was specified is used; nothing is guessed. */
import { describe, expect, it } from "vitest";
import type { FlashRegion } from "../../src/flash/flash-region.ts";
import { createRandom } from "../../src/sim/random.ts";
import { CircularBuffer, type CircularBufferOptions } from "../../src/storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../../src/storage/flash-safe/flash-safe.ts";
import { recogniseSafe } from "../../src/storage/flash-safe/recognise-safe.ts";
import type { LogFsFormat } from "../../src/storage/log-fs/format.ts";
import { LogFs } from "../../src/storage/log-fs/log-fs.ts";
import { type LogFinding, type LogHints, surenessOf, surer } from "../../src/storage/log-finding.ts";
import { recogniseLog } from "../../src/storage/recognise-log.ts";
import { NorRegion } from "./support/nor-region.ts";

const FCB_HINTS = {
  magic: undefined,
  version: undefined,
  alignBytes: undefined,
  scratchSectors: undefined,
  hasCrc: true,
};
const PX_HINTS = {
  pageBytes: undefined,
  blockPages: undefined,
  recordBytes: undefined,
  whenFull: undefined,
  format: undefined,
};
const NOTHING_SAID: LogHints = { layout: "auto", sectorBytes: undefined, fcb: FCB_HINTS, logFs: PX_HINTS };

const MAGIC = 0xfeedc0de;
const random = createRandom("recognise");

async function fcb(
  options: Partial<CircularBufferOptions>,
  entries: number,
  eraseBytes = 512,
  sectors = 4,
): Promise<NorRegion> {
  const all = {
    sectorBytes: eraseBytes,
    magic: MAGIC,
    version: 3,
    alignBytes: 1,
    scratchSectors: 0,
    hasCrc: true,
    ...options,
  };
  const region = new NorRegion({ eraseBytes, lengthBytes: all.sectorBytes * sectors, alignBytes: all.alignBytes });
  const log = await CircularBuffer.mount(region, all);
  for (let entry = 0; entry < entries; entry++) await log.append(random.bytes(20 + (entry % 9)));
  return region;
}

async function px(recordBytes: number, records: number, format: LogFsFormat = 2): Promise<NorRegion> {
  const region = new NorRegion({ eraseBytes: 1024, lengthBytes: 4096 });
  const log = await LogFs.mount(region, { pageBytes: 256, blockPages: 4, recordBytes, whenFull: "overwrite", format });
  for (let record = 0; record < records; record++) await log.append(random.bytes(recordBytes));
  return region;
}

const found = (region: FlashRegion, hints: Partial<LogHints> = {}): Promise<LogFinding> =>
  recogniseLog(region, { ...NOTHING_SAID, ...hints });

describe("an FCB", () => {
  it.each([1, 2, 4, 8, 16, 32])("aligned to %d bytes", async (alignBytes) => {
    const finding = await found(await fcb({ alignBytes }, 20));
    expect(finding).toMatchObject({ layout: "fcb", sureness: "certain", isBlank: false });
    expect(finding.options).toEqual({
      sectorBytes: 512,
      magic: MAGIC,
      version: 3,
      alignBytes,
      scratchSectors: 0,
      hasCrc: true,
    });
    expect(finding.why).toMatch(/^magic 0xfeedc0de in \d sectors, \d+ entries with valid check bytes, 0 without$/);
  });

  it("without check bytes", async () => {
    const finding = await found(await fcb({ hasCrc: false, alignBytes: 4 }, 20));
    expect(finding.options).toMatchObject({ hasCrc: false, alignBytes: 4 });
    // Who says that there is none is not given one.
    const told = await found(await fcb({ hasCrc: true }, 20), { fcb: { ...FCB_HINTS, hasCrc: false } });
    expect(told.layout === "fcb" && told.options.hasCrc).toBe(false);
  });

  it.each([
    [512, 512],
    [1024, 512],
    [2048, 512],
    [4096, 512],
  ])("with sectors of %d bytes on blocks of %d", async (sectorBytes, eraseBytes) => {
    // Several sectors are begun: their distance tells.
    const finding = await found(await fcb({ sectorBytes }, (sectorBytes / 30) * 2 + 4, eraseBytes));
    expect(finding.options).toMatchObject({ sectorBytes, alignBytes: 1 });
    // One sector alone: the walk tells, and the smallest that explains all of it is taken.
    const one = await found(await fcb({ sectorBytes }, Math.floor(sectorBytes / 34), eraseBytes));
    expect(one.options).toMatchObject({ magic: MAGIC, sectorBytes });
  });

  it("sectors that stand where they cannot be all of the region: one block each", async () => {
    const region = await fcb({ sectorBytes: 512 }, 20, 512, 7);
    // Headers three blocks apart in a region of seven.
    const header = region.cells.slice(0, 8);
    region.cells.fill(0xff, 512);
    region.cells.set(header, 3 * 512);
    expect((await found(region)).options).toMatchObject({ sectorBytes: 512 });
  });

  it("the magic that most sectors have, and the version of the first of them", async () => {
    const region = await fcb({}, 60);
    region.cells.set([0x11, 0x22, 0x33, 0x44, 9, 0xff, 0, 0]);
    expect((await found(region)).options).toMatchObject({ magic: MAGIC, version: 3 });
  });

  it("few entries: likely; headers alone: possible", async () => {
    const sureness = async (entries: number): Promise<string> => (await found(await fcb({}, entries))).sureness;
    expect([await sureness(1), await sureness(2), await sureness(3)]).toEqual(["likely", "likely", "certain"]);
    const headers = await fcb({}, 1);
    headers.cells.fill(0xff, 8);
    expect((await found(headers, { layout: "fcb" })).sureness).toBe("possible");
    await expect(found(headers)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
  });

  it("what was said is taken, with nothing read; or with what is there beside it", async () => {
    const region = await fcb({ alignBytes: 2 }, 20);
    region.resetCounts();
    const fcbHints = { magic: 7, version: 8, alignBytes: 16, scratchSectors: 1, hasCrc: false };
    expect(await found(region, { layout: "fcb", sectorBytes: 1024, fcb: fcbHints })).toEqual({
      ...{ layout: "fcb", sureness: "told", why: "as specified", isBlank: false },
      options: { sectorBytes: 1024, magic: 7, version: 8, alignBytes: 16, scratchSectors: 1, hasCrc: false },
    });
    const noScratch = { ...fcbHints, scratchSectors: undefined };
    expect(await found(region, { layout: "fcb", sectorBytes: 512, fcb: noScratch })).toMatchObject({
      options: { sectorBytes: 512, scratchSectors: 0 },
    });
    expect(region.waits).toBe(0);
    expect(await found(region, { layout: "fcb", fcb: noScratch })).toMatchObject({ options: { sectorBytes: 512 } });
    expect(region.waits).toBe(1);
    // The magic alone is not all that matters: what the entries say of the rest is how sure it is.
    const half = await found(region, { fcb: { ...FCB_HINTS, magic: MAGIC, scratchSectors: 2 } });
    expect(half).toMatchObject({ sureness: "certain", options: { alignBytes: 2, scratchSectors: 2, version: 3 } });
    const aligned = await found(region, { fcb: { ...FCB_HINTS, alignBytes: 8 } });
    expect(aligned.options).toMatchObject({ alignBytes: 8 });
    const sized = await found(region, { sectorBytes: 1024 });
    expect(sized.options).toMatchObject({ sectorBytes: 1024 });
    const versioned = await found(region, { fcb: { ...FCB_HINTS, version: 9 } });
    expect(versioned.options).toMatchObject({ version: 9 });
  });

  it("a magic that no sector has is said to be so, and whether there is anything at all", async () => {
    const hints: Partial<LogHints> = { layout: "fcb", fcb: { ...FCB_HINTS, magic: 5 } };
    expect(await found(await fcb({}, 9), hints)).toEqual({
      ...{ layout: "fcb", sureness: "told", why: "as specified; no sector has this magic", isBlank: false },
      options: { sectorBytes: 512, magic: 5, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true },
    });
    expect(await found(new NorRegion({ eraseBytes: 512 }), hints)).toMatchObject({ isBlank: true, sureness: "told" });
  });

  it("on flash that erases to 00", async () => {
    const region = new NorRegion({ eraseBytes: 512, lengthBytes: 2048, erasedByte: 0 });
    const options = { sectorBytes: 512, magic: MAGIC, version: 3, alignBytes: 4, scratchSectors: 0, hasCrc: true };
    const log = await CircularBuffer.mount(region, options);
    for (let entry = 0; entry < 9; entry++) await log.append(random.bytes(11));
    expect((await found(region)).layout).toBe("fcb");
  });
});

describe("a px_log_fs", () => {
  it.each([1, 2] as const)("of format %d, whatever its records are long", async (format) => {
    for (const recordBytes of [1, 2, 13, 40, 60, 124, 250]) {
      const finding = await found(await px(recordBytes, 12, format));
      expect(finding, String(recordBytes)).toMatchObject({ layout: "px-log-fs", isBlank: false });
      expect(finding.options, String(recordBytes)).toEqual({
        ...{ pageBytes: 256, blockPages: 4, whenFull: "overwrite", firstPage: 0 },
        ...{ recordBytes, format },
      });
      expect(finding.why).toMatch(
        new RegExp(
          `^\\d+ page headers of format ${format} in 5, \\d+ records of ${recordBytes} bytes with valid check bytes, 0 without$`,
        ),
      );
    }
  });

  it("headers alone: possible, with the record of the template; one record: likely; three: certain", async () => {
    const sureness = async (records: number): Promise<[string, unknown]> => {
      const finding = await found(await px(40, records));
      return [finding.sureness, finding.layout === "px-log-fs" && finding.options.recordBytes];
    };
    expect([await sureness(1), await sureness(3)]).toEqual([
      ["likely", 40],
      ["certain", 40],
    ]);
    const headers = await px(40, 1);
    headers.cells.fill(0xff, 4);
    expect(await found(headers)).toMatchObject({
      ...{ layout: "px-log-fs", sureness: "possible", isBlank: false },
      why: "1 page headers of format 2, and no record",
      options: { recordBytes: 13, format: 2 },
    });
  });

  it("a first page that was marked bad: the second tells", async () => {
    const region = await px(40, 12);
    region.cells[0] = 0;
    expect((await found(region)).options).toMatchObject({ recordBytes: 40, format: 2 });
  });

  it("what was said is taken, with nothing read; or with what is there beside it", async () => {
    const region = await px(40, 12);
    region.resetCounts();
    const told = { pageBytes: 512, blockPages: 2, recordBytes: 7, whenFull: "stop", format: 1 } as const;
    expect(await found(region, { layout: "px-log-fs", logFs: told })).toEqual({
      ...{ layout: "px-log-fs", sureness: "told", why: "as specified", isBlank: false },
      options: { ...told, firstPage: 0 },
    });
    expect(region.waits).toBe(0);
    expect(await found(region, { layout: "px-log-fs", logFs: { ...PX_HINTS, recordBytes: 40 } })).toMatchObject({
      ...{ sureness: "told", options: { recordBytes: 40, format: 2, pageBytes: 256, blockPages: 4 } },
    });
    expect(
      await found(region, { layout: "px-log-fs", sectorBytes: 512, logFs: { ...PX_HINTS, recordBytes: 3, format: 2 } }),
    ).toMatchObject({
      options: { blockPages: 2 },
    });
    const blank = new NorRegion({ eraseBytes: 1024, lengthBytes: 4096 });
    expect(await found(blank, { layout: "px-log-fs", logFs: { ...PX_HINTS, recordBytes: 9 } })).toMatchObject({
      ...{ sureness: "told", isBlank: true, why: "as specified; no page is in use" },
      options: { recordBytes: 9, format: 2 },
    });
    // Format 1 has no page in use here, and no record size was said: nothing to go by.
    const asOne = found(region, { layout: "px-log-fs", logFs: { ...PX_HINTS, format: 1 } });
    await expect(asOne).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
  });
});

describe("a safe", () => {
  it("is known by its first sound header, and no log", async () => {
    const region = new NorRegion({ eraseBytes: 2048, lengthBytes: 4 * 2048 });
    expect(await recogniseSafe(region)).toBeUndefined();
    const safe = await FlashSafe.format(region, { blockBytes: 2048, bufferBytes: 256 });
    const transaction = await safe.open();
    await transaction.write(1, Uint8Array.of(1, 2, 3));
    await transaction.commit();
    expect(await recogniseSafe(region)).toEqual({ blockBytes: 2048, bufferBytes: 256 });
    await expect(found(region)).rejects.toMatchObject({
      ...{ code: "LAYOUT_MISMATCH", message: "the region holds a safe, not a log" },
      hint: "Read it as a safe.",
    });
  });
});

describe("nothing that is known", () => {
  it("blank: there is no log", async () => {
    const blank = new NorRegion({ eraseBytes: 512 });
    for (const layout of ["auto", "fcb", "px-log-fs"] as const) {
      await expect(found(blank, { layout })).rejects.toMatchObject({
        ...{ code: "CHECK_FAILED", message: "the region is blank: it holds no log" },
        remedies: ["set-layout", "set-magic", "set-record-size", "set-region"],
      });
    }
  });

  it("something else: its first bytes are shown, and which layout was looked for", async () => {
    const other = new NorRegion({ eraseBytes: 512 });
    other.cells.set([0x7f, 0x45, 0x4c, 0x46], 0);
    for (let block = 0; block < 4; block++) other.cells.fill(0x33, block * 512 + 4, block * 512 + 40);
    const message = (what: string): string =>
      `${what} was detected: the bytes at 0x000000 are 7f454c46333333333333333333333333`;
    await expect(found(other)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH", message: message("no log") });
    await expect(found(other, { layout: "fcb" })).rejects.toMatchObject({ message: message("no log of layout fcb") });
    await expect(found(other, { layout: "px-log-fs" })).rejects.toMatchObject({
      message: message("no log of layout px-log-fs"),
    });
  });

  it("one byte in any block is not blank", async () => {
    const region = new NorRegion({ eraseBytes: 512 });
    region.cells[3 * 512 + 15] = 0xfe;
    await expect(found(region)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
  });
});

describe("how sure", () => {
  it("many right and few wrong make certain, one right likely, none possible", () => {
    const of = (right: number, wrong: number): string => surenessOf(right, wrong);
    expect([of(3, 0), of(2, 0), of(1, 9), of(0, 0), of(5, 1), of(4, 1), of(10, 2), of(10, 3)]).toEqual([
      ...["certain", "likely", "likely", "possible", "certain", "likely", "certain", "likely"],
    ]);
  });

  it("the surer of two counts, the first where they are equal", () => {
    const one = (sureness: LogFinding["sureness"], why: string): LogFinding => ({
      ...{ layout: "fcb", sureness, why, isBlank: false },
      options: { sectorBytes: 1, magic: 1, version: 1, alignBytes: 1, scratchSectors: 0, hasCrc: true },
    });
    const order = ["told", "certain", "likely", "possible"] as const;
    for (const [i, a] of order.entries()) {
      for (const [j, b] of order.entries()) {
        expect(surer(one(a, "a"), one(b, "b"))?.why).toBe(j < i ? "b" : "a");
      }
    }
    expect([
      surer(undefined, undefined),
      surer(one("likely", "a"), undefined)?.why,
      surer(undefined, one("likely", "b"))?.why,
    ]).toEqual([undefined, "a", "b"]);
  });

  it("an FCB that is certain is not asked what else it could be", async () => {
    const region = await fcb({}, 20);
    region.resetCounts();
    await found(region);
    const certain = region.waits;
    region.resetCounts();
    await found(region, { layout: "fcb" });
    expect(region.waits).toBe(certain);
  });
});
