/** Consent, one-time bytes and page size on strict models: what is done once is done right, or not at all. */
import { describe, expect, it } from "vitest";
import type { OneTimeService } from "../../src/flash/chip-services.ts";
import { guardBridge } from "../../src/flash/guarded-bridge.ts";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { createRandom } from "../../src/sim/random.ts";
import { simulatedFlash } from "./simulated-flash.ts";

describe("the last gate before the wire", () => {
  const sent: SpiStep[] = [];
  const bridge = {
    async *run(steps: Iterable<SpiStep> | AsyncIterable<SpiStep>): AsyncGenerator<never> {
      for await (const step of steps) sent.push(step);
    },
  };
  const step = (...bytes: number[]): SpiStep => ({ kind: "transfer", send: Uint8Array.from(bytes), receiveBytes: 0 });
  const otp = step(0x9b, 0, 0, 0, 1);
  const drain = async (run: AsyncIterable<unknown>): Promise<void> => {
    for await (const result of run) expect(result).toBeUndefined();
  };

  it.each(["an array", "a stream"])(
    "refuses steps of %s without consent, and nothing behind them goes",
    async (kind) => {
      sent.length = 0;
      const guarded = guardBridge(bridge, descriptorByName("AT45DB041E")!);
      const steps = [step(0xd7), otp, step(0xd7)];
      async function* later(): AsyncGenerator<SpiStep> {
        await Promise.resolve();
        yield* steps;
      }
      await expect(drain(guarded.run(kind === "an array" ? steps : later()))).rejects.toMatchObject({ code: "EINVAL" });
      expect(sent).toEqual([step(0xd7)]);
    },
  );

  it("consent for one kind is none for another", async () => {
    sent.length = 0;
    const guarded = guardBridge(bridge, descriptorByName("AT45DB041E")!);
    await expect(drain(guarded.consenting("page-size").run([otp]))).rejects.toMatchObject({ code: "EINVAL" });
    await drain(guarded.consenting("one-time-program").run([otp]));
    expect(sent).toEqual([otp]);
  });
});

describe.each([
  ["AT25SF041", "1", 256, 300],
  ["AT25SF041B", "3", 256, 0],
  ["AT25EU0041A", "2", 512, 300],
  ["AT25SL128A", "user", 496, 250],
  ["MX25L3233F", "user", 496, 0],
  ["AT25XE041D", "2", 128, 100],
  ["AT25DF321A", "user", 64, 0],
  ["AT45DB041E", "user", 64, 0],
  ["AT45DB041D", "user", 64, 0],
])("one-time bytes of %s", (chip, name, registerBytes, offset) => {
  it("are programmed once, read back, and nothing else changes", async () => {
    const { simulation, device } = await simulatedFlash(chip, { times: "typical" });
    await simulation.run(async () => {
      const service = device.services!.oneTime!;
      const register = service.registers.find((one) => one.name === name)!;
      expect(register).toMatchObject({ lengthBytes: registerBytes, isWritable: true });
      const at = register.allAtOnce ? 0 : Math.min(offset, registerBytes - 64);
      const data = createRandom("otp").bytes(64);
      const others = await readAll(service, name);
      await service.program(register, at, data, "one-time-program");
      expect(await service.read(register, at, 64)).toEqual(data);
      expect(await readAll(service, name)).toEqual(others);
      // A bit that is gone does not come back.
      await expect(
        service.program(
          register,
          at,
          data.map(() => 0xff),
          "one-time-program",
        ),
      ).rejects.toMatchObject({
        code: "EROFS",
      });
      const programs = simulation.chip.counters.programs;
      expect(programs).toBe(0);
      expect(await device.read(0, 300)).toEqual(new Uint8Array(300).fill(0xff));
    });
    expect(new Set(simulation.violations.map(({ rule }) => rule)).size).toBeLessThanOrEqual(1);
    for (const { rule } of simulation.violations) expect(rule).toBe("forbidden-one-time");
  });

  it("refuses what does not fit and what is the factory's", async () => {
    const { simulation, device } = await simulatedFlash(chip);
    await simulation.run(async () => {
      const service = device.services!.oneTime!;
      const register = service.registers.find((one) => one.name === name)!;
      const byte = Uint8Array.of(0);
      await expect(service.program(register, registerBytes, byte, "one-time-program")).rejects.toMatchObject({
        code: "ERANGE",
      });
      await expect(service.read(register, 1, registerBytes)).rejects.toMatchObject({ code: "ERANGE" });
      const factory = service.registers.find(({ isWritable }) => !isWritable);
      if (factory !== undefined) {
        await expect(service.program(factory, 0, byte, "one-time-program")).rejects.toMatchObject({ code: "EROFS" });
      }
      if (register.allAtOnce) {
        await expect(service.program(register, 0, byte, "one-time-program")).rejects.toMatchObject({ code: "EINVAL" });
      }
    });
    expect(simulation.violations).toEqual([]);
  });
});

async function readAll(service: OneTimeService, besides: string): Promise<Uint8Array[]> {
  const all = [];
  for (const register of service.registers) {
    if (register.name !== besides) all.push(await service.read(register, 0, register.lengthBytes));
  }
  return all;
}

describe("the page size of an AT45", () => {
  it("of an E part goes to binary and back", async () => {
    const { simulation, device } = await simulatedFlash("AT45DB041E");
    await simulation.run(async () => {
      const { pageSize } = device.services!;
      expect(pageSize).toMatchObject({
        pageBytes: 264,
        standardPageBytes: 264,
        binaryPageBytes: 256,
        isOneTime: false,
      });
      await pageSize!.set(256, "page-size");
      expect(simulation.chip.geometry).toMatchObject({ pageBytes: 256, capacityBytes: 524_288 });
      await pageSize!.set(264, "page-size");
      expect(simulation.chip.geometry.pageBytes).toBe(264);
      await expect(pageSize!.set(512, "page-size")).rejects.toMatchObject({ code: "EINVAL" });
    });
  });

  it("of a D part goes to binary at the next power-up, and never back", async () => {
    const { simulation, device } = await simulatedFlash("AT45DB161D");
    const { chip, clock } = simulation;
    await simulation.run(async () => {
      const { pageSize } = device.services!;
      await expect(pageSize!.set(528, "page-size")).rejects.toMatchObject({ code: "EINVAL" });
      await pageSize!.set(512, "page-size");
      expect(chip.geometry.pageBytes).toBe(528);
      chip.powerCut(clock.nowUs() * 1000, createRandom("cut"));
      chip.powerOn(clock.nowUs() * 1000);
      expect(chip.geometry.pageBytes).toBe(512);
    });
  });
});
