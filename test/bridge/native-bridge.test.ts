/** The native protocol over a simulated line, held to what every bridge keeps to. */
import { BRIDGE_PRESETS } from "../../src/sim/bridge/bridge-options.ts";
import { effort } from "../support/effort.ts";
import { bridgeConformance, type BridgeWorld } from "../conformance/bridge.ts";
import { open } from "../sim/client.ts";
import { pacedWorld, type PacedWorldOptions } from "../sim/link/paced-world.ts";

async function worldWith(options: PacedWorldOptions): Promise<BridgeWorld> {
  const world = pacedWorld(options);
  const bridge = await world.run(() => open(world.duplex, world.clock));
  return {
    bridge,
    run: (job) => world.run(job),
    wait: (durationUs) => world.clock.wait(durationUs),
    windows: () => world.chip.windows.map(({ sent }) => sent),
    chipIsSelected: () => world.chip.isSelected,
    violations: () => world.model.violations,
  };
}

const { small, large } = BRIDGE_PRESETS;
/** The long ones in part, but in CI. */
const PART = { share: effort(0.025, 1) };
bridgeConformance("a small bridge", () => worldWith({ bridge: small }), PART);
bridgeConformance("a large bridge", () => worldWith({ bridge: large }), PART);
bridgeConformance(
  "a bridge on USB without a line rate",
  () => worldWith({ bridge: { ...large, baudRate: 0, maxBaud: 0 }, link: { baudRate: 0, bytesPerSecond: 1e6 } }),
  PART,
);
