/** Images of very many short pieces: right byte by byte, and at the cost of their blocks instead of their pieces. */
import { describe, expect, it } from "vitest";
import { type ImageSource, memoryImage } from "../../../src/files/image-source.ts";
import { diffImage } from "../../../src/jobs/diff-image.ts";
import { verifyImage } from "../../../src/jobs/verify-image.ts";
import { planImage, type WriteRequest, writeImage } from "../../../src/jobs/write/write-image.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { HALF_MEGABYTE, NorDouble } from "../support/nor-double.ts";

const REQUEST: WriteRequest = { offset: 0, verify: true, assumeBlank: false, retries: 2 };
const SECTOR_BYTES = 4096;

/** Cells of some sectors: blank, noise, or mixed. */
function chipBytes(random: Random, sectors: number): Uint8Array {
  const bytes = new Uint8Array(HALF_MEGABYTE.capacityBytes).fill(0xff);
  for (let sector = 0; sector < sectors; sector++) {
    const kind = random.nextUint32() % 4;
    if (kind === 0) continue;
    const noise = random.bytes(SECTOR_BYTES);
    // 2: some bytes in blank cells; 3: the first half.
    if (kind === 2) noise.forEach((_, at) => (noise[at] = random.nextUint32() % 40 === 0 ? (noise[at] ?? 0) : 0xff));
    if (kind === 3) noise.fill(0xff, SECTOR_BYTES / 2);
    bytes.set(noise, sector * SECTOR_BYTES);
  }
  return bytes;
}

/** Short pieces in `sectors`, with some that the chip holds already, and some of erased bytes. */
function shredded(random: Random, sectors: number, before: Uint8Array): ImageSource {
  const parts: { address: number; data: Uint8Array }[] = [];
  const stride = 2 + (random.nextUint32() % 40);
  for (let address = random.nextUint32() % 20; address < sectors * SECTOR_BYTES - 40; ) {
    const lengthBytes = 1 + (random.nextUint32() % 10 === 0 ? random.nextUint32() % 30 : 0);
    const kind = random.nextUint32() % 8;
    const data = kind === 0 ? before.slice(address, address + lengthBytes) : random.bytes(lengthBytes);
    if (kind === 1) data.fill(0xff);
    parts.push({ address, data });
    address += lengthBytes + 1 + (random.nextUint32() % stride);
    // A gap of its own from time to time.
    if (random.nextUint32() % 300 === 0) address += random.nextUint32() % 6000;
  }
  return memoryImage("shreds", parts);
}

async function overlaid(before: Uint8Array, image: ImageSource): Promise<Uint8Array> {
  const after = before.slice();
  for (const segment of image.segments) after.set(await image.read(segment), segment.address);
  return after;
}

describe("very many short pieces", () => {
  it("are written, verified and compared as any image is", { timeout: 120_000 }, async () => {
    const rounds = effort(4, 80);
    for (let seed = 0; seed < rounds; seed++) {
      const random = createRandom(`shreds ${seed}`);
      const before = chipBytes(random, 8);
      const image = shredded(random, 8, before);
      const device = new NorDouble(HALF_MEGABYTE, { bytes: before });
      const context = { clock: device.clock };
      const after = await overlaid(before, image);
      const isEqual = Buffer.compare(before, after) === 0;
      expect((await verifyImage(device, image, {}, context)).equal, `seed ${seed}`).toBe(isEqual);
      const found: number[] = [];
      for await (const { address, lengthBytes, chip, file } of diffImage(device, image, {}, context)) {
        for (let at = 0; at < lengthBytes; at++) {
          found.push(address + at);
          expect([chip[at], file[at]], `seed ${seed}`).toEqual([before[address + at], after[address + at]]);
        }
      }
      const differing = [...after.keys()].filter((at) => before[at] !== after[at]);
      expect(found, `seed ${seed}`).toEqual(differing);

      const report = await writeImage(device, image, REQUEST, context);
      expect(device.violations, `seed ${seed}`).toEqual([]);
      expect(Buffer.compare(device.bytes, after), `seed ${seed}`).toBe(0);
      expect(report, `seed ${seed}`).toMatchObject({ retriedUnits: 0, imageBytes: image.totalBytes });
      expect(report.skippedBytes, `seed ${seed}`).toBeGreaterThanOrEqual(0);
      expect(report.skippedBytes, `seed ${seed}`).toBeLessThanOrEqual(image.totalBytes);
      expect((await verifyImage(device, image, {}, context)).equal, `seed ${seed}`).toBe(true);
      const again = await writeImage(device, image, REQUEST, context);
      expect(again, `seed ${seed}`).toMatchObject({
        programmedPages: 0,
        erasedUnits: 0,
        skippedBytes: image.totalBytes,
      });
    }
    sayCount(`shredded images: ${rounds} written and compared`);
  });

  it("cost a read and a digest a block and a program a page, however many they are", async () => {
    const sectors = 16;
    const parts = Array.from({ length: (sectors * SECTOR_BYTES) / 2 }, (_, index) => ({
      address: 2 * index,
      data: Uint8Array.of(index & 0x7f),
    }));
    const image = memoryImage("shreds", parts);
    const device = new NorDouble(HALF_MEGABYTE);
    const context = { clock: device.clock };
    const blank = new NorDouble(HALF_MEGABYTE);
    const plan = await planImage(blank, image, REQUEST, { clock: blank.clock });
    expect(plan).toMatchObject({ erases: [], keeps: [], blankBytes: parts.length });
    expect([plan.programs.length, plan.verifies.length]).toEqual([sectors, sectors]);
    const report = await writeImage(device, image, REQUEST, context);
    const pages = (sectors * SECTOR_BYTES) / HALF_MEGABYTE.pageBytes;
    expect(report).toMatchObject({ imageBytes: parts.length, programmedPages: pages, erasedUnits: 0, skippedBytes: 0 });
    expect(device.count("program")).toBe(pages);
    expect(device.count("read")).toBeLessThanOrEqual(2 * sectors);
    expect(device.count("digest")).toBeLessThanOrEqual(2 * sectors);
    const before = device.log.length;
    expect((await verifyImage(device, image, {}, context)).equal).toBe(true);
    expect(device.log.length - before).toBeLessThanOrEqual(2 * sectors + 4);
  });
});
