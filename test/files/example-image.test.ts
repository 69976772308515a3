/**
 * The example image for an RP2040, in each format that it comes in. The CRC of its boot stage is calculated a second
 * time here, from the datasheet.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { checkFits } from "../../src/files/check-fits.ts";
import { openImage } from "../../src/files/open-image.ts";
import { uf2Encoder } from "../../src/files/uf2-encoder.ts";
import { errorOf } from "./support.ts";

const IMAGES = join(import.meta.dirname, "../../examples/images");
const BASE = 0x10000000;
const SIZE = 48 * 1024;

/** CRC-32/MPEG-2, as the boot ROM of the RP2040 reckons it (RP2040 Datasheet, 2.8.1.3.1). */
function crc32Mpeg2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 || crc > 0x7fffffff ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
}

async function bytesOf(name: string): Promise<Uint8Array> {
  const image = await openImage(join(IMAGES, name), { relocate: BASE });
  expect(image.segments).toEqual([{ address: 0, lengthBytes: SIZE }]);
  const bytes = await image.read({ address: 0, lengthBytes: SIZE });
  await image.close();
  return bytes;
}

describe("the example image", () => {
  it("is the same as HEX and as UF2", async () => {
    const bytes = await bytesOf("blink.hex");
    expect(await bytesOf("blink.uf2")).toEqual(bytes);
    const encoder = uf2Encoder({ address: BASE, lengthBytes: SIZE, familyId: 0xe48bff56 });
    const uf2 = concatBytes([encoder.data(BASE, bytes), encoder.end()]);
    expect(Buffer.compare(uf2, readFileSync(join(IMAGES, "blink.uf2")))).toBe(0);
  });

  it("has a boot stage that the boot ROM accepts, and a vector table behind it", async () => {
    const bytes = await bytesOf("blink.hex");
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(252, true)).toBe(crc32Mpeg2(bytes.subarray(0, 252)));
    expect(view.getUint32(0x100, true)).toBe(0x20042000);
    expect(view.getUint32(0x104, true)).toBe(BASE + 0x1c0 + 1);
  });

  it("does not fit without its base, and the hint says which", async () => {
    const image = await openImage(join(IMAGES, "blink.uf2"));
    expect((await errorOf(() => checkFits(image, 0, 512 * 1024))).hint).toContain("subtract the base 0x10000000");
    expect(image.notes).toEqual(["UF2 family 0xe48bff56 (RP2040)"]);
    await image.close();
  });
});
