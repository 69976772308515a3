/** What a job on a region reports if the chip goes away, refuses, or the job is cancelled. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { NorbridgeError } from "../../src/errors.ts";
import type { FlashDevice } from "../../src/flash/flash-device.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { runOnRegion } from "../../src/jobs/run-on-region.ts";

const { geometry } = descriptorByName("AT25SF041")!;
const range = { address: 0x1000, lengthBytes: 0x1000 };
const gone = new NorbridgeError("CHIP_MISSING", "the chip no longer responds", { operation: "check chip" });

function device(checkIdentity: () => Promise<void> = () => Promise.resolve()): FlashDevice {
  return Object.assign(createRamFlash(geometry), { checkIdentity });
}

describe("work on a region", () => {
  it("believes neither data nor their absence of a chip that went away", async () => {
    const job = { operation: "log read" };
    const missing = device(() => Promise.reject(gone));
    await expect(runOnRegion(missing, range, job, () => Promise.resolve(1))).rejects.toBe(gone);
    const blank = new NorbridgeError("CHECK_FAILED", "the region is blank", job);
    await expect(runOnRegion(missing, range, job, () => Promise.reject(blank))).rejects.toBe(gone);
    await expect(runOnRegion(device(), range, job, () => Promise.reject(blank))).rejects.toBe(blank);
  });

  it("says INTERRUPTED, and how far it came, once something was changed", async () => {
    const job = { operation: "log append", howFar: () => "1 of 2 records stored", resumeHint: "Look first." };
    const result = runOnRegion(device(), range, job, async (region) => {
      await region.program(0, Uint8Array.of(1));
      throw gone;
    });
    await expect(result).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "log append: the chip no longer responds; 1 of 2 records stored",
      hint: "Look first.",
    });
  });

  it("stops before the next operation when it is cancelled", async () => {
    const stop = new AbortController();
    const job = { operation: "log read", signal: stop.signal };
    const reading = runOnRegion(device(), range, job, async (region) => {
      await region.read(0, 1);
      stop.abort();
      await region.read(1, 1);
    });
    await expect(reading).rejects.toMatchObject({ code: "ECANCELED" });
    const writing = runOnRegion(device(), range, { ...job, signal: new AbortController().signal }, async (region) => {
      await region.erase(0, 0x1000);
      throw new NorbridgeError("ECANCELED", "stopped", { operation: "erase" });
    });
    await expect(writing).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("asks for the protection before its first change: a protected region is refused as it is", async () => {
    const job = { operation: "log append" };
    let asked = 0;
    const held = (address: number): FlashDevice =>
      Object.assign(device(), {
        protectedRanges: () => {
          asked++;
          return Promise.resolve({ ranges: [{ address, lengthBytes: 0x1000 }], heldBy: "BP bits" });
        },
      });
    const locked = held(range.address);
    const append = runOnRegion(locked, range, job, async (region) => {
      await region.read(0, 4);
      expect(asked).toBe(0);
      await region.program(0, Uint8Array.of(1));
    });
    await expect(append).rejects.toMatchObject({
      code: "EROFS",
      message: "log append: 0x001000..0x001fff (4 KiB) is protected by BP bits",
      hint: "Nothing was changed. Lift the protection, or choose another range.",
    });
    expect(await locked.read(range.address, 1)).toEqual(Uint8Array.of(0xff));
    asked = 0;
    const beside = held(0x4000);
    await runOnRegion(beside, range, job, async (region) => {
      await region.erase(0, 0x1000);
      await region.program(0, Uint8Array.of(1));
    });
    expect(asked).toBe(1);
    await runOnRegion(beside, range, { operation: "log read" }, (region) => region.read(0, 4));
    expect(asked).toBe(1);
  });

  it("reports what a chip ignores after a change as that", async () => {
    const ignored = new NorbridgeError("EROFS", "program: the chip ignored the command", { operation: "program" });
    const job = runOnRegion(device(), range, { operation: "log append" }, async (region) => {
      await region.program(0, Uint8Array.of(1));
      throw ignored;
    });
    await expect(job).rejects.toMatchObject({ code: "EROFS", message: ignored.message });
  });
});
