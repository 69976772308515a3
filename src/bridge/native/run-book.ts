/**
 * What the host has asked of the bridge in the run under way and what has come back: pairs results with steps, knows
 * when the run is over, and bounds what is outstanding.
 */
import { type Expected, ResultReader, type WireResult } from "../../../firmware-protocol/result.ts";
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { longestUs } from "../patience.ts";

/** Bounds the host's memory: this many bytes of answers may be outstanding. */
const MAX_OUTSTANDING_BYTES = 2 ** 20;
const MAX_OUTSTANDING_STEPS = 4096;

export type Booked =
  | { readonly kind: "result"; readonly result: StepResult }
  | { readonly kind: "spi-clock"; readonly clockHz: number | undefined }
  | { readonly kind: "invalid" };

export class RunBook {
  readonly #reader = new ResultReader();
  readonly #expected: Expected[] = [];
  #expectedAt = 0;
  #outstandingBytes = 0;
  readonly #workUs: number[] = [];
  #outstandingUs = 0;
  #state: "idle" | "running" | "ended" = "idle";
  #failed = false;
  #cancelled = false;

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

  /** Whether another step may be asked for. */
  get hasRoom(): boolean {
    return (
      this.#state === "running" &&
      this.outstanding < MAX_OUTSTANDING_STEPS &&
      this.#outstandingBytes < MAX_OUTSTANDING_BYTES
    );
  }

  /** Steps are answered here and not sent: one of the run has failed, or the run was cancelled. */
  get isStopped(): boolean {
    return this.#failed || this.#cancelled;
  }

  get isCancelled(): boolean {
    return this.#cancelled;
  }

  begin(): void {
    this.#state = "running";
    this.#failed = false;
    this.#cancelled = false;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  end(): void {
    if (this.#state === "running") this.#state = "ended";
  }

  /**
   * The answer to a step of a stopped run, once all that was sent is answered; the first of a cancelled one reports the
   * cancellation.
   */
  refuse(): StepResult {
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
  push(bytes: Uint8Array): Booked[] {
    this.#reader.push(bytes);
    const booked: Booked[] = [];
    for (;;) {
      const expected = this.#expected[this.#expectedAt];
      if (expected === undefined) {
        if (this.#reader.hasPending) booked.push({ kind: "invalid" });
        return booked;
      }
      const result = this.#reader.next(expected);
      if (result === "incomplete") return booked;
      if (result === "invalid") return [...booked, { kind: "invalid" }];
      this.#settle(expected);
      booked.push(this.#book(expected, result));
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

  #book(expected: Expected, result: WireResult): Booked {
    if (expected.kind === "spi-clock") {
      return { kind: "spi-clock", clockHz: result.kind === "spi-clock" ? result.clockHz : undefined };
    }
    if (result.kind === "spi-clock" || result.kind === "setting") return { kind: "invalid" };
    if (result.kind === "failed") this.#failed = true;
    return { kind: "result", result };
  }
}
