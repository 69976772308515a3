/**
 * An FCB on flash in every state: what it is treated as, and what is done to it. The page is written by the test
 * (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people against FORMAT.md; golden data of the original is tested in
 * ../circular-buffer.
 */
import { CircularBuffer, type CircularBufferOptions } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { checkByte, encodeHeader, encodeLength } from "../../../src/storage/circular-buffer/format.ts";
import type { LogPlace } from "../../../src/storage/record-log.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

/** Sectors of 64 bytes: eight of header, then four entries of ten bytes with their lengths and check bytes, and a bit. */
const OPTIONS: CircularBufferOptions = {
  sectorBytes: 64,
  magic: 0x0badc0de,
  version: 7,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
};

const entry = (number: number, lengthBytes = 10): Uint8Array =>
  new Uint8Array(lengthBytes).map((_, index) => (index === 0 ? number : 0x50 + index));

/** A sector with these entries, as the original writes it. */
function sectorOf(id: number, numbers: readonly number[], magic = OPTIONS.magic, version = 7): Uint8Array {
  const sector = new Uint8Array(64).fill(0xff);
  sector.set(encodeHeader(magic, version, id, 0xff));
  let at = 8;
  for (const number of numbers) {
    const data = entry(number);
    const length = encodeLength(data.length, 0xff);
    sector.set([...length, ...data, checkByte(length, data)], at);
    at += 12;
  }
  return sector;
}

type Spoil = Readonly<Record<number, number>>;

/** Flash with these sectors, by place; the rest is erased. Then `spoil` may touch single bytes. */
function flashOf(sectors: Readonly<Record<number, Uint8Array>>, spoil: Spoil = {}, count = 4): RecordingRegion {
  const cells = new Uint8Array(64 * count).fill(0xff);
  for (const [place, sector] of Object.entries(sectors)) cells.set(sector, Number(place) * 64);
  for (const [at, byte] of Object.entries(spoil)) cells[Number(at)] = byte;
  return new RecordingRegion({ eraseBytes: 64, cells });
}

let page = new Transcript();

async function opened(title: string, region: RecordingRegion, options: Partial<CircularBufferOptions> = {}) {
  page.part(title, region);
  const log = await page.call("mount", () => CircularBuffer.mount(region, { ...OPTIONS, ...options }));
  await page.call("state", () => log?.state ?? "not mounted");
  return log;
}

/** As `opened`, where it has to open. */
async function mounted(title: string, region: RecordingRegion, options: Partial<CircularBufferOptions> = {}) {
  const log = await opened(title, region, options);
  if (log === undefined) throw new Error(`${title}: was not mounted`);
  return log;
}

async function lookAt(log: CircularBuffer, ...lasts: number[]): Promise<void> {
  await page.call("blank?", () => log.isBlank);
  await page.call("records", () => log.records());
  for (const last of lasts) await page.call(`last ${last}`, () => log.records({ last }));
  await page.call("sectors", () => log.sectors());
  await page.call("foreign sectors", () => log.foreignSectors());
}

async function append(log: CircularBuffer, count: number, from = 0xa0, lengthBytes = 10): Promise<void> {
  for (let number = from; number < from + count; number++) {
    await page.call(`append ${number.toString(16)}`, () => log.append(entry(number, lengthBytes)));
  }
  await page.call("state", () => log.state);
}

transcript("fcb-life", "a life: begun, filled, rotated, cleared", async () => {
  page = new Transcript();
  let log = await mounted("blank", flashOf({}));
  await lookAt(log, 2);
  await page.call("init", () => log.init());
  await page.call("init again", () => log.init());
  await page.call("state", () => log.state);
  await append(log, 18, 0);
  await lookAt(log, 1, 2, 3, 4, 5, 100);
  await page.call("last entries 0", () => log.lastEntries(0));
  await page.call("last entries 2", () => log.lastEntries(2));
  for (const sector of [0, 1, 3]) await page.call(`records of sector ${sector}`, () => log.recordsOfSector(sector));
  await page.call("to scratch", () => log.appendToScratch());
  await page.call("rotate", () => log.rotate());
  await page.call("state", () => log.state);
  await page.call("records of sector 0", () => log.recordsOfSector(0));
  await append(log, 3, 0x20);
  await page.call("records", () => log.records());
  await page.call("clear", () => log.clear());
  await lookAt(log);
  await append(log, 1, 0x30);
  await page.call("rotate the only one", () => log.rotate());
  await page.call("state", () => log.state);

  log = await mounted("first append on blank flash, in pieces", flashOf({}), { alignBytes: 4 });
  const pieces = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 0, 0, 0)];
  await page.call("append", () => log.append(Uint8Array.of(1, 2, 3, 4, 5), pieces));
  await append(log, 4, 1, 6);
  await page.call("append nothing", () => log.append(new Uint8Array()));
  await page.call("records", () => log.records());
  await append(log, 3, 0x20, 14);
  await page.call("records", () => log.records());

  log = await mounted("scratch sectors are kept free", flashOf({}), { scratchSectors: 2 });
  await append(log, 9, 0);
  await page.call("to scratch", () => log.appendToScratch());
  await page.call("state", () => log.state);
  await append(log, 1, 0x20);
  await page.call("to scratch", () => log.appendToScratch());
  await page.call("to scratch", () => log.appendToScratch());
  await page.call("rotate", () => log.rotate());
  await page.call("state", () => log.state);

  log = await mounted("long entries", flashOf({}, {}, 2), { sectorBytes: 64, maxEntryBytes: 200 });
  await append(log, 1, 1, 54);
  await append(log, 1, 2, 55);
  await append(log, 1, 3, 128);
  await append(log, 1, 4, 201);
  await append(log, 2, 5, 53);
  log = await mounted("an entry in two bytes of length", new RecordingRegion({ eraseBytes: 256, lengthBytes: 512 }), {
    sectorBytes: 256,
  });
  await append(log, 1, 1, 127);
  await append(log, 1, 2, 128);
  await append(log, 1, 3, 245);
  await append(log, 1, 4, 246);
  await page.call("records", () => log.records());

  const zero = new RecordingRegion({ eraseBytes: 64, lengthBytes: 192, erasedByte: 0 });
  log = await mounted("flash that erases to 00, without check bytes", zero, { hasCrc: false, alignBytes: 8 });
  await append(log, 4, 1, 6);
  await lookAt(log, 2);
  log = await mounted("the same, again", zero, { hasCrc: false, alignBytes: 8 });
  await append(log, 1, 9, 6);
  await page.call("records", () => log.records());

  log = await mounted("what comes after a place", flashOf({ 1: sectorOf(1, [1, 2]), 2: sectorOf(2, [3]) }));
  const nowhere: LogPlace = { sector: 3, offset: 0 };
  const places: readonly (LogPlace | undefined)[] = [
    undefined,
    { sector: 1, offset: 8 },
    { sector: 1, offset: 20 },
    { sector: 2, offset: 8 },
    nowhere,
  ];
  for (const place of places) {
    await page.call(
      `next after ${place === undefined ? "nothing" : `${place.sector}:${place.offset}`}`,
      async () => (await log.next(place)) ?? "none",
    );
  }
  return page;
});

transcript("fcb-states", "what a cut, a fault or another program left", async () => {
  page = new Transcript();
  const three = { 0: sectorOf(5, [1, 2, 3, 4]), 1: sectorOf(6, [5, 6, 7, 8]), 2: sectorOf(7, [9, 10]) };
  // Entry e of sector s: its length at 64 s + 8 + 12 e, its check byte eleven further on.
  const damages: readonly (readonly [string, Spoil])[] = [
    ["a data byte is wrong", { [8 + 5]: 0x11 }],
    ["a length leads to the next but one", { [64 + 8]: 22 }],
    ["a length leads out of the sector", { [64 + 20]: 120 }],
    ["a length of which one byte was written", { [64 + 20]: 0x8a, [64 + 21]: 0xff }],
    ["a check byte reads erased", { [8 + 11]: 0xff }],
    ["the last entry is cut: a length alone", { [128 + 32]: 10 }],
    ["the last entry is cut: a long length alone", { [128 + 32]: 0x8a }],
    ["the last entry is cut: the check byte is missing", { [128 + 20 + 11]: 0xff }],
    ["something behind the last entry", { [128 + 50]: 0 }],
    ["something right behind the last entry", { [128 + 33]: 0 }],
    ["the last entry leads out of the sector", { [128 + 20]: 0x70 }],
    ["half of the oldest is wrong", { [8 + 5]: 1, [20 + 5]: 1 }],
    ["a quarter of the oldest is wrong", { [8 + 5]: 1 }],
    ["half of the second is wrong", { [72 + 5]: 1, [84 + 5]: 1 }],
    ["half of the newest is wrong", { [128 + 8 + 5]: 1 }],
    ["the header of the oldest is wrong", { 0: 0 }],
    ["the header of the second is wrong", { 64: 0 }],
    ["the same, and nothing in the newest", { 64: 0, 136: 0xff, 148: 0xff }],
    ["the header of the newest is wrong", { 128: 0 }],
    ["the number of the second is out of turn", { [64 + 6]: 9 }],
    ["a header alone behind the newest", { 192: 0xde, 193: 0xc0, 194: 0xad, 195: 0x0b, 196: 7, 198: 8, 199: 0 }],
    ["a torn header behind the newest", { 192: 0xde, 193: 0xc0 }],
    ["something in the free sector", { 230: 0 }],
    ["another version in all headers", { 4: 3, 68: 3, 132: 3 }],
    ["another version in two headers", { 4: 3, 68: 3 }],
    ["a version that is torn in all", { 4: 0xf7, 68: 0xf7, 132: 0xf7 }],
  ];
  for (const [title, spoil] of damages) {
    const log = await opened(title, flashOf(three, spoil));
    if (log === undefined) continue;
    await lookAt(log, 4);
    await append(log, 3);
  }

  let log = await mounted(
    "the only sector: half is wrong",
    flashOf({ 1: sectorOf(3, [1, 2, 3, 4]) }, { [72 + 5]: 1, [84 + 5]: 1 }),
  );
  await lookAt(log, 3);
  log = await mounted(
    "the only sector: its last is cut, and one more",
    flashOf({ 1: sectorOf(3, [1, 2]) }, { [72 + 5]: 1, [84 + 5]: 1 }),
  );
  await lookAt(log, 3);
  log = await mounted("the only sector: its last is cut", flashOf({ 1: sectorOf(3, [1, 2]) }, { [84 + 5]: 1 }));
  await lookAt(log, 3);

  const full = { 0: sectorOf(4, [1, 2]), 1: sectorOf(5, [3]), 2: sectorOf(6, [4]), 3: sectorOf(7, [5, 6, 7, 8]) };
  log = await mounted("full", flashOf(full));
  await append(log, 1);
  await page.call("rotate", () => log.rotate());
  await append(log, 1);
  log = await mounted(
    "full, begun in the middle, numbers roll over",
    flashOf({ 2: sectorOf(65_534, [1]), 3: sectorOf(65_535, [2]), 0: sectorOf(0, [3]), 1: sectorOf(1, [4]) }),
  );
  await lookAt(log, 2);
  await page.call("rotate", () => log.rotate());
  await append(log, 5);
  log = await mounted("full, the oldest is a torn header of the next", flashOf({ ...full, 0: sectorOf(8, []) }));
  await page.call("records", () => log.records());
  log = await mounted(
    "the same, and the number is torn as well",
    flashOf({ ...full, 0: sectorOf(4, []) }, { 6: 0x0c }),
  );
  await page.call("records", () => log.records());
  log = await mounted("full, the oldest has no entry and the number before", flashOf({ ...full, 0: sectorOf(4, []) }));
  await page.call("records", () => log.records());
  log = await mounted(
    "the sector behind the newest could be torn from the next header",
    flashOf({ ...full, 0: sectorOf(12, []) }),
  );
  await page.call("records", () => log.records());
  const torn = { 0: sectorOf(0x0f, []), 1: sectorOf(0x10, [3]), 2: sectorOf(0x11, [4]), 3: sectorOf(0x0e, [5]) };
  log = await mounted("two chains", flashOf(torn));
  await page.call("records", () => log.records());
  // A cut before the number leaves all of its bits, and 1 has few: where the numbers roll over, it fits the chain by chance.
  const ring = { 1: sectorOf(65_534, [3]), 2: sectorOf(65_535, [4]), 3: sectorOf(0, [5]) };
  log = await mounted("full, the oldest is a header of 1 that was torn", flashOf({ ...ring, 0: sectorOf(65_533, []) }));
  await page.call("records", () => log.records());
  await append(log, 1, 0xa0, 50);
  log = await mounted("the same, with an entry", flashOf({ ...ring, 0: sectorOf(65_533, [2]) }));
  await page.call("records", () => log.records());
  await append(log, 1, 0xa0, 50);
  const shorter = { 0: sectorOf(65_533, []), 1: sectorOf(65_534, [3]), 2: sectorOf(65_535, [4]) };
  log = await mounted("the same, and a sector is free", flashOf(shorter));
  await append(log, 1, 0xa0, 50);

  log = await mounted(
    "two chains of one length, the second with more entries",
    flashOf({ 0: sectorOf(9, [1]), 2: sectorOf(4, [2, 3]) }),
  );
  await lookAt(log, 5);
  log = await mounted(
    "two chains of one length, the first with as many",
    flashOf({ 0: sectorOf(9, [1]), 2: sectorOf(4, [2]) }),
  );
  await append(log, 5);
  log = await mounted(
    "a chain of two, and one before it",
    flashOf({ 0: sectorOf(9, [1]), 2: sectorOf(4, [2]), 3: sectorOf(5, []) }),
  );
  await lookAt(log, 5);
  await append(log, 6);

  log = await mounted("written on to the sector that is out of the order", flashOf(three, { 64: 0 }));
  await append(log, 6);
  log = await mounted("the same, but its entries are all wrong", flashOf(three, { 64: 0, [136 + 5]: 0, [148 + 5]: 0 }));
  await append(log, 6);

  // Not of this log.
  const other = 0x12345678;
  for (const [title, region] of [
    ["a sector of another magic, alone", flashOf({ 1: sectorOf(3, [1, 2], other) })],
    ["the same, without entries", flashOf({ 1: sectorOf(3, [], other) })],
    ["the same, as much wrong as right", flashOf({ 1: sectorOf(3, [1, 2], other) }, { [72 + 5]: 1 })],
    ["the same, with a byte that no header has", flashOf({ 1: sectorOf(3, [1, 2], other) }, { 69: 0 })],
    ["two sectors of garbage", flashOf({}, { 0: 1, 64: 1 })],
    ["one sector of garbage", flashOf({}, { 69: 0, 70: 3 })],
    ["a header torn at the first start", flashOf({}, { 0: 0xde, 1: 0xd0 })],
    ["the same, and something behind it", flashOf({}, { 0: 0xde, 1: 0xd0, 9: 0 })],
    ["a free header, and something behind it", flashOf({}, { 100: 0 })],
    ["garbage in the only sector", flashOf({}, { 5: 0 }, 1)],
    ["the erased magic, sector 0 with a version", flashOf({}, { 4: 3 })],
  ] as const) {
    const found = await opened(title, region, title.startsWith("the erased") ? { magic: 0xffffffff } : {});
    if (found === undefined) continue;
    await page.call("records", () => found.records());
    await page.call("sectors", () => found.sectors());
    await page.call("foreign sectors", () => found.foreignSectors());
    await append(found, 1);
  }

  // Flash that does not take what it is told.
  let region = flashOf(three);
  log = await mounted("an entry is not taken", region);
  region.stuckAt = 128 + 32 + 3;
  await append(log, 2);
  await page.call("records", () => log.records());
  region.violations.length = 0;
  region = flashOf(three);
  log = await mounted("a header is not taken", region);
  await append(log, 2);
  region.stuckAt = 194;
  await append(log, 2, 0xc0);
  await page.call("records", () => log.records());
  await page.call("sectors", () => log.sectors());
  region.violations.length = 0;
  region = flashOf({});
  log = await mounted("the first header is not taken", region);
  region.stuckAt = 3;
  await append(log, 1);
  await page.call("records", () => log.records());
  region.violations.length = 0;

  return page;
});

transcript("fcb-sector-size", "sectors that are longer or shorter than was told", async () => {
  page = new Transcript();
  for (const [sectorBytes, entries, lengthBytes] of [
    [128, 6, 10],
    [128, 3, 30],
    [128, 2, 45],
    [256, 9, 10],
  ] as const) {
    const region = new RecordingRegion({ eraseBytes: 64, lengthBytes: 512 });
    const real = await CircularBuffer.mount(region, { ...OPTIONS, sectorBytes });
    for (let number = 0; number < entries; number++) await real.append(entry(number, lengthBytes));
    region.takeTurns();
    const log = await mounted(`${entries} entries of ${lengthBytes} bytes in sectors of ${sectorBytes}`, region);
    await page.call("records", () => log.records());
    await append(log, 2);
    await page.call("records, as they are", async () => {
      const again = await CircularBuffer.mount(region, { ...OPTIONS, sectorBytes });
      return again.records();
    });
  }
  for (const entries of [3, 6, 16]) {
    const region = new RecordingRegion({ eraseBytes: 64, lengthBytes: 512 });
    const real = await CircularBuffer.mount(region, OPTIONS);
    for (let number = 0; number < entries; number++) await real.append(entry(number));
    region.takeTurns();
    const log = await mounted(`${entries} entries in sectors of 64, told are 128`, region, { sectorBytes: 128 });
    await page.call("records", () => log.records());
    await append(log, 2);
    await page.call("rotate", () => log.rotate());
    await page.call("records, as they are", async () => {
      const again = await CircularBuffer.mount(region, OPTIONS);
      return again.records();
    });
  }
  return page;
});
