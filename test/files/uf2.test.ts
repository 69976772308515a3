/** UF2 in and out: families, numbering and MD5 of blocks, and every truncation. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes.ts";
import { memoryBytes } from "../../src/files/byte-source.ts";
import { decodeUf2 } from "../../src/files/uf2.ts";
import { familyId, familyText } from "../../src/files/uf2-families.ts";
import { uf2Encoder } from "../../src/files/uf2-encoder.ts";
import { decodedListing, errorOf, expectError } from "./support.ts";

const RP2040 = 0xe48bff56;

interface BlockFields {
  readonly flags: number;
  readonly address: number;
  readonly payload: Uint8Array;
  readonly payloadBytes?: number;
  readonly number: number;
  readonly count: number;
  readonly family: number;
}

function block(fields: Partial<BlockFields>): Uint8Array {
  const { flags = 0x2000, address = 0, payload = Uint8Array.of(1), number = 0, count = 1, family = RP2040 } = fields;
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  [0x0a324655, 0x9e5d5157, flags, address, fields.payloadBytes ?? payload.length, number, count, family].forEach(
    (value, index) => view.setUint32(4 * index, value, true),
  );
  bytes.set(payload, 32);
  view.setUint32(508, 0x0ab16f30, true);
  return bytes;
}

const file = (...blocks: Uint8Array[]): ReturnType<typeof memoryBytes> => memoryBytes("image.uf2", concatBytes(blocks));
const errata = block({
  address: 0x10ffff00,
  payload: new Uint8Array(256).fill(0xef),
  count: 2,
  family: 0xe48bff57,
});

describe("UF2 in", () => {
  it("reads the vector at the head of the source", async () => {
    const header = "5546320a57515d9e00200000000000100001000000000000010000" + "0056ff8be4";
    const bytes = new Uint8Array(512);
    bytes.set(Buffer.from(header, "hex"));
    bytes.set(Buffer.from("306fb10a", "hex"), 508);
    const decoded = decodeUf2(memoryBytes("image.uf2", bytes));
    expect(await decodedListing(decoded)).toEqual([`0x10000000: ${"00".repeat(256)}`]);
    expect(decoded.notes).toEqual(["UF2 family 0xe48bff56 (RP2040)"]);
  });

  it.each([
    [
      "blocks in any order",
      [block({ number: 1, count: 2, address: 1, payload: Uint8Array.of(2) }), block({ count: 2 })],
      ["0x0: 0102"],
      1,
    ],
    ["no family", [block({ flags: 0, family: 512 })], ["0x0: 01"], 0],
    ["a block that comes twice", [block({}), block({})], ["0x0: 01"], 1],
    [
      "a block not for the main flash",
      [block({ count: 2 }), block({ number: 1, count: 2, flags: 0x2001 })],
      ["0x0: 01"],
      2,
    ],
    ["a file container", [block({ count: 2 }), block({ number: 1, count: 2, flags: 0x3000 })], ["0x0: 01"], 2],
    ["an unknown family", [block({ family: 0x12345678 })], ["0x0: 01"], 1],
    ["476 bytes", [block({ payload: new Uint8Array(476).fill(7) })], [`0x0: ${"07".repeat(476)}`], 1],
    // C24.
    ["the block against RP2350-E10", [errata, block({ family: 0xe48bff59 })], ["0x0: 01"], 1],
  ])("%s", async (_name, blocks, expected, notes) => {
    const decoded = decodeUf2(file(...blocks));
    expect(await decodedListing(decoded)).toEqual(expected);
    expect(decoded.notes).toHaveLength(notes);
  });

  it("takes one family of several when told which", async () => {
    const both = file(block({}), block({ family: 0x68ed2b88, payload: Uint8Array.of(9) }));
    expect(await decodedListing(decodeUf2(both, 0x68ed2b88))).toEqual(["0x0: 09"]);
    await expectError(
      () => decodeUf2(both),
      "FILE_INVALID",
      "image.uf2: holds images for several families: 0xe48bff56 (RP2040), 0x68ed2b88 (SAMD21)",
    );
    await expectError(
      () => decodeUf2(both, 5),
      "FILE_INVALID",
      "image.uf2: holds no data for family 0x00000005, only for: 0xe48bff56 (RP2040), 0x68ed2b88 (SAMD21)",
    );
  });

  it("takes several images of one family together, each numbered from 0", async () => {
    const first = [block({ count: 2 }), block({ number: 1, count: 2, address: 1 })];
    const second = [block({ address: 16, payload: Uint8Array.of(5) })];
    // As many blocks as the first.
    const third = [block({ count: 2, address: 32 }), block({ number: 1, count: 2, address: 33 })];
    const decoded = decodeUf2(file(...first, ...second, ...third));
    expect(await decodedListing(decoded)).toEqual(["0x0: 0101", "0x10: 05", "0x20: 0101"]);
    expect(decoded.notes[1]).toBe("the UF2 file has 3 images of this family, which are used together");
    await expectError(
      () => decodeUf2(file(...first, ...third.slice(0, 1))),
      "FILE_INVALID",
      "image.uf2: block number 1 of 2 of family 0xe48bff56 (RP2040) is missing",
    );
    await expectError(
      () => decodeUf2(file(first[0] ?? errata, ...second)),
      "FILE_INVALID",
      "image.uf2: byte 512: block 2 declares 1 blocks, earlier blocks 2",
    );
  });

  it("checks the MD5 of a region that the image has, and only of such", async () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    const withMd5 = (data: Uint8Array, address: number, lengthBytes: number): Uint8Array => {
      const bytes = block({ flags: 0x6000, address: 0x1000, payload: data });
      new DataView(bytes.buffer).setUint32(484, address, true);
      new DataView(bytes.buffer).setUint32(488, lengthBytes, true);
      bytes.set(createHash("md5").update(payload.subarray(0, lengthBytes)).digest(), 492);
      return bytes;
    };
    expect(await decodedListing(decodeUf2(file(withMd5(payload, 0x1000, 4))))).toEqual(["0x1000: 01020304"]);
    const damaged = payload.with(1, 9);
    await expectError(
      () => decodeUf2(file(withMd5(damaged, 0x1000, 4))),
      "FILE_INVALID",
      "image.uf2: the MD5 checksum of 0x001000..0x001003 (4 bytes) does not match its bytes",
    );
    for (const [address, lengthBytes] of [
      [0x1000, 0],
      [0x1000, 5],
      [0xfff, 4],
    ] as const) {
      expect(decodeUf2(file(withMd5(damaged, address, lengthBytes))).pieces.totalBytes).toBe(4);
    }
  });

  it("names families as they are typed", () => {
    expect(familyId("rp2350-arm-s")).toBe(0xe48bff59);
    expect(familyId("0xE48BFF56")).toBe(RP2040);
    expect(familyText(familyId("samd21") ?? 0)).toBe("0x68ed2b88 (SAMD21)");
    for (const wrong of ["", "rp", "0x100000000"]) expect(familyId(wrong)).toBeUndefined();
  });

  it.each([
    ["empty", [], "image.uf2: the file is empty"],
    ["cut", [block({}).subarray(0, 511)], "image.uf2: is 511 bytes long, not a multiple of 512; it may be truncated"],
    [
      "magic",
      [block({ count: 2 }), new Uint8Array(512)],
      "image.uf2: byte 512: block 2 is not a UF2 block (a magic number is wrong)",
    ],
    ["payload", [block({ payloadBytes: 477 })], "image.uf2: byte 0: block 1 declares 477 payload bytes, more than 476"],
    ["number", [block({ number: 1 })], "image.uf2: byte 0: block 1 declares number 1 of 1, counted from 0"],
    ["count 0", [block({ count: 0 })], "image.uf2: byte 0: block 1 declares number 0 of 0, counted from 0"],
    [
      "huge count",
      [block({ count: 0xffffffff })],
      "image.uf2: byte 0: block 1 declares 4294967295 blocks, the file has 1; it may be truncated",
    ],
    [
      "two counts",
      [block({ count: 2 }), block({ count: 3, number: 1 })],
      "image.uf2: byte 512: block 2 declares 3 blocks, earlier blocks 2",
    ],
    [
      "missing",
      [block({ count: 2 }), block({ count: 2 })],
      "image.uf2: block number 1 of 2 of family 0xe48bff56 (RP2040) is missing",
    ],
    [
      "other contents",
      [block({}), block({ payload: Uint8Array.of(2) })],
      "image.uf2: block 2 overlaps block 1: both hold address 0x000000",
    ],
    [
      "overlap",
      [block({ count: 2 }), block({ count: 2, number: 1 })],
      "image.uf2: block 2 overlaps block 1: both hold address 0x000000",
    ],
    [
      "past 4 GiB",
      [block({ address: 0xffffffff, payload: Uint8Array.of(1, 2) })],
      "image.uf2: byte 0: block 1 exceeds 4 GiB",
    ],
    [
      "nothing for the flash",
      [block({ flags: 1 })],
      "image.uf2: holds no data for the flash: of its 1 blocks all are skipped, since they are parts of files (flag 0x1000) or not for the main flash (flag 0x1)",
    ],
    ["only the block against E10", [errata], "image.uf2: holds no data"],
    [
      "too many families",
      Array.from({ length: 17 }, (_, family) => block({ family })),
      "image.uf2: byte 8192: block 17 starts family 17: too many",
    ],
  ])("refuses: %s", async (_name, blocks, message) => {
    await expectError(() => decodeUf2(file(...blocks)), "FILE_INVALID", message);
  });

  it("every truncation is refused", async () => {
    const whole = concatBytes([block({ count: 2 }), block({ number: 1, count: 2, address: 4 })]);
    for (let length = 0; length < whole.length; length++) {
      const error = await errorOf(() => decodeUf2(memoryBytes("image.uf2", whole.subarray(0, length))));
      expect(error.code).toBe("FILE_INVALID");
    }
  });
});

describe("UF2 out", () => {
  it("gathers blocks that end at multiples of 256", () => {
    const encoder = uf2Encoder({ address: 0x100000f0, lengthBytes: 0x20, familyId: RP2040 });
    const first = encoder.data(0x100000f0, new Uint8Array(0x18).fill(1));
    const second = encoder.data(0x10000108, new Uint8Array(8).fill(2));
    expect(encoder.end()).toHaveLength(0);
    expect(first).toEqual(block({ address: 0x100000f0, payload: new Uint8Array(16).fill(1), count: 2 }));
    const payload = concatBytes([new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)]);
    expect(second).toEqual(block({ address: 0x10000100, payload, number: 1, count: 2 }));
  });

  it.each([
    ["a gap", 4, 2],
    ["too much", 0, 9],
  ])("refuses %s", async (_name, address, lengthBytes) => {
    const encoder = uf2Encoder({ address: 0, lengthBytes: 8 });
    await expectError(
      () => encoder.data(address, new Uint8Array(lengthBytes)),
      "EINVAL",
      /does not continue at 0x000000/,
    );
  });

  it("refuses an end that comes too early, and 4 GiB", async () => {
    await expectError(() => uf2Encoder({ address: 0, lengthBytes: 8 }).end(), "EINVAL", /too early/);
    await expectError(() => uf2Encoder({ address: 0xffffffff, lengthBytes: 2 }), "EINVAL", /past 4 GiB/);
  });

  it("what is written reads back, however it was cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(0xffff0000),
        fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 6 }),
        async (address, parts) => {
          const data = concatBytes(parts);
          fc.pre(data.length > 0);
          const encoder = uf2Encoder({ address, lengthBytes: data.length });
          let at = address;
          const blocks = parts.map((part) => {
            const encoded = encoder.data(at, part);
            at += part.length;
            return encoded;
          });
          const listed = await decodedListing(decodeUf2(file(...blocks, encoder.end())));
          expect(listed).toEqual([`0x${address.toString(16)}: ${toHex(data)}`]);
        },
      ),
      { seed: 22, numRuns: 100 },
    );
  });
});
