/**
 * Logs without a description: what they are recognised as, how sure that is, what was read for it, and what is reported if
 * nothing is recognised. The page is written by the test (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people.
 */
import { CircularBuffer, type CircularBufferOptions } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { LogFs, type LogFsOptions } from "../../../src/storage/log-fs/log-fs.ts";
import type { LogHints } from "../../../src/storage/log-finding.ts";
import { recogniseLog } from "../../../src/storage/recognise-log.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

const FCB: CircularBufferOptions = {
  sectorBytes: 256,
  magic: 0x0badc0de,
  version: 7,
  alignBytes: 1,
  scratchSectors: 0,
  hasCrc: true,
};
const PX: LogFsOptions = { pageBytes: 128, blockPages: 2, recordBytes: 9, whenFull: "overwrite", format: 2 };

type Hints = Partial<LogHints["fcb"]> & Partial<LogHints["logFs"]> & Partial<Pick<LogHints, "layout" | "sectorBytes">>;

function hintsOf({ layout = "auto", sectorBytes, ...rest }: Hints): LogHints {
  const none = { magic: undefined, version: undefined, alignBytes: undefined, scratchSectors: undefined, hasCrc: true };
  const nothing = {
    pageBytes: undefined,
    blockPages: undefined,
    recordBytes: undefined,
    whenFull: undefined,
    format: undefined,
  };
  return { layout, sectorBytes, fcb: { ...none, ...rest }, logFs: { ...nothing, ...rest } };
}

const entry = (number: number, lengthBytes: number): Uint8Array =>
  new Uint8Array(lengthBytes).map((_, index) => number * 13 + index * 7);

interface Shape {
  readonly eraseBytes?: number;
  readonly lengthBytes?: number;
  readonly erasedByte?: number;
}

const flash = ({ eraseBytes = 256, lengthBytes = 2048, erasedByte = 0xff }: Shape = {}): RecordingRegion =>
  new RecordingRegion({ eraseBytes, lengthBytes, erasedByte, programBytes: 128 });

async function fcb(
  options: Partial<CircularBufferOptions>,
  entries: number,
  shape?: Shape,
  lengthBytes = 30,
): Promise<RecordingRegion> {
  const region = flash(shape);
  const log = await CircularBuffer.mount(region, { ...FCB, ...options });
  for (let number = 0; number < entries; number++) await log.append(entry(number, lengthBytes));
  return region;
}

async function px(options: Partial<LogFsOptions>, records: number, shape?: Shape): Promise<RecordingRegion> {
  const region = flash(shape);
  const all = { ...PX, ...options };
  const log = await LogFs.mount(region, all);
  for (let number = 0; number < records; number++) await log.append(entry(number, all.recordBytes));
  return region;
}

const spoilt = (region: RecordingRegion, spoil: Readonly<Record<number, number>>): RecordingRegion => {
  for (const [at, byte] of Object.entries(spoil)) region.cells[Number(at)] = byte;
  return region;
};

transcript("recognise", "tells what it took a flash for, and why", async () => {
  const page = new Transcript();
  const recognise = async (title: string, region: RecordingRegion, ...asked: Hints[]): Promise<void> => {
    page.part(title, region);
    region.takeTurns();
    for (const hints of asked.length === 0 ? [{}] : asked) {
      const words = Object.entries(hints).map(([name, value]) => `${name} ${value}`);
      await page.call(words.join(", ") || "nothing said", () => recogniseLog(region, hintsOf(hints)));
    }
  };

  await recognise(
    "blank",
    flash(),
    {},
    { layout: "fcb" },
    { layout: "px-log-fs" },
    { magic: 5 },
    { layout: "fcb", magic: 5 },
    { recordBytes: 9 },
    { layout: "px-log-fs", recordBytes: 9 },
    { layout: "px-log-fs", recordBytes: 9, format: 1 },
  );
  await recognise(
    "something else",
    spoilt(flash(), { 0: 0x20, 1: 0x21, 256: 0x22, 257: 0 }),
    {},
    { layout: "fcb" },
    { layout: "px-log-fs" },
    { layout: "fcb", magic: 5 },
  );
  await recognise("something behind the starts", spoilt(flash(), { 20: 0 }));

  const three = await fcb({}, 15);
  await recognise(
    "an FCB in three sectors",
    three,
    {},
    { layout: "px-log-fs" },
    { magic: 0x0badc0de },
    { magic: 6 },
    { layout: "fcb", magic: 6 },
    { version: 9 },
    { alignBytes: 4 },
    { hasCrc: false },
    { sectorBytes: 512 },
    { scratchSectors: 2 },
    { magic: 6, version: 1 },
    { magic: 6, alignBytes: 1 },
    { magic: 6, alignBytes: 8, version: 2 },
    { magic: 6, alignBytes: 8, version: 2, sectorBytes: 1024, scratchSectors: 1, hasCrc: false },
  );
  for (const alignBytes of [2, 4, 8, 16, 32]) {
    await recognise(`an FCB in write blocks of ${alignBytes}`, await fcb({ alignBytes }, 3, {}, 33));
    await recognise(
      `an FCB in write blocks of ${alignBytes} without check bytes`,
      await fcb({ alignBytes, hasCrc: false }, 3, {}, 33),
    );
  }
  await recognise("an FCB without check bytes", await fcb({ hasCrc: false }, 9));
  await recognise("an FCB on flash that erases to 00", await fcb({}, 9, { erasedByte: 0 }));
  for (const sectorBytes of [512, 1024, 2048]) {
    await recognise(
      `an FCB in sectors of ${sectorBytes}, one of them`,
      await fcb({ sectorBytes }, 12, { lengthBytes: 4096 }),
    );
    await recognise(
      `an FCB in sectors of ${sectorBytes}, several`,
      await fcb({ sectorBytes }, 100, { lengthBytes: 16_384 }),
    );
  }
  await recognise(
    "sectors at odd distances",
    spoilt(await fcb({}, 40, { lengthBytes: 2560 }), { 256: 0, 512: 0, 1024: 0, 1280: 0, 1536: 0, 2048: 0 }),
  );
  await recognise("an FCB of headers alone", await fcb({}, 0));
  const headers = flash();
  const empty = await CircularBuffer.mount(headers, FCB);
  await empty.init();
  await empty.appendToScratch();
  await recognise("two headers", headers);
  await recognise("one entry, and one that is wrong", spoilt(await fcb({}, 2), { 45: 0 }));
  await recognise("four entries, and one that is wrong", spoilt(await fcb({}, 5), { 45: 0 }));
  await recognise("five entries, and one that is wrong", spoilt(await fcb({}, 6), { 45: 0 }));
  await recognise("something behind the last entry", spoilt(await fcb({}, 3), { 250: 0 }));
  await recognise("a header with something in its sixth byte", spoilt(await fcb({}, 3), { 5: 0 }));
  const mixed = await fcb({}, 15);
  const foreign = await fcb({ magic: 0x11223344 }, 8);
  mixed.cells.set(foreign.cells.subarray(0, 512), 1024);
  await recognise("two sectors of another magic behind three", mixed, {}, { magic: 0x11223344 });
  mixed.cells.set(foreign.cells.subarray(0, 512), 0);
  await recognise("four sectors of one magic before one of another", mixed);
  await recognise("an FCB in a region that ends in a sector", await fcb({}, 15, { lengthBytes: 768 }));

  await recognise(
    "a px_log_fs",
    await px({}, 20),
    {},
    { layout: "fcb" },
    { recordBytes: 9 },
    { recordBytes: 10 },
    { format: 1 },
    { format: 2, recordBytes: 33 },
    { pageBytes: 256 },
    { blockPages: 4 },
    { sectorBytes: 512 },
    { whenFull: "stop" },
  );
  await recognise("a px_log_fs of format 1", await px({ format: 1 }, 20), {}, { format: 2 });
  for (const recordBytes of [1, 2, 60, 122])
    await recognise(
      `a px_log_fs of ${recordBytes} bytes a record`,
      await px({ recordBytes }, recordBytes > 60 ? 6 : 90),
    );
  await recognise("a px_log_fs of one page a block", await px({ blockPages: 1 }, 30, { eraseBytes: 128 }));
  await recognise("a px_log_fs with many blocks", await px({}, 400, { lengthBytes: 8192 }));
  await recognise("pages without a record", spoilt(flash(), { 0: 0x5f, 1: 0, 2: 0, 3: 0x89 }));
  await recognise("one record, and one that is wrong", spoilt(await px({}, 2), { 20: 0 }));
  await recognise(
    "records of which some are dirty",
    spoilt(await px({}, 9), { 4: 0xff, 15: 0xff, 26: 0xff, 37: 0xff }),
  );
  await recognise("the first page marked bad", spoilt(await px({}, 30), { 0: 0 }));
  await recognise("all first pages marked bad", spoilt(await px({}, 20), { 0: 0 }));
  await recognise(
    "a px_log_fs on flash that erases to 00",
    spoilt(flash({ erasedByte: 0 }), { 0: 0x5f, 1: 0, 2: 0, 3: 0x89 }),
  );
  return page;
});
