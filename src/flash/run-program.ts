/** Runs one step program by itself. */
import type { StepProgram } from "../../drivers/chip-driver.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import type { StepRunner } from "./guarded-bridge.ts";

/** Throws what the bridge throws. */
export async function runProgram<T>(bridge: StepRunner, program: StepProgram<T>): Promise<T> {
  const results: StepResult[] = [];
  for await (const result of bridge.run(program.steps)) results.push(result);
  return program.decode(results);
}
