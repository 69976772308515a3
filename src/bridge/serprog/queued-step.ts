/** A step of a run on its way: the attempt in progress, and its result. */
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import type { Answer } from "./answer-reader.ts";
import type { Command } from "./command.ts";

/** A command to send, and what to do with its answer when that has come. */
export interface QueuedCommand {
  readonly command: Command;
  readonly settle: (answer: Answer, nowUs: number) => void;
}

/** What a step waits for, if it is one that waits. */
export type Wait =
  | { readonly kind: "idle" }
  /** A status question is on its way that the bridge answers when the chip should be ready. */
  | { readonly kind: "padding" }
  /** The next question, or the end of a delay, is due at this time. */
  | { readonly kind: "pausing"; readonly untilUs: number }
  /** "Ready" has been received once; on an unchecked link it has to be received twice. */
  | { readonly kind: "confirming" };

/** One attempt at a step. Another one is another object: answers to an earlier one do not count. */
export interface Attempt {
  /** Commands that have not been sent; undefined: not made yet. */
  commands: QueuedCommand[] | undefined;
  hasBegun: boolean;
  wait: Wait;
  /** Polls: since when nothing but the chip is waited for, microseconds. */
  beganUs: number | undefined;
}

export interface QueuedStep {
  readonly step: SpiStep;
  attempt: Attempt;
  result: StepResult | undefined;
  /** Number of the answer that the result rests on; 0: of none. */
  restsOn: number;
}

const IDLE: Wait = { kind: "idle" };

export function newAttempt(): Attempt {
  return { commands: undefined, hasBegun: false, wait: IDLE, beganUs: undefined };
}

/** When a wait is over, microseconds; Infinity: not by the clock. */
export function dueUs(wait: Wait): number {
  switch (wait.kind) {
    case "pausing":
      return wait.untilUs;
    case "confirming":
      return Number.NEGATIVE_INFINITY;
    case "idle":
    case "padding":
      return Number.POSITIVE_INFINITY;
  }
}

/** Whether all commands of the attempt are sent, or none was needed. */
export function isSent({ result, attempt }: QueuedStep): boolean {
  return result !== undefined || attempt.commands?.length === 0;
}

/** Bytes after the ACK that a result is made of. */
export function answerBytesOf(step: SpiStep): number {
  switch (step.kind) {
    case "transfer":
      return step.receiveBytes;
    case "digest":
      return step.lengthBytes;
    case "poll":
      return 1;
    case "delay":
      return 0;
  }
}
