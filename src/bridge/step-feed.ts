/**
 * The step stream of one run: pulls a step when the machine has requested one, and reports when there is none at hand.
 *
 * What always holds: one pull is under way at most; after the stream has ended, or was ended, nothing of it is passed
 * on.
 */
import type { SpiStep } from "../../firmware-protocol/step.ts";
import type { Stream } from "../stream.ts";
import type { LinkEvent } from "./link-machine.ts";

type StepSource =
  | { readonly kind: "ready"; readonly iterator: Iterator<SpiStep> }
  | { readonly kind: "waiting"; readonly iterator: AsyncIterator<SpiStep> };

export interface StepFeedParts {
  /** Passes an event to the machine. */
  readonly dispatch: (event: LinkEvent) => void;
  /** Throws if the bridge cannot run the step. */
  readonly check: (step: SpiStep) => void;
  /** Waits until all that is ready has run; never rejects. */
  readonly settle: () => Promise<void>;
}

export class StepFeed {
  readonly #source: StepSource;
  readonly #parts: StepFeedParts;
  /** A step that the machine has requested; `urgent`: something waits for it to be sent. */
  #request: { readonly urgent: boolean } | undefined;
  /** A pull of the async source is under way and no step has come yet. */
  #isPulling = false;
  #hasEnded = false;
  /** The run was cancelled: a source that has nothing is not waited for any more. */
  #isAborted: boolean;
  #thrown: { readonly error: unknown } | undefined;

  constructor(steps: Stream<SpiStep>, isAborted: boolean, parts: StepFeedParts) {
    this.#source = sourceOf(steps);
    this.#isAborted = isAborted;
    this.#parts = parts;
  }

  /** What the step stream itself threw; to be thrown after the results. */
  get thrown(): { readonly error: unknown } | undefined {
    return this.#thrown;
  }

  /** The machine requests a step. */
  request(urgent: boolean): void {
    this.#request = { urgent };
  }

  /**
   * Pulls the requested step, if there is a request. `isFull`: the consumer has to take results first; then the request
   * stays, and what has been taken so far goes out.
   */
  pull(isFull: boolean): void {
    const request = this.#request;
    if (request === undefined || this.#isPulling) return;
    if (isFull) {
      this.#request = { urgent: false };
      if (request.urgent) this.#parts.dispatch({ kind: "starved" });
      return;
    }
    this.#request = undefined;
    if (this.#hasEnded) return;
    if (this.#source.kind === "waiting") return this.#pullLater(this.#source.iterator, request.urgent);
    try {
      this.#pass(this.#source.iterator.next());
    } catch (error) {
      this.#break(error);
    }
  }

  #pullLater(iterator: AsyncIterator<SpiStep>, urgent: boolean): void {
    this.#isPulling = true;
    const next = async (): Promise<IteratorResult<SpiStep>> => iterator.next();
    next().then(
      (result) => {
        this.#isPulling = false;
        this.#pass(result);
      },
      (error: unknown) => {
        this.#isPulling = false;
        this.#break(error);
      },
    );
    if (urgent) void this.#watchForStarving();
    if (this.#isAborted) void this.#endIfStuck();
  }

  #pass(next: IteratorResult<SpiStep>): void {
    if (this.#hasEnded) return;
    let step: SpiStep;
    try {
      if (next.done === true) return this.end();
      // Copied: what is checked here is what is sent, also if a field is a getter of the caller's.
      step = { ...next.value };
      this.#parts.check(step);
    } catch (error) {
      return this.#break(error);
    }
    this.#parts.dispatch({ kind: "step", step });
  }

  /** If the stream has nothing at hand once all that is ready has run, what waits in the machine must go out. */
  async #watchForStarving(): Promise<void> {
    await this.#parts.settle();
    if (this.#isPulling && !this.#hasEnded) this.#parts.dispatch({ kind: "starved" });
  }

  /** The run is cancelled. */
  abort(): void {
    this.#isAborted = true;
    this.#parts.dispatch({ kind: "cancel" });
    void this.#endIfStuck();
  }

  /**
   * Of a run that was cancelled: steps that its source has at hand still get results, what it has not is not waited
   * for.
   */
  async #endIfStuck(): Promise<void> {
    await this.#parts.settle();
    if (this.#isPulling) this.end();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#parts.dispatch({ kind: "end" });
  }

  #break(error: unknown): void {
    // An error of a source is ignored if its run has already ended.
    if (this.#hasEnded) return;
    this.#thrown = { error };
    this.end();
  }

  /** Lets a generator run its `finally`; one that waits for something that will not come must not hold us up. */
  async close(): Promise<void> {
    if (this.#source.kind === "ready") this.#source.iterator.return?.();
    else void this.#source.iterator.return?.().catch(() => undefined);
    await Promise.resolve();
  }
}

function sourceOf(steps: Stream<SpiStep>): StepSource {
  return Symbol.asyncIterator in steps
    ? { kind: "waiting", iterator: steps[Symbol.asyncIterator]() }
    : { kind: "ready", iterator: steps[Symbol.iterator]() };
}
