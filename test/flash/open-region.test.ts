/** A region counts from its own start and never touches bytes outside of it. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import type { RegionResult } from "../../src/flash/flash-region.ts";
import { regionOf } from "../../src/flash/open-region.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { simulatedFlash } from "./simulated-flash.ts";

const at25 = descriptorByName("AT25SF041")!.geometry;
const at45 = descriptorByName("AT45DB041E")!.geometry;

describe("a region of a device", () => {
  it("counts from its own start and stays inside", async () => {
    const cells = new Uint8Array(at25.capacityBytes).fill(0xff);
    const region = regionOf(createRamFlash(at25, cells), { address: 0x2000, lengthBytes: 0x2000 });
    expect({ ...region, run: undefined }).toMatchObject({ address: 0x2000, lengthBytes: 0x2000, eraseBytes: 4096 });
    await region.program(0x1ffe, Uint8Array.of(1, 2));
    expect([...cells.subarray(0x3ffd, 0x4001)]).toEqual([0xff, 1, 2, 0xff]);
    for (const [offset, length] of [
      [0x1fff, 2],
      [-1, 1],
      [0x2000, 1],
    ] as const) {
      await expect(region.read(offset, length)).rejects.toMatchObject({ code: "ERANGE" });
      await expect(region.program(offset, new Uint8Array(length))).rejects.toMatchObject({ code: "ERANGE" });
    }
    await expect(region.erase(0x1000, 0x2000)).rejects.toMatchObject({ code: "ERANGE" });
    await expect(region.erase(0x10, 0x1000)).rejects.toMatchObject({ code: "EINVAL" });
  });

  it.each([
    [at25, 0x100, 0x1000, "EINVAL"],
    [at25, 0x1000, 0x1001, "EINVAL"],
    [at25, 0x1000, 0, "EINVAL"],
    [at25, 0x7f000, 0x2000, "ERANGE"],
    [at45, 256, 264, "EINVAL"],
  ] as const)("%# is refused", (geometry, address, lengthBytes, code) => {
    const device = createRamFlash(geometry);
    expect(() => regionOf(device, { address, lengthBytes })).toThrow(expect.objectContaining({ code }));
  });

  it("runs a mixed stream in order, and nothing after what fails", async () => {
    const region = regionOf(createRamFlash(at45), { address: 264, lengthBytes: 528 });
    const data = Uint8Array.of(1, 2, 3);
    const results: RegionResult[] = [];
    for await (const result of region.run([
      { kind: "program", offset: 300, data },
      { kind: "digest", offset: 300, lengthBytes: 3 },
      { kind: "erase", offset: 264, lengthBytes: 264 },
      { kind: "read", offset: 299, lengthBytes: 3 },
    ])) {
      results.push(result);
    }
    expect(results).toEqual([
      { kind: "program" },
      { kind: "digest", check: blockCheck(data) },
      { kind: "erase" },
      { kind: "read", data: Uint8Array.of(255, 255, 255) },
    ]);
    const bad = async (): Promise<void> => {
      for await (const result of region.run([
        { kind: "read", offset: 528, lengthBytes: 1 },
        { kind: "program", offset: 0, data },
      ])) {
        expect(result).toBeUndefined();
      }
    };
    await expect(bad()).rejects.toMatchObject({ code: "ERANGE" });
    expect(await region.read(0, 1)).toEqual(Uint8Array.of(255));
  });

  it("takes one turnaround for a whole stream on a bridge", async () => {
    const { simulation, device } = await simulatedFlash("AT25SF041", { seed: "1", latencyMs: "16" });
    const durationUs = await simulation.run(async () => {
      const region = regionOf(device, { address: 0, lengthBytes: 0x40000 });
      const startUs = simulation.clock.nowUs();
      let count = 0;
      const ranges = Array.from({ length: 64 }, (_, sector) => ({ offset: sector * 4096, lengthBytes: 8 }));
      for await (const header of region.readMany(ranges)) count += header.length;
      expect(count).toBe(512);
      return simulation.clock.nowUs() - startUs;
    });
    await simulation.run(() => device.close());
    // 64 answers one after the other would take 64 turnarounds.
    expect(durationUs).toBeLessThan(8 * 16_000);
  });
});
