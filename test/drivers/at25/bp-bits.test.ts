/** Which range each setting of the block-protection bits protects. The expected ranges are written out as literals. */
import { describe, expect, test } from "vitest";
import { protectionFromBpBits } from "../../../drivers/at25/protection/bp-bits.ts";
import { unknownScheme } from "../../../drivers/at25/protection/status-bits.ts";

const KIB = 1024;
const CHIP_512K = 512 * KIB;
const CHIP_16M = 16 * 1024 * KIB;

describe("BP, SEC, TB and CMP", () => {
  test.each([
    // chip, SR1, SR2, first KiB, KiB
    ["nothing", CHIP_512K, 0b0000_0000, 0x00, 0, 0],
    ["busy and WEL do not protect", CHIP_512K, 0b0000_0011, 0x00, 0, 0],
    ["TB and SEC alone neither", CHIP_512K, 0b0110_0000, 0x00, 0, 0],
    ["top 64 KiB", CHIP_512K, 0b0000_0100, 0x00, 448, 64],
    ["top 256 KiB", CHIP_512K, 0b0000_1100, 0x00, 256, 256],
    ["count 4 is the whole chip", CHIP_512K, 0b0001_0000, 0x00, 0, 512],
    ["all", CHIP_512K, 0b0001_1100, 0x00, 0, 512],
    ["bottom 128 KiB", CHIP_512K, 0b0010_1000, 0x00, 0, 128],
    ["top 4 KiB", CHIP_512K, 0b0100_0100, 0x00, 508, 4],
    ["bottom 32 KiB by sectors", CHIP_512K, 0b0111_0100, 0x00, 0, 32],
    ["CMP: all but the top 64 KiB", CHIP_512K, 0b0000_0100, 0x40, 0, 448],
    ["CMP: all but the bottom 128 KiB", CHIP_512K, 0b0010_1000, 0x40, 128, 384],
    ["CMP and nothing: all", CHIP_512K, 0b0000_0000, 0x40, 0, 512],
    ["CMP and all: nothing", CHIP_512K, 0b0001_1100, 0x40, 0, 0],
    ["16 MiB counts in 256 KiB", CHIP_16M, 0b0000_0100, 0x00, 16_128, 256],
  ])("%s", (_, capacityBytes, status1, status2, firstKib, kib) => {
    const { ranges } = protectionFromBpBits(capacityBytes, status1, status2);
    expect(ranges).toEqual(kib === 0 ? [] : [{ address: firstKib * KIB, lengthBytes: kib * KIB }]);
  });

  test("an unknown layout errs to the side of protected", () => {
    const { read, control } = unknownScheme(CHIP_512K);
    const rangesFor = (status1: number) =>
      read.decode([{ kind: "transfer", received: Uint8Array.of(status1) }]) as { value: { ranges: unknown } };
    expect(rangesFor(0x40).value.ranges).toEqual([]);
    expect(rangesFor(0x08).value.ranges).toEqual([{ address: 0, lengthBytes: CHIP_512K }]);
    expect(control).toBeUndefined();
  });
});
