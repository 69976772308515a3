/** Runs one step program by itself. */
import type { ChipAnswer, StepProgram } from "../../drivers/chip-driver.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import type { RunOptions } from "../stream.ts";
import type { StepRunner } from "./guarded-bridge.ts";

/** Throws what the bridge throws. */
export async function runProgram<T>(bridge: StepRunner, program: StepProgram<T>, how: RunOptions = {}): Promise<T> {
  const results: StepResult[] = [];
  for await (const result of bridge.run(program.steps, how)) results.push(result);
  return program.decode(results);
}

/** How often a question that the line lost is asked. */
const MAX_ASKED = 3;

/** Runs one that changes nothing, however often it is run: an error of the line is a reason to ask again. Throws the same. */
export async function runQuestion<T>(bridge: StepRunner, program: StepProgram<ChipAnswer<T>>): Promise<ChipAnswer<T>> {
  for (let asked = 1; ; asked++) {
    const answer = await runProgram(bridge, program);
    if (answer.outcome !== "lost" || asked === MAX_ASKED) return answer;
  }
}
