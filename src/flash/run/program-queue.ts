/** Step programs on their way to the bridge. Its results come in the order of the steps, and belong to the oldest program. */
import type { ChipAnswer, ChipOutcome, StepProgram } from "../../../drivers/chip-driver.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OpInProgress } from "./op-in-progress.ts";
import { Wakeup } from "./wakeup.ts";

/** Takes one result for each step of a program. */
type OnResults = (results: readonly StepResult[]) => void;

interface SentProgram {
  /** The operation it belongs to; undefined for what frames them all. */
  readonly op: OpInProgress | undefined;
  readonly steps: readonly SpiStep[];
  readonly results: StepResult[];
  readonly onResults: OnResults;
}

/** A program that belongs to no operation. */
export class Question<T> {
  #answer: ChipAnswer<T> | undefined;

  get isAnswered(): boolean {
    return this.#answer !== undefined;
  }

  /** `skipped` as long as there is none. */
  get answer(): ChipAnswer<T> {
    return this.#answer ?? { outcome: "skipped" };
  }

  noteAnswer(answer: ChipAnswer<T>): void {
    this.#answer = answer;
  }
}

/** Owner of the programs of one stretch. */
export class ProgramQueue {
  readonly #sent: SentProgram[] = [];
  readonly #nudge: readonly SpiStep[];
  readonly #progress = new Wakeup();

  /** `nudge`: steps that make the bridge return the results before them; empty if it needs none. */
  constructor(nudge: readonly SpiStep[]) {
    this.#nudge = nudge;
  }

  /** Hands over steps. `onResults` is called once all of their results are there. */
  *hand(op: OpInProgress | undefined, steps: readonly SpiStep[], onResults: OnResults): Generator<SpiStep> {
    this.#sent.push({ op, steps, results: [], onResults });
    op?.noteProgram();
    yield* steps;
  }

  /** Hands over a program whose outcome is that of the operation. */
  handPlain(op: OpInProgress, range: ByteRange, program: StepProgram<ChipOutcome>): Generator<SpiStep> {
    return this.hand(op, program.steps, (results) => op.noteOutcome(program.decode(results), range));
  }

  /** Hands over a program that reads something for an operation. */
  handReading<T>(
    op: OpInProgress,
    range: ByteRange,
    program: StepProgram<ChipAnswer<T>>,
    keep: (value: T) => void,
  ): Generator<SpiStep> {
    return this.hand(op, program.steps, (results) => {
      const answer = program.decode(results);
      if (answer.outcome === "done") keep(answer.value);
      else op.noteOutcome(answer.outcome, range);
    });
  }

  /** Hands over a program that belongs to no operation. `settle` waits for its answer. */
  *ask<T>(program: StepProgram<ChipAnswer<T>>): Generator<SpiStep, Question<T>> {
    const question = new Question<T>();
    yield* this.hand(undefined, program.steps, (results) => question.noteAnswer(program.decode(results)));
    return question;
  }

  /** Until a question is answered. */
  async *settle(question: Question<unknown>): AsyncGenerator<SpiStep, void> {
    // A serprog answer counts when the next one has begun: without one it would be requested, a round trip later.
    if (this.#nudge.length > 0) yield* this.hand(undefined, this.#nudge, () => undefined);
    await this.until(() => question.isAnswered);
  }

  /** The bridge's next result. */
  onResult(result: StepResult): void {
    const [oldest] = this.#sent;
    if (oldest === undefined) throw new NorbridgeError("BUG", "a result without a step", { operation: "run" });
    oldest.results.push(result);
    if (oldest.results.length < oldest.steps.length) return;
    this.#sent.shift();
    oldest.onResults(oldest.results);
    oldest.op?.noteProgramEnd();
    this.wake();
  }

  /** Waits until results have made this true. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.progress();
  }

  /** Resolves when the results of one more program are there, or at `wake`. */
  progress(): Promise<void> {
    return this.#progress.wait();
  }

  /** Ends the wait for results. */
  wake(): void {
    this.#progress.wake();
  }
}
