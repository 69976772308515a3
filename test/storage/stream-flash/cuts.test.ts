/** Power cuts in every program and erase of a stream and its progress; all places a stream can begin; what is refused. */
import { describe, expect, it } from "vitest";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import type { ProgressStore, SavedProgress } from "../../../src/storage/stream-flash/progress-store.ts";
import { decodeProgress, encodeProgress } from "../../../src/storage/stream-flash/progress-text.ts";
import { settingsProgressStore } from "../../../src/storage/stream-flash/settings-progress-store.ts";
import { StreamFlash } from "../../../src/storage/stream-flash/stream-flash.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { type PowerCut, powerCuts } from "../support/power-cuts.ts";
import { SubRegion } from "../support/sub-region.ts";

const PAGE = 128;
const STREAM_BYTES = 8 * PAGE;
const SETTINGS_BYTES = 4 * PAGE;
const IDENTITY = { lengthBytes: 0, sha256: "ab".repeat(32) };

interface Shape {
  readonly name: string;
  readonly offset: number;
  readonly bufferBytes: number;
  readonly chunkBytes: number;
  readonly imageBytes: number;
}

const SHAPES: readonly Shape[] = [
  { name: "buffers that divide the page", offset: 0, bufferBytes: 32, chunkBytes: PAGE, imageBytes: 900 },
  { name: "odd buffers", offset: 0, bufferBytes: 48, chunkBytes: 100, imageBytes: 777 },
  { name: "behind other data", offset: 3 * PAGE, bufferBytes: PAGE, chunkBytes: 96, imageBytes: 610 },
];

function imageOf({ imageBytes }: Shape): Uint8Array {
  return createRandom(51)
    .bytes(imageBytes)
    .map((byte, index) => (index % 7 === 0 ? 0xff : byte));
}

/** Writes the image from wherever its progress stands; answers at how many calls something was acknowledged. */
async function streamAll(region: NorRegion, shape: Shape, image: Uint8Array): Promise<void> {
  const settings = await SettingsStore.mount(new SubRegion(region, STREAM_BYTES, SETTINGS_BYTES));
  const store = settingsProgressStore(settings, "fw/dl", 4);
  const identity = { ...IDENTITY, lengthBytes: image.length };
  const stream = StreamFlash.init(new SubRegion(region, 0, STREAM_BYTES), {
    offset: shape.offset,
    sizeBytes: 0,
    bufferBytes: shape.bufferBytes,
  });
  await stream.loadProgress(store, identity);
  if ((await stream.digestWritten()) !== blockCheck(image.subarray(0, stream.bytesWritten))) {
    throw new Error(`progress of ${stream.bytesWritten} is kept, and the flash does not hold it`);
  }
  while (stream.bytesWritten + stream.buffered < image.length) {
    const at = stream.bytesWritten + stream.buffered;
    const end = Math.min(at + shape.chunkBytes, image.length);
    await stream.write(image.subarray(at, end), { flush: end === image.length });
    await stream.saveProgress(store, identity);
  }
}

function freshCells({ offset }: Shape): Uint8Array {
  const cells = new Uint8Array(STREAM_BYTES + SETTINGS_BYTES).fill(0xff);
  // What was there before: other data below, an old image above.
  cells.set(createRandom(52).bytes(STREAM_BYTES), 0);
  cells.fill(0x5a, 0, offset);
  return cells;
}

async function recover(cut: PowerCut, shape: Shape, image: Uint8Array): Promise<NorRegion> {
  const { marginal } = cut;
  const region = new NorRegion({ eraseBytes: PAGE, cells: cut.cells, ...(marginal === undefined ? {} : { marginal }) });
  try {
    await streamAll(region, shape, image);
    expect(region.cells.subarray(shape.offset, shape.offset + image.length)).toEqual(image);
    expect(region.cells.subarray(0, shape.offset).every((byte) => byte === 0x5a)).toBe(true);
    expect(region.violations).toEqual([]);
    return region;
  } catch (error) {
    throw new Error(`${cut.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

describe.each(SHAPES)("power cuts, $name", (shape) => {
  it("goes on from any point to the same image", { timeout: 300_000 }, async () => {
    const image = imageOf(shape);
    const before = freshCells(shape);
    const region = new NorRegion({ eraseBytes: PAGE, cells: before });
    await streamAll(region, shape, image);
    expect(region.violations).toEqual([]);
    let cuts = 0;
    for (const cut of powerCuts(before, region.changes, { seed: 53, every: effort(53, 1) })) {
      const recovery = await recover(cut, shape, image);
      cuts++;
      for (const again of powerCuts(cut.cells, recovery.changes, { seed: cuts, every: effort(2503, 331) })) {
        await recover(again, shape, image);
        cuts++;
      }
    }
    sayCount(`stream, ${shape.name}: ${cuts} power cuts`);
    expect(cuts).toBeGreaterThan(effort(30, 5_000));
  });
});

describe("random work against an array", () => {
  it.each(SHAPES)("$name", { timeout: 300_000 }, async (shape) => {
    const operations = effort(300, 34_000);
    const random = createRandom(54).branch(shape.name);
    let done = 0;
    while (done < operations) {
      const region = new NorRegion({ eraseBytes: PAGE, cells: freshCells(shape) });
      const window = new SubRegion(region, 0, STREAM_BYTES);
      const options = { offset: shape.offset, sizeBytes: 0, bufferBytes: shape.bufferBytes };
      let stream = StreamFlash.init(window, options);
      const size = STREAM_BYTES - shape.offset;
      const model: number[] = [];
      const store = memoryStore();
      for (let isOpen = true; isOpen; done++) {
        const dice = random.intBelow(20);
        const data = random.bytes(random.intBelow(70));
        if (dice < 14) {
          const fits = model.length + data.length <= size;
          const writing = stream.write(data);
          if (fits) await writing;
          else await expect(writing).rejects.toMatchObject({ code: "ENOSPC" });
          if (fits) model.push(...data);
          else isOpen = false;
        } else if (dice < 16) {
          await stream.write(new Uint8Array(), { flush: true });
          expect(stream.bytesWritten).toBe(model.length);
        } else if (dice < 18) {
          await stream.saveProgress(store);
        } else if (store.saved !== undefined) {
          // A restart: what was buffered is gone, and what was written since the last save is written again.
          stream = StreamFlash.init(window, options);
          await stream.loadProgress(store);
          model.length = stream.bytesWritten;
        }
        expect(stream.bytesWritten + stream.buffered).toBe(model.length);
      }
      await stream.write(new Uint8Array(), { flush: true });
      expect(region.cells.subarray(shape.offset, shape.offset + model.length)).toEqual(Uint8Array.from(model));
      expect(region.cells.subarray(0, shape.offset).every((byte) => byte === 0x5a)).toBe(true);
      expect(region.violations).toEqual([]);
    }
    sayCount(`stream, ${shape.name}: ${done} operations against the model`);
  });
});

function memoryStore(): ProgressStore & { saved: SavedProgress | undefined } {
  return {
    saved: undefined,
    load() {
      return Promise.resolve(this.saved);
    },
    save(progress) {
      this.saved = progress;
      return Promise.resolve();
    },
    clear() {
      this.saved = undefined;
      return Promise.resolve();
    },
  };
}

describe("where a stream may begin", () => {
  it("begins at any offset of blank flash, with any buffer, and spoils nothing", async () => {
    for (let offset = 0; offset < 64; offset++) {
      for (const bufferBytes of [1, 7, 16, 31, 32]) {
        for (const length of [1, 31, 32, 33, 100]) {
          const region = new NorRegion({ eraseBytes: 32, lengthBytes: 256 });
          region.cells.fill(0x5a, 0, offset);
          const stream = StreamFlash.init(region, { offset, sizeBytes: 0, bufferBytes });
          const data = new Uint8Array(length).map((_, i) => (i * 13 + offset) & 255);
          await stream.write(data, { flush: true });
          expect(region.cells.subarray(offset, offset + length)).toEqual(data);
          expect(region.cells.subarray(0, offset).every((byte) => byte === 0x5a)).toBe(true);
          expect(region.violations).toEqual([]);
        }
      }
    }
  });

  it.each([
    [{ offset: 0, sizeBytes: 0, bufferBytes: 0 }, "EINVAL"],
    [{ offset: 0, sizeBytes: 0, bufferBytes: 33 }, "EINVAL"],
    [{ offset: 0, sizeBytes: 0, bufferBytes: 10, writeBlockBytes: 4 }, "EINVAL"],
    [{ offset: 2, sizeBytes: 0, bufferBytes: 8, writeBlockBytes: 4 }, "EINVAL"],
    [{ offset: 256, sizeBytes: 0, bufferBytes: 8 }, "ERANGE"],
    [{ offset: 128, sizeBytes: 129, bufferBytes: 8 }, "ERANGE"],
    [{ offset: 0, sizeBytes: 0, bufferBytes: 8, pageBytes: 48 }, "EINVAL"],
  ])("refuses %j", (options, code) => {
    const region = new NorRegion({ eraseBytes: 32, lengthBytes: 256 });
    expect(() => StreamFlash.init(region, options)).toThrow(expect.objectContaining({ code }));
  });

  it("takes no progress of another image, nor one that cannot be", async () => {
    const region = new NorRegion({ eraseBytes: 32, lengthBytes: 256 });
    const store = memoryStore();
    const mine = { lengthBytes: 100, sha256: "11".repeat(32) };
    for (const saved of [
      { bytesWritten: 32, image: { ...mine, lengthBytes: 99 } },
      { bytesWritten: 32, image: { ...mine, sha256: "22".repeat(32) } },
      { bytesWritten: 101, image: mine },
      { bytesWritten: 257 },
    ]) {
      store.saved = saved;
      const stream = StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 8 });
      await expect(stream.loadProgress(store, mine)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
      expect(stream.bytesWritten).toBe(0);
    }
    expect(region.changes).toEqual([]);
  });

  it("counts nothing that the callback refuses", async () => {
    const region = new NorRegion({ eraseBytes: 32, lengthBytes: 256 });
    const onWritten = (_: Uint8Array, offset: number): void => {
      if (offset === 16) throw new NorbridgeError("EIO", "not what I want", { operation: "validate" });
    };
    const stream = StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 8, onWritten });
    await expect(stream.write(new Uint8Array(40))).rejects.toMatchObject({ code: "EIO" });
    expect(stream.bytesWritten).toBe(16);
    // The buffer stays, and is offered again with the next write.
    expect(stream.buffered).toBe(8);
    await expect(stream.write(new Uint8Array(8))).rejects.toMatchObject({ code: "EIO" });
    expect(stream.bytesWritten).toBe(16);
  });
});

describe("a progress file", () => {
  it("is read as it was written", () => {
    const progress = { bytesWritten: 4096, image: { lengthBytes: 9000, sha256: "ab".repeat(32) } };
    expect(decodeProgress(encodeProgress(progress), "p")).toEqual(progress);
  });

  it.each([
    "",
    "[]",
    "null",
    "{}",
    '{"kind":"norbridge stream progress","version":1,"bytesWritten":-1}',
    '{"kind":"x"}',
    "\u001b[",
  ])("%j is refused", (text) => {
    expect(() => decodeProgress(text, "p")).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
  });
});
