/** The firmware's core, compiled, on a simulated line: held to what every bridge keeps to. */
import { bridgeConformance, type BridgeWorld } from "../conformance/bridge.ts";
import { open } from "../sim/client.ts";
import { pacedWorld, type PacedWorldOptions } from "../sim/link/paced-world.ts";
import { effort } from "../support/effort.ts";
import { FirmwareModel } from "./support/processor.ts";
import { type CoreSize, WasmProcessor } from "./support/wasm-core.ts";

async function worldWith(size: CoreSize, baudRate: number, link: PacedWorldOptions["link"]): Promise<BridgeWorld> {
  const complaints: (readonly string[])[] = [];
  const world = pacedWorld({
    ...(link === undefined ? {} : { link }),
    wire: (chip) => {
      const processor = new WasmProcessor(chip, size, baudRate);
      complaints.push(processor.complaints);
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
    violations: () => [...world.model.violations, ...complaints.flat()],
  };
}

const PART = { share: effort(0.025, 1) };
bridgeConformance("the core with small buffers", () => worldWith("small", 2_000_000, undefined), PART);
bridgeConformance("the core with large buffers", () => worldWith("large", 2_000_000, undefined), PART);
bridgeConformance("the core on USB", () => worldWith("large", 0, { baudRate: 0, bytesPerSecond: 1e6 }), PART);
