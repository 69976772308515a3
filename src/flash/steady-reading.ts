/**
 * A reading that a decision rests on: status registers, lock bits, page size. The check of the link ends at the bridge, so what
 * another master on the bus has spoiled passes it. Two readings in one run have to agree, which costs no round trip.
 */
import type { ChipAnswer, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import { advice } from "../advice.ts";
import { toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { chipFailed } from "./chip-failure.ts";

/** How something is read. */
export interface SteadyOptions<T> {
  /** For messages: "read status". */
  readonly operation: string;
  /** Runs a program. */
  readonly run: <R>(program: StepProgram<R>) => Promise<R>;
  /**
   * Reads the ID and compares it. FF is also the level of a line that nothing drives, so a register that reads FF counts only
   * if it does so again beside the right ID. If it is left out, FF counts as any other byte.
   */
  readonly presence?: StepProgram<ChipOutcome> | undefined;
  /** Whether a value is that of a chip at work, which does not return its ID: then FF counts. */
  readonly isAtWork?: ((value: T) => boolean) | undefined;
}

/** Two readings of one run. */
export interface TwoReadings<T> {
  /** The second. */
  readonly value: T;
  /** Both returned the same bytes. */
  readonly agree: boolean;
  /** Some transfer returned only FF. */
  readonly holdsFf: boolean;
  /** What was read, as hex. */
  readonly evidence: string;
}

/** Runs that are made until one is steady. */
const MAX_RUNS = 6;

/** What to do if a line returns different bytes for the same question. */
export const DISTURBED_ADVICE = advice(
  "Another device may use the bus, such as a processor that is not held in reset; or the wires are too long. Keep other devices off the bus, and use shorter wires.",
  "set-spi-clock",
  "set-baud-rate",
);

/** A program that changes nothing, twice in one run. */
export function twice<T>(program: StepProgram<ChipAnswer<T>>): StepProgram<ChipAnswer<TwoReadings<T>>> {
  const { steps } = program;
  const count = steps.length;
  return {
    steps: [...steps, ...steps],
    decode(results) {
      const [first, second] = [results.slice(0, count), results.slice(count)];
      const [one, other] = [program.decode(first), program.decode(second)];
      if (one.outcome !== "done") return one;
      if (other.outcome !== "done") return other;
      const evidence = evidenceOf(second);
      const holdsFf = second.some(isAllFf);
      return {
        outcome: "done",
        value: { value: other.value, agree: evidence === evidenceOf(first), holdsFf, evidence },
      };
    },
  };
}

/**
 * Reads until both readings of a run agree. `first`: a run that was already made. Throws EIO if none does, ENODEV if all is FF
 * and the ID cannot be read, and what the bridge throws.
 */
export async function readSteadily<T>(
  program: StepProgram<ChipAnswer<T>>,
  options: SteadyOptions<T>,
  first?: TwoReadings<T>,
): Promise<T> {
  const { run, operation, presence, isAtWork } = options;
  const reading = twice(program);
  let evidence: string | undefined;
  let outcome: Exclude<ChipOutcome, "done"> | undefined;
  for (let runs = 0; runs < MAX_RUNS; runs++) {
    const answer =
      runs === 0 && first !== undefined ? ({ outcome: "done", value: first } as const) : await run(reading);
    // An error of the line is a reason to ask again, as bytes that differ are.
    if (answer.outcome !== "done" && answer.outcome !== "lost") throw failed(operation, answer.outcome);
    outcome = answer.outcome === "lost" ? "lost" : undefined;
    if (answer.outcome !== "done" || !answer.value.agree) continue;
    const { value, holdsFf } = answer.value;
    if (!holdsFf || presence === undefined || isAtWork?.(value) === true) return value;
    // The first FF is only a reason to ask for the ID; the same FF after the right ID counts.
    if (evidence === answer.value.evidence && outcome === undefined) return value;
    const present = await run(presence);
    evidence = present === "done" ? answer.value.evidence : undefined;
    outcome = present === "done" ? undefined : present;
  }
  if (outcome !== undefined) throw failed(operation, outcome);
  throw new NorbridgeError("EIO", `${operation}: repeated reads return different bytes: the line is disturbed`, {
    operation,
    hint: DISTURBED_ADVICE,
  });
}

function failed(operation: string, outcome: Exclude<ChipOutcome, "done">): NorbridgeError {
  return chipFailed(operation, outcome === "skipped" ? "aborted" : outcome, undefined);
}

function evidenceOf(results: readonly StepResult[]): string {
  return results.map((result) => (result.kind === "transfer" ? toHex(result.received) : "")).join(" ");
}

function isAllFf(result: StepResult): boolean {
  return result.kind === "transfer" && result.received.length > 0 && result.received.every((byte) => byte === 0xff);
}
