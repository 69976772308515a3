/** Random bytes and headers of any values: recognition ends, stays within the flash, and takes no image for certain. */
import { expect, it } from "vitest";
import { mcubootSniffer } from "../../../src/storage/mcuboot/recognise.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";

const CELLS = 8192;
const MAGIC_8 = Buffer.from("77c295f360d2ef7f3552500f2cb67980", "hex");
const MAGIC_REST = Buffer.from("2de15d29410b8d77679c110f1f8a", "hex");

it("ends on any bytes, and takes none for a certain image", async () => {
  const random = createRandom("mcuboot");
  const rounds = effort(600, 100_000);
  const counts = { images: 0, trailers: 0 };
  for (let round = 0; round < rounds; round++) {
    const cells = random.bytes(CELLS);
    for (let count = random.intBelow(4); count > 0; count--) plantHeader(cells, random);
    if (random.intBelow(3) === 0) plantTrailer(cells, random);
    const region = new NorRegion({ eraseBytes: [256, 1024, 4096][random.intBelow(3)] ?? 256, cells });
    for (const finding of await recogniseRegions(region, [mcubootSniffer(region)])) {
      const { layout, offset, lengthBytes, certainty } = finding;
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(lengthBytes).toBeGreaterThan(0);
      expect(offset + lengthBytes).toBeLessThanOrEqual(CELLS);
      if (layout === "mcuboot-trailer") counts.trailers++;
      else {
        counts.images++;
        expect(certainty, `round ${round}`).not.toBe("certain");
      }
    }
  }
  sayCount(`MCUboot: ${rounds} random inputs, ${counts.images} images, none certain, ${counts.trailers} trailers`);
  expect(counts.images).toBeGreaterThan(rounds / 8);
  expect(counts.trailers).toBeGreaterThan(rounds / 8);
}, 240_000);

/** A header of any sizes, with or without TLVs after the body. */
function plantHeader(cells: Uint8Array, random: Random): void {
  const view = new DataView(cells.buffer, cells.byteOffset);
  const start = 256 * random.intBelow(CELLS / 256);
  const room = CELLS - start;
  if (room < 64) return;
  const headerBytes = random.intBelow(8) === 0 ? random.intBelow(0x10000) : 32;
  const imageBytes = random.intBelow(4) === 0 ? random.intBelow(2 ** 31) : random.intBelow(room);
  const protectedBytes = random.intBelow(3) === 0 ? random.intBelow(64) : 0;
  view.setUint32(start, 0x96f3b83d, true);
  view.setUint16(start + 8, headerBytes, true);
  view.setUint16(start + 10, protectedBytes, true);
  view.setUint32(start + 12, imageBytes, true);
  view.setUint32(start + 28, 0, true);
  let at = start + headerBytes + imageBytes;
  if (protectedBytes > 0) at = plantTlvs(cells, random, at, 0x6908, protectedBytes);
  plantTlvs(cells, random, at, 0x6907, 4 + 4 + 32);
}

function plantTlvs(cells: Uint8Array, random: Random, at: number, magic: number, lengthBytes: number): number {
  const view = new DataView(cells.buffer, cells.byteOffset);
  if (at + lengthBytes > cells.length || lengthBytes < 8) return at + lengthBytes;
  view.setUint16(at, magic, true);
  view.setUint16(at + 2, lengthBytes, true);
  view.setUint16(at + 4, [0x10, 0x11, 0x50][random.intBelow(3)] ?? 0x10, true);
  view.setUint16(at + 6, lengthBytes - 8, true);
  return at + lengthBytes;
}

function plantTrailer(cells: Uint8Array, random: Random): void {
  const end = 256 * (1 + random.intBelow(CELLS / 256));
  if (random.intBelow(2) === 0) cells.set(MAGIC_8, end - 16);
  else {
    cells[end - 16] = [16, 32, 64][random.intBelow(3)] ?? 16;
    cells[end - 15] = 0;
    cells.set(MAGIC_REST, end - 14);
  }
}
