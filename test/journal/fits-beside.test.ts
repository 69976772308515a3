/** Whether a chip without a number of its own is the one that a job noted places of. */
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { digestsBeside, fitsBeside } from "../../src/journal/chip-proof.ts";
import { createRandom } from "../../src/sim/random.ts";
import { TOY } from "../jobs/support/nor-double.ts";

const touched = [{ address: 0, lengthBytes: 1 }];

/** A chip that holds bytes of this seed; blank without one. */
async function chip(seed?: string) {
  const device = createRamFlash(TOY);
  const { capacityBytes } = device.geometry;
  if (seed !== undefined) await device.program(0, createRandom(seed).bytes(capacityBytes));
  return device;
}

describe("what a job noted beside it", () => {
  it("fits the chip it was noted on, and no other, by reading as well as by what is known", async () => {
    const [mine, other] = [await chip("mine"), await chip("other")];
    const noted = await digestsBeside(mine, touched);
    expect(noted.length).toBeGreaterThan(0);
    expect(await fitsBeside(mine, noted, [], true)).toBe("fits");
    expect(await fitsBeside(mine, noted, noted, false)).toBe("fits");
    expect(await fitsBeside(other, noted, [], true)).toBe("differs");
    expect(await fitsBeside(other, noted, await digestsBeside(other, touched), false)).toBe("differs");
  });

  it("fits by the CRC-32 that journals had before, if the bytes may be read", async () => {
    const [mine, other] = [await chip("mine"), await chip("other")];
    const noted = await Promise.all(
      (await digestsBeside(mine, touched)).map(async ({ address, lengthBytes }) => {
        return { address, lengthBytes, crc32: crc32(await mine.read(address, lengthBytes)) };
      }),
    );
    expect(await fitsBeside(mine, noted, [], true)).toBe("fits");
    expect(await fitsBeside(other, noted, [], true)).toBe("differs");
    const known = await digestsBeside(other, touched);
    expect(await fitsBeside(other, noted, known, true)).toBe("differs");
    expect(await fitsBeside(other, noted, known, false)).toBe("unknown");
  });

  it("says nothing where it is blank, or there is none, or it may not be read", async () => {
    const blank = await chip();
    expect(await fitsBeside(blank, await digestsBeside(blank, touched), [], true)).toBe("unknown");
    expect(await fitsBeside(blank, [], [], true)).toBe("unknown");
    expect(await fitsBeside(blank, await digestsBeside(await chip("mine"), touched), [], false)).toBe("unknown");
  });

  it("is not read where a journal names a long range, or one beyond the chip", async () => {
    const mine = await chip("mine");
    const { capacityBytes } = mine.geometry;
    const never = { ...mine, geometry: mine.geometry, digest: () => Promise.reject(new Error("read")) };
    for (const range of [
      { address: 0, lengthBytes: 1 << 20 },
      { address: capacityBytes, lengthBytes: 1 },
    ]) {
      expect(await fitsBeside(never as typeof mine, [{ ...range, check: 1 }], [], true)).toBe("differs");
    }
  });
});
