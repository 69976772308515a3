/** What a watched erase asks the chip: step programs that run as one, and block checks taken here if the bridge takes none. */
import type { ChipAnswer, ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import { blockCheck, blockCheckOfFill } from "../../firmware-protocol/block-check.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import type { RunOptions } from "../stream.ts";
import type { ChipFailure } from "./chip-failure.ts";
import { samplesOf } from "./erase-samples.ts";
import type { EraseTrust } from "./erase-trust.ts";
import type { StepRunner } from "./guarded-bridge.ts";

/** What a watched erase works with. */
export interface WatchTools {
  readonly bridge: StepRunner;
  readonly driver: ChipDriver;
  readonly trust: EraseTrust;
  /** Reads the ID of the chip. */
  readonly presence: StepProgram<ChipOutcome>;
  /** A checksum costs as much as a read. */
  readonly digestsTravel: boolean;
}

/** How a watched erase failed, and where. */
export class WatchFailed extends Error {
  readonly outcome: ChipFailure | "skipped";
  readonly range: ByteRange;

  constructor(outcome: ChipFailure | "skipped", range: ByteRange) {
    super(outcome);
    this.outcome = outcome;
    this.range = range;
  }
}

/** Questions around the erase of one block. */
export class EraseQuestions {
  /** The block, for failures. */
  readonly range: ByteRange;
  readonly #tools: WatchTools;

  constructor(tools: WatchTools, range: ByteRange) {
    this.#tools = tools;
    this.range = range;
  }

  /** Where a range is compared: all of it, or a few samples if every byte travels. */
  placesOf(range: ByteRange): readonly ByteRange[] {
    return this.#tools.digestsTravel ? samplesOf(range) : [range];
  }

  /** The block check of a range, taken here if the bridge takes none. */
  digest(range: ByteRange): StepProgram<ChipAnswer<number>> {
    const { driver, digestsTravel } = this.#tools;
    if (!digestsTravel) return driver.digest(range);
    const program = driver.read(range);
    return {
      steps: program.steps,
      decode: (results) => {
        const answer = program.decode(results);
        return answer.outcome === "done" ? { outcome: "done", value: blockCheck(answer.value) } : answer;
      },
    };
  }

  /** The block check of a range that is erased. */
  erasedCheck({ lengthBytes }: ByteRange): number {
    return blockCheckOfFill(this.#tools.driver.geometry.erasedByte, lengthBytes);
  }

  /** Programs to be run as one. */
  batch(): Batch {
    return new Batch(this.#tools.bridge);
  }

  /** Runs one program by itself. */
  async ask<T>(program: StepProgram<ChipAnswer<T>>, how: RunOptions): Promise<T> {
    const ask = this.batch();
    const answer = ask.add(program);
    await ask.run(how);
    return this.valueOf(answer());
  }

  /** The value of an answer. Throws WatchFailed if there is none. */
  valueOf<T>(answer: ChipAnswer<T>): T {
    if (answer.outcome === "done") return answer.value;
    throw new WatchFailed(answer.outcome, this.range);
  }
}

/** Programs that run as one: each has its answer once the run is over. */
export class Batch {
  readonly #bridge: StepRunner;
  readonly #programs: StepProgram<unknown>[] = [];
  readonly #results: StepResult[] = [];

  constructor(bridge: StepRunner) {
    this.#bridge = bridge;
  }

  /** Returns what reads the answer, to be called after the run. */
  add<T>(program: StepProgram<T>): () => T {
    const start = this.#programs.reduce((sum, { steps }) => sum + steps.length, 0);
    this.#programs.push(program);
    return () => program.decode(this.#results.slice(start, start + program.steps.length));
  }

  async run(how: RunOptions): Promise<void> {
    const steps = this.#programs.flatMap((program) => program.steps);
    for await (const result of this.#bridge.run(steps, how)) this.#results.push(result);
  }
}
