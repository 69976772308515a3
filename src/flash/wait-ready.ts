/**
 * Waits for a chip that is busy with an operation of an earlier program: it returns nothing but its status. A long wait is
 * reported, and has a deadline.
 */
import { READ_STATUS_1 } from "../../drivers/at25/status.ts";
import { answerOf, asking, receivedByte, sending } from "../../drivers/step-answers.ts";
import type { StateFamily } from "../../drivers/state/state-family.ts";
import { isBusyStatus } from "../../drivers/state/state-questions.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions } from "../stream.ts";
import type { StepRunner } from "./guarded-bridge.ts";
import { runProgram } from "./run-program.ts";
import { readSteadily } from "./steady-reading.ts";

/** How to wait. */
export interface WaitOptions extends RunOptions {
  /** Called when it takes longer, with a sentence without a full stop. */
  readonly note?: ((message: string) => void) | undefined;
  /** Longest wait, milliseconds; `BUSY_TIMEOUT_MS` if left out. */
  readonly limitMs?: number | undefined;
  /** The level of an undriven line: a status that reads this byte is not a status. */
  readonly level?: number | undefined;
  /** The chip is known to drive the line: a status with all bits set is that of a busy chip. Default: an undriven line. */
  readonly isDriven?: boolean | undefined;
  /**
   * Whether error bits can keep the chip busy: it is a part with such bits, or it has none. Default: its ID is not known yet.
   * Then they are cleared only if it is still busy after `UNSAID_MS`, since protection bits of other parts look the same.
   */
  readonly errorBits?: "stay" | "none" | undefined;
}

/** What a wait came to. */
export interface Waited {
  /** Whether the chip was at work at all. */
  readonly wasBusy: boolean;
  /** Whether error bits kept it busy, which were cleared. */
  readonly hadError: boolean;
}

/** Longest time a chip may be busy when it is opened: a chip erase of an interrupted session. */
export const BUSY_TIMEOUT_MS = 240_000;
/** A longer wait is reported. */
const UNSAID_MS = 2_000;
const POLL_INTERVAL_US = 1_000;
const ALL_SET = 0xff;
const READ_STATUS = Uint8Array.of(READ_STATUS_1);
/**
 * Error bits of Spansion's S25FL-S: while one is set the chip stays busy, until 30h. The other families either resume by it,
 * which a busy chip ignores, or do not have it.
 */
const ERROR_BITS = 0x60;
const CLEAR_ERRORS = 0x30;
const ERROR_CLEARED: Waited = { wasBusy: true, hadError: true };

/** Whether error bits can keep a part of this family busy. */
export function errorBitsOf({ clearErrors }: StateFamily): "stay" | "none" {
  return clearErrors === CLEAR_ERRORS ? "stay" : "none";
}

/**
 * Waits until the status reports that the chip is ready; not at all if it says that no chip is there. Throws EBUSY after the
 * longest time, and what the bridge throws.
 */
export async function waitWhileBusy(bridge: StepRunner, options: WaitOptions = {}): Promise<Waited> {
  const status = await statusOf(bridge, options);
  if (status === options.level || !(isBusyStatus(status) || (options.isDriven === true && status === ALL_SET)))
    return { wasBusy: false, hadError: false };
  const hasErrorBit = (status & ERROR_BITS) !== 0;
  const { note, limitMs = BUSY_TIMEOUT_MS, errorBits } = options;
  if (hasErrorBit && errorBits === "stay" && (await endsByClearing(bridge, options))) return ERROR_CLEARED;
  const unsaidMs = Math.min(UNSAID_MS, limitMs);
  if (await isReadyWithin(bridge, unsaidMs, options)) return { wasBusy: true, hadError: false };
  if (hasErrorBit && errorBits === undefined && (await endsByClearing(bridge, options))) return ERROR_CLEARED;
  if (limitMs > unsaidMs) {
    note?.(`the chip is busy; waiting up to ${Math.round(limitMs / 1000)} s`);
    if (await isReadyWithin(bridge, limitMs - unsaidMs, options)) return { wasBusy: true, hadError: false };
  }
  const last = await statusOf(bridge, options);
  throw new NorbridgeError(
    "EBUSY",
    `the chip is still busy after ${limitMs / 1000} s: its status reads ${hexByte(last)}`,
    {
      operation: "wait for the chip",
      hint: "Wait and try again. If it stays busy, cut the power of the chip: an operation that failed may keep it busy.",
    },
  );
}

/** No ID is read beside it: a chip at work does not return one. */
function statusOf(bridge: StepRunner, options: RunOptions): Promise<number> {
  const status = asking(1, READ_STATUS_1);
  return readSteadily(
    { steps: [status], decode: (results) => answerOf(results, () => receivedByte(results, 0)) },
    { operation: "read status", run: (program) => runProgram(bridge, program, options) },
  );
}

/** Whether the error bits were what kept it busy. */
async function endsByClearing(bridge: StepRunner, options: RunOptions): Promise<boolean> {
  await runProgram(bridge, { steps: [sending(CLEAR_ERRORS)], decode: () => undefined }, options);
  const status = await statusOf(bridge, options);
  return !isBusyStatus(status) && (status & ERROR_BITS) === 0;
}

async function isReadyWithin(bridge: StepRunner, timeoutMs: number, options: RunOptions): Promise<boolean> {
  const wait: SpiStep = {
    kind: "poll",
    send: READ_STATUS,
    mask: 1,
    value: 0,
    intervalUs: POLL_INTERVAL_US,
    timeoutMs: Math.max(1, Math.round(timeoutMs)),
  };
  const decode = ([result]: readonly StepResult[]): boolean => result?.kind !== "failed" || result.reason !== "timeout";
  return runProgram(bridge, { steps: [wait], decode }, options);
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
