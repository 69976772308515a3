/**
 * The block check against a second implementation that divides polynomials bit by bit, the properties that the
 * polynomial was chosen for, and the records that a CRC-32 cannot tell apart.
 */
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockCheck } from "../../firmware-protocol/block-check.ts";

/** x^32 + ... + 1 as bits, the highest first. */
const POLYNOMIAL = 0x193a409ebn;
const IRREDUCIBLE_PART = 0x8e9c0759n;
const IEEE_POLYNOMIAL = 0x104c11db7n;

describe("the polynomial", () => {
  it("is x + 1 times one of degree 31 that is irreducible", () => {
    expect(timesPolynomial(0b11n, IRREDUCIBLE_PART)).toBe(POLYNOMIAL);
    // 31 is prime, so a polynomial of degree 31 without a root is irreducible if it divides x^(2^31) - x.
    let power = 2n;
    for (let squaring = 0; squaring < 31; squaring++)
      power = remainder(timesPolynomial(power, power), IRREDUCIBLE_PART);
    expect(power).toBe(2n);
    expect(IRREDUCIBLE_PART & 1n).toBe(1n);
    expect(remainder(IRREDUCIBLE_PART, 0b11n)).toBe(1n);
  });

  it("has no factor in common with that of CRC-32", () => {
    let [a, b] = [POLYNOMIAL, IEEE_POLYNOMIAL];
    while (b > 0n) [a, b] = [b, remainder(a, b)];
    expect(a).toBe(1n);
  });
});

it("is the remainder of a long division, bits in the order of the wire", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(blockCheck(bytes)).toBe(slowCheck(bytes));
    }),
  );
});

it("shows that a record with its own CRC-32 was replaced, which a CRC-32 of the block does not", () => {
  const recordBytes = fc.integer({ min: 1, max: 60 });
  const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  const records = recordBytes.chain((length) => fc.tuple(bytesOf(length), bytesOf(length)));
  const around = fc.record({ before: fc.uint8Array({ maxLength: 300 }), afterBytes: fc.nat({ max: 300 }) });
  const crc = fc.record({ start: fc.nat({ max: 0xffffffff }), xorOut: fc.constantFrom(0, 0xffffffff, 0x12345678) });
  let seen = 0;
  fc.assert(
    fc.property(records, around, crc, ([old, wanted], { before, afterBytes }, { start, xorOut }) => {
      fc.pre(Buffer.compare(old, wanted) !== 0);
      const block = (record: Uint8Array): Uint8Array => {
        const sum = Buffer.alloc(4);
        sum.writeUInt32LE((zlibCrc32(record, start) ^ xorOut) >>> 0);
        return Uint8Array.from([...before, ...record, ...sum, ...new Uint8Array(afterBytes).fill(0xff)]);
      };
      expect(zlibCrc32(block(old))).toBe(zlibCrc32(block(wanted)));
      expect(blockCheck(block(old))).not.toBe(blockCheck(block(wanted)));
      seen++;
    }),
  );
  expect(seen).toBeGreaterThan(50);
});

it("shows any three flipped bits of 64 KiB", () => {
  const block = new Uint8Array(65_536).fill(0xff);
  const right = blockCheck(block);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 8 * 65_536 - 1 }), { minLength: 1, maxLength: 3 }), (bits) => {
      const flip = (): void => {
        for (const bit of bits) block[bit >> 3] = (block[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      };
      flip();
      const found = blockCheck(block);
      flip();
      expect(found).not.toBe(right);
    }),
  );
});

function timesPolynomial(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let rest = b, shifted = a; rest > 0n; rest >>= 1n, shifted <<= 1n) if ((rest & 1n) === 1n) product ^= shifted;
  return product;
}

function remainder(of: bigint, divisor: bigint): bigint {
  const bits = divisor.toString(2).length;
  let rest = of;
  for (let length = rest.toString(2).length; length >= bits && rest > 0n; length = rest.toString(2).length) {
    rest ^= divisor << BigInt(length - bits);
  }
  return rest;
}

/** All bits of the message as one polynomial, the lowest bit of each byte first; the first 32 inverted, 32 zeros at the end. */
function slowCheck(bytes: Uint8Array): number {
  const bits = [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));
  const padded = [...bits, ...Array.from({ length: 32 }, () => 0)].map((bit, at) => (at < 32 ? bit ^ 1 : bit));
  const rest = remainder(BigInt(`0b${padded.join("")}`), POLYNOMIAL);
  const inverted = (rest ^ 0xffffffffn).toString(2).padStart(32, "0");
  return Number.parseInt(inverted.split("").reverse().join(""), 2);
}
