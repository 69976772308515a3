/**
 * Opening a chip on a bridge: its clock, waiting for an erase still in progress, protection, and a chip that goes
 * away.
 */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { openFlash, type OpenedFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";
import { effort } from "../support/effort.ts";

async function world(chip: string, settings: Record<string, string>): Promise<Simulation> {
  return openSimulation(parseSimParameters(chip, new Map(Object.entries(settings))));
}

function open(simulation: Simulation, options: OpenFlashOptions = {}): Promise<OpenedFlash> {
  const { clock, duplex } = simulation;
  const chance = createRandom("host");
  return simulation.run(async () =>
    openFlash(await openBridge(duplex, { clock, protocol: "native", random: () => chance.nextUint32() }), options),
  );
}

const failure = (promise: Promise<unknown>): Promise<NorbridgeError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => (error instanceof NorbridgeError ? error : Promise.reject(error as Error)),
  );

describe("opening a chip", () => {
  it.each([
    ["AT25SF041", { missing: "ff" }, {}, "CHIP_MISSING", "no chip responds on the SPI bus: all bytes read FF"],
    ["AT25SF041", { missing: "00" }, {}, "CHIP_MISSING", "no chip responds on the SPI bus: all bytes read 00"],
    ["AT25SF041", {}, { chip: "AT25SF081" }, "CHIP_UNKNOWN", "AT25SF081 has the ID 1f8501, this chip 1f8401"],
    ["AT25SF041", {}, { chip: "W25X" }, "CHIP_UNKNOWN", "no part is named W25X"],
    ["AT25SF041", {}, { spiClockHz: 200_000_000 }, "EINVAL", "the SPI clock of 200000000 Hz is not possible"],
  ])("%s %j %j: %s", async (chip, settings, options, code, message) => {
    const error = await failure(open(await world(chip, settings), options));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).not.toBe("");
  });

  it("sets the clock that chip and bridge allow, or the one that was asked for", async () => {
    expect((await open(await world("AT25SF041", {}))).spiClockHz).toBe(30_000_000);
    expect((await open(await world("AT25SF041", { bridge: "small" }))).spiClockHz).toBe(8_000_000);
    expect((await open(await world("AT25SF041", {}), { spiClockHz: 5_000_000 })).spiClockHz).toBe(5_000_000);
  });

  it("waits for a chip that still erases: a job that was broken off leaves it so", async () => {
    const simulation = await world("AT25SF041", { times: "typical" });
    const { chip } = simulation;
    chip.select(0);
    chip.exchangeBlock(Uint8Array.of(0x06), 0, 0, 100);
    chip.deselect(1000);
    chip.select(2000);
    chip.exchangeBlock(Uint8Array.of(0xc7), 0, 2000, 100);
    chip.deselect(3000);
    const device = await open(simulation);
    expect(device.identity.name).toBe("AT25SF041");
    expect(simulation.clock.nowUs()).toBeGreaterThan(5_000_000);
    expect(simulation.violations).toEqual([]);
  });

  it("notices that the chip has gone", async () => {
    const simulation = await world("AT25SF041", { powerCutAt: "2000" });
    const device = await open(simulation);
    const error = await failure(
      simulation.run(async () => {
        await device.checkIdentity();
        await device.read(0, 4000);
        await device.checkIdentity();
      }),
    );
    expect(error).toMatchObject({ code: "CHIP_MISSING" });
    expect(error.message).toContain("the chip no longer responds: its ID reads ffffff");
  });

  it("waits for an erase of an earlier session, whenever it ends", async () => {
    // The end moves over all that opening asks, in steps shorter than a question.
    for (let leftUs = -100; leftUs < 16_000; leftUs += effort(105, 15)) {
      const simulation = await world("AT25SF041", { times: "typical" });
      const { chip, clock } = simulation;
      await simulation.run(async () => {
        await clock.wait(10_000);
        for (const send of [[0x06], [0xd8, 0, 0, 0]]) {
          chip.select(clock.nowNs());
          chip.exchangeBlock(Uint8Array.from(send), 0, clock.nowNs(), 1);
          chip.deselect(clock.nowNs());
        }
        await clock.wait(600_000 - leftUs);
      });
      const device = await open(simulation);
      expect(device.identity.name, `${leftUs} us before its end`).toBe("AT25SF041");
      expect(simulation.violations).toEqual([]);
    }
  });

  it("says what protects the chip", async () => {
    const simulation = await world("AT25SF041", {});
    const device = await open(simulation);
    await simulation.run(async () => {
      // BP0: the uppermost 64 KiB.
      const { chip } = simulation;
      const nowNs = simulation.clock.nowNs();
      for (const send of [[0x06], [0x01, 0x04, 0x00]]) {
        chip.select(nowNs);
        chip.exchangeBlock(Uint8Array.from(send), 0, nowNs, 1);
        chip.deselect(nowNs + 10);
      }
      await simulation.clock.wait(50_000);
      const { ranges, heldBy } = await device.protectedRanges();
      expect(ranges).toEqual([{ address: 0x70000, lengthBytes: 0x10000 }]);
      expect(heldBy).toContain("status register");
    });
  });
});

describe("a chip that goes away in the middle", () => {
  it.each([
    ["AT25SF041", { powerCutAt: "3000" }, "ENODEV"],
    ["AT45DB041E", { powerCutAt: "3000" }, "ENODEV"],
    ["AT25SF041", { busyForever: "3" }, "EBUSY"],
    ["AT45DB041E", { busyForever: "3" }, "EBUSY"],
  ])("%s %j: %s", async (chip, settings, code) => {
    const simulation = await world(chip, settings);
    const device = await open(simulation);
    const error = await failure(simulation.run(() => device.program(0, new Uint8Array(8000))));
    expect(error.code).toBe(code);
  });
});
