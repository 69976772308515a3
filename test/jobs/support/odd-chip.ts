/** A chip whose erases are not what its descriptor says, on a bridge whose host can be killed between two steps. */
import type { At25Descriptor } from "../../../drivers/chip-descriptor.ts";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import type { Bridge } from "../../../src/bridge/bridge.ts";
import { openBridge } from "../../../src/bridge/open-bridge.ts";
import { openFlash, type OpenedFlash } from "../../../src/flash/open-flash.ts";
import { At25Model } from "../../../src/sim/chip/at25/model.ts";
import { AT25SF041, type At25Part } from "../../../src/sim/chip/at25/part.ts";
import type { ChipModel } from "../../../src/sim/chip/core/chip-model.ts";
import { ChipTimes } from "../../../src/sim/chip/core/chip-times.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { prepareWorld } from "../../../src/sim/sim-port.ts";
import { parseSimParameters } from "../../../src/sim/sim-parameters.ts";
import { createSimulation, type Simulation } from "../../../src/sim/simulation.ts";
import type { RunOptions, Stream } from "../../../src/stream.ts";

export interface OddChip {
  readonly simulation: Simulation;
  readonly bridge: Bridge;
  readonly chip: ChipModel;
  /** Opens it as this part; on a bridge of its own if a host shall be killed. */
  open(part: At25Descriptor, bridge?: Bridge): Promise<OpenedFlash>;
}

/** The part as its descriptor is, with other erases. */
export function partWithErases(sizes: Readonly<Record<number, number>>): At25Part {
  const erases = AT25SF041.erases.map((erase) => ({ ...erase, unitBytes: sizes[erase.opcode] ?? erase.unitBytes }));
  return { ...AT25SF041, erases: erases.filter(({ unitBytes }) => unitBytes !== 0) };
}

/** The descriptor of an AT25SF041, with what its opcodes might erase on a sibling. */
export function unprovedPart(unproved: Readonly<Record<number, number>>): At25Descriptor {
  const known = descriptorByName("AT25SF041");
  if (known?.family !== "at25") throw new Error("the catalogue has lost its AT25SF041");
  const eraseCommands = known.eraseCommands.map((command) => ({
    ...command,
    unprovedBytes: unproved[command.opcode],
  }));
  return { ...known, eraseCommands };
}

/** The same without all erases but those of 4 KiB. */
export function withSectorsOnly(part: At25Descriptor): At25Descriptor {
  const [sectors] = part.geometry.eraseUnits;
  if (sectors === undefined) throw new Error("it has no sectors");
  const eraseCommands = part.eraseCommands.filter(({ unitName }) => unitName === sectors.name);
  return { ...part, eraseCommands, geometry: { ...part.geometry, eraseUnits: [sectors] } };
}

export async function oddChip(part: At25Part, settings: Readonly<Record<string, string>> = {}): Promise<OddChip> {
  const parameters = parseSimParameters("AT25SF041", new Map(Object.entries({ times: "typical", ...settings })));
  const chip = new At25Model(part, new ChipTimes("typical", 1));
  const { parts } = await prepareWorld(parameters, chip);
  const simulation = createSimulation(parts);
  const chance = createRandom(parameters.seed).branch("host");
  const { clock, duplex } = simulation;
  const protocol = settings["protocol"] === "serprog" ? "serprog" : "native";
  const bridge = await simulation.run(() => openBridge(duplex, { clock, protocol, random: () => chance.nextUint32() }));
  const open: OddChip["open"] = (described, over = bridge) =>
    simulation.run(() => openFlash(over, { part: described }));
  return { simulation, bridge, chip, open };
}

export interface MortalHost {
  readonly bridge: Bridge;
  /** Steps since it was armed. */
  readonly steps: number;
  /** From here on it dies before its step of this number: nothing goes out any more. */
  arm(most: number): void;
}

export function mortalHost(bridge: Bridge): MortalHost {
  let steps = 0;
  let most = Infinity;
  async function* counted(all: Stream<SpiStep>): AsyncGenerator<SpiStep> {
    for await (const step of all) {
      if (steps++ >= most) throw new Error("killed");
      yield step;
    }
  }
  return {
    bridge: {
      info: bridge.info,
      clock: bridge.clock,
      statistics: bridge.statistics,
      run: (all: Stream<SpiStep>, options?: RunOptions): AsyncIterable<StepResult> => bridge.run(counted(all), options),
      setSpiClockHz: (clockHz) => bridge.setSpiClockHz(clockHz),
      close: () => bridge.close(),
    },
    get steps() {
      return steps;
    },
    arm(count) {
      steps = 0;
      most = count;
    },
  };
}
