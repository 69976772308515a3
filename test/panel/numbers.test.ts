/** Numbers on the pages. */
import { expect, it } from "vitest";
import { durationText, hexText, percentText, sizeText } from "../../src/panel/numbers.ts";

it("never rounds a yield up to 100 %", () => {
  expect([percentText(0, 0), percentText(1, 3), percentText(5000, 5000)]).toEqual(["-", "33.3 %", "100.0 %"]);
  expect(percentText(99_999, 100_000)).toBe("99.9 %");
});

it("writes times, addresses and sizes", () => {
  expect([40, 12_340, 99_940, 125_400].map(durationText)).toEqual(["0.0 s", "12.3 s", "99.9 s", "2 min 05 s"]);
  expect([hexText(0x1f000), hexText(0x1_000_0000)]).toEqual(["0x01f000", "0x10000000"]);
  expect([264, 1024, 1536, 4 << 20].map(sizeText)).toEqual(["264 bytes", "1 KiB", "1,536 bytes", "4 MiB"]);
});
