/** Parts of images, their gaps, and several of them as one, against plain maps of bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ImageSource, memoryImage } from "../../src/files/image-source.ts";
import { croppedImage, filledImage, firstBytes, relocatedImage } from "../../src/files/image-views.ts";
import { joinedImages } from "../../src/files/join-images.ts";
import { openImages } from "../../src/files/open-images.ts";
import { readFilled } from "../../src/files/read-filled.ts";
import { errorOf, expectError, fileIn, listing, temporaryFolder } from "./support.ts";

type Cells = ReadonlyMap<number, number>;

const FILL = 0x5a;

async function cellsOf(image: ImageSource): Promise<Cells> {
  const cells = new Map<number, number>();
  let end = -1;
  let total = 0;
  for (const segment of image.segments) {
    // Sorted, apart, not empty.
    expect(segment.address).toBeGreaterThan(end);
    expect(segment.lengthBytes).toBeGreaterThan(0);
    (await image.read(segment)).forEach((byte, index) => cells.set(segment.address + index, byte));
    end = segment.address + segment.lengthBytes;
    total += segment.lengthBytes;
  }
  expect(image.totalBytes).toBe(total);
  expect(cells.size).toBe(total);
  await checkFilledRead(image, cells, end);
  return cells;
}

/** From before its first byte to after its last: what it lacks is the fill byte, and nothing more is shown. */
async function checkFilledRead(image: ImageSource, cells: Cells, end: number): Promise<void> {
  const address = Math.max(0, (image.segments[0]?.address ?? 0) - 3);
  const bytes = await readFilled(image, { address, lengthBytes: end + 3 - address }, FILL);
  bytes.forEach((byte, index) => {
    if (byte !== (cells.get(address + index) ?? FILL)) expect([address + index, byte]).toEqual("what the image has");
  });
}

/** Pieces that may touch, with their places between 0 and some thousands. */
const pieces = fc
  .array(fc.tuple(fc.nat(40), fc.uint8Array({ minLength: 1, maxLength: 30 })), { minLength: 1, maxLength: 12 })
  .map((list) => {
    let address = 0;
    return list.map(([gap, data]) => {
      const piece = { address: address + gap, data };
      address = piece.address + data.length;
      return piece;
    });
  });
const range = fc.record({ address: fc.nat(900), lengthBytes: fc.integer({ min: 1, max: 900 }) });

describe("views of an image", () => {
  it("cut, move and fill as a map of bytes does", async () => {
    await fc.assert(
      fc.asyncProperty(
        pieces,
        range,
        fc.integer({ min: -500, max: 5 }),
        fc.nat(255),
        async (parts, window, base, value) => {
          const image = memoryImage("image", parts);
          const all = await cellsOf(image);
          const isIn = (address: number): boolean =>
            address >= window.address && address < window.address + window.lengthBytes;
          const cut = new Map([...all].filter(([address]) => isIn(address)));
          if (cut.size === 0) {
            await expectError(() => croppedImage(image, window), "FILE_INVALID", /^image: has no bytes in 0x/);
            return;
          }
          const cropped = croppedImage(image, window);
          expect(await cellsOf(cropped)).toEqual(cut);
          const lowest = Math.min(...cut.keys());
          if (lowest < base) {
            await expectError(() => relocatedImage(cropped, base), "FILE_INVALID", /cannot subtract the base/);
            return;
          }
          const moved = relocatedImage(cropped, base);
          const movedCells = new Map([...cut].map(([address, byte]) => [address - base, byte]));
          expect(await cellsOf(moved)).toEqual(movedCells);
          if (window.address < base) return;
          const whole = { address: window.address - base, lengthBytes: window.lengthBytes };
          const filled = await cellsOf(filledImage(moved, whole, value));
          expect(filled.size).toBe(whole.lengthBytes);
          for (const [address, byte] of filled) expect(byte).toBe(movedCells.get(address) ?? value);
        },
      ),
      { seed: 31, numRuns: 300 },
    );
  });

  it("say what they leave out", () => {
    const image = memoryImage("image", [
      { address: 0, data: new Uint8Array(10) },
      { address: 100, data: new Uint8Array(10) },
    ]);
    expect(firstBytes(image, 50).notes).toEqual(["10 bytes of the 20 bytes in the file are left out"]);
    expect(firstBytes(image, 200).notes).toEqual([]);
  });
});

describe("several images as one", () => {
  it("read across their borders, or are refused with both names", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { minLength: 2, maxLength: 4 }),
        fc.array(fc.nat(600)),
        async (images, moves) => {
          const opened = images.map((parts, index) =>
            relocatedImage(memoryImage(`image${index}`, parts), -(moves[index] ?? index * 150)),
          );
          const expected = new Map<number, number>();
          let shared = 0;
          for (const image of opened) {
            for (const [address, byte] of await cellsOf(image)) {
              if (expected.has(address)) shared++;
              expected.set(address, byte);
            }
          }
          if (shared > 0) {
            const message = /^image\d and image\d overlap: both have bytes at 0x/;
            await expectError(() => joinedImages(opened), "FILE_INVALID", message);
          } else {
            expect(await cellsOf(joinedImages(opened))).toEqual(expected);
          }
        },
      ),
      { seed: 32, numRuns: 300 },
    );
  });
});

describe("files of one job", () => {
  const folder = temporaryFolder();
  const raw = fileIn(folder, "raw.bin", Uint8Array.of(1, 2, 3, 4));
  const hex = fileIn(folder, "app.hex", ":0400100001020304E2\n:00000001FF\n");

  it("go where their place, their addresses and the base say", async () => {
    const { image, parts } = await openImages([{ file: raw, place: 0x100 }, { file: hex }], { base: 0x10 });
    expect(await listing(image)).toEqual(["0x0: 01020304", "0x100: 01020304"]);
    expect(parts.map(({ format }) => format)).toEqual(["hex", "bin"].toReversed());
    expect(image.name).toBe(`${raw}, ${hex}`);
    await image.close();
    await image.close();
  });

  it("touching ones are one segment", async () => {
    const { image } = await openImages([{ file: raw, place: 0x0c }, { file: hex }, { file: raw, place: 0x14 }], {});
    expect(image.segments).toEqual([{ address: 0x0c, lengthBytes: 12 }]);
    await image.close();
  });

  it("one that is wrong closes the others, and is named", async () => {
    await expectError(
      () => openImages([{ file: raw }, { file: `${folder}/none.bin` }], {}),
      "FILE_INVALID",
      `${folder}/none.bin: cannot be read: no such file or directory`,
    );
    const error = await errorOf(() => openImages([{ file: raw }, { file: raw }], {}));
    expect(error.message).toBe(`${raw} and ${raw} overlap: both have bytes at 0x000000..0x000003 (4 bytes)`);
    expect(error.remedies).toEqual(["place-files"]);
  });
});
