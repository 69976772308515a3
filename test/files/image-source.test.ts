/** Images in memory: parts, limits, hash, and whether an image fits a chip. A plain array is the second source. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { ByteArena } from "../../src/files/byte-source.ts";
import { checkFits, checkPageSize } from "../../src/files/check-fits.ts";
import { imageSha256 } from "../../src/files/image-hash.ts";
import { imageSpan, memoryImage } from "../../src/files/image-source.ts";
import { collectPieces, MAX_PIECES, MAX_SEGMENTS } from "../../src/files/segment-builder.ts";
import { errorOf, expectError, listing } from "./support.ts";

const part = (address: number, ...data: number[]): { address: number; data: Uint8Array } => ({
  address,
  data: Uint8Array.from(data),
});

describe("an image in memory", () => {
  it("sorts and joins its parts", async () => {
    const image = memoryImage("test", [part(8, 5), part(2, 3, 4), part(0, 1, 2), part(20)]);
    expect(await listing(image)).toEqual(["0x0: 01020304", "0x8: 05"]);
    expect(image.totalBytes).toBe(5);
    expect(imageSpan(image)).toEqual({ address: 0, lengthBytes: 9 });
    await image.close();
    await image.close();
  });

  it("does not change when the array it was made of does", async () => {
    const data = Uint8Array.of(1, 2);
    const image = memoryImage("test", [{ address: 0, data }]);
    data[0] = 9;
    const read = await image.read({ address: 0, lengthBytes: 2 });
    read[1] = 9;
    expect(await listing(image)).toEqual(["0x0: 0102"]);
  });

  it.each([
    ["before", { address: 0, lengthBytes: 2 }],
    ["over a hole", { address: 4, lengthBytes: 6 }],
    ["behind", { address: 9, lengthBytes: 2 }],
  ])("refuses to read %s", async (_name, range) => {
    const image = memoryImage("test", [part(1, 0, 0, 0, 0), part(8, 0, 0)]);
    await expect(image.read(range)).rejects.toThrow(RangeError);
  });

  it("refuses overlaps and emptiness", async () => {
    await expectError(
      () => memoryImage("test", [part(0, 1, 2), part(1, 2)]),
      "FILE_INVALID",
      "test: part 2 overlaps part 1: both hold address 0x000001",
    );
    await expectError(() => memoryImage("test", [part(3)]), "FILE_INVALID", "test: holds no data");
    await expectError(() => memoryImage("a\u001b[2Jb", []), "FILE_INVALID", "a\\x1b[2Jb: holds no data");
  });

  it("agrees with a plain array, whatever the parts", async () => {
    const parts = fc.array(fc.tuple(fc.nat(60), fc.uint8Array({ maxLength: 12 })), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(parts, async (list) => {
        const model: (number | undefined)[] = [];
        for (const [address, data] of list) {
          data.forEach((byte, i) => (model[address + i] = byte));
        }
        const make = (): ReturnType<typeof memoryImage> =>
          memoryImage(
            "test",
            list.map(([address, data]) => ({ address, data })),
          );
        const held = Object.keys(model).length;
        const overlaps = held < list.reduce((sum, [, data]) => sum + data.length, 0);
        if (overlaps || held === 0) {
          expect((await errorOf(make)).code).toBe("FILE_INVALID");
          return;
        }
        const image = make();
        expect(image.totalBytes).toBe(held);
        let previousEnd = -1;
        for (const segment of image.segments) {
          expect(segment.address).toBeGreaterThan(previousEnd);
          previousEnd = segment.address + segment.lengthBytes;
          for (let at = segment.address; at < previousEnd; at++) {
            const lengthBytes = Math.min(5, previousEnd - at);
            const read = await image.read({ address: at, lengthBytes });
            expect([...read]).toEqual(model.slice(at, at + lengthBytes));
          }
        }
      }),
      { seed: 23, numRuns: 300 },
    );
  });
});

describe("limits", () => {
  const origin = { name: "test", describe: (place: number) => `${place}` };

  it("a million segments are taken, one more is not", async () => {
    const gather = (count: number): unknown =>
      collectPieces(origin, (add) => {
        for (let i = 0; i < count; i++) add(2 * i, i, 1, i);
      });
    expect(gather(MAX_SEGMENTS)).toMatchObject({ totalBytes: MAX_SEGMENTS });
    await expectError(() => gather(MAX_SEGMENTS + 1), "FILE_INVALID", "test: has more than 1000000 segments");
  });

  it("scattered pieces end at two million", async () => {
    const gather = (): unknown =>
      collectPieces(origin, (add) => {
        for (let i = 0; i <= MAX_PIECES; i++) add(2 * i, i, 1, i);
      });
    await expectError(gather, "FILE_INVALID", "test: has more than 2000000 scattered pieces");
  });

  it("gathered bytes read back over the borders of chunks", () => {
    const arena = new ByteArena("test");
    const data = new Uint8Array(300_000).map((_, i) => (i * 31) & 0xff);
    for (let at = 0; at < data.length; at += 777) expect(arena.append(data.subarray(at, at + 777))).toBe(at);
    expect(arena.lengthBytes).toBe(data.length);
    expect(arena.read(65_000, 200_000)).toEqual(data.subarray(65_000, 265_000));
    expect(() => arena.read(299_999, 2_000_000)).toThrow(RangeError);
  });
});

describe("whether it fits", () => {
  const KIB_512 = 512 * 1024;

  it.each([
    ["exactly", [part(0, 1), part(KIB_512 - 1, 1)], 0],
    ["with an offset", [part(0, 1)], KIB_512 - 1],
  ])("yes: %s", (_name, parts, offset) => {
    checkFits(memoryImage("test", parts), offset, KIB_512);
  });

  it.each([
    [
      "one byte too long",
      [part(0, 1), part(KIB_512, 1)],
      0,
      "test: the image does not fit: it covers 0x000000..0x080000 (524289 bytes), 1 byte past the end of the chip, which holds 512 KiB",
      /smaller image/,
    ],
    [
      "by its offset",
      [part(0, 1, 2)],
      KIB_512 - 1,
      "test: the image does not fit: it covers 0x07ffff..0x080000 (2 bytes), 1 byte past the end of the chip, which holds 512 KiB",
      /smaller offset/,
    ],
    ["RP2040", [part(0x10000100, 1)], 0, /^test: the image does not fit/, /subtract the base 0x10000000/],
    ["STM32", [part(0x08000000, 1)], 0, /^test: the image does not fit/, /subtract the base 0x8000000/],
    ["far into a window", [part(0x10200000, 1)], 0, /^test: the image does not fit/, /subtract the base 0x10200000/],
    [
      "over two windows",
      [part(0x10000000, 1), part(0x20000000, 1)],
      0,
      /^test: the image does not fit/,
      /smaller image/,
    ],
  ])("no: %s", async (_name, parts, offset, message, hint) => {
    const image = memoryImage("test", parts);
    await expectError(() => checkFits(image, offset, KIB_512), "FILE_INVALID", message);
    expect((await errorOf(() => checkFits(image, offset, KIB_512))).hint).toMatch(hint);
  });
});

describe("C23: an image one header too large", () => {
  const KIB_512 = 512 * 1024;
  const hintOf = async (lengthBytes: number): Promise<string> => {
    const image = memoryImage("test", [{ address: 0, data: new Uint8Array(lengthBytes) }]);
    return (await errorOf(() => checkFits(image, 0, KIB_512))).hint;
  };

  it("is named as that, and no other size is", async () => {
    for (const header of [16, 2048, 4096, 65_536]) {
      expect(await hintOf(KIB_512 + header)).toMatch(
        /longer than the chip: it may have a header, as an update capsule has/,
      );
    }
    for (const other of [KIB_512 + 1, KIB_512 + 65_537, 2 * KIB_512]) {
      expect(await hintOf(other)).toBe("Nothing was changed. Use a smaller image or a larger chip.");
    }
  });
});

describe("C30: the size of an AT45 with the other page size", () => {
  const image = (lengthBytes: number, address = 0): ReturnType<typeof memoryImage> =>
    memoryImage("test", [{ address, data: new Uint8Array(lengthBytes) }]);
  const chip = (pages: number, pageBytes: number): { capacityBytes: number; pageBytes: number } => ({
    capacityBytes: pages * pageBytes,
    pageBytes,
  });

  it.each([
    [2048, 264],
    [4096, 528],
    [8192, 1056],
  ])("%i pages of %i bytes, and binary ones", async (pages, pageBytes) => {
    const binaryBytes = (pageBytes / 33) * 32;
    const large = chip(pages, pageBytes);
    const error = await errorOf(() => checkPageSize(image(pages * binaryBytes), 0, large));
    expect(error).toMatchObject({ code: "FILE_INVALID", remedies: ["show-chip-page-size", "set-length"] });
    expect(error.message).toBe(
      `test: the image has the size of this chip with pages of ${binaryBytes} bytes, and it is set to pages of ${pageBytes}`,
    );
    const tooLarge = await errorOf(() => checkFits(image(pages * pageBytes), 0, pages * binaryBytes));
    expect(tooLarge.remedies).toEqual(["show-chip-page-size"]);
    expect(tooLarge.hint).toMatch(/The size is that of an AT45 with pages of 264, 528 or 1056 bytes/);
  });

  it("any other size, place, or chip is the user's own affair", () => {
    const large = chip(2048, 264);
    checkPageSize(image(2048 * 256 - 1), 0, large);
    checkPageSize(image(2048 * 264), 0, large);
    checkPageSize(image(2048 * 256), 264, large);
    checkPageSize(image(2048 * 256 - 256, 256), 0, large);
    checkPageSize(image(2048 * 256), 0, chip(2048, 256));
  });
});

describe("the hash", () => {
  it("is of the bytes in order of address", async () => {
    const image = memoryImage("test", [part(100, 0x62, 0x63), part(0, 0x61)]);
    expect(await imageSha256(image)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("is the same over the borders of pieces", async () => {
    const data = new Uint8Array(150_001).map((_, i) => (i * 13) & 0xff);
    const expected = toHex(createHash("sha256").update(data).digest());
    expect(await imageSha256(memoryImage("test", [{ address: 5, data }]))).toBe(expected);
  });
});
