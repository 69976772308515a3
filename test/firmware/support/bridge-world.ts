/** A processor with the diary chip on a simulated line, opened: what the suite of all bridges wants. */
import type { SpiTarget } from "../../../src/sim/bridge/spi-port.ts";
import type { LinkOptions } from "../../../src/sim/link/link-model.ts";
import type { BridgeWorld } from "../../conformance/bridge.ts";
import { open } from "../../sim/client.ts";
import { pacedWorld } from "../../sim/link/paced-world.ts";
import { FirmwareModel, type Processor } from "./processor.ts";

export async function firmwareBridgeWorld(
  link: Partial<LinkOptions>,
  make: (chip: SpiTarget) => Processor,
): Promise<BridgeWorld> {
  const processors: Processor[] = [];
  const world = pacedWorld({
    link,
    wire: (chip) => {
      const processor = make(chip);
      processors.push(processor);
      return new FirmwareModel(processor);
    },
  });
  const bridge = await world.run(() => open(world.duplex, world.clock));
  return {
    bridge,
    run: (job) => world.run(job),
    wait: (durationUs) => world.clock.wait(durationUs),
    windows: () => world.chip.windows.map(({ sent }) => sent),
    chipIsSelected: () => world.chip.isSelected,
    violations: () => [...world.model.violations, ...processors.flatMap(({ complaints }) => complaints)],
  };
}
