/**
 * One suite for every kind of flash device: chips on simulated bridges, memory, and image files keep the same
 * contract.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openImageFlash } from "../../src/flash/image-flash.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { createRamFlash } from "../../src/flash/ram-flash.ts";
import { At25Model } from "../../src/sim/chip/at25/model.ts";
import { at25Part } from "../../src/sim/chip/at25/catalog-parts.ts";
import { ChipTimes } from "../../src/sim/chip/core/chip-times.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation } from "../../src/sim/simulation.ts";
import { effort } from "../support/effort.ts";
import { flashDeviceConformance } from "../conformance/flash-device.ts";
import { simulatedFlash } from "./simulated-flash.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-flash-"));
afterAll(() => rmSync(folder, { recursive: true }));

const geometry = descriptorByName("AT25SF041")!.geometry;
const plainly = <T>(job: () => Promise<T>): Promise<T> => job();

flashDeviceConformance("RAM", () => {
  const cells = new Uint8Array(geometry.capacityBytes).fill(0xff);
  return Promise.resolve({
    device: createRamFlash(geometry, cells),
    peek: (address, lengthBytes) => cells.slice(address, address + lengthBytes),
    run: plainly,
    violations: () => [],
  });
});

let files = 0;
flashDeviceConformance("an image file", async () => {
  const path = join(folder, `${files++}.bin`);
  writeFileSync(path, new Uint8Array(256 * 1024).fill(0xff));
  return {
    device: await openImageFlash(path, new Map([["eraseBytes", "4k"]]), { writable: true }),
    peek: (address, lengthBytes) => new Uint8Array(readFileSync(path).subarray(address, address + lengthBytes)),
    run: plainly,
    violations: () => [],
  };
});

const MORE: readonly [string, Record<string, string>][] = [
  ["AT45DB642D", { bridge: "small" }],
  ["AT25SF128A", {}],
  ["W25Q256JV", {}],
];

describe.each<[string, Record<string, string>]>([
  ["AT25SF041", {}],
  ["AT25SF321", { bridge: "small", times: "varying" }],
  ["AT45DB041E", {}],
  ["AT45DB041E", { pageBytes: "256", bridge: "small" }],
  ["W25Q128JV", { flipRate: "3e-5", dropRate: "1e-5" }],
  ...effort([], MORE),
])("%s %j", (chip, settings: Record<string, string>) => {
  flashDeviceConformance("a simulated chip", async () => {
    const { simulation, device } = await simulatedFlash(chip, settings);
    return {
      device,
      peek: (address, lengthBytes) => simulation.chip.peek(address, lengthBytes),
      run: (job) => simulation.run(job),
      violations: () => simulation.violations,
    };
  });
});

/** An unlisted part that describes itself. */
flashDeviceConformance("a chip that only its SFDP area describes", async () => {
  const part = { ...at25Part("W25Q64JV"), jedecId: [0x5e, 0x40, 0x17] as const };
  const { parts } = worldFromParameters(
    parseSimParameters("W25Q64JV", new Map()),
    new At25Model(part, new ChipTimes("varying", 1)),
  );
  const simulation = createSimulation(parts);
  const { clock, duplex, chip } = simulation;
  const device = await simulation.run(async () =>
    openFlash(await openBridge(duplex, { clock, protocol: "native", random: () => 1 })),
  );
  expect(device.identity.name).toBe("SFDP 5e4017");
  return {
    device,
    peek: (address, lengthBytes) => chip.peek(address, lengthBytes),
    run: (job) => simulation.run(job),
    violations: () => simulation.violations,
  };
});

/** Protected at power-up: unlocked first, as every user of them has to. */
describe.each(effort(["AT25DF321A"], ["AT25DF321A", "AT25DN512C", "SST26VF064B"]))("%s", (chip) => {
  flashDeviceConformance("a simulated chip without its protection", async () => {
    const { simulation, device } = await simulatedFlash(chip, {});
    const { control } = device.services!.protection;
    await simulation.run(() => control!.lift(control!.terms[0]));
    return {
      device,
      peek: (address, lengthBytes) => simulation.chip.peek(address, lengthBytes),
      run: (job) => simulation.run(job),
      violations: () => simulation.violations,
    };
  });
});

describe("an image file", () => {
  it.each([
    ["a setting that does not exist", { chop: "AT25SF041" }, "USAGE"],
    ["a chip that does not exist", { chip: "AT25SF999" }, "USAGE"],
    ["a size that is none", { eraseBytes: "4k5" }, "USAGE"],
    ["erase blocks that are no pages", { eraseBytes: "1000" }, "USAGE"],
    ["an erased value that is no byte", { eraseValue: "256" }, "USAGE"],
    ["a file of another size than the chip", { chip: "AT25SF041" }, "FILE_INVALID"],
    ["a file that is not a multiple of the block", { eraseBytes: "64k" }, "FILE_INVALID"],
  ])("refuses %s", async (_, settings, code) => {
    const path = join(folder, "refused.bin");
    writeFileSync(path, new Uint8Array(1000));
    await expect(openImageFlash(path, new Map(Object.entries(settings)), { writable: false })).rejects.toMatchObject({
      code,
    });
  });

  it.each([["missing.bin"], ["."]])("refuses %s", async (name) => {
    const path = join(folder, name);
    await expect(openImageFlash(path, new Map(), { writable: false })).rejects.toMatchObject({ code: "FILE_INVALID" });
  });

  it("opened for reading is never changed", async () => {
    const path = join(folder, "kept.bin");
    writeFileSync(path, new Uint8Array(4096).fill(0xff));
    const device = await openImageFlash(path, new Map(), { writable: false });
    await expect(device.program(0, Uint8Array.of(0))).rejects.toMatchObject({ code: "EROFS" });
    await expect(device.erase(0, 4096)).rejects.toMatchObject({ code: "EROFS" });
    await device.close();
    expect(readFileSync(path).every((byte) => byte === 0xff)).toBe(true);
  });
});
