/**
 * A safe on flash in every state: what it is treated as, and what is done to it. The page is written by the test
 * (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people against FORMAT.md; power cuts and vectors are tested in ../flash-safe.
 */
import { NorbridgeError } from "../../../src/errors.ts";
import { FlashSafe, type FlashSafeOptions } from "../../../src/storage/flash-safe/flash-safe.ts";
import { type BlockHeader, encodeHeader, encodeItem } from "../../../src/storage/flash-safe/format.ts";
import { recogniseSafe } from "../../../src/storage/flash-safe/recognise-safe.ts";
import { updateSafe } from "../../../src/storage/flash-safe/update-safe.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { concatBytes } from "../../../src/bytes.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

/** A header of 32 bytes in the first and the last segment of 40, and 120 bytes between them. */
const OPTIONS: FlashSafeOptions = { blockBytes: 200, bufferBytes: 40 };

type Items = Readonly<Record<number, string>>;

/** A committed block; `change` may make its headers wrong. */
function blockOf(
  sequence: number,
  items: Items,
  change: (header: BlockHeader, place: "start" | "end") => BlockHeader = (header) => header,
): Uint8Array {
  const data = concatBytes(Object.entries(items).map(([key, text]) => encodeItem(Number(key), Buffer.from(text))));
  const header = {
    segmentCount: 5,
    bufferBytes: 40,
    sequence,
    itemCount: Object.keys(items).length,
    dataBytes: data.length,
    dataCrc: crc32(data),
  };
  const block = new Uint8Array(200).fill(0xff);
  block.set(data.subarray(0, 160), 40);
  block.set(encodeHeader(change(header, "start"), "start"), 0);
  block.set(encodeHeader(change(header, "end"), "end"), 160);
  return block;
}

function flashOf(
  blocks: Readonly<Record<number, Uint8Array>>,
  spoil: Readonly<Record<number, number>> = {},
): RecordingRegion {
  const cells = new Uint8Array(600).fill(0xff);
  for (const [place, block] of Object.entries(blocks)) cells.set(block, Number(place) * 200);
  for (const [at, byte] of Object.entries(spoil)) cells[Number(at)] = byte;
  return new RecordingRegion({ eraseBytes: 200, cells });
}

const page = new Transcript();

async function opened(title: string, region: RecordingRegion): Promise<FlashSafe | undefined> {
  page.part(title, region);
  const safe = await page.call("mount", () => FlashSafe.mount(region, OPTIONS));
  if (safe !== undefined) await lookAt(safe);
  return safe;
}

async function mounted(title: string, region: RecordingRegion): Promise<FlashSafe> {
  const safe = await opened(title, region);
  if (safe === undefined) throw new Error(`${title}: was not mounted`);
  return safe;
}

async function lookAt(safe: FlashSafe): Promise<void> {
  await page.call("new?", () => safe.isNew);
  await page.call("info", () => safe.info);
  await page.call("damage", () => safe.damage());
  await page.call("items", () => safe.keys().map((key) => `${key} ${Buffer.from(safe.read(key) ?? []).toString()}`));
}

const change = (safe: FlashSafe, changes: Readonly<Record<number, string | undefined>>): Promise<number | undefined> =>
  page.call(`update ${JSON.stringify(changes, (_, text: unknown) => text ?? "(delete)")}`, () =>
    updateSafe(
      safe,
      new Map(
        Object.entries(changes).map(([key, text]) => [Number(key), text === undefined ? undefined : Buffer.from(text)]),
      ),
    ),
  );

transcript("safe", "is taken for what it is, and written to as it should be", async () => {
  let safe = await mounted("blank", flashOf({}));
  await page.call("recognised?", async () => (await recogniseSafe(flashOf({}))) ?? "no");
  await change(safe, { 1: "one", 2: "two" });
  await lookAt(safe);
  await change(safe, { 1: "one", 3: undefined });
  await change(safe, { 1: undefined, 3: "" });
  await change(safe, { 4: "a longer one that fills a whole segment and more" });
  await lookAt(safe);
  await change(safe, { 2: undefined, 3: undefined, 4: undefined });
  await lookAt(safe);
  await page.call("read what is not there", () => safe.read(9) ?? "nothing");

  const fresh = flashOf({ 0: blockOf(9, { 1: "old" }) }, { 590: 0 });
  page.part("formatted", fresh);
  await page.call("format", () => FlashSafe.format(fresh, OPTIONS));
  const overwrite = [{ offset: 0, lengthBytes: fresh.lengthBytes }];
  const formatted = await page.call("format, all of it named", () =>
    FlashSafe.format(fresh, { ...OPTIONS, overwrite }),
  );
  if (formatted !== undefined) await lookAt(formatted);

  const a = blockOf(7, { 1: "seven" });
  const b = blockOf(8, { 1: "eight", 2: "second" });
  safe = await mounted("two commits", flashOf({ 1: a, 2: b }));
  await page.call("recognised?", async () => (await recogniseSafe(flashOf({ 1: a, 2: b }))) ?? "no");
  await change(safe, { 5: "five" });
  await change(safe, { 5: "again" });
  await change(safe, { 5: "once more" });

  safe = await mounted("a transaction", flashOf({ 0: a, 1: b, 2: blockOf(6, {}) }));
  const transaction = await page.call("open", () => safe.open());
  await page.call("open again", () => safe.open());
  await page.call("info", () => safe.info);
  await page.call("write 1", () => transaction?.write(1, Buffer.from("x".repeat(32))));
  await page.call("write 2", () => transaction?.write(2, Buffer.from("y".repeat(31))));
  await page.call("write 3, one byte too long", () => transaction?.write(3, Buffer.from("z".repeat(33))));
  await page.call("write 3, which fits", () => transaction?.write(3, Buffer.from("z".repeat(32))));
  await page.call("items before", () => safe.keys());
  await page.call("commit", () => transaction?.commit());
  await page.call("abandon", () => transaction?.abandon());
  await page.call("commit again", () => transaction?.commit());
  await lookAt(safe);
  const second = await page.call("open", () => safe.open());
  await page.call("write 4294967294", () => second?.write(4_294_967_294, new Uint8Array()));
  await page.call("write 4294967295", () => second?.write(4_294_967_295, new Uint8Array()));
  await page.call("abandon", () => second?.abandon());
  await page.call("write", () => second?.write(1, new Uint8Array()));
  await lookAt(safe);
  await change(safe, { 9: "after" });

  const odd = await page.call("open", () => safe.open());
  await page.call("write 1, part of a segment", () => odd?.write(1, Buffer.from("12345")));
  await page.call("write 2, more than what is left", () => odd?.write(2, new Uint8Array(97)));
  await page.call("write 2, what is left", () => odd?.write(2, new Uint8Array(96)));
  await page.call("commit", () => odd?.commit());
  await page.call("info", () => safe.info);

  // What a cut or a fault left: block 1 is in force, block 2 is the newest and not right.
  for (const [title, block, spoil] of [
    ["its data is wrong", b, { [400 + 40 + 9]: 0 }],
    ["its end header is missing", b, { [560]: 0xff }],
    ["its start header is missing", b, { [400]: 0xff }],
    ["it has two start headers", twoStarts(blockOf(8, {})), {}],
    [
      "its headers disagree",
      blockOf(8, { 1: "x" }, (header, place) => (place === "end" ? { ...header, itemCount: 2 } : header)),
      {},
    ],
    [
      "its headers disagree in the number",
      blockOf(8, { 1: "x" }, (header, place) => (place === "end" ? { ...header, sequence: 9 } : header)),
      {},
    ],
    [
      "its headers disagree in the checksum",
      blockOf(8, { 1: "x" }, (header, place) => (place === "end" ? { ...header, dataCrc: 9 } : header)),
      {},
    ],
    [
      "its headers disagree in the length",
      blockOf(8, { 1: "x" }, (header, place) => (place === "end" ? { ...header, dataBytes: 8 } : header)),
      {},
    ],
    ["its items are one too many", blockOf(8, { 1: "x" }, (header) => ({ ...header, itemCount: 2 })), {}],
    ["its data would not fit", blockOf(8, { 1: "x" }, (header) => ({ ...header, dataBytes: 124 })), {}],
    ["its data just fits, and is not right", blockOf(8, { 1: "x" }, (header) => ({ ...header, dataBytes: 120 })), {}],
    ["it has other sizes", blockOf(8, { 1: "x" }, (header) => ({ ...header, segmentCount: 10, bufferBytes: 20 })), {}],
    ["it has another buffer", blockOf(8, { 1: "x" }, (header) => ({ ...header, bufferBytes: 20 })), {}],
    ["it is of another layout", sealed(b, 4, 2), {}],
    ["its headers have another magic", sealed(b, 0, 0x4f), {}],
    ["its headers stand at no place", sealed(b, 5, 2), {}],
    ["it is empty", blockOf(8, {}), {}],
    ["it is empty, with a checksum", blockOf(8, {}, (header) => ({ ...header, dataCrc: 5 })), {}],
    ["its numbers roll over", blockOf(6 - 0x8000_0000 + 0x1_0000_0000, { 1: "older" }), {}],
    ["its number is half way round", blockOf(7 + 0x8000_0000, { 1: "older" }), {}],
    ["its number is not half way round", blockOf(6 + 0x8000_0000, { 1: "newer" }), {}],
  ] as const) {
    const found = await opened(title, flashOf({ 1: a, 2: block }, spoil));
    if (found === undefined) continue;
    await change(found, { 3: "three" });
    await page.call("info", () => found.info);
  }
  safe = await mounted("both are damaged", flashOf({ 1: a, 2: b }, { [200 + 49]: 0, [400 + 49]: 0 }));
  await change(safe, { 3: "three" });
  await page.call("info", () => safe.info);
  safe = await mounted("all three are committed", flashOf({ 0: b, 1: a, 2: blockOf(6, {}) }));
  await change(safe, { 3: "three" });
  safe = await mounted(
    "the highest number",
    flashOf({ 0: blockOf(0xffff_ffff, { 1: "last" }), 1: blockOf(0xffff_fffe, { 1: "x" }) }),
  );
  await change(safe, { 3: "three" });
  await page.call("info", () => safe.info);
  for (const [title, data] of [
    ["an item that is longer than the data", [1, 0, 0, 0, 20, 0, 0, 0, 65, 66, 67, 68]],
    ["a piece of an item", [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]],
    ["a key twice", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
    ["a key that is none", [255, 255, 255, 255, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
    ["two that are right", [254, 255, 255, 255, 1, 0, 0, 0, 66, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
  ] as const) {
    const bytes = Uint8Array.from(data);
    const block = blockOf(8, {}, (header) => ({
      ...header,
      itemCount: 2,
      dataBytes: bytes.length,
      dataCrc: crc32(bytes),
    }));
    block.set(bytes, 40);
    await opened(`data with ${title}`, flashOf({ 1: a, 2: block }));
  }

  for (const [title, blocks] of [
    ["a safe in the second block", { 1: a }],
    ["two sizes", { 1: blockOf(1, {}, (header) => ({ ...header, segmentCount: 10 })), 2: a }],
    ["another layout in the second block", { 1: sealed(b, 4, 2) }],
    ["an end without a start", { 1: concatBytes([new Uint8Array(160).fill(0xff), b.subarray(160)]) }],
  ] as const) {
    const region = flashOf(blocks);
    page.part(`recognised? ${title}`, region);
    await page.call("recognise", async () => (await recogniseSafe(region)) ?? "no");
  }

  // Reads that cannot be trusted, and flash that does not take what it is told.
  const unsteady = flashOf({ 1: a, 2: b });
  unsteady.trouble = (op, answer) => {
    if (op.kind === "read" && op.offset === 400) throw new NorbridgeError("EIO", "reads differ", { operation: "read" });
    return answer;
  };
  await opened("one header cannot be read surely", unsteady);
  const gone = flashOf({ 1: a });
  gone.trouble = (op, answer) => {
    if (op.kind === "read" && op.offset === 200)
      throw new NorbridgeError("BRIDGE_SILENT", "no answer", { operation: "read" });
    return answer;
  };
  await opened("the bridge is silent at a header", gone);
  let asked = 0;
  gone.trouble = (op, answer) => {
    if (op.kind !== "read" || op.offset !== 200) return answer;
    throw new NorbridgeError(asked++ === 0 ? "EIO" : "BRIDGE_SILENT", "no answer", { operation: "read" });
  };
  await opened("it is silent when asked again", gone);
  for (const [title, at] of [
    ["data", 450],
    ["end header", 565],
    ["start header", 405],
    ["nothing", undefined],
  ] as const) {
    const region = flashOf({ 1: a });
    safe = await mounted(`not taken: ${title}`, region);
    region.stuckAt = at;
    await change(safe, { 3: "a longer one that fills a whole segment and more" });
    await page.call("info", () => safe.info);
    region.stuckAt = undefined;
    region.violations.length = 0;
    await change(safe, { 3: "shorter" });
    await lookAt(safe);
  }
  const bad = flashOf({ 1: a });
  safe = await mounted("not blank after the erase", bad);
  bad.trouble = (op, answer) =>
    answer.kind === "digest" && op.kind === "digest" && bad.changes.length > 0 ? { ...answer, check: 1 } : answer;
  await page.call("open", () => safe.open());
  await page.call("open again", () => safe.open());
  await page.call("info", () => safe.info);

  return page;
});

/** Both headers with one byte changed, and their check sums as they are then. */
function sealed(block: Uint8Array, at: number, byte: number): Uint8Array {
  const other = block.slice();
  for (const start of [0, 160]) {
    other[start + at] = byte;
    new DataView(other.buffer).setUint32(start + 28, crc32(other.subarray(start, start + 28)), true);
  }
  return other;
}

function twoStarts(block: Uint8Array): Uint8Array {
  const wrong = block.slice();
  wrong.copyWithin(160, 0, 32);
  return wrong;
}
