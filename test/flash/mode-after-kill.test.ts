/**
 * C48 of docs/field-cases.md. Parts above 16 MiB that have only a mode of four address bytes: norbridge enters it for
 * each run. A program that is killed within one leaves the chip in it. No journal has that: every opening finds the
 * mode by what the chip returns, and leaves it.
 */
import { describe, expect, it } from "vitest";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge } from "../../src/bridge/bridge.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { memoryImage } from "../../src/files/image-source.ts";
import { openFlash, type OpenedFlash } from "../../src/flash/open-flash.ts";
import { writeImage } from "../../src/jobs/write/write-image.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { RunOptions, Stream } from "../../src/stream.ts";
import { effort } from "../support/effort.ts";

const START = 0x1801000;
const CONTENT = createRandom("content").bytes(8192);
const DATA = createRandom("image").bytes(5000);
const REQUEST = { offset: 0, verify: true, assumeBlank: false, retries: 1 };

/** The same bridge for a program that is killed once it has sent this many steps. */
function killedAfter(bridge: Bridge, most: number): Bridge {
  let sent = 0;
  async function* counted(steps: Stream<SpiStep>): AsyncGenerator<SpiStep> {
    for await (const step of steps) {
      if (++sent > most) throw new Error("killed");
      yield step;
    }
  }
  const dying: Bridge = Object.create(bridge) as Bridge;
  const run = (steps: Stream<SpiStep>, options?: RunOptions): AsyncIterable<StepResult> =>
    bridge.run(counted(steps), options);
  return Object.defineProperties(dying, {
    run: { value: run },
    info: { value: bridge.info },
    setSpiClockHz: { value: (hz: number) => bridge.setSpiClockHz(hz) },
    close: { value: () => Promise.resolve() },
  });
}

const write = (device: OpenedFlash): Promise<unknown> =>
  writeImage(device, memoryImage("image", [{ address: START + 100, data: DATA }]), REQUEST, {});

const NEXT: readonly [string, (device: OpenedFlash) => Promise<unknown>][] = [
  ["info", (device) => device.protectedRanges()],
  ["read", (device) => device.read(START, 4096)],
  ["the same write", write],
];

async function sceneOf(part: string) {
  const settings = new Map([["times", "typical"]]);
  const simulation = await openSimulation(parseSimParameters(part, settings));
  simulation.chip.load(START, CONTENT);
  const { clock, duplex } = simulation;
  const bridge = await simulation.run(() => openBridge(duplex, { clock, protocol: "native", random: () => 1 }));
  return { simulation, bridge };
}

describe.each(effort(["W25Q256FV"], ["W25Q256FV", "MX25L25635E", "MX25L25635F"]))("%s", (part) => {
  it("a killed write leaves the mode on, and the next opening leaves it, whatever it does", async () => {
    let killedInMode = 0;
    for (let steps = 20; ; steps += effort(67, 13)) {
      const { simulation, bridge } = await sceneOf(part);
      const { chip } = simulation;
      const before = chip.peekRegisters();
      expect(before.isFourByteMode).toBe(false);
      const outcome = await simulation.run(() =>
        openFlash(killedAfter(bridge, steps))
          .then(write)
          .then(
            () => "done",
            () => "killed",
          ),
      );
      if (outcome === "done") break;
      if (chip.peekRegisters().isFourByteMode) killedInMode++;
      const [name, act] = NEXT[steps % NEXT.length] ?? NEXT[0]!;
      await simulation.run(async () => {
        const device = await openFlash(bridge);
        await act(device);
        expect({ steps, name, registers: chip.peekRegisters() }).toEqual({ steps, name, registers: before });
        if (name !== "the same write") await write(device);
        await device.close();
      });
      expect(chip.peekRegisters()).toEqual(before);
      // The bytes around the image are a matter of the journal, which this write has not.
      expect(Buffer.compare(chip.peek(START + 100, DATA.length), DATA)).toBe(0);
    }
    expect(killedInMode).toBeGreaterThan(0);
  });
});
