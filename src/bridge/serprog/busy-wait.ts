/**
 * Waits for a chip that is busy. A bridge of this kind cannot poll, so the host asks: this file knows when, what an
 * answer means, and what may be sent while it is not known. That are only steps that a busy chip ignores; if the answer
 * is "still busy" they go again.
 */
import type { PollStep, SpiStep } from "../../../firmware-protocol/step.ts";
import { ask, type BusyPadding, type Question } from "./busy-padding.ts";
import { type Attempt, dueUs, type QueuedStep } from "./queued-step.ts";
import { FENCED_BYTES } from "./step-queue.ts";

/** A long wait is asked about from this part of its typical time on, and this many times within it. */
const FIRST_ASK_SHARE = 0.5;
const ASKS_A_WAIT = 25;
const MIN_PAUSE_US = 1_000;
/** Pages that may be under way after one that is not known to be done. */
const MAX_OPEN_POLLS = 16;
/** Spare part of the time that the line is busy with the next page. */
const FREE_SHARE = 0.85;

/** What the waiting depends on. */
export interface BusyWaitParts {
  /** 0: one command at a time. */
  readonly windowBytes: number;
  readonly padding: BusyPadding;
  /** Line time of a byte, microseconds; 0 if that is not known. */
  readonly usPerByte: number;
  /** The shortest time from a question to its answer, microseconds. */
  readonly turnUs: number;
  /** The bytes are not checked on this line. */
  readonly isUnchecked: boolean;
  readonly clockHz: () => number;
}

/** What a status means: "ready?" is one that has to be received twice. */
export type Verdict = "ready" | "ready?" | "busy";

export class BusyWait {
  readonly #parts: BusyWaitParts;
  #bytesSincePoll = 0;
  /** Line time of the pages before. */
  #groupUs = 0;
  /** The last step sent is one that may go ahead of an answer: then it pays to let the next ones follow. */
  #isAhead = false;

  constructor(parts: BusyWaitParts) {
    this.#parts = parts;
  }

  /** A run begins. */
  begin(): void {
    this.#bytesSincePoll = 0;
  }

  /** A command of a step is sent. */
  onSent(step: SpiStep, commandBytes: number): void {
    this.#isAhead = isIgnoredIfBusy(step);
    this.#bytesSincePoll += commandBytes;
  }

  /** After an open question only what a busy chip ignores, and only if the question is one that waits. */
  mayFollow(step: SpiStep, sent: readonly QueuedStep[]): boolean {
    let open = 0;
    let pageUs = 0;
    let isReading = false;
    for (const { step: before, result, attempt } of sent) {
      if (open > 0 && isLongRead(before)) isReading = true;
      if (before.kind !== "poll" || result !== undefined) continue;
      if (attempt.wait.kind !== "padding") return false;
      open++;
      pageUs = before.typicalUs ?? 0;
    }
    if (open === 0) return true;
    // As many as take the time of a turn: what is sent too early has to be sent again.
    const maxOpen = 1 + Math.ceil(this.#parts.turnUs / Math.max(pageUs, this.#groupUs, 1));
    if (open > Math.min(maxOpen, MAX_OPEN_POLLS)) return false;
    if (step.kind === "poll") return this.#isAhead && this.#parts.padding.pads(step);
    // One read is sent again at most: many take far longer than a turn.
    return isIgnoredIfBusy(step) && !(isReading && isLongRead(step));
  }

  /** The next question of a poll, if it is to be asked now. `outstanding`: commands without an answer. */
  question(attempt: Attempt, poll: PollStep, nowUs: number, outstanding: number): Question | undefined {
    if (attempt.wait.kind === "idle") {
      if (this.#parts.windowBytes > 0 && this.#parts.padding.pads(poll)) return this.#paddedQuestion(attempt, poll);
      const firstPauseUs = this.#firstPauseUs(poll);
      // Asked by the clock: from when all before it is done, unless it may be over at once.
      if (outstanding > 0 && firstPauseUs > 0) return undefined;
      attempt.hasBegun = true;
      if (outstanding === 0) attempt.beganUs = nowUs;
      attempt.wait = { kind: "pausing", untilUs: nowUs + firstPauseUs };
    } else if (outstanding > 0) return undefined;
    if (nowUs < dueUs(attempt.wait)) return undefined;
    // What is still on its way may set the chip to work: the time of the poll runs from when nothing else is under way.
    if (outstanding === 0) attempt.beganUs ??= nowUs;
    this.#endGroup();
    return { commands: [ask(poll, 1, 0)], statusAt: 0, level: undefined };
  }

  /** Asks after a wait that the bridge keeps, so that what follows may be on its way. */
  #paddedQuestion(attempt: Attempt, poll: PollStep): Question {
    const { usPerByte, turnUs, padding } = this.#parts;
    const clockHz = this.#parts.clockHz();
    const groupUs = this.#bytesSincePoll * usPerByte;
    const spiUs = clockHz > 0 ? (this.#bytesSincePoll * 8e6) / clockHz : 0;
    // What was sent last began the chip's work, or it is work that continues beside what was sent since.
    const freeUs = this.#isAhead ? Math.min(groupUs * FREE_SHARE - spiUs, 2 * (poll.typicalUs ?? 0)) : 0;
    const elapsedUs = this.#isAhead ? 0 : Math.max(groupUs, spiUs) + turnUs;
    attempt.wait = { kind: "padding" };
    this.#endGroup();
    return padding.question(poll, { clockHz, pageUs: groupUs, freeUs, elapsedUs });
  }

  #endGroup(): void {
    this.#groupUs = this.#bytesSincePoll * this.#parts.usPerByte;
    this.#bytesSincePoll = 0;
  }

  #firstPauseUs(poll: PollStep): number {
    if (poll.typicalUs === undefined || this.#parts.padding.isShort(poll)) return 0;
    return Math.min(poll.typicalUs * FIRST_ASK_SHARE, poll.timeoutMs * 1000);
  }

  /** Whether a question that is asked now is the last: the time of the poll is over. */
  isLast({ wait, beganUs }: Attempt, { timeoutMs }: PollStep, nowUs: number): boolean {
    // After a padded wait others may stand before it, which take their time as well.
    return wait.kind !== "padding" && beganUs !== undefined && nowUs >= beganUs + timeoutMs * 1000;
  }

  /** What a status means that was asked for in this attempt, by a question of this level. */
  judge({ wait }: Attempt, poll: PollStep, status: number, level: number | undefined): Verdict {
    const isReady = (status & poll.mask) === poll.value;
    if (level !== undefined) this.#parts.padding.learn(poll, level, isReady);
    if (!isReady) return "busy";
    // One flipped bit ends an erase that continues. A page that was not ready shows in the verify.
    const isLong = poll.typicalUs !== undefined && wait.kind !== "padding";
    return isLong && wait.kind !== "confirming" && this.#parts.isUnchecked ? "ready?" : "ready";
  }

  /** The attempt goes on with another question. */
  askAgain({ beganUs }: Attempt, poll: PollStep, verdict: "ready?" | "busy", nowUs: number): Attempt {
    const untilUs = nowUs + this.#pauseUs(beganUs, poll, nowUs);
    const wait = verdict === "busy" ? ({ kind: "pausing", untilUs } as const) : ({ kind: "confirming" } as const);
    return { commands: undefined, hasBegun: true, wait, beganUs };
  }

  /** When a question that was answered "busy" is asked again. */
  #pauseUs(beganUs: number | undefined, poll: PollStep, nowUs: number): number {
    const elapsedUs = beganUs === undefined ? 0 : nowUs - beganUs;
    const expectedUs = this.#parts.padding.isShort(poll) ? 0 : (poll.typicalUs ?? elapsedUs);
    const pauseUs = Math.max(poll.intervalUs, expectedUs / ASKS_A_WAIT, expectedUs > 0 ? MIN_PAUSE_US : 0);
    return Math.max(0, Math.min(pauseUs, poll.timeoutMs * 1000 - elapsedUs));
  }
}

function isIgnoredIfBusy(step: SpiStep): boolean {
  return step.kind === "transfer" && step.ifBusy === "ignored";
}

function isLongRead(step: SpiStep): boolean {
  return step.kind === "transfer" && step.receiveBytes >= FENCED_BYTES;
}
