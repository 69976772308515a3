/** Linear addresses as the page and byte fields of an AT45, whose pages may be no power of two. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteBitsOf, chipAddress, chipPageAddress } from "../../../drivers/at45/at45-address.ts";

const PAGE_SIZES = [256, 264, 512, 528, 1024, 1056] as const;

describe("linear address to page and byte fields", () => {
  test.each([
    [264, 0, 0x000000],
    [264, 263, 0x000107],
    [264, 264, 0x000200],
    [264, 540_671, 0x0fff07],
    [256, 264, 0x000108],
    [256, 524_287, 0x07ffff],
    [528, 529, 0x000401],
    [1056, 8_650_751, 0xfffc1f],
  ])("pages of %i: %i", (pageBytes, address, expected) => {
    expect(chipAddress(pageBytes, address)).toBe(expected);
  });

  test("an offset that does not exist is never made, and every address is made once", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PAGE_SIZES), fc.nat(8191), fc.nat(1055), (pageBytes, page, any) => {
        const offset = any % pageBytes;
        const made = chipAddress(pageBytes, page * pageBytes + offset);
        const field = 2 ** byteBitsOf(pageBytes);
        expect([Math.floor(made / field), made % field]).toEqual([page, offset]);
        expect(chipPageAddress(pageBytes, page * pageBytes + offset)).toBe(page * field);
      }),
    );
  });

  test("a page size that no AT45 has", () => {
    expect(() => byteBitsOf(272)).toThrow(RangeError);
  });
});
