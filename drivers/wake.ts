/** How to wake a chip of any family: the same steps before and after it is known. Source: at25.md, at45.md. */
import type { SpiStep } from "../firmware-protocol/step.ts";
import { sending } from "./step-answers.ts";

const RESUME = 0xab;

/**
 * Longest exit from any power-down, microseconds. ABh ends deep power-down by its opcode and ultra-deep by its
 * chip-select pulse; AT45 takes up to 120 us for the latter, AT25 70 us.
 */
const WAKE_US = 200;

const WAKE_STEPS: readonly SpiStep[] = [sending(RESUME), { kind: "delay", durationUs: WAKE_US }];

export function wakeSteps(): readonly SpiStep[] {
  return WAKE_STEPS;
}
