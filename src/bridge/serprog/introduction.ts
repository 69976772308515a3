/** Everything that is sent between synchronization and the first step: questions, clocks, trials; and the results. */
import { littleEndian, OPCODE, setPinState, setSpiClock } from "../../../firmware-protocol/serprog/command.ts";
import type { BridgeInfo } from "../bridge.ts";
import { command } from "./command.ts";
import { inquire, type Inquiry, ruleOf, type Talk, tell, Unfit } from "./inquiry.ts";
import type { KnownBridge } from "./known-bridges.ts";
import { type Manner, tryLink } from "./link-trial.ts";

/** The clock that is asked for to let a status question last. */
const SLOW_CLOCK_HZ = 100_000;
/** All chips answer to it. */
const FIRST_CLOCK_HZ = 4_000_000;
const SMALLEST_BUFFER_BYTES = 16;

/** A bridge that is ready to work. */
export interface Introduced {
  readonly inquiry: Inquiry;
  readonly manner: Manner;
  /** The bytes are not checked on the way. */
  readonly isUnchecked: boolean;
  /** In use, as the bridge reports; 0 if it cannot set one. */
  readonly clockHz: number;
  /** What it made of the request for a very slow one; 0 if that is not known. */
  readonly slowClockHz: number;
}

export interface IntroductionOptions {
  readonly knownBridges: readonly KnownBridge[];
  /** The bytes are not checked on this line, whatever the bridge is. */
  readonly isUnchecked: boolean;
  /** Bytes a second, each way; 0 if that is not known. */
  readonly bytesPerSecond: number;
  readonly nowUs: () => number;
}

/** Asks and tries; returns what is known, or why it cannot be worked with. */
export function* introduce(options: IntroductionOptions): Talk<Introduced | Unfit> {
  const inquiry = yield* inquire(options.knownBridges);
  if (inquiry instanceof Unfit) return inquiry;
  const { known, clockMaxHz } = inquiry;
  const canSetClock = clockMaxHz > 0;
  const saysClock = canSetClock && ruleOf(known, "clock-is-a-wish") === undefined;
  const slowClockHz = saysClock ? yield* setClock(SLOW_CLOCK_HZ) : 0;
  const clockHz = canSetClock ? yield* setClock(Math.min(clockMaxHz, FIRST_CLOCK_HZ)) : 0;
  const isUnchecked = options.isUnchecked || ruleOf(known, "uart-inside") !== undefined;
  const { bytesPerSecond, nowUs } = options;
  const manner = yield* tryLink(inquiry, { isUnchecked, bytesPerSecond, nowUs });
  if (!(manner instanceof Unfit)) return { inquiry, manner, isUnchecked, clockHz, slowClockHz };
  // A line that is refused may lose this as well.
  if (canSetPins(inquiry)) yield { commands: [command(setPinState(false))], isTrial: true };
  return manner;
}

/** Sets a clock and returns what the bridge reports it is; 0 for a refusal. */
function* setClock(wishHz: number): Talk<number> {
  const reply = yield* tell(command(setSpiClock(wishHz)));
  return reply === undefined ? 0 : littleEndian(reply, 0, 4);
}

/** Whether the bridge lets go of its pins, and means it. */
export function canSetPins({ map, known }: Inquiry): boolean {
  return map.has(OPCODE.setPinState) && ruleOf(known, "pins-stay") === undefined;
}

/** What the layers above may know. */
export function bridgeInfoOf({ inquiry, manner, isUnchecked }: Introduced): BridgeInfo {
  return {
    protocol: "serprog",
    protocolVersion: 1,
    boardName: inquiry.name,
    firmwareVersion: inquiry.known?.firmware ?? "",
    serialNumber: "",
    maxSendBytes: inquiry.maxSendBytes,
    maxReceiveBytes: inquiry.maxReceiveBytes,
    bufferBytes: Math.max(manner.windowBytes, SMALLEST_BUFFER_BYTES),
    spiClockMinHz: inquiry.clockMinHz,
    spiClockMaxHz: inquiry.clockMaxHz,
    features: inquiry.clockMaxHz > 0 ? ["spiClock"] : [],
    isUnchecked,
  };
}
