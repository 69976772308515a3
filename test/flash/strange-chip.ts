/** A chip that is not what its ID says, as a strict model: a part of the simulator with other cells, erases or SFDP area. */
import type { Bridge } from "../../src/bridge/bridge.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openFlash, type OpenedFlash, type OpenFlashOptions } from "../../src/flash/open-flash.ts";
import { At25Model } from "../../src/sim/chip/at25/model.ts";
import type { At25Part } from "../../src/sim/chip/at25/part.ts";
import { ChipTimes } from "../../src/sim/chip/core/chip-times.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { worldFromParameters } from "../../src/sim/sim-port.ts";
import { createSimulation, type Simulation } from "../../src/sim/simulation.ts";

export interface StrangeChip {
  readonly chip: At25Model;
  readonly simulation: Simulation;
  /** Programs that were run on the bridge since the last opening began, and clocks that were set: a round trip each. */
  readonly roundTrips: () => number;
  open(options?: OpenFlashOptions): Promise<OpenedFlash>;
  /** Rules that the chip saw broken. */
  rules(): string[];
}

/** Content by seed, or blank; settings as of a `sim:` port (`protocol`, `usb`, ...). */
export function strangeChip(
  part: At25Part,
  { seed, settings = {} }: { readonly seed?: string; readonly settings?: Record<string, string> } = {},
): StrangeChip {
  const chip = new At25Model(part, new ChipTimes("typical", 1));
  if (seed !== undefined) chip.load(0, createRandom(seed).bytes(part.capacityBytes));
  // The name only says how world and link are set; the chip is the one made here.
  const parameters = parseSimParameters("AT25SF041", new Map(Object.entries(settings)));
  const { parts } = worldFromParameters(parameters, chip);
  const simulation = createSimulation(parts);
  let trips = 0;
  const counted = (bridge: Bridge): Bridge =>
    new Proxy(bridge, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        return (...given: unknown[]): unknown => {
          if (key === "run" || key === "setSpiClockHz") trips++;
          return Reflect.apply(value, target, given);
        };
      },
    });
  let duplex = simulation.duplex;
  let isOpen = false;
  return {
    chip,
    simulation,
    roundTrips: () => trips,
    rules: () => [...new Set(chip.violations.map(({ rule }) => rule))],
    open: (options = {}) =>
      simulation.run(async () => {
        if (isOpen) duplex = simulation.reopen();
        isOpen = true;
        trips = 0;
        const protocol = parameters.serprog === undefined ? "native" : "serprog";
        const bridge = await openBridge(duplex, { clock: simulation.clock, protocol, random: () => 1 });
        return openFlash(counted(bridge), options);
      }),
  };
}

/** The code with which something fails; "ok" if it does not. */
export async function codeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return "ok";
  } catch (error) {
    return String((error as { readonly code?: unknown }).code);
  }
}
