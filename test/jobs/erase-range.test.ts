/** Erasing any range: blank inside, unchanged outside, and an erase that the chip ignored is found. */
import { describe, expect, it } from "vitest";
import { type EraseReport, eraseRange } from "../../src/jobs/erase-range.ts";
import { HALF_MEGABYTE, noise, NorDouble, TOY } from "./support/nor-double.ts";
import { effort } from "../support/effort.ts";

function erase(device: NorDouble, address: number, lengthBytes: number): Promise<EraseReport> {
  return eraseRange(device, { address, lengthBytes }, { keepOutside: true }, { clock: device.clock });
}

describe("eraseRange", () => {
  it("every start and length: blank inside, unchanged outside", async () => {
    const before = noise(128, 1).fill(0xff, 40, 64);
    for (let address = 0; address <= 128; address++) {
      for (let lengthBytes = 0; address + lengthBytes <= 128; lengthBytes += effort(11 + (address % 5), 1)) {
        const device = new NorDouble(TOY, { bytes: before });
        const report = await erase(device, address, lengthBytes);
        const wanted = before.slice().fill(0xff, address, address + lengthBytes);
        const name = `${address}+${lengthBytes}`;
        expect(Buffer.compare(device.bytes, wanted), name).toBe(0);
        expect(device.violations, name).toEqual([]);
        expect(report.erasedBytes, name).toBe(report.verifiedBytes);
      }
    }
  });

  it.each([
    ["a blank chip is only asked", "blank", 0, 524_288, { erasedUnits: 0, blankBytes: 524_288, verifiedBytes: 0 }],
    ["a full chip by the chip erase", "noise", 0, 524_288, { erasedUnits: 1, erasedBytes: 524_288 }],
    ["a block", "noise", 65_536, 65_536, { erasedUnits: 1, erasedBytes: 65_536, restoredBytes: 0 }],
    ["half a sector", "noise", 0x2800, 0x800, { erasedUnits: 1, erasedBytes: 4096, restoredBytes: 2048 }],
  ] as const)("%s", async (_, content, address, lengthBytes, wanted) => {
    const device = new NorDouble(HALF_MEGABYTE, content === "noise" ? { bytes: noise(524_288, 1) } : {});
    expect(await erase(device, address, lengthBytes)).toMatchObject(wanted);
  });

  it("an erase that does nothing is done again, then it is an error", async () => {
    const once = new NorDouble(TOY, { bytes: noise(128, 1) });
    let ignored = 0;
    once.faultAt = (_, op) => (op.kind === "erase" && ignored++ === 0 ? "ignore" : undefined);
    expect(await erase(once, 8, 8)).toMatchObject({ retriedUnits: 1, erasedUnits: 2 });
    const never = new NorDouble(TOY, { bytes: noise(128, 1).fill(0, 8, 16) });
    never.faultAt = (_, op) => (op.kind === "erase" ? "ignore" : undefined);
    await expect(erase(never, 8, 8)).rejects.toMatchObject({
      code: "EIO",
      message:
        "erase: verify failed after 2 retries in 0x000008..0x00000f (8 bytes): at 0x000008 expected 0xff, read 0x00 " +
        "(the whole block reads 00: an interrupted erase, or no chip responds)",
    });
  });

  it("outside of the chip, or protected: nothing is asked", async () => {
    const device = new NorDouble(TOY);
    await expect(erase(device, 120, 9)).rejects.toMatchObject({ code: "ERANGE" });
    device.protection = { ranges: [{ address: 0, lengthBytes: 128 }], heldBy: "WP# pin" };
    await expect(erase(device, 0, 8)).rejects.toMatchObject({ code: "EROFS" });
    expect(device.log).toEqual([]);
  });
});
