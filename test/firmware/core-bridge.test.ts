/** The firmware's core, compiled, on a simulated line: held to what every bridge keeps to. */
import { bridgeConformance } from "../conformance/bridge.ts";
import { effort } from "../support/effort.ts";
import { firmwareBridgeWorld } from "./support/bridge-world.ts";
import { WasmProcessor } from "./support/wasm-core.ts";

const FAST = { baudRate: 2_000_000 };
const USB = { baudRate: 0, bytesPerSecond: 1e6 };
const PART = { share: effort(0.025, 0.2) };

bridgeConformance(
  "the core with small buffers",
  () => firmwareBridgeWorld(FAST, (chip) => new WasmProcessor(chip, "small", FAST.baudRate)),
  PART,
);
bridgeConformance(
  "the core with large buffers",
  () => firmwareBridgeWorld(FAST, (chip) => new WasmProcessor(chip, "large", FAST.baudRate)),
  PART,
);
bridgeConformance(
  "the core on USB",
  () => firmwareBridgeWorld(USB, (chip) => new WasmProcessor(chip, "large", 0)),
  PART,
);
