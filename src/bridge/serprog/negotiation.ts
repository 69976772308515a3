/**
 * Everything that is sent between synchronization and the first step: questions, clocks, trials; and what they return.
 */
import {
  BUS_SPI,
  littleEndian,
  OPCODE,
  setBusType,
  setPinState,
  setSpiClock,
} from "../../../firmware-protocol/serprog/command.ts";
import type { BridgeInfo } from "../bridge.ts";
import { type Capabilities, IncompatibleBridge, probeCapabilities, ruleOf } from "./capability-probe.ts";
import { command } from "./command.ts";
import { type DialogueScript, request } from "./dialogue.ts";
import type { KnownBridge } from "./known-bridges.ts";
import { type TimingProfile, tryLink } from "./link-trial.ts";

/** The clock that is asked for to let a status question last. */
const SLOW_CLOCK_HZ = 100_000;
/** All chips answer to it. */
const FIRST_CLOCK_HZ = 4_000_000;
const MIN_BUFFER_BYTES = 16;

/** A bridge that is ready to work. */
export interface NegotiatedBridge {
  readonly capabilities: Capabilities;
  readonly timing: TimingProfile;
  /** The bytes are not checked on the way. */
  readonly isUnchecked: boolean;
  /** In use, as the bridge reports; 0 if it cannot set one. */
  readonly clockHz: number;
  /** What it made of the request for a very slow one; 0 if that is not known. */
  readonly slowClockHz: number;
}

export interface NegotiationOptions {
  readonly knownBridges: readonly KnownBridge[];
  /** The bytes are not checked on this line, whatever the bridge is. */
  readonly isUnchecked: boolean;
  /** Bytes a second, each way; 0 if that is not known. */
  readonly bytesPerSecond: number;
  readonly nowUs: () => number;
}

/** Asks and tries; returns what is known, or why the bridge cannot be used. */
export function* negotiate(options: NegotiationOptions): DialogueScript<NegotiatedBridge | IncompatibleBridge> {
  const capabilities = yield* probeCapabilities(options.knownBridges);
  if (capabilities instanceof IncompatibleBridge) return capabilities;
  const { known, clockMaxHz } = capabilities;
  const canSetClock = clockMaxHz > 0;
  const reportsClock = canSetClock && ruleOf(known, "returns-requested-clock") === undefined;
  const slowClockHz = reportsClock ? yield* setClock(SLOW_CLOCK_HZ) : 0;
  const clockHz = canSetClock ? yield* setClock(Math.min(clockMaxHz, FIRST_CLOCK_HZ)) : 0;
  const isUnchecked = options.isUnchecked || ruleOf(known, "uart-inside") !== undefined;
  const { bytesPerSecond, nowUs } = options;
  const timing = yield* tryLink(capabilities, { isUnchecked, bytesPerSecond, nowUs });
  if (!(timing instanceof IncompatibleBridge)) return { capabilities, timing, isUnchecked, clockHz, slowClockHz };
  // A line that is refused may lose this as well.
  if (canSetPins(capabilities)) yield { commands: [command(setPinState(false))], isTrial: true };
  return timing;
}

/** Sets a clock and returns what the bridge reports it is; 0 for a refusal. */
function* setClock(requestedHz: number): DialogueScript<number> {
  const reply = yield* request(command(setSpiClock(requestedHz)));
  return reply === undefined ? 0 : littleEndian(reply, 0, 4);
}

/** Whether the bridge lets go of its pins, and means it. */
export function canSetPins({ map, known }: Capabilities): boolean {
  return map.has(OPCODE.setPinState) && ruleOf(known, "pins-stay") === undefined;
}

/** Undoes what a bridge may have read as commands while both sides were not synchronised. */
export function* restore({ capabilities }: NegotiatedBridge, clockHz: number): DialogueScript<undefined> {
  const { map } = capabilities;
  if (map.has(OPCODE.setBusType)) yield* request(command(setBusType(BUS_SPI)));
  if (canSetPins(capabilities)) yield* request(command(setPinState(true)));
  if (map.has(OPCODE.initOperations)) yield* request(command(Uint8Array.of(OPCODE.initOperations)));
  if (clockHz > 0) yield* request(command(setSpiClock(clockHz)));
  return undefined;
}

/** What the layers above may know. */
export function bridgeInfoOf({ capabilities, timing, isUnchecked }: NegotiatedBridge): BridgeInfo {
  return {
    protocol: "serprog",
    protocolVersion: 1,
    boardName: capabilities.name,
    firmwareVersion: capabilities.known?.firmware ?? "",
    serialNumber: "",
    maxSendBytes: capabilities.maxSendBytes,
    maxReceiveBytes: capabilities.maxReceiveBytes,
    bufferBytes: Math.max(timing.windowBytes, MIN_BUFFER_BYTES),
    spiClockMinHz: capabilities.clockMinHz,
    spiClockMaxHz: capabilities.clockMaxHz,
    features: capabilities.clockMaxHz > 0 ? ["spiClock"] : [],
    isUnchecked,
  };
}
