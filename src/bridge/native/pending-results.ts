/**
 * The results that the bridge still owes in the run in progress: matches results with steps, knows when the run is
 * over, and bounds what is outstanding.
 */
import { type Expected, ResultReader, type WireResult } from "../../../firmware-protocol/result.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { longestUs } from "../patience.ts";

/** Bounds the host's memory: this many bytes of answers may be outstanding. */
const MAX_OUTSTANDING_BYTES = 2 ** 20;
const MAX_OUTSTANDING_STEPS = 4096;
const NONE: readonly StepResult[] = [];

export type MatchedResult =
  | { readonly kind: "result"; readonly result: StepResult }
  | { readonly kind: "spi-clock"; readonly clockHz: number | undefined }
  | { readonly kind: "invalid" };

export class PendingResults {
  readonly #reader = new ResultReader();
  readonly #expected: Expected[] = [];
  #expectedAt = 0;
  #outstandingBytes = 0;
  readonly #workUs: number[] = [];
  #outstandingUs = 0;
  #state: "idle" | "running" | "ended" = "idle";
  #runNumber = 0;
  #failed = false;
  #cancelled = false;
  /** Steps that came after the run was stopped; their results wait for the ones before them. */
  #refusedSteps = 0;

  get outstanding(): number {
    return this.#expected.length - this.#expectedAt;
  }

  /** How long the bridge can be at work on all that is outstanding, microseconds. */
  get outstandingUs(): number {
    return this.#outstandingUs;
  }

  get isRunning(): boolean {
    return this.#state !== "idle";
  }

  /** Number of the run in progress or of the last one, 0 to 255, as BEGIN carries it. */
  get runNumber(): number {
    return this.#runNumber;
  }

  /** Whether another step may be requested. */
  get hasRoom(): boolean {
    return (
      this.#state === "running" &&
      this.#refusedSteps === 0 &&
      this.outstanding < MAX_OUTSTANDING_STEPS &&
      this.#outstandingBytes < MAX_OUTSTANDING_BYTES
    );
  }

  /** Steps get their results here and are not sent: one of the run has failed, or the run was cancelled. */
  get isStopped(): boolean {
    return this.#failed || this.#cancelled;
  }

  get isCancelled(): boolean {
    return this.#cancelled;
  }

  begin(): void {
    this.#state = "running";
    this.#runNumber = (this.#runNumber + 1) & 0xff;
    this.#failed = false;
    this.#cancelled = false;
    this.#refusedSteps = 0;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  end(): void {
    if (this.#state === "running") this.#state = "ended";
  }

  /** A step of a stopped run: it is not sent, and `takeRefused` has its result. */
  refuseStep(): void {
    this.#refusedSteps++;
  }

  /**
   * Results of the refused steps, once all steps that were sent have theirs; the first of a cancelled run reports the
   * cancellation.
   */
  takeRefused(): readonly StepResult[] {
    if (this.#refusedSteps === 0 || this.outstanding > 0) return NONE;
    const results = Array.from({ length: this.#refusedSteps }, () => this.#refuse());
    this.#refusedSteps = 0;
    return results;
  }

  #refuse(): StepResult {
    if (this.#failed) return { kind: "skipped" };
    this.#failed = true;
    return { kind: "failed", reason: "aborted" };
  }

  /** Whether the run just ended; returns true once. */
  takeDone(): boolean {
    if (this.#state !== "ended" || this.outstanding > 0) return false;
    this.#state = "idle";
    this.#cancelled = false;
    return true;
  }

  expectStep(step: SpiStep): void {
    const bytes = step.kind === "transfer" ? step.receiveBytes : 0;
    this.#outstandingBytes += bytes + 16;
    this.#work(longestUs(step));
    this.#expected.push(step.kind === "transfer" ? { kind: "transfer", receiveBytes: bytes } : { kind: step.kind });
  }

  expectSpiClock(): void {
    this.#outstandingBytes += 16;
    this.#work(0);
    this.#expected.push({ kind: "spi-clock" });
  }

  #work(workUs: number): void {
    this.#workUs.push(workUs);
    this.#outstandingUs += workUs;
  }

  /** Takes a piece of the result stream and returns what is complete now. */
  push(bytes: Uint8Array): MatchedResult[] {
    this.#reader.push(bytes);
    const matched: MatchedResult[] = [];
    for (;;) {
      const expected = this.#expected[this.#expectedAt];
      if (expected === undefined) {
        if (this.#reader.hasPending) matched.push({ kind: "invalid" });
        return matched;
      }
      const result = this.#reader.next(expected);
      if (result === "incomplete") return matched;
      if (result === "invalid") return [...matched, { kind: "invalid" }];
      this.#settle(expected);
      matched.push(this.#match(expected, result));
    }
  }

  #settle(expected: Expected): void {
    this.#outstandingBytes -= 16 + (expected.kind === "transfer" ? expected.receiveBytes : 0);
    this.#outstandingUs -= this.#workUs[this.#expectedAt] ?? 0;
    this.#expectedAt++;
    if (this.#expectedAt < 1024) return;
    this.#expected.splice(0, this.#expectedAt);
    this.#workUs.splice(0, this.#expectedAt);
    this.#expectedAt = 0;
  }

  #match(expected: Expected, result: WireResult): MatchedResult {
    if (expected.kind === "spi-clock") {
      return { kind: "spi-clock", clockHz: result.kind === "spi-clock" ? result.clockHz : undefined };
    }
    if (result.kind === "spi-clock" || result.kind === "setting") return { kind: "invalid" };
    if (result.kind === "failed") this.#failed = true;
    return { kind: "result", result };
  }
}
