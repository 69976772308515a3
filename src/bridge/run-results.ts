/** The results of one run, from the machine to the consumer: what has come and was not taken yet. */
import type { StepResult } from "../../firmware-protocol/step.ts";
import { type Waiter, waiter } from "./waiter.ts";

/** This many results, or bytes of them, may wait for the consumer before no further step is pulled. */
const MAX_WAITING_RESULTS = 4096;
const MAX_WAITING_BYTES = 4 * 2 ** 20;

export class RunResults {
  #results: StepResult[] = [];
  #resultBytes = 0;
  #isDone = false;
  #changed: Waiter<undefined> | undefined;

  /** All results of the run have come. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The consumer is slower than the bridge. */
  get isFull(): boolean {
    return this.#results.length >= MAX_WAITING_RESULTS || this.#resultBytes >= MAX_WAITING_BYTES;
  }

  add(result: StepResult): void {
    this.#results.push(result);
    if (result.kind === "transfer") this.#resultBytes += result.received.length;
    this.wakeUp();
  }

  finish(): void {
    this.#isDone = true;
    this.wakeUp();
  }

  /** What has come since the last call. */
  take(): readonly StepResult[] {
    const results = this.#results;
    this.#results = [];
    this.#resultBytes = 0;
    return results;
  }

  /** Resolves when something has come, or at `wakeUp`. One caller at a time. */
  changed(): Promise<undefined> {
    this.#changed = waiter<undefined>();
    return this.#changed.promise;
  }

  /** The session may have ended. */
  wakeUp(): void {
    this.#changed?.resolve(undefined);
    this.#changed = undefined;
  }
}
