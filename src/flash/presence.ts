/** Whether the chip that was found is still there. */
import type { ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { readIdTimes } from "../../drivers/id-questions.ts";
import { ID_BYTES } from "../../drivers/jedec-id.ts";
import { sameBytes } from "../bytes.ts";

/** Reads the ID; one of two reads must return the first three bytes of `id`, because of unchecked links. */
export function presenceOf(id: ArrayLike<number>): StepProgram<ChipOutcome> {
  const readId = readIdTimes(2);
  const name = Uint8Array.from(id).subarray(0, ID_BYTES);
  return {
    steps: readId.steps,
    decode(results) {
      const answer = readId.decode(results);
      if (answer.outcome !== "done") return answer.outcome;
      return answer.value.some((read) => sameBytes(read.subarray(0, ID_BYTES), name)) ? "done" : "no-answer";
    },
  };
}
