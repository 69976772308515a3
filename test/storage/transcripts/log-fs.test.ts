/**
 * px_log_fs on flash in every state: what it is treated as, and what is done to it. The page is written by the test
 * (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people against FORMAT.md; that devices read on is tested in ../log-fs.
 */
import { encodePageHeader, encodeSlot } from "../../../src/storage/log-fs/format.ts";
import { LogFs, type LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

/** Four slots of 7 bytes a page, two pages a block, eight pages. */
const OPTIONS: LogFsOptions = { pageBytes: 32, blockPages: 2, recordBytes: 5, whenFull: "overwrite", format: 2 };
const STOP: LogFsOptions = { ...OPTIONS, whenFull: "stop" };
const BYTES = 256;

const record = (number: number): Uint8Array => Uint8Array.of(number, 2, 3, 4, number);

/** A page with this many records, numbered on from `first`. */
function pageOf(number: number, records: number, format: 1 | 2 = 2): Uint8Array {
  const page = new Uint8Array(32).fill(0xff);
  page.set(encodePageHeader(number, format));
  for (let slot = 0; slot < records; slot++) page.set(encodeSlot(record(number * 16 + slot), 5, format), 4 + 7 * slot);
  return page;
}

/** Flash with these pages, by place; the rest is erased. Then `spoil` may touch single bytes. */
function flashOf(
  pages: Readonly<Record<number, Uint8Array>>,
  spoil: Readonly<Record<number, number>> = {},
  lengthBytes = BYTES,
): RecordingRegion {
  const cells = new Uint8Array(lengthBytes).fill(0xff);
  for (const [place, page] of Object.entries(pages)) cells.set(page, Number(place) * 32);
  for (const [at, byte] of Object.entries(spoil)) cells[Number(at)] = byte;
  return new RecordingRegion({ eraseBytes: lengthBytes > BYTES ? 128 : 64, cells });
}

const page = new Transcript();

async function opened(title: string, region: RecordingRegion, options: LogFsOptions = OPTIONS): Promise<LogFs> {
  page.part(title, region);
  const log = await page.call("mount", () => LogFs.mount(region, options));
  if (log === undefined) throw new Error(`${title}: was not mounted`);
  return log;
}

/** Everything that can be asked without a change. */
async function lookAt(log: LogFs, ...lasts: number[]): Promise<void> {
  await page.call("state", () => log.state);
  await page.call("blank?", () => log.isBlank);
  await page.call("records", () => log.records());
  for (const last of lasts) await page.call(`last ${last}`, () => log.records({ last }));
  await page.call("sectors", () => log.sectors());
  await page.call("foreign sectors", () => log.foreignSectors());
  await page.call("first unarchived", async () => (await log.firstUnarchived()) ?? "none");
}

async function append(log: LogFs, count: number, from = 0xa0): Promise<void> {
  for (let number = from; number < from + count; number++) {
    await page.call(`append ${number.toString(16)}`, () => log.append(record(number)));
  }
  await page.call("state", () => log.state);
}

transcript("px-log-fs", "is taken for what it is, and written to as it should be", async () => {
  let log = await opened("blank", flashOf({}));
  await lookAt(log, 3);
  await append(log, 1);
  await page.call("append short", () => log.append(Uint8Array.of(1)));
  await page.call("append nothing", () => log.append(new Uint8Array()));
  await page.call("append too much", () => log.append(new Uint8Array(6)));
  await lookAt(log, 0, 1, 2, 3, 4);

  log = await opened("round and round", flashOf({}), { ...OPTIONS, firstPage: 100 });
  await append(log, 37, 0);
  await lookAt(log, 1, 5, 6, 13);
  await append(log, 20, 100);

  log = await opened("full, and is to stop", flashOf({}), STOP);
  await append(log, 33, 0);
  await page.call("sectors", () => log.sectors());
  await page.call("clear", () => log.clear());
  await lookAt(log);
  await append(log, 9, 0);
  await page.call("sectors", () => log.sectors());
  await page.call("clear", () => log.clear());
  await page.call("clear again", () => log.clear());
  await append(log, 1, 0);

  log = await opened("cleared in the middle", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 4), 2: pageOf(2, 2) }));
  await page.call("clear", () => log.clear());
  await lookAt(log);
  await append(log, 5);

  const wrapped = {
    0: pageOf(8, 4),
    1: pageOf(9, 2),
    4: pageOf(4, 4),
    5: pageOf(5, 4),
    6: pageOf(6, 4),
    7: pageOf(7, 4),
  };
  log = await opened("gone round", flashOf(wrapped));
  await lookAt(log, 1, 2, 3, 6, 7, 100);
  await append(log, 4);

  log = await opened("gone round, and is to stop now", flashOf(wrapped), STOP);
  await append(log, 12);

  log = await opened("gone round, garbage where the next block was erased", flashOf(wrapped, { 64: 0x12, 96: 0x34 }));
  await lookAt(log, 30);
  await append(log, 3);

  log = await opened("numbers roll over", flashOf({ 0: pageOf(65_534, 4), 1: pageOf(65_535, 4) }));
  await lookAt(log, 5);
  await append(log, 5);

  log = await opened("two pages of one number", flashOf({ 0: pageOf(3, 1), 2: pageOf(3, 1), 3: pageOf(4, 1) }));
  await lookAt(log, 1);
  log = await opened("numbers far apart", flashOf({ 0: pageOf(0, 1), 2: pageOf(20_000, 1), 3: pageOf(40_000, 1) }));
  await lookAt(log, 1);

  // Slot s of page p begins at 32 p + 4 + 7 s.
  const three = { 0: pageOf(0, 4), 1: pageOf(1, 4), 2: pageOf(2, 2) };
  log = await opened("a record of the middle is wrong", flashOf(three, { [4 + 7 + 2]: 0x77 }));
  await lookAt(log, 2, 5, 9);
  log = await opened("records marked bad, dirty and strange", flashOf(three, { 4: 0, [11]: 0xff, [18]: 0x13 }));
  await lookAt(log, 9);
  log = await opened("a page marked bad, and one torn", flashOf(three, { 0: 0, 32: 0x5e }));
  await lookAt(log, 9);
  await append(log, 3);
  log = await opened("a page whose number does not go with its check byte", flashOf(three, { 33: 0x00 }));
  await lookAt(log, 9);

  log = await opened("the next place is not erased", flashOf(three, { [64 + 4 + 14 + 3]: 0xfe }));
  await lookAt(log, 1);
  await append(log, 2);
  log = await opened(
    "no place left in the page is erased",
    flashOf(three, { [64 + 4 + 14 + 3]: 0xfe, [64 + 4 + 21 + 6]: 0x7f }),
  );
  await append(log, 1);
  log = await opened("behind the last places only", flashOf(three, { [64 + 4 + 21 + 6]: 0x7f }));
  await append(log, 2);
  log = await opened(
    "a strange record where the next would go",
    flashOf(three, { [64 + 4 + 14]: 0xae, [64 + 4 + 15]: 0 }),
  );
  await lookAt(log, 1);
  await append(log, 2);

  log = await opened("a page begun, without a record", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 0) }));
  await lookAt(log, 1);
  await append(log, 2);
  log = await opened("the only page begun, without a record", flashOf({ 0: pageOf(0, 0) }));
  await lookAt(log, 1);
  await append(log, 1);
  log = await opened("a page begun, its first place dirty", flashOf({ 0: pageOf(0, 0) }, { 8: 0 }));
  await lookAt(log, 1);
  await append(log, 1);

  log = await opened("the next page is not erased", flashOf({ 0: pageOf(0, 4) }, { 60: 0 }));
  await lookAt(log);
  await append(log, 2);
  log = await opened("the page after next is not erased", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 4) }, { 120: 0 }));
  await append(log, 2);
  log = await opened("the next page is marked bad", flashOf({ 0: pageOf(0, 4) }, { 32: 0 }));
  await append(log, 2);
  log = await opened("the block after is marked bad", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 4) }, { 64: 0, 96: 0 }));
  await append(log, 2);
  await page.call("sectors", () => log.sectors());
  log = await opened("first pages of blocks are bad", flashOf({}, { 0: 0, 64: 0, 128: 0, 192: 0 }));
  await lookAt(log);
  await append(log, 10);
  log = await opened("to stop, the next block holds a page out of turn", flashOf({ ...three, 5: pageOf(3, 1) }), STOP);
  await append(log, 1);
  await append(log, 10, 0xb0);
  log = await opened(
    "to stop, the next block has a bad page and data",
    flashOf({ ...three, 3: pageOf(3, 4), 5: pageOf(65_530, 1) }, { 128: 0 }),
    STOP,
  );
  await append(log, 1);

  // Foreign.
  log = await opened("one page of something else", flashOf({}, { 0: 0x31, 1: 0x32 }));
  await lookAt(log);
  log = await opened("torn at the first start", flashOf({}, { 0: 0x5f, 1: 0 }));
  await lookAt(log);
  await append(log, 1);
  log = await opened("torn in the first record", flashOf({}, { 0: 0x7f, 10: 0 }));
  await lookAt(log);
  log = await opened("torn behind the first record", flashOf({}, { 0: 0x7f, 11: 0 }));
  await lookAt(log);
  log = await opened(
    "a first page that has something of a marker, and no header",
    flashOf({}, { 0: 0x7f, 1: 0, 3: 0 }),
  );
  await page.call("foreign sectors", () => log.foreignSectors());
  log = await opened("a first page that cannot become one", flashOf({}, { 0: 0x5e }));
  await page.call("foreign sectors", () => log.foreignSectors());
  log = await opened("a second page torn", flashOf({}, { 32: 0x5f }));
  await page.call("foreign sectors", () => log.foreignSectors());
  log = await opened(
    "pages marked bad: one empty, one that was in use, one of something else",
    flashOf({ 3: pageOf(9, 4) }, { 0: 0, 96: 0, 128: 0, 129: 7 }),
  );
  await page.call("foreign sectors", () => log.foreignSectors());
  log = await opened(
    "pages of both formats marked bad",
    flashOf({ 2: pageOf(9, 4), 4: pageOf(9, 4, 1) }, { 64: 0, 128: 0 }),
    { ...OPTIONS, format: 1 },
  );
  await page.call("foreign sectors, of format 1", () => log.foreignSectors());
  log = await opened("a free header and something behind it", flashOf({}, { 70: 0 }));
  await lookAt(log);
  for (const count of [2, 3]) {
    const spoil = Object.fromEntries(Array.from({ length: count }, (_, index) => [(index + 1) * 32, 0x20]));
    page.part(`${count} pages of something else`, flashOf({}, spoil));
    await page.call("mount", async () => (await LogFs.mount(flashOf({}, spoil), OPTIONS)).state);
  }
  log = await opened(
    "many pages of something else, and a sound one",
    flashOf({ 7: pageOf(7, 1) }, { 0: 1, 32: 1, 64: 1, 96: 1 }),
  );
  await lookAt(log, 1);

  // A cut erase of the block after the newest page.
  const full = { ...wrapped, 2: pageOf(2, 4), 3: pageOf(3, 4) };
  const newestInOne = { 0: pageOf(8, 4), 1: pageOf(9, 4) };
  for (const [title, spoil] of [
    ["one record of eight is wrong", { 70: 0x99 }],
    ["half of the records are wrong", { 70: 0x99, 77: 0x99, 84: 0x99, 91: 0x99 }],
    ["three of eight are wrong", { 70: 0x99, 77: 0x99, 84: 0x99 }],
    ["one header is wrong, and half of the rest", { 96: 0x11, 70: 0x99, 77: 0x99 }],
    ["one header is wrong", { 96: 0x11 }],
    ["both headers are wrong", { 64: 0x11, 96: 0x11 }],
    ["some are dirty, some marked bad", { 68: 0xff, 75: 0xff, 82: 0, 89: 0, 100: 0xff, 107: 0xff }],
  ] as const) {
    log = await opened(`the oldest block: ${title}`, flashOf({ ...full, ...newestInOne }, spoil));
    await page.call("records", () => log.records());
    await page.call("last 30", () => log.records({ last: 30 }));
  }
  const four: LogFsOptions = { ...OPTIONS, blockPages: 4 };
  const twoBlocks = Object.fromEntries([4, 5, 6, 7, 0, 1, 2, 3].map((number, place) => [place, pageOf(number, 2)]));
  for (const [title, spoil] of [
    ["one header of four is wrong", { 128: 1 }],
    ["two headers of four are wrong", { 128: 1, 160: 1 }],
  ] as const) {
    const cells = flashOf(twoBlocks, spoil).cells;
    log = await opened(`the oldest block: ${title}`, new RecordingRegion({ eraseBytes: 128, cells }), four);
    await page.call("records", () => log.records());
  }
  log = await opened("another block, half of it wrong", flashOf(full, { 134: 0x99, 141: 0x99, 148: 0x99, 155: 0x99 }));
  await page.call("records", () => log.records());
  await append(log, 4);

  // A page a block, as on AT45.
  const single: LogFsOptions = { ...OPTIONS, blockPages: 1 };
  const at45 = new RecordingRegion({ eraseBytes: 32, lengthBytes: 96 });
  log = await opened("a page a block", at45, single);
  await append(log, 14, 0);
  await lookAt(log, 1, 5);

  const large: LogFsOptions = { ...OPTIONS, blockPages: 4 };
  const many = Object.fromEntries(Array.from({ length: 37 }, (_, index) => [index, pageOf(index, 1)]));
  log = await opened("many pages", flashOf(many, {}, 1280), large);
  await page.call("last 2", () => log.records({ last: 2 }));
  await page.call("last 9", () => log.records({ last: 9 }));
  await page.call("first unarchived", async () => (await log.firstUnarchived()) ?? "none");
  await page.call("records", async () => {
    let count = 0;
    for await (const item of log.records()) if (item.kind === "record") count++;
    return count;
  });

  // Sizes that were told wrongly.
  log = await opened("records of 5 bytes, told are 6", flashOf(three), { ...OPTIONS, recordBytes: 6 });
  await append(log, 1);
  const two = flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 2) });
  log = await opened("pages of 32 bytes, told are 64", two, { ...OPTIONS, pageBytes: 64, blockPages: 1 });
  await append(log, 1);
  log = await opened("three of six are wrong", flashOf({ 2: pageOf(0, 4), 3: pageOf(1, 2) }, { 70: 1, 77: 1, 102: 1 }));
  await append(log, 1);

  // Archive.
  log = await opened("archived in a page that is not the first", flashOf({ 2: pageOf(0, 4), 3: pageOf(1, 4) }));
  for (const offset of [4, 11, 18, 25, 36]) {
    await page.call(`archive ${offset}`, () => log.markArchived({ page: offset < 32 ? 2 : 3, offset }));
  }
  await page.call("first unarchived", () => log.firstUnarchived());
  const stubborn = flashOf({ 0: pageOf(0, 1) }, { 11: 0, 18: 0, 25: 0 });
  log = await opened("the page does not take the mark", stubborn);
  stubborn.stuckAt = 0;
  await page.call("archive", () => log.markArchived({ page: 0, offset: 4 }));
  await page.call("first unarchived", () => log.firstUnarchived());
  stubborn.violations.length = 0;
  log = await opened("archived", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 2) }));
  for (let round = 0; round < 7; round++) {
    const first = await page.call("first unarchived", () => log.firstUnarchived());
    if (first !== undefined) await page.call("archive", () => log.markArchived(first));
  }
  await append(log, 2);
  await page.call("first unarchived", async () => (await log.firstUnarchived()) ?? "none");
  await page.call("records", () => log.records());
  log = await opened(
    "only bad places behind the record",
    flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 1), 2: pageOf(2, 1) }, { 11: 0, 18: 0x12, 25: 0, 43: 0 }),
  );
  await page.call("archive 4 of page 0", () => log.markArchived({ page: 0, offset: 4 }));
  await page.call("archive 4 of page 1", () => log.markArchived({ page: 1, offset: 36 }));
  await page.call("records", () => log.records());
  log = await opened("format 1", flashOf({ 0: pageOf(0, 4, 1), 1: pageOf(1, 2, 1) }), { ...OPTIONS, format: 1 });
  await lookAt(log, 3);
  await page.call("archive", () => log.markArchived({ page: 0, offset: 4 }));
  await append(log, 3);

  log = await opened("cleared when the newest page was begun and empty", flashOf({ 0: pageOf(0, 4), 1: pageOf(1, 0) }));
  await page.call("clear", () => log.clear());
  await page.call("state", () => log.state);

  // Flash that does not take what it is told.
  let region = flashOf(three);
  log = await opened("a place that takes nothing", region);
  region.stuckAt = 64 + 4 + 14 + 3;
  await append(log, 1);
  await page.call("records", () => log.records());
  region.violations.length = 0;
  region = flashOf(three);
  log = await opened("a header that takes nothing", region);
  await append(log, 2);
  region.stuckAt = 97;
  await append(log, 2, 0xc0);
  await lookAt(log, 2);
  region.violations.length = 0;
  region = flashOf({});
  log = await opened("the first record of a page is not taken", region);
  region.stuckAt = 6;
  await append(log, 1);
  await page.call("records", () => log.records());
  region.violations.length = 0;
  region = flashOf(three);
  log = await opened("nothing is taken", region);
  region.trouble = (op, answer) =>
    answer.kind === "digest" && op.kind === "digest" ? { ...answer, check: 1 } : answer;
  await append(log, 2);
  await page.call("archive", () => log.markArchived({ page: 0, offset: 4 }));
  await page.call("clear", () => log.clear());

  region = flashOf({ ...full, 0: pageOf(8, 4), 1: pageOf(9, 2) });
  log = await opened("nothing is taken, and behind the last place the oldest records stand", region);
  region.trouble = (op, answer) =>
    answer.kind === "digest" && op.kind === "digest" ? { ...answer, check: 1 } : answer;
  await append(log, 1);

  return page;
});
