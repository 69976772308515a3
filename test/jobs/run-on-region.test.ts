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
});
