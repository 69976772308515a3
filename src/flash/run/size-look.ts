/** The look at the size of the chip before the first change above half of it, and the watch over that change (`SizeProof`). */
import type { ChipAnswer, StepProgram } from "../../../drivers/chip-driver.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { FlashOp } from "../flash-device.ts";
import type { SizeProof } from "../size-proof.ts";
import type { OpInProgress } from "./op-in-progress.ts";
import type { OpsInProgress } from "./ops-in-progress.ts";
import type { ProgramQueue } from "./program-queue.ts";

type ProgramOp = FlashOp & { readonly kind: "program" };

interface Run {
  readonly proof: SizeProof;
  readonly queue: ProgramQueue;
  readonly ops: OpsInProgress;
}

/** Looks at the size for one stretch. */
export class SizeLook {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Looks at what has to be known before a change. Returns `failed` if it may not be sent: it has its result then. Returns
   * a watch if the change itself shows the size; undefined if it needs none.
   */
  async *before(op: FlashOp): AsyncGenerator<SpiStep, SizeWatch | "failed" | undefined> {
    const { proof } = this.#run;
    if (proof.needsLook(op)) {
      let answer = yield* this.#answered(proof.look(op));
      if (answer.outcome === "done" && answer.value === "alike") {
        answer = yield* this.#answered(proof.lookCloser());
      }
      if (answer.outcome !== "done") return this.#fail(op, answer.outcome);
      const reason = proof.take(answer.value);
      if (reason !== undefined) return this.#fail(op, "refused", reason);
    }
    if (!proof.needsWatch(op)) return undefined;
    const below = yield* this.#answered(proof.below(op));
    if (below.outcome !== "done") return this.#fail(op, below.outcome);
    return new SizeWatch(op, below.value, this.#run);
  }

  async *#answered<T>(program: StepProgram<ChipAnswer<T>>): AsyncGenerator<SpiStep, ChipAnswer<T>> {
    const question = yield* this.#run.queue.ask(program);
    yield* this.#run.queue.settle(question);
    return question.answer;
  }

  #fail(...failure: Parameters<OpsInProgress["failUnsent"]>): "failed" {
    this.#run.ops.failUnsent(...failure);
    return "failed";
  }
}

/** A program that shows whether the upper half of the chip is there. */
export class SizeWatch {
  readonly #op: ProgramOp;
  /** What was read half the size below. */
  readonly #before: Uint8Array;
  readonly #run: Run;
  #isOver = false;

  constructor(op: ProgramOp, before: Uint8Array, run: Run) {
    this.#op = op;
    this.#before = before;
    this.#run = run;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The program has failed: there is nothing to look at. */
  end(): void {
    this.#isOver = true;
  }

  /** After the program, to be settled before. If it went elsewhere, the error of the run stands for its result. */
  *after(program: OpInProgress): Generator<SpiStep> {
    const { proof, queue, ops } = this.#run;
    const below = proof.below(this.#op);
    yield* queue.hand(program, below.steps, (results) => {
      const after = below.decode(results);
      this.end();
      if (after.outcome !== "done") {
        program.noteOutcome(after.outcome, program.range);
        return;
      }
      const wrong = proof.takeWatched(this.#op, this.#before, after.value);
      if (wrong === undefined) return;
      ops.end(wrong);
      program.refuse();
    });
  }
}
