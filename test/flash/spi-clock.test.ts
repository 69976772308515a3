/**
 * Wires that do not bear the clock: seen at the opening, and looked for where a job has failed; never blamed for what
 * the chip did.
 */
import { describe, expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { type OpenedFlash, openFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { type ClockDoubt, doubtClock } from "../../src/flash/spi-clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation } from "../../src/sim/simulation.ts";

const MHZ = 1_000_000;

async function withChip<T>(
  settings: Readonly<Record<string, string>>,
  options: OpenFlashOptions,
  job: (device: OpenedFlash, bridge: Bridge) => Promise<T>,
): Promise<T> {
  const { parts } = worldFromParameters(parseSimParameters("AT25SF041", new Map(Object.entries(settings))));
  parts.chip.load(0, createRandom("wires").bytes(64 * 1024));
  const simulation = createSimulation(parts);
  const { clock } = simulation;
  return simulation.run(async () => {
    const bridge = await openBridge(simulation.duplex, { clock, protocol: "native", random: () => 1 });
    try {
      return await job(await openFlash(bridge, options), bridge);
    } finally {
      await bridge.close();
    }
  });
}

const clockOf = ({ spiClockHz, clockDoubt }: OpenedFlash): Promise<[number, ClockDoubt | undefined]> =>
  Promise.resolve([spiClockHz, clockDoubt]);

describe("at the opening", () => {
  it("sound wires: the fastest, and no doubt", async () => {
    expect(await withChip({}, {}, clockOf)).toEqual([30 * MHZ, undefined]);
  });

  it.each([
    ["20MHz", 15, 30],
    ["6MHz", 3.75, 30],
    ["2MHz", 1, 3.75],
    ["500kHz", 0.25, 3.75],
  ] as const)("wires that bear %s: %d MHz, and what was seen", async (soundClock, used, from) => {
    const [clockHz, doubt] = await withChip({ soundClock }, {}, clockOf);
    expect(clockHz / MHZ).toBeCloseTo(used, 1);
    expect(doubt).toMatchObject({ fromHz: from * MHZ, toHz: clockHz });
    expect(doubt?.evidence).toMatch(from === 30 ? /^4 of 4 reads of the ID/ : /^the ID read 8fc200 instead of 1f8401$/);
  });

  it("a clock that was named is made slower as well, never faster", async () => {
    const [clockHz, doubt] = await withChip({ soundClock: "6MHz" }, { spiClockHz: 15 * MHZ }, clockOf);
    expect([clockHz / MHZ, doubt?.fromHz]).toEqual([3.75, 15 * MHZ]);
    expect(await withChip({ soundClock: "6MHz" }, { spiClockHz: 2 * MHZ }, clockOf)).toEqual([
      expect.closeTo(2 * MHZ, -6),
      undefined,
    ]);
  });

  it("wires that bear nothing: the error of the first clock", async () => {
    const opening = withChip({ soundClock: "100kHz" }, {}, clockOf);
    await expect(opening).rejects.toMatchObject({ code: "CHIP_UNKNOWN" });
    await expect(opening).rejects.toThrow(/8fc200 responds, but it looks like 1f8401 read one bit late/);
  });
});

describe("where a job has failed", () => {
  const doubt = (settings: Readonly<Record<string, string>>, spiClockHz: number): Promise<ClockDoubt | undefined> =>
    withChip(settings, { spiClockHz }, (device, bridge) => doubtClock(bridge, device, device.spiClockHz, 0x1000));

  it("sound wires: no doubt", async () => {
    expect(await doubt({}, 30 * MHZ)).toBeUndefined();
  });

  it("one window in a hundred comes late: the next clock at which none does", async () => {
    // Seeds at which the opening notices nothing.
    for (const seed of ["2", "4", "5"]) {
      const found = await doubt({ soundClock: "6MHz", lateShare: "0.02", seed }, 30 * MHZ);
      expect(found).toMatchObject({ fromHz: 30 * MHZ });
      expect(found?.toHz).toBeLessThan(30 * MHZ);
      expect(found?.evidence).toMatch(/^\d of 200 reads of the ID were wrong$/);
    }
  });

  it("a chip that is gone says nothing at any clock: no doubt", async () => {
    // Power goes in the middle of the trial.
    expect(await doubt({ powerCutAt: "2500" }, 30 * MHZ)).toBeUndefined();
  });

  it("a bit that is stuck reads alike at every clock: no doubt", async () => {
    expect(await doubt({ stuckAt: "0x1010:3" }, 30 * MHZ)).toBeUndefined();
  });

  it("nothing is slower than the slowest: no doubt", async () => {
    expect(await doubt({ soundClock: "6MHz", lateShare: "0.02" }, 150_000)).toBeUndefined();
  });

  it("reads that fail: what the job failed with stands", async () => {
    const broken = withChip({}, {}, (device, bridge) => {
      const read = (): Promise<Uint8Array> =>
        Promise.reject(new NorbridgeError("EBUSY", "busy", { operation: "read" }));
      return doubtClock(bridge, Object.assign(device, { read }), 30 * MHZ, 0);
    });
    await expect(broken).rejects.toThrow("busy");
  });
});
