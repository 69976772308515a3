/** Protection over an unchecked line that changes what is read: nothing of that is ever written back. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { chipServices } from "../../src/flash/chip-services.ts";
import { presenceOf } from "../../src/flash/presence.ts";
import { guardBridge, type StepRunner } from "../../src/flash/guarded-bridge.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { RunOptions, Stream } from "../../src/stream.ts";
import { effort } from "../support/effort.ts";

/** Every tenth answer of a transfer has one bit the wrong way round. */
function noisy(bridge: StepRunner, random: Random): StepRunner {
  return {
    async *run(steps: Stream<SpiStep>, options?: RunOptions): AsyncGenerator<StepResult> {
      for await (const result of bridge.run(steps, options)) {
        if (result.kind !== "transfer" || result.received.length === 0 || random.nextUint32() % 10 !== 0) {
          yield result;
          continue;
        }
        const received = result.received.slice();
        const at = random.nextUint32() % received.length;
        received[at] = (received[at] ?? 0) ^ (1 << (random.nextUint32() % 8));
        yield { kind: "transfer", received };
      }
    },
  };
}

describe.each([
  ["AT25SF041", 8],
  ["AT25SF041B", 8],
  ["AT25EU0041A", 8],
])("%s", (chip, sr1) => {
  it("locks nothing for good, and ends free or with an error", async () => {
    let lifted = 0;
    const runs = effort(30, 300);
    for (let seed = 1; seed <= runs; seed++) {
      const parameters = parseSimParameters(
        chip,
        new Map([
          ["sr1", String(sr1)],
          ["times", "typical"],
        ]),
      );
      const simulation = await openSimulation(parameters);
      await simulation.run(async () => {
        const { clock, duplex } = simulation;
        const bridge = await openBridge(duplex, { clock, protocol: "native", random: () => 1 });
        await clock.wait(10_000);
        const descriptor = descriptorByName(chip)!;
        const driver = createDriver(descriptor, { maxSendBytes: 300, maxReceiveBytes: 256 });
        const guarded = guardBridge(noisy(bridge, createRandom(`noise ${seed}`)), descriptor);
        const { protection } = chipServices(guarded, driver, {
          inTurn: (call) => call(),
          isUnchecked: true,
          presence: presenceOf(descriptor.jedecId),
        });
        try {
          const left = await protection.control!.lift("lasting");
          if (left.ranges.length === 0) lifted++;
        } catch {
          // Said, and nothing worse.
        }
        await bridge.close();
      });
      expect(simulation.violations, `seed ${seed}`).toEqual([]);
    }
    expect(lifted).toBeGreaterThan(runs / 2);
  });
});
