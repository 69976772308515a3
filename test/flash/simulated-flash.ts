/** A device on a simulated chip and bridge, for tests that want the whole way down. */
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { openFlash, type OpenedFlash } from "../../src/flash/open-flash.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { Simulation } from "../../src/sim/simulation.ts";

export interface SimulatedFlash {
  readonly simulation: Simulation;
  readonly device: OpenedFlash;
}

/** Opens "AT25SF041" or another simulated chip with settings as of a `sim:` port. */
export async function simulatedFlash(chip: string, settings: Record<string, string> = {}): Promise<SimulatedFlash> {
  const parameters = parseSimParameters(chip, new Map(Object.entries(settings)));
  const simulation = await openSimulation(parameters);
  const chance = createRandom(parameters.seed).branch("host");
  const { clock, duplex } = simulation;
  const device = await simulation.run(async () =>
    openFlash(await openBridge(duplex, { clock, protocol: "native", random: () => chance.nextUint32() })),
  );
  return { simulation, device };
}
