/**
 * `norbridge/sim`: a bridge and a chip for tests, without hardware. `createMockBridge` for programs that use serialport,
 * `createSimulation` for code that takes a duplex or a bridge, `createChip` for a chip alone.
 *
 * Two of the ways to a simulated bridge have virtual time, in which an hour takes milliseconds: `createSimulation` with
 * parts of your own, and `openSimulation` from the settings of a `sim:` port. Two serve programs that live in real time:
 * `createMockBridge` on a path of serialport's mock binding, `serveSimulation` on TCP.
 */
export { BRIDGE_PRESETS, type BridgeOptions, type BridgePresetName, type SpiDivider } from "./bridge/bridge-options.ts";
export type { BridgeRule, BridgeViolation } from "./bridge/bridge-violation.ts";
export type { WireModel } from "./bridge/wire-model.ts";
export { type ChipOptions, createChip, simulatedChipNames } from "./chip/chip-catalog.ts";
export type { ChipFaultSettings } from "./chip/core/chip-faults.ts";
export type { ChipOddities, FoundChip, SfdpOddity } from "./chip/found-chip.ts";
export type { ContinuousRead } from "./chip/at25/part.ts";
export {
  type ChipCounters,
  type ChipModel,
  type ChipRegisters,
  type RuleName,
  TORN_ERASES,
  TORN_PROGRAMS,
  type TornState,
  type Violation,
} from "./chip/core/chip-model.ts";
export type { BridgeEnd } from "./link/bridge-end.ts";
export type { LinkDirection } from "./link/link-direction.ts";
export type { SerprogProfile } from "./serprog/serprog-profile.ts";
export type { TimesMode } from "./chip/core/chip-times.ts";
export type { Chance } from "./link/chance.ts";
export {
  type ByteFault,
  type ByteMoment,
  drawFaultPlan,
  type FaultPlan,
  type FaultRates,
  NO_FAULTS,
  type PlannedFault,
} from "./link/link-faults.ts";
export { DEFAULT_LINK, type LinkModel, type LinkOptions } from "./link/link-model.ts";
export type { Incident, LinkSide } from "./link/link-stage.ts";
export {
  createMockBridge,
  type MockBinding,
  type MockBridge,
  type MockBridgeOptions,
  type MockPort,
} from "./mock-port.ts";
export type { Random } from "./random.ts";
export { parseSimParameters, type SimParameters } from "./sim-parameters.ts";
export { type ChipTimes, SIM_SETTINGS } from "./sim-settings.ts";
export { openSimulation } from "./sim-port.ts";
export { serveSimulation, type ServeOptions, type SimServer } from "./sim-server.ts";
export {
  createSimulation,
  type SerprogSetup,
  type Simulation,
  type SimulationOptions,
  type World,
  type WorldParts,
  type WorldViolation,
} from "./simulation.ts";
export { createVirtualClock, type ScheduleOptions, type VirtualClock } from "./virtual-clock.ts";
