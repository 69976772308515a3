/**
 * A stream on flash in every state: what is asked, erased and programmed, and what is said of it. The page is written by the test
 * (NORBRIDGE_WRITE_TRANSCRIPTS=1) and read by people; golden data of the original and power cuts are tested in ../stream-flash.
 */
import { NorbridgeError } from "../../../src/errors.ts";
import type { ImageIdentity, ProgressStore, SavedProgress } from "../../../src/storage/stream-flash/progress-store.ts";
import { StreamFlash, type StreamFlashOptions } from "../../../src/storage/stream-flash/stream-flash.ts";
import { RecordingRegion, transcript, Transcript } from "../support/transcript.ts";

const page = new Transcript();

/** Blocks of 64 bytes; all of it holds 00 unless it says erased. */
function flash(erased: readonly number[] = [], erasedByte = 0xff): RecordingRegion {
  const region = new RecordingRegion({ eraseBytes: 64, lengthBytes: 512, erasedByte });
  region.cells.fill(erasedByte ^ 0xff);
  for (const block of erased) region.cells.fill(erasedByte, block * 64, (block + 1) * 64);
  return region;
}

const bytes = (first: number, count: number): Uint8Array => new Uint8Array(count).map((_, index) => first + index);

async function begun(
  title: string,
  region: RecordingRegion,
  options: Partial<StreamFlashOptions> = {},
): Promise<StreamFlash> {
  page.part(title, region);
  const stream = StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 16, ...options });
  await page.call("room", () => stream.sizeBytes);
  return stream;
}

async function write(stream: StreamFlash, data: Uint8Array, flush?: boolean): Promise<void> {
  const how = flush === true ? " and flush" : "";
  await page.call(`write ${data.length}${how}`, () => stream.write(data, flush === undefined ? {} : { flush }));
  await page.call("written, buffered", () => `${stream.bytesWritten}, ${stream.buffered}`);
}

class Kept implements ProgressStore {
  saved: SavedProgress | undefined;
  constructor(saved?: SavedProgress) {
    this.saved = saved;
  }
  load(): Promise<SavedProgress | undefined> {
    return Promise.resolve(this.saved);
  }
  save(progress: SavedProgress): Promise<void> {
    this.saved = progress;
    return Promise.resolve();
  }
  clear(): Promise<void> {
    this.saved = undefined;
    return Promise.resolve();
  }
}

transcript("stream", "erases and programs what it should, and goes on where it should", async () => {
  let stream = await begun("piece by piece", flash());
  await page.call("digest", () => stream.digestWritten());
  await write(stream, bytes(0, 5));
  await write(stream, bytes(5, 10));
  await write(stream, bytes(15, 1));
  await write(stream, bytes(16, 50));
  await write(stream, bytes(66, 0));
  await write(stream, new Uint8Array(), true);
  await write(stream, new Uint8Array(), true);
  await page.call("digest", () => stream.digestWritten());
  await write(stream, bytes(66, 70), true);
  await write(stream, bytes(136, 3), false);

  stream = await begun("padded to the write block", flash(), { writeBlockBytes: 8 });
  await write(stream, bytes(0, 24), true);
  await write(stream, bytes(0, 3), true);
  await write(stream, bytes(0, 1));
  stream = await begun("padded, on flash that erases to 00", flash([], 0), { writeBlockBytes: 8 });
  await write(stream, bytes(0, 11), true);

  stream = await begun("pages of two blocks", flash(), { pageBytes: 128, bufferBytes: 128 });
  await write(stream, bytes(0, 129), true);
  stream = await begun("two pages at once", flash(), { bufferBytes: 64, offset: 32 });
  await write(stream, bytes(0, 64));
  stream = await begun("from the middle of a blank page", flash([0, 1]), { offset: 32, bufferBytes: 64 });
  await write(stream, bytes(0, 64));
  await write(stream, bytes(0, 64));
  const partly = flash();
  partly.cells.fill(0xff, 32, 64);
  stream = await begun("from the middle of a page that is blank from there", partly, { offset: 32 });
  await write(stream, bytes(0, 16));
  stream = await begun("with an end", flash(), { offset: 64, sizeBytes: 100 });
  await write(stream, bytes(0, 101));
  await write(stream, bytes(0, 100), true);
  await write(stream, bytes(0, 1));

  const seen = flash();
  stream = await begun("shown as it is written", seen, {
    onWritten: (data, offset) => {
      page.note(`shown: ${data.length} bytes at ${offset}`);
    },
  });
  await write(stream, bytes(0, 72), true);
  stream = await begun("what is shown is refused", seen, {
    onWritten: (_, offset) => {
      if (offset === 16) throw new NorbridgeError("CHECK_FAILED", "no", { operation: "look" });
    },
  });
  await write(stream, bytes(0, 40));
  await write(stream, bytes(0, 40));

  let region = flash();
  stream = await begun("not taken", region);
  region.stuckAt = 20;
  await write(stream, bytes(0, 40));
  region.violations.length = 0;
  await write(stream, bytes(0, 40));
  region = flash();
  stream = await begun("not taken, with a listener", region, { onWritten: () => undefined });
  region.stuckAt = 20;
  await write(stream, bytes(0, 40));
  region.violations.length = 0;

  stream = await begun("pages erased ahead", flash(), { offset: 64, sizeBytes: 256 });
  for (const offset of [63, 320, 64, 130, 319])
    await page.call(`erase page at ${offset}`, () => stream.erasePage(offset));
  await write(stream, bytes(0, 64));
  for (const offset of [64, 127, 128]) await page.call(`erase page at ${offset}`, () => stream.erasePage(offset));
  await write(stream, bytes(0, 16));
  for (const offset of [128, 191, 192]) await page.call(`erase page at ${offset}`, () => stream.erasePage(offset));

  // Progress.
  const image: ImageIdentity = { lengthBytes: 300, sha256: "0123456789abcdef".repeat(4) };
  const other: ImageIdentity = { lengthBytes: 300, sha256: "f123456789abcdef".repeat(4) };
  const longer: ImageIdentity = { ...image, lengthBytes: 301 };
  const cases: readonly (readonly [
    string,
    SavedProgress | undefined,
    ImageIdentity | undefined,
    Partial<StreamFlashOptions>,
    readonly number[],
  ])[] = [
    ["none", undefined, image, {}, []],
    ["at the start", { bytesWritten: 0 }, undefined, {}, []],
    ["at the end of a page", { bytesWritten: 128 }, undefined, {}, []],
    ["in a page that is blank from there", { bytesWritten: 136, image }, image, {}, [2]],
    ["in a page that is not", { bytesWritten: 136, image }, image, {}, []],
    ["in the first page, which is not blank", { bytesWritten: 8 }, undefined, { offset: 8 }, []],
    ["in the second page, of a stream that begins in the first", { bytesWritten: 64 }, undefined, { offset: 8 }, []],
    ["of another image", { bytesWritten: 64, image: other }, image, {}, []],
    ["of a longer image", { bytesWritten: 64, image: longer }, image, {}, []],
    ["of an image, and none is known", { bytesWritten: 64, image: other }, undefined, {}, []],
    ["of no image, and one is known", { bytesWritten: 64 }, image, {}, []],
    ["all of the image", { bytesWritten: 300 }, image, {}, [4]],
    ["more than the image", { bytesWritten: 301 }, image, {}, []],
    ["all of the room", { bytesWritten: 128 }, undefined, { sizeBytes: 128 }, []],
    ["more than the room", { bytesWritten: 129 }, undefined, { sizeBytes: 128 }, []],
  ];
  for (const [title, saved, known, options, erased] of cases) {
    stream = await begun(`progress: ${title}`, flash(erased), options);
    const kept = new Kept(saved);
    await page.call("load", () => stream.loadProgress(kept, known));
    await page.call("kept", () => kept.saved ?? "none");
    await write(stream, bytes(0, 16));
    await page.call("save", () => stream.saveProgress(kept, known));
    await page.call("kept", () => kept.saved ?? "none");
  }
  stream = await begun("progress that is behind", flash());
  await write(stream, bytes(0, 80));
  await page.call("load", () => stream.loadProgress(new Kept({ bytesWritten: 79 })));
  await page.call("written", () => stream.bytesWritten);

  return page;
});
