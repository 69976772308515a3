/** What a stream may erase: blank pages, pages of its own image, pages that were named. Everything else stays, byte for byte. */
import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { streamImage, type StreamRequest } from "../../../src/jobs/stream-image.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { StreamFlash } from "../../../src/storage/stream-flash/stream-flash.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";
import { powerCuts } from "../support/power-cuts.ts";

const PAGE = 4096;
const IMAGE = createRandom("stream target").bytes(3 * PAGE + 100);
const SOURCE = {
  lengthBytes: IMAGE.length,
  identity: { lengthBytes: IMAGE.length, sha256: "0".repeat(64) },
  read: (offset: number, lengthBytes: number): Promise<Uint8Array> =>
    Promise.resolve(IMAGE.slice(offset, offset + lengthBytes)),
};
const flash = (cells?: Uint8Array): NorRegion =>
  new NorRegion({ eraseBytes: PAGE, lengthBytes: 8 * PAGE, ...(cells === undefined ? {} : { cells }) });
const stream = (region: NorRegion, more: Partial<StreamRequest> = {}): ReturnType<typeof streamImage> =>
  streamImage(region, SOURCE, { bufferBytes: 512, writeBlockBytes: 1, ...more });

async function withLog(): Promise<NorRegion> {
  const region = flash();
  const log = await CircularBuffer.mount(region, {
    sectorBytes: PAGE,
    magic: 0x0badcafe,
    version: 1,
    alignBytes: 4,
    scratchSectors: 0,
    hasCrc: true,
  });
  for (let number = 0; number < 200; number++) await log.append(Uint8Array.of(number, 1, 2, 3, 4, 5, 6, 7));
  region.changes.length = 0;
  return region;
}

describe("an image", () => {
  it("is not written over data of another, of which one range is named", async () => {
    const region = flash();
    region.cells.fill(0x11, PAGE, PAGE + 8);
    region.cells.fill(0x11, 3 * PAGE + 2000, 3 * PAGE + 2004);
    const before = region.cells.slice();
    await expect(stream(region)).rejects.toMatchObject({
      code: "LAYOUT_MISMATCH",
      range: { address: PAGE, lengthBytes: 3 * PAGE },
    });
    expect(region.cells).toEqual(before);
    await expect(stream(region, { overwrite: [{ offset: PAGE, lengthBytes: PAGE }] })).rejects.toMatchObject({
      range: { address: 3 * PAGE, lengthBytes: PAGE },
    });
    const overwrite = [1, 3].map((page) => ({ offset: page * PAGE, lengthBytes: PAGE }));
    await stream(region, { overwrite });
    expect(region.cells.subarray(0, IMAGE.length)).toEqual(IMAGE);
  });

  it("leaves what comes after it, and takes a region that holds it already", async () => {
    const region = flash();
    region.cells.fill(0x22, 4 * PAGE);
    await stream(region);
    await stream(region);
    expect(region.cells.subarray(0, IMAGE.length)).toEqual(IMAGE);
    expect(region.cells.subarray(4 * PAGE).every((byte) => byte === 0x22)).toBe(true);
  });

  it("says what it is that is in the way", async () => {
    const region = await withLog();
    const before = region.cells.slice();
    await expect(stream(region)).rejects.toThrow(/it holds fcb/);
    expect(region.cells).toEqual(before);
  });

  it("is begun again after a cut at any place, without its progress", async () => {
    const region = flash();
    const before = region.cells.slice();
    await stream(region);
    let [count, refused] = [0, 0];
    for (const cut of powerCuts(before, region.changes, { seed: 7, every: effort(911, 7) })) {
      const again = flash(cut.cells);
      count++;
      try {
        await stream(again);
        expect(again.cells.subarray(0, IMAGE.length), cut.name).toEqual(IMAGE);
      } catch (error) {
        // Noise in the first page may be anything, unless it is known that the stream was there.
        expect(error, cut.name).toMatchObject({ code: "LAYOUT_MISMATCH", range: { address: 0, lengthBytes: PAGE } });
        expect(again.cells).toEqual(cut.cells);
        refused++;
        await stream(again, { isBegun: true });
        expect(again.cells.subarray(0, IMAGE.length), cut.name).toEqual(IMAGE);
      }
    }
    expect(count).toBeGreaterThan(effort(10, 1_500));
    expect(refused).toBeLessThan(4);
    sayCount(`stream without progress: ${count} power cuts`);
  });
});

describe("a page that is named to be erased", () => {
  it("is erased with what it holds, unless that is a store", async () => {
    const region = flash();
    region.cells.fill(0x33, 7 * PAGE);
    await stream(region, { erasePage: 7 * PAGE });
    expect(region.cells.subarray(7 * PAGE).every((byte) => byte === 0xff)).toBe(true);
    const log = await withLog();
    const far = flash();
    far.cells.set(log.cells.subarray(0, 3 * PAGE), 5 * PAGE);
    const before = far.cells.slice();
    await expect(stream(far, { erasePage: 5 * PAGE })).rejects.toThrow(/it holds fcb/);
    expect(far.cells).toEqual(before);
    await stream(far, { erasePage: 5 * PAGE, overwrite: [{ offset: 5 * PAGE, lengthBytes: PAGE }] });
    expect(far.cells.subarray(6 * PAGE)).toEqual(before.subarray(6 * PAGE));
  });
});

describe("a stream whose image is not known yet", () => {
  it("replaces what is not recognised, and refuses a log", async () => {
    const region = flash();
    region.cells.fill(0x11);
    const onNoise = StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 512 });
    await onNoise.write(IMAGE, { flush: true });
    expect(region.cells.subarray(0, IMAGE.length)).toEqual(IMAGE);
    const log = await withLog();
    const before = log.cells.slice();
    const onLog = StreamFlash.init(log, { offset: 0, sizeBytes: 0, bufferBytes: 512 });
    await expect(onLog.write(IMAGE, { flush: true })).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
    await expect(onLog.erasePage(0)).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
    expect(log.cells).toEqual(before);
    const overwrite = [{ offset: 0, lengthBytes: 4 * PAGE }];
    const named = StreamFlash.init(log, { offset: 0, sizeBytes: 0, bufferBytes: 512, overwrite });
    await named.write(IMAGE, { flush: true });
    expect(log.cells.subarray(0, IMAGE.length)).toEqual(IMAGE);
  });

  it("goes over a log that it writes itself once more", async () => {
    const log = await withLog();
    const image = log.cells.slice(0, 2 * PAGE);
    const again = StreamFlash.init(log, { offset: 0, sizeBytes: 0, bufferBytes: 512 });
    await again.write(image, { flush: true });
    expect(log.cells.subarray(0, image.length)).toEqual(image);
  });
});
