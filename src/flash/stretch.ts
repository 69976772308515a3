/**
 * A stretch of a run that is under way. Results are taken as the consumer asks for them. When another call requires the chip,
 * they are taken without the consumer and kept for it: a consumer that is away, perhaps in that very call, blocks no other call.
 */
import type { StepResult } from "../../firmware-protocol/step.ts";
import { ABORTED, orAborted } from "../stream.ts";
import type { Turn } from "../turns.ts";
import type { FlashOp, FlashResult } from "./flash-device.ts";
import { rangeOfOp } from "./op-parts.ts";
import { hasArrived, type OpRun } from "./op-run.ts";
import type { OpSource } from "./op-source.ts";

export class Stretch {
  readonly #run: OpRun;
  readonly #results: AsyncIterator<StepResult>;
  readonly #turn: Turn;
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (isCertain: boolean) => void;
  readonly #answers: FlashResult[] = [];
  /** A result that is being waited for. */
  #pulling: Promise<void> | undefined;
  #isOver = false;
  /** Ends the wait for a result. */
  #wake: (() => void) | undefined;
  #thrown: { readonly error: unknown } | undefined;
  readonly #stop = (): void => this.#run.stop();

  /** `onEnd` hears whether the chip is known to listen. The turn is given back then, whether or not the answers were taken. */
  constructor(
    run: OpRun,
    results: AsyncIterator<StepResult>,
    turn: Turn,
    signal: AbortSignal | undefined,
    onEnd: (isCertain: boolean) => void,
  ) {
    this.#run = run;
    this.#results = results;
    this.#turn = turn;
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal?.aborted === true) run.stop();
    else signal?.addEventListener("abort", this.#stop, { once: true });
    turn.whenWanted(() => void this.#giveWay());
    run.onComplete = () => {
      this.#answers.push(...run.answers());
      this.#wake?.();
    };
  }

  get hasFailed(): boolean {
    return this.#run.hasFailed;
  }

  /**
   * Answers in order. Throws what the bridge throws, and EINVAL or ERANGE for an operation that made no sense, after
   * those before it.
   */
  async *answers(): AsyncGenerator<FlashResult> {
    try {
      for (;;) {
        for (let next = this.#answers.shift(); next !== undefined; next = this.#answers.shift()) yield next;
        if (this.#isOver) break;
        await Promise.race([this.#pull(), new Promise<void>((resolve) => (this.#wake = resolve))]);
      }
      if (this.#thrown !== undefined) throw this.#thrown.error;
      if (this.#run.invalid !== undefined) throw this.#run.invalid;
    } finally {
      // Left in the middle: what was handed over is still run to its end.
      if (!this.#isOver) await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    this.#run.stop();
    try {
      await this.#results.return?.();
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
      const next = await this.#results.next();
      if (next.done !== true) this.#run.take(next.value);
      this.#answers.push(...this.#run.answers());
      if (next.done === true) this.#end(!this.#run.hasFailed);
    } catch (error) {
      this.#thrown = { error };
      this.#end(false);
    } finally {
      this.#pulling = undefined;
    }
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
  if (await hasArrived(coming)) return source.took(await coming);
  const next = await orAborted(coming, signal);
  return next === ABORTED ? undefined : source.took(next);
}
