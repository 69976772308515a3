/** Steps as one line of text each, so that tests read like a logic analyser's listing. */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";

export function stepText(step: SpiStep): string {
  switch (step.kind) {
    case "transfer":
      return step.receiveBytes === 0 ? hex(step.send) : `${hex(step.send)} > ${step.receiveBytes}`;
    case "poll": {
      const test = `&${byte(step.mask)}=${byte(step.value)}`;
      return `poll ${hex(step.send)} ${test} every ${step.intervalUs} us, ${step.timeoutMs} ms`;
    }
    case "digest":
      return `digest ${hex(step.send)} > ${step.lengthBytes}`;
    case "delay":
      return `delay ${step.durationUs} us`;
  }
}

export function listing(program: { readonly steps: readonly SpiStep[] }): string[] {
  return program.steps.map(stepText);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte).join(" ");
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

/** Results of steps that ran: an array of bytes is a transfer's answer, a number the status of a poll. */
export function ran(...answers: readonly (readonly number[] | number | "delay")[]): StepResult[] {
  return answers.map((answer) => {
    if (answer === "delay") return { kind: "delay" };
    if (typeof answer === "number") return { kind: "poll", status: answer };
    return { kind: "transfer", received: Uint8Array.from(answer) };
  });
}

export const TIMEOUT: StepResult = { kind: "failed", reason: "timeout", status: 0x03 };
export const ABORTED: StepResult = { kind: "failed", reason: "aborted" };
export const SKIPPED: StepResult = { kind: "skipped" };
