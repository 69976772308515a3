/**
 * Every part of the catalogue on its strict model: it is recognised, written, verified, rewritten in part, erased,
 * protected and unprotected, and no rule of the chip is broken. What the cells hold is asked of the model, not of us.
 */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import type { At25Descriptor, ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { type ImageSource, memoryImage } from "../../src/files/image-source.ts";
import type { OpenedFlash } from "../../src/flash/open-flash.ts";
import { eraseRange } from "../../src/jobs/erase-range.ts";
import { withProtectionLifted } from "../../src/jobs/lift-protection.ts";
import { verifyImage } from "../../src/jobs/verify-image.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createChip } from "../../src/sim/chip/chip-catalog.ts";
import { createRandom } from "../../src/sim/random.ts";
import type { Simulation } from "../../src/sim/simulation.ts";
import { effort } from "../support/effort.ts";
import { simulatedFlash } from "./simulated-flash.ts";

const WRITE = { offset: 0, verify: true, assumeBlank: false, retries: 0 };
/** Every part in CI; here the first of each family and its odd ones. */
const STEP = effort(9, 1);
const ODD = new Set(["AT25DF041A", "AT25DN256", "W25Q256JV", "SST26VF064B", "AT45DB642D", "AT45DB011D"]);
const PARTS = CATALOG.filter((part, index) => index % STEP === 0 || ODD.has(part.name));

describe.each(PARTS.map((part) => [part.name, part] as const))("%s", { timeout: 60_000 }, (name, part) => {
  it("is recognised, written, verified, rewritten, erased, protected and unprotected", async () => {
    const { simulation, device } = await simulatedFlash(name, { times: "typical" });
    await simulation.run(async () => {
      isRecognised(device, part);
      await isLeftAloneWhileProtected(simulation, device);
      await isWritten(simulation, device);
      await canBeProtected(simulation, device);
      await hasNumbers(device, part);
      await device.close();
    });
    expect(simulation.violations).toEqual([]);
  });
});

function isRecognised(device: OpenedFlash, part: ChipDescriptor): void {
  const { name, jedecId } = device.identity;
  const namesakes = device.notes.filter((note) => note.startsWith("it may also be")).join();
  expect(`${name}, ${namesakes}`).toContain(part.name);
  expect(jedecId).toBe(Buffer.from(part.jedecId).toString("hex"));
  expect(device.geometry.capacityBytes).toBe(part.geometry.capacityBytes);
}

/** Parts that protect themselves at power-up refuse before anything is touched. */
async function isLeftAloneWhileProtected(simulation: Simulation, device: OpenedFlash): Promise<void> {
  const state = await device.services!.protection.read();
  if (state.ranges.length === 0) return;
  const { clock, chip } = simulation;
  const { programs, erases } = chip.counters;
  const image = memoryImage("new", [{ address: 0, data: Uint8Array.of(0) }]);
  await expect(writeImage(device, image, WRITE, { clock })).rejects.toMatchObject({ code: "EROFS" });
  await expect(
    eraseRange(device, { address: 0, lengthBytes: 4096 }, { keepOutside: true }, { clock }),
  ).rejects.toMatchObject({ code: "EROFS" });
  expect(chip.counters).toMatchObject({ programs, erases });
}

/** Over a range that ends within the last sector and crosses blocks of every size. */
async function isWritten(simulation: Simulation, device: OpenedFlash): Promise<void> {
  const { clock, chip } = simulation;
  const { capacityBytes } = device.geometry;
  const lengthBytes = Math.min(80 * 1024, capacityBytes - 5000);
  const start = capacityBytes - lengthBytes - 1234;
  const expected = createRandom("every part").bytes(lengthBytes);
  const is = (bytes: Uint8Array): void => {
    expect(Buffer.compare(chip.peek(start, lengthBytes), bytes)).toBe(0);
    expect([...chip.peek(start - 2, 2), ...chip.peek(start + lengthBytes, 2)]).toEqual([0xff, 0xff, 0xff, 0xff]);
  };
  const before = await device.services!.protection.read();
  const image = (address: number, data: Uint8Array): ImageSource => memoryImage("image", [{ address, data }]);
  await withProtectionLifted(device, { operation: "test", note: () => undefined }, async () => {
    const written = await writeImage(device, image(start, expected), WRITE, { clock });
    expect(written).toMatchObject({ imageBytes: lengthBytes, verifiedBytes: lengthBytes, retriedUnits: 0 });
    is(expected);
    expect(await verifyImage(device, image(start, expected), { offset: 0 }, { clock })).toMatchObject({ equal: true });
    const change = createRandom("change").bytes(777);
    expected.set(change, 4321);
    await writeImage(device, image(start + 4321, change), WRITE, { clock });
    is(expected);
    const gone: ByteRange = { address: start + 100, lengthBytes: 20_000 };
    await eraseRange(device, gone, { keepOutside: true }, { clock });
    expected.fill(0xff, 100, 20_100);
    is(expected);
  });
  expect((await device.services!.protection.read()).ranges).toEqual(before.ranges);
}

/** All of it, refused then, and free again. */
async function canBeProtected(simulation: Simulation, device: OpenedFlash): Promise<void> {
  const { clock, chip } = simulation;
  const { control } = device.services!.protection;
  expect(control).toBeDefined();
  const [term] = control!.terms;
  expect((await control!.lift(term)).ranges).toEqual([]);
  const whole = { address: 0, lengthBytes: device.geometry.capacityBytes };
  if (device.identity.vendor === "Microchip") {
    // It has no command for that: it is protected whenever it gets power.
    await expect(control!.protect(whole, term)).rejects.toMatchObject({ code: "ERANGE" });
    return;
  }
  expect((await control!.protect(whole, term)).ranges).toEqual([whole]);
  const { programs, erases } = chip.counters;
  const image = memoryImage("new", [{ address: 0, data: Uint8Array.of(0) }]);
  await expect(writeImage(device, image, WRITE, { clock })).rejects.toMatchObject({ code: "EROFS" });
  expect(chip.counters).toMatchObject({ programs, erases });
  await withProtectionLifted(device, { operation: "test", note: () => undefined }, async () => {
    await writeImage(device, image, WRITE, { clock });
  });
  expect([...chip.peek(0, 2)]).toEqual([0, 0xff]);
  expect((await device.services!.protection.read()).ranges).toEqual([whole]);
  expect((await control!.lift(term)).ranges).toEqual([]);
}

/** Unique ID and one-time registers, as far as the part is known to have them: reading them changes nothing. */
async function hasNumbers(device: OpenedFlash, part: ChipDescriptor): Promise<void> {
  const { readUniqueId, oneTime } = device.services!;
  if (part.family === "at45" || part.uniqueId !== undefined) {
    expect(await readUniqueId!()).toMatch(/^([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{128})$/);
  }
  for (const register of oneTime?.registers ?? []) {
    const bytes = await oneTime!.read(register, 0, register.lengthBytes);
    expect(bytes).toHaveLength(register.lengthBytes);
    expect(bytes.every((byte) => byte === 0xff)).toBe(register.isWritable);
  }
}

describe("a wrong opcode in a driver is noticed: models have their own knowledge of a part", () => {
  it.each([
    ["the right one", 0x20, true],
    ["an erase of another size", 0x52, false],
    ["an erase that is not there", 0x21, false],
    ["a program instead of an erase", 0x02, false],
    ["a read instead of an erase", 0x0b, false],
  ])("%s", (_, opcode, isFine) => {
    const chip = createChip("AT25SF041", { times: "typical" });
    const before = createRandom("content").bytes(128 * 1024);
    chip.load(0, before);
    const right = descriptorByName("AT25SF041") as At25Descriptor;
    const eraseCommands = right.eraseCommands.map((command) =>
      command.opcode === 0x20 ? { ...command, opcode } : command,
    );
    const driver = createDriver({ ...right, eraseCommands }, { maxSendBytes: 300, maxReceiveBytes: 4096 });
    for (const step of driver.erase(4096, driver.geometry.eraseUnits[0]!).steps) {
      if (step.kind !== "transfer") continue;
      chip.select(10e6);
      chip.exchangeBlock(step.send, step.receiveBytes, 10e6, 1000);
      chip.deselect(10e6);
    }
    const expected = before.slice().fill(0xff, 4096, 8192);
    const isErased = Buffer.compare(chip.peek(0, before.length), expected) === 0;
    expect(isErased && chip.violations.length === 0).toBe(isFine);
  });
});
