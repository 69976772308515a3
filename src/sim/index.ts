/**
 * `norbridge/sim`: a bridge and a chip for tests, without hardware. `createMockBridge` for programs that use serialport,
 * `createSimulation` for code that takes a duplex or a bridge, `createChip` for a chip alone.
 */
export { BRIDGE_PRESETS, type BridgeOptions, type BridgePresetName } from "./bridge/bridge-options.ts";
export type { BridgeRule, BridgeViolation } from "./bridge/bridge-violation.ts";
export { createChip, simulatedChipNames } from "./chip/chip-catalog.ts";
export type { ChipModel, Violation } from "./chip/chip-model.ts";
export { drawFaultPlan, type FaultPlan, type FaultRates, NO_FAULTS, type PlannedFault } from "./link/link-faults.ts";
export { DEFAULT_LINK, type LinkOptions } from "./link/link-model.ts";
export type { Incident } from "./link/link-stage.ts";
export {
  createMockBridge,
  type MockBinding,
  type MockBridge,
  type MockBridgeOptions,
  type MockPort,
} from "./mock-port.ts";
export { parseSimParameters, SIM_SETTINGS, type SimParameters } from "./sim-parameters.ts";
export { openSimulation } from "./sim-port.ts";
export { serveSimulation, type ServeOptions, type SimServer } from "./sim-server.ts";
export { createSimulation, type Simulation, type World, type WorldParts, type WorldViolation } from "./simulation.ts";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
