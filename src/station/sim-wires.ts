/** A slot in the simulator: a bridge with a socket, and a person who puts units in and takes them out. */
import { openBridge } from "../bridge/open-bridge.ts";
import { inNextTurn, realClock } from "../clock.ts";
import { ChipSocket } from "../sim/chip/core/chip-socket.ts";
import { createChip } from "../sim/chip/chip-catalog.ts";
import { Fixture, type SimUnit, type Visit } from "../sim/fixture.ts";
import { createRandom, type Random } from "../sim/random.ts";
import { worldFromParameters } from "../sim/sim-port.ts";
import type { SimParameters } from "../sim/sim-parameters.ts";
import { createSimulation } from "../sim/simulation.ts";
import type { PortSpec } from "../transport/port-spec.ts";
import type { SlotWires } from "./wires.ts";

/** Where the units of a slot come from, and where they go. */
export interface UnitSource {
  next(): Visit | undefined;
  removed?(unit: SimUnit): void;
}

/** While nothing is going to happen the simulation has no need of time; commands are still to be heard. */
const IDLE_US = 20_000;

/** Without units to come, the slot stays empty. */
export function simWires(port: PortSpec, params: SimParameters, source: UnitSource): SlotWires {
  const { seed, times } = params;
  const socket = new ChipSocket(createChip(params.chip, { seed, times }));
  const { parts } = worldFromParameters(params, socket);
  const simulation = createSimulation(parts);
  const { clock } = simulation;
  const chance = createRandom(seed).branch("host");
  const random: Random = createRandom(seed).branch("fixture");
  const fixture = new Fixture({
    ...{ socket, clock, random },
    next: () => source.next(),
    removed: (unit) => source.removed?.(unit),
  });
  fixture.start();
  let isOpened = false;
  return {
    port,
    clock,
    run: (job) => simulation.run(job),
    open({ staySlow }) {
      const duplex = isOpened ? simulation.reopen() : simulation.duplex;
      isOpened = true;
      return openBridge(duplex, { protocol: "auto", clock, climb: !staySlow, random: () => chance.nextUint32() });
    },
    pause() {
      if (!fixture.isBusy) return realClock.wait(IDLE_US);
      return new Promise(inNextTurn);
    },
    shown: () => fixture.shown(),
    close() {
      // Without its fixture a unit has no power.
      socket.remove(clock.nowNs(), random);
      simulation.hangUp();
    },
  };
}
