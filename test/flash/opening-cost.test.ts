/**
 * What opening a chip costs that needs nothing: round trips and bytes, counted on a line of 50 ms each way. Before the
 * state of the chip was looked at, an AT25 took 5 and 7 round trips, an AT45 5 and 6; one more is what the look may
 * cost. Reading each status register twice costs at most 24 bytes and no round trip.
 */
import { expect, it } from "vitest";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openFlash } from "../../src/flash/open-flash.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";

const LATENCY_MS = 50;

async function cost(name: string, bridgeName: string): Promise<{ roundTrips: number; up: number; down: number }> {
  const settings = { latencyMs: String(LATENCY_MS), bytesPerSecond: "100000000", bridge: bridgeName };
  const simulation = await openSimulation(parseSimParameters(name, new Map(Object.entries(settings))));
  const random = createRandom("opening");
  simulation.chip.load(0, random.bytes(128 * 1024));
  const { clock, duplex } = simulation;
  const protocol = bridgeName === "large" ? "native" : "serprog";
  return simulation.run(async () => {
    const bridge = await openBridge(duplex, { clock, protocol, random: () => random.nextUint32() });
    const before = simulation.linkBytes;
    const startUs = clock.nowUs();
    await openFlash(bridge);
    const after = simulation.linkBytes;
    const roundTrips = Math.round((clock.nowUs() - startUs) / (2000 * LATENCY_MS));
    return { roundTrips, up: after.up - before.up, down: after.down - before.down };
  });
}

it.each([
  ["W25Q128JV", "large", { roundTrips: 6, up: 300, down: 1048 }],
  ["W25Q128JV", "pico-serprog", { roundTrips: 8, up: 239, down: 701 }],
  ["AT25SF041", "large", { roundTrips: 6, up: 288, down: 712 }],
  ["AT45DB041E", "large", { roundTrips: 5, up: 188, down: 440 }],
  ["AT45DB041E", "pico-serprog", { roundTrips: 6, up: 97, down: 72 }],
])("%s on %s", async (name, bridgeName, expected) => {
  expect(await cost(name, bridgeName)).toEqual(expected);
});
