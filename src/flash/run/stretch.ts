/**
 * A stretch of a run in progress. Results are taken as the consumer requests them. When another call requires the chip,
 * they are taken without the consumer and kept for it: a consumer that is away, perhaps in that very call, blocks no other call.
 */
import type { StepResult } from "../../../firmware-protocol/step.ts";
import { ABORTED, orAborted, settlesSoon } from "../../stream.ts";
import type { Turn } from "../../turns.ts";
import type { FlashOp, FlashResult } from "../flash-device.ts";
import { rangeOfOp } from "../op-parts.ts";
import type { OpRun } from "./op-run.ts";
import type { OpSource } from "./op-source.ts";

/** Pulls the results of one stretch. */
export class Stretch {
  readonly #run: OpRun;
  readonly #stepResults: AsyncIterator<StepResult>;
  readonly #turn: Turn;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (isCertain: boolean) => void;
  /** Results of operations that the consumer has not taken. */
  readonly #complete: FlashResult[] = [];
  /** A result that is being waited for. */
  #pulling: Promise<void> | undefined;
  #isOver = false;
  #thrown: { readonly error: unknown } | undefined;
  readonly #stop = (): void => this.#run.stop();

  /**
   * `onEnd` is called with whether the chip is known to listen. The turn is given back then, whether or not the results
   * were taken.
   */
  constructor(
    run: OpRun,
    stepResults: AsyncIterator<StepResult>,
    turn: Turn,
    signal: AbortSignal | undefined,
    onEnd: (isCertain: boolean) => void,
  ) {
    this.#run = run;
    this.#stepResults = stepResults;
    this.#turn = turn;
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal?.aborted === true) run.stop();
    else signal?.addEventListener("abort", this.#stop, { once: true });
    turn.whenWanted(() => void this.#giveWay());
  }

  get hasFailed(): boolean {
    return this.#run.hasFailed;
  }

  /**
   * Results in order. Throws what the bridge throws, and EINVAL or ERANGE for an operation that made no sense, after
   * those before it.
   */
  async *results(): AsyncGenerator<FlashResult> {
    try {
      for (;;) {
        for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) yield next;
        if (this.#isOver) break;
        await Promise.race([this.#pull(), this.#run.completed.wait()]);
      }
      if (this.#thrown !== undefined) throw this.#thrown.error;
      if (this.#run.error !== undefined) throw this.#run.error;
    } finally {
      // Left in the middle: what was handed over is still run to its end.
      if (!this.#isOver) await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    this.#run.stop();
    try {
      await this.#stepResults.return?.();
    } finally {
      this.#end(false);
    }
  }

  async #giveWay(): Promise<void> {
    this.#run.hurry();
    // A function of its own: what it reads changes while it waits.
    while (!this.#hasEnded()) await this.#pull();
  }

  #hasEnded(): boolean {
    return this.#isOver;
  }

  /** One result more; one at a time, whichever caller asks. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#take();
    return this.#pulling;
  }

  async #take(): Promise<void> {
    try {
      const next = await this.#stepResults.next();
      if (next.done !== true) this.#run.onResult(next.value);
      this.#collect();
      if (next.done === true) this.#end(!this.#run.hasFailed);
    } catch (error) {
      this.#thrown = { error };
      this.#end(false);
    } finally {
      this.#pulling = undefined;
    }
  }

  #takeNext(): FlashResult | undefined {
    this.#collect();
    return this.#complete.shift();
  }

  /** Takes what is complete from the run, which is also known to have failed then. */
  #collect(): void {
    this.#complete.push(...this.#run.results());
  }

  #end(isCertain: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#stop);
    this.#onEnd(isCertain);
    this.#turn.end();
  }
}

/**
 * Returns for operations that are not sent: the first as aborted, or all as skipped. If the run was aborted, operations that
 * are not there yet are not waited for.
 */
export async function* unsent(
  source: OpSource,
  how: "aborted" | "skipped",
  signal: AbortSignal | undefined,
): AsyncGenerator<FlashResult> {
  let isFirst = how === "aborted";
  while (!source.isOver) {
    const op = source.mayWait ? await nextOf(source, signal) : source.takeNow();
    if (op === undefined) return;
    yield isFirst ? { kind: "failed", outcome: "aborted", range: rangeOfOp(op) } : { kind: "skipped" };
    isFirst = false;
  }
}

async function nextOf(source: OpSource, signal: AbortSignal | undefined): Promise<FlashOp | undefined> {
  const coming = source.coming();
  if (await settlesSoon(coming)) return source.took(await coming);
  const next = await orAborted(coming, signal);
  return next === ABORTED ? undefined : source.took(next);
}
