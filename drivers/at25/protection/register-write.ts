/** What the schemes of protection share: reading registers, and writing them with the latch set and the wait behind. */
import type { StepResult } from "../../../firmware-protocol/step.ts";
import type { ChipAnswer, ChipOutcome, ProtectionControl, ProtectionState, StepProgram } from "../../chip-driver.ts";
import { answerOf, asking, outcomeOf, receivedByte, sending, waiting } from "../../step-answers.ts";
import { READ_STATUS_1, READY, STATUS_1_WEL } from "../status.ts";

/** How a part is asked for its protection, and what changes it. */
export interface ProtectionScheme {
  readonly read: StepProgram<ChipAnswer<ProtectionState>>;
  /** As `ChipDriver.protectionDetail`. */
  readonly detail?: ((state: ProtectionState) => StepProgram<ChipAnswer<ProtectionState>> | undefined) | undefined;
  /** Absent if it is not known how. */
  readonly control?: ProtectionControl | undefined;
  /** Why there is none although it is known how. */
  readonly hazard?: string | undefined;
}

const WRITE_ENABLE = 0x06;
const WRITE_DISABLE = 0x04;
const VOLATILE_WRITE_ENABLE = 0x50;
/** Host limit of a status write; datasheets have 15 to 40 ms (timeoutsMs of the facts). */
const WRITE_MAXIMUM_US = 200_000;
const WRITE_POLL_INTERVAL_US = 200;

/** Every command with the latch set before it and the chip ready after it. */
export function writeRegister(
  commands: readonly Uint8Array[],
  latch: "lasting" | "volatile" = "lasting",
): StepProgram<ChipOutcome> {
  const enable = sending(latch === "lasting" ? WRITE_ENABLE : VOLATILE_WRITE_ENABLE);
  const ready = waiting(READY, WRITE_MAXIMUM_US, WRITE_POLL_INTERVAL_US);
  return {
    steps: commands.flatMap((send) => [enable, { kind: "transfer" as const, send, receiveBytes: 0 }, ready]),
    decode: outcomeOf,
  };
}

/** Whether 06h sets the latch: a chip that takes it and keeps its registers has refused the write. */
export function acceptsEnable(): StepProgram<ChipAnswer<boolean>> {
  return {
    steps: [sending(WRITE_ENABLE), asking(1, READ_STATUS_1), sending(WRITE_DISABLE)],
    decode: (results: readonly StepResult[]) =>
      answerOf(results, () => (receivedByte(results, 1) & STATUS_1_WEL) !== 0),
  };
}

/** A register by its name. Throws RangeError if the state is not one of this scheme. */
export function registerValue(state: ProtectionState, name: string): number {
  const found = state.registers.find((register) => register.name === name);
  if (found === undefined) throw new RangeError(`the protection as read has no ${name}`);
  return found.value;
}
