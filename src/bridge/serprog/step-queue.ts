/**
 * The steps of one run in order: which is next to send, which results are certain, and what goes again.
 *
 * Results leave in the order of the steps, and on an unchecked line only when the answer after theirs has begun as it
 * must.
 */
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import { answerBytesOf, dueUs, newAttempt, type QueuedStep } from "./queued-step.ts";

/** Steps at hand that are not begun. */
const LOOK_AHEAD = 8;
const MAX_STEPS = 4096;
/** Bytes of answers that may be outstanding; bounds memory and what a loss of synchronization makes worthless. */
const MAX_ANSWER_BYTES = 2 ** 18;
/** From here on an answer has a fence of its own on an unchecked line. */
export const FENCED_BYTES = 64;

/** What is known of answers. */
export interface Proof {
  /** The bytes are not checked on this line. */
  readonly isUnchecked: boolean;
  /** Number of the answer that is being settled, and up to which they are beyond doubt. */
  readonly answers: { readonly settledCount: number; readonly confirmedCount: number };
}

export class StepQueue {
  readonly #proof: Proof;
  readonly #entries: QueuedStep[] = [];
  /** The first entry that has commands to send. */
  #sendAt = 0;
  #state: "idle" | "running" | "ended" = "idle";
  /** A failure has been returned: everything after it is skipped. */
  #hasFailed = false;
  #isCancelled = false;
  #isDraining = false;
  #repeated = 0;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  begin(): void {
    this.#state = "running";
    this.#hasFailed = this.#isCancelled = false;
  }

  add(step: SpiStep): void {
    this.#entries.push({ step, attempt: newAttempt(), result: undefined, restsOn: 0 });
  }

  end(): void {
    if (this.#state === "running") this.#state = "ended";
  }

  /** What has begun ends as it would; nothing else is begun. */
  cancel(): void {
    this.#isCancelled = true;
  }

  /** Whether the run is over; true once. */
  takeDone(): boolean {
    if (this.#state !== "ended" || this.#entries.length > 0) return false;
    this.#state = "idle";
    return true;
  }

  /** The run has no more steps. */
  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Whether another step may be requested. */
  get hasRoom(): boolean {
    if (this.#state !== "running" || this.#entries.length >= MAX_STEPS) return false;
    return this.#entries.length - this.#sendAt < LOOK_AHEAD && this.#answerBytes() < MAX_ANSWER_BYTES;
  }

  #answerBytes(): number {
    return this.#entries.reduce((total, { step }) => total + (step.kind === "transfer" ? step.receiveBytes : 0), 0);
  }

  // --- sending ------------------------------------------------------------------------------------------------------

  /** The step whose commands are sent now, all before it being sent; undefined if none may be. */
  get current(): QueuedStep | undefined {
    const entry = this.#entries[this.#sendAt];
    // Nothing is begun after a step that has failed.
    return this.#hasFailed || entry?.result?.kind === "failed" ? undefined : entry;
  }

  /** The steps before `current`. */
  get sent(): readonly QueuedStep[] {
    return this.#entries.slice(0, this.#sendAt);
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** All commands of `current` are sent. */
  advance(): void {
    this.#sendAt++;
  }

  /** When `current` is due by the clock, microseconds; Infinity: not by the clock. */
  get dueUs(): number {
    const entry = this.#entries[this.#sendAt];
    return entry === undefined || entry.result !== undefined ? Number.POSITIVE_INFINITY : dueUs(entry.attempt.wait);
  }

  /** Something was sent too early: nothing more goes out until all answers are in. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** All answers are in: what was sent after the question that was answered "busy" goes again, after it. */
  sendAgain(): void {
    this.#isDraining = false;
    for (const entry of this.#entries.slice(this.#sendAt + 1)) this.#reset(entry);
  }

  /** A step has to go on before what was sent after it counts; false if it is not in the queue any more. */
  goBackTo(entry: QueuedStep): boolean {
    const place = this.#entries.indexOf(entry);
    // A run that has failed does not wait for what was still under way.
    if (place < 0) return false;
    if (this.#entries.slice(place + 1).some(({ attempt }) => attempt.hasBegun)) this.#isDraining = true;
    this.#sendAt = Math.min(this.#sendAt, place);
    return true;
  }

  /** Steps that were sent once more, since the chip or the line was not ready for them. */
  takeRepeated(): number {
    const repeated = this.#repeated;
    this.#repeated = 0;
    return repeated;
  }

  #reset(entry: QueuedStep): void {
    if (entry.attempt.hasBegun) this.#repeated++;
    entry.attempt = newAttempt();
    entry.result = undefined;
  }

  // --- results ------------------------------------------------------------------------------------------------------

  /** The result of a step, which rests on the answer that is being settled. */
  settle(entry: QueuedStep, result: StepResult): void {
    entry.result = result;
    entry.restsOn = entry.step.kind === "delay" ? 0 : this.#proof.answers.settledCount;
  }

  /** The result of a step that rests on no answer. */
  settleAlone(entry: QueuedStep, result: StepResult): void {
    entry.result = result;
    entry.restsOn = 0;
  }

  /** Results that are certain, in order. */
  *results(): Generator<StepResult> {
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      const result = this.#resultOf(first);
      if (result === undefined) return;
      this.#entries.shift();
      this.#sendAt = Math.max(0, this.#sendAt - 1);
      yield result;
    }
  }

  #resultOf({ step, attempt, result, restsOn }: QueuedStep): StepResult | undefined {
    if (this.#hasFailed) return { kind: "skipped" };
    if (result !== undefined) {
      if (!this.#isProven(step, restsOn)) return undefined;
      if (result.kind === "failed") this.#hasFailed = true;
      return result;
    }
    if (!this.#isCancelled || attempt.hasBegun) return undefined;
    this.#hasFailed = true;
    return { kind: "failed", reason: "aborted" };
  }

  /** Whether a result waits only for the answer after its own. */
  get waitsForProof(): boolean {
    const first = this.#entries[0];
    return first?.result !== undefined && !this.#isProven(first.step, first.restsOn);
  }

  /**
   * If the link checks its bytes, only a long answer waits for the one after it: a bridge that restarts inside of it
   * may have sent its boot message in place of the rest.
   */
  #isProven(step: SpiStep, restsOn: number): boolean {
    return (!this.#proof.isUnchecked && answerBytesOf(step) < FENCED_BYTES) || this.#isConfirmed(restsOn);
  }

  #isConfirmed(restsOn: number): boolean {
    return restsOn <= this.#proof.answers.confirmedCount;
  }

  // --- lost synchronization -----------------------------------------------------------------------------------------

  /**
   * The line loses synchronization, and no answer under way counts any more; to be called before any other result is
   * given. What only reads is repeated, and the first step that may have changed the chip and is not certain fails as
   * `lost`, since it is not known whether it was done.
   */
  onSyncLoss(): void {
    this.#isDraining = false;
    this.#sendAt = 0;
    for (const entry of this.#entries) {
      if (!entry.attempt.hasBegun || this.#survivesSyncLoss(entry)) continue;
      const { step } = entry;
      if (step.kind === "transfer" && step.receiveBytes === 0 && step.send.length > 0) {
        entry.attempt = { ...entry.attempt };
        return this.settleAlone(entry, { kind: "failed", reason: "lost" });
      }
      this.#reset(entry);
    }
  }

  /**
   * What came last before the loss of synchronization is in doubt; an ACK alone is not, where the link checks its
   * bytes.
   */
  #survivesSyncLoss({ step, result, restsOn }: QueuedStep): boolean {
    if (result === undefined) return false;
    return this.#isConfirmed(restsOn) || (!this.#proof.isUnchecked && answerBytesOf(step) === 0);
  }
}
