/**
 * SST26: one register of bits for blocks of unlike size, all set after power-up (72h reads it, 42h writes it, 98h clears
 * it). Which bit covers what no source read here has: any bit set counts as the whole chip.
 */
import type { StepResult } from "../../../firmware-protocol/step.ts";
import type { ProtectionAttempt, ProtectionChange, ProtectionState } from "../../chip-driver.ts";
import { readsAs } from "../../protection-change.ts";
import { answerOf, asking, receivedAt } from "../../step-answers.ts";
import { acceptsEnable, type ProtectionScheme, registerValue, writeRegister } from "./register-write.ts";

const READ_REGISTER = 0x72;
const WRITE_REGISTER = 0x42;
const GLOBAL_UNLOCK = 0x98;

export function blockRegisterScheme(capacityBytes: number, registerBytes: number): ProtectionScheme {
  const whole = { address: 0, lengthBytes: capacityBytes };
  const bytesOf = (state: ProtectionState): number[] =>
    Array.from({ length: registerBytes }, (_, index) => registerValue(state, byteName(index)));
  const change = (bytes: readonly number[]): ProtectionChange => {
    const expected = bytes.map((value, index) => ({ name: byteName(index), value, mask: 0xff }));
    const by = (commands: string, command: Uint8Array): ProtectionAttempt => ({
      commands,
      write: (now) => (expected.every((byte) => readsAs(now, byte)) ? undefined : writeRegister([command])),
    });
    const written = by("42h after 06h", Uint8Array.of(WRITE_REGISTER, ...bytes));
    if (bytes.some((byte) => byte !== 0)) return { expected, attempts: [written] };
    return { expected, attempts: [by("98h after 06h", Uint8Array.of(GLOBAL_UNLOCK)), written] };
  };
  return {
    read: {
      steps: [asking(registerBytes, READ_REGISTER)],
      decode: (results: readonly StepResult[]) =>
        answerOf(results, () => {
          const bytes = [...receivedAt(results, 0)];
          return {
            ranges: bytes.some((byte) => byte !== 0) ? [whole] : [],
            registers: bytes.map((value, index) => ({ name: byteName(index), value })),
            heldBy:
              "the block-protection register, which is set at each power-up and may cover less than the whole chip",
            lockedBy: "",
          };
        }),
    },
    control: {
      terms: ["until-power-off"],
      lift: () => change(new Array<number>(registerBytes).fill(0)),
      restore: (before) => change(bytesOf(before)),
      // A register of ones would lock reading, too: what the chip has after power-up is the way to get all protected.
      protect: () => ({ choices: [] }),
      acceptsEnable,
    },
  };
}

function byteName(index: number): string {
  return `block protection byte ${index}`;
}
