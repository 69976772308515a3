/**
 * The steps of one run as serprog commands: which may go now, what their answers mean, which have to go again.
 *
 * A bridge of this kind cannot poll, so the host asks. Behind a question whose answer is not known yet only such steps are
 * sent as a busy chip ignores; if the answer is "still busy" they are sent again once it is ready. Results leave in the
 * order of the steps, and on an unchecked line only when the answer after theirs has begun as it must.
 */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { delay, OPCODE, spiOperation } from "../../../firmware-protocol/serprog/command.ts";
import type { PollStep, SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import type { Answer } from "./answer-reader.ts";
import { type Command, command, FENCE, plain } from "./command.ts";
import { ask, type PageWait, type Question } from "./page-wait.ts";

/** Steps at hand that are not begun. */
const LOOK_AHEAD = 8;
const MAX_STEPS = 4096;
/** Bytes of answers that may be outstanding; bounds memory and what a loss of synchronization makes worthless. */
const MAX_ANSWER_BYTES = 2 ** 18;
/** A pause up to this long is kept by the bridge, if it can. */
const LONGEST_BRIDGE_DELAY_US = 100_000;
/** A long wait is asked about from this part of its typical time on, and this many times within it. */
const FIRST_ASK_SHARE = 0.5;
const ASKS_A_WAIT = 25;
const SHORTEST_PAUSE_US = 1_000;
/** From here on an answer has a fence of its own on an unchecked line. */
const FENCED_BYTES = 64;
/** Pages that may be under way after one that is not known to be done. */
const MAX_OPEN_POLLS = 16;
/** For `dueUs`: now, and after a pause that `tick` finds out. */
const ASK_AT_ONCE = -1;
const PAUSE_FIRST = 0;
/** Spare part of the time that the line is busy with the next page. */
const FREE_SHARE = 0.85;

/** What a run has to know of its bridge. */
export interface RunParts {
  /** 0: one command at a time. */
  readonly windowBytes: number;
  readonly maxReceiveBytes: number;
  readonly pageWait: PageWait;
  readonly usPerByte: number;
  /** The shortest time from a question to its answer. */
  readonly turnUs: number;
  readonly canDelay: boolean;
  /** The bytes are not checked on this line. */
  readonly isUnchecked: boolean;
  readonly clockHz: () => number;
  /** Number of the answer that is being settled, and up to which they are beyond doubt. */
  readonly answers: { readonly settledCount: number; readonly confirmedCount: number };
}

/** A command to send now, and what to do with its answer. */
export interface Errand {
  readonly command: Command;
  readonly settle: (answer: Answer) => void;
}

interface Entry {
  readonly step: SpiStep;
  /** Commands of this attempt that have not been sent. */
  todo: Errand[] | undefined;
  hasBegun: boolean;
  /** Answers to another attempt do not count. */
  attempt: number;
  result: StepResult | undefined;
  /** Number of the answer that the result rests on. */
  restsOn: number;
  /** Polls: when the first question was due; when the next is. */
  beganUs: number;
  dueUs: number;
  asked: number;
  /** "Ready" has been received once; on an unchecked link it has to be received twice. */
  wasReady: boolean;
  /** Its question waits at the bridge for the page, so that it pays to send what follows. */
  isFilled: boolean;
}

export class StepRun {
  readonly #parts: RunParts;
  readonly #entries: Entry[] = [];
  /** The first entry that has commands to send. */
  #sendAt = 0;
  /** Something was sent too early: nothing more goes out until all answers are in. */
  #isDraining = false;
  #isFenceDue = false;
  #isRunning = false;
  #hasEnded = false;
  /** A failure has been answered: everything after it is skipped. */
  #hasFailed = false;
  #isCancelled = false;
  #bytesSincePoll = 0;
  /** Line time of the pages before. */
  #groupUs = 0;
  /** The last step sent is one that may go ahead of an answer: then it pays to let the next ones follow. */
  #isAhead = false;
  #repeated = 0;
  #refusal: string | undefined;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Steps that were sent once more, since the chip or the line was not ready for them. */
  takeRepeated(): number {
    const repeated = this.#repeated;
    this.#repeated = 0;
    return repeated;
  }

  /** The bridge refused an operation: which, in words. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  takeRefusal(): string {
    const refusal = this.#refusal ?? "";
    this.#refusal = undefined;
    return refusal;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether another step may be asked for. */
  get hasRoom(): boolean {
    if (!this.#isRunning || this.#hasEnded || this.#entries.length >= MAX_STEPS) return false;
    return this.#entries.length - this.#sendAt < LOOK_AHEAD && this.#answerBytes() < MAX_ANSWER_BYTES;
  }

  #answerBytes(): number {
    return this.#entries.reduce((total, { step }) => total + (step.kind === "transfer" ? step.receiveBytes : 0), 0);
  }

  begin(): void {
    this.#isRunning = true;
    this.#hasEnded = this.#hasFailed = this.#isCancelled = false;
    this.#bytesSincePoll = 0;
  }

  add(step: SpiStep): void {
    this.#entries.push({
      step,
      todo: undefined,
      hasBegun: false,
      attempt: 0,
      result: undefined,
      restsOn: 0,
      beganUs: Number.NaN,
      dueUs: Number.NaN,
      asked: 0,
      wasReady: false,
      isFilled: false,
    });
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** What has begun ends as it would; nothing else is begun. */
  cancel(): void {
    this.#isCancelled = true;
  }

  /** Whether the run is over; true once. */
  takeDone(): boolean {
    if (!this.#isRunning || !this.#hasEnded || this.#entries.length > 0) return false;
    this.#isRunning = false;
    return true;
  }

  /** Whether a result waits only for the answer after its own. */
  get waitsForProof(): boolean {
    const first = this.#entries[0];
    return first?.result !== undefined && !this.#isProven(first);
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

  #resultOf(entry: Entry): StepResult | undefined {
    if (this.#hasFailed) return { kind: "skipped" };
    if (entry.result !== undefined) {
      if (!this.#isProven(entry)) return undefined;
      if (entry.result.kind === "failed") this.#hasFailed = true;
      return entry.result;
    }
    if (!this.#isCancelled || entry.hasBegun) return undefined;
    this.#hasFailed = true;
    return { kind: "failed", reason: "aborted" };
  }

  /**
   * If the link checks its bytes, only a long answer waits for the one after it: a bridge that restarts inside of it
   * may have typed its boot message in place of the rest.
   */
  #isProven(entry: Entry): boolean {
    if (!this.#parts.isUnchecked && answerBytesOf(entry.step) < FENCED_BYTES) return true;
    return this.#isConfirmed(entry);
  }

  #isConfirmed({ restsOn }: Entry): boolean {
    return restsOn <= this.#parts.answers.confirmedCount;
  }

  /** When something is due by the clock; Infinity: nothing. */
  get wakeUs(): number {
    const entry = this.#entries[this.#sendAt];
    return entry === undefined || Number.isNaN(entry.dueUs) || entry.result !== undefined ? Infinity : entry.dueUs;
  }

  /** The next command, if one may be sent now. `outstanding`: commands without an answer yet. */
  next(nowUs: number, outstanding: number): Errand | undefined {
    if (this.#isDraining) {
      if (outstanding > 0) return undefined;
      this.#sendAgain();
    }
    if (this.#isFenceDue) {
      this.#isFenceDue = false;
      return { command: FENCE, settle: () => undefined };
    }
    for (;;) {
      const entry = this.#entries[this.#sendAt];
      // Behind a step that has failed nothing is begun.
      if (entry === undefined || this.#hasFailed || entry.result?.kind === "failed") return undefined;
      if (entry.result !== undefined) {
        this.#sendAt++;
        continue;
      }
      if (!entry.hasBegun && (this.#isCancelled || !this.#mayGo(entry))) return undefined;
      const errand = this.#errandOf(entry, nowUs, outstanding);
      if (errand !== undefined) return errand;
      if (!isThrough(entry)) return undefined;
      this.#sendAt++;
    }
  }

  /** Behind an open question only what a busy chip ignores, and only if the question is one that waits. */
  #mayGo({ step }: Entry): boolean {
    let open = 0;
    let pageUs = 0;
    let isReading = false;
    for (const { step: before, result, isFilled } of this.#entries.slice(0, this.#sendAt)) {
      if (open > 0 && isLongRead(before)) isReading = true;
      if (before.kind !== "poll" || result !== undefined) continue;
      if (!isFilled) return false;
      open++;
      pageUs = before.typicalUs ?? 0;
    }
    if (open === 0) return true;
    // As many as fill the time of a turn: what is sent too early has to be sent again.
    const most = 1 + Math.ceil(this.#parts.turnUs / Math.max(pageUs, this.#groupUs, 1));
    if (open > Math.min(most, MAX_OPEN_POLLS)) return false;
    if (step.kind === "poll") return this.#isAhead && this.#parts.pageWait.fills(step);
    // One read is sent again at most: many take far longer than a turn.
    return step.kind === "transfer" && step.ifBusy === "ignored" && !(isReading && isLongRead(step));
  }

  /** The entry's next command; undefined if it has none now. */
  #errandOf(entry: Entry, nowUs: number, outstanding: number): Errand | undefined {
    if (entry.todo === undefined) this.#start(entry, nowUs, outstanding);
    const errand = entry.todo?.shift();
    if (errand === undefined) return undefined;
    entry.hasBegun = true;
    this.#isAhead = entry.step.kind === "transfer" && entry.step.ifBusy === "ignored";
    this.#bytesSincePoll += errand.command.bytes.length;
    return errand;
  }

  /** Makes the commands of an attempt, if its time has come. */
  #start(entry: Entry, nowUs: number, outstanding: number): void {
    const { step } = entry;
    switch (step.kind) {
      case "transfer":
        return this.#startTransfer(entry, step.send, step.receiveBytes);
      case "digest":
        return this.#startDigest(entry, step.send, step.lengthBytes);
      case "delay":
        return this.#startDelay(entry, step.durationUs, nowUs, outstanding);
      case "poll":
        return this.#startPoll(entry, step, nowUs, outstanding);
    }
  }

  #startTransfer(entry: Entry, send: Uint8Array, receiveBytes: number): void {
    if (send.length + receiveBytes === 0) {
      entry.result = { kind: "transfer", received: new Uint8Array(0) };
      return;
    }
    entry.todo = [this.#operation(entry, send, receiveBytes, (received) => ({ kind: "transfer", received }))];
  }

  #startDigest(entry: Entry, send: Uint8Array, lengthBytes: number): void {
    if (lengthBytes > this.#parts.maxReceiveBytes) {
      this.#settle(entry, { kind: "failed", reason: "not-supported" });
      entry.restsOn = 0;
      return;
    }
    entry.todo = [this.#operation(entry, send, lengthBytes, (data) => ({ kind: "digest", check: blockCheck(data) }))];
  }

  #operation(entry: Entry, send: Uint8Array, receiveBytes: number, read: (data: Uint8Array) => StepResult): Errand {
    const { attempt } = entry;
    if (this.#parts.isUnchecked && receiveBytes >= FENCED_BYTES) this.#isFenceDue = true;
    return {
      command: command(spiOperation(send, receiveBytes), 0, receiveBytes),
      settle: (answer) => {
        if (entry.attempt !== attempt) return;
        if (answer.kind === "refused") return this.#refuse(send.length, receiveBytes);
        this.#settle(entry, read(answer.data));
      },
    };
  }

  #startDelay(entry: Entry, durationUs: number, nowUs: number, outstanding: number): void {
    const { attempt } = entry;
    if (this.#parts.canDelay && durationUs <= LONGEST_BRIDGE_DELAY_US) {
      entry.todo = [
        { command: command(delay(durationUs)), settle: () => undefined },
        {
          command: command(plain(OPCODE.execute).bytes, durationUs),
          settle: () => {
            if (entry.attempt === attempt) this.#settle(entry, { kind: "delay" });
          },
        },
      ];
      return;
    }
    // The pause begins when all before it has been done.
    if (outstanding > 0) return;
    if (Number.isNaN(entry.dueUs)) {
      entry.hasBegun = true;
      entry.dueUs = nowUs + durationUs;
    }
    if (nowUs >= entry.dueUs) this.#settle(entry, { kind: "delay" });
  }

  #startPoll(entry: Entry, poll: PollStep, nowUs: number, outstanding: number): void {
    const isFirst = entry.asked === 0;
    if (isFirst && this.#parts.windowBytes > 0 && this.#parts.pageWait.fills(poll)) {
      return this.#askFilled(entry, poll, nowUs);
    }
    const firstPauseUs = this.#firstPauseUs(poll);
    // Asked by the clock: from when all before it is done, unless it may be over at once.
    if (outstanding > 0 && !(isFirst && firstPauseUs === 0)) return;
    if (Number.isNaN(entry.dueUs)) {
      entry.hasBegun = true;
      if (outstanding === 0) entry.beganUs = nowUs;
      entry.dueUs = nowUs + firstPauseUs;
    }
    if (nowUs < entry.dueUs) return;
    // What is still on its way may set the chip to work: the time of the poll runs from when nothing else is under way.
    if (Number.isNaN(entry.beganUs) && outstanding === 0) entry.beganUs = nowUs;
    this.#askWith(entry, poll, plainQuestion(poll), nowUs);
  }

  /** Asks after a wait that the bridge keeps, so that what follows may be on its way. */
  #askFilled(entry: Entry, poll: PollStep, nowUs: number): void {
    const { usPerByte, pageWait } = this.#parts;
    const clockHz = this.#parts.clockHz();
    const groupUs = this.#bytesSincePoll * usPerByte;
    const spiUs = clockHz > 0 ? (this.#bytesSincePoll * 8e6) / clockHz : 0;
    // What was sent last began the chip's work, or it is work that continues beside what was sent since.
    const freeUs = this.#isAhead ? Math.min(groupUs * FREE_SHARE - spiUs, 2 * (poll.typicalUs ?? 0)) : 0;
    const elapsedUs = this.#isAhead ? 0 : Math.max(groupUs, spiUs) + this.#parts.turnUs;
    entry.isFilled = true;
    this.#askWith(entry, poll, pageWait.question(poll, { clockHz, pageUs: groupUs, freeUs, elapsedUs }), nowUs);
  }

  #firstPauseUs(poll: PollStep): number {
    if (poll.typicalUs === undefined || this.#parts.pageWait.isShort(poll)) return 0;
    return Math.min(poll.typicalUs * FIRST_ASK_SHARE, poll.timeoutMs * 1000);
  }

  #askWith(entry: Entry, poll: PollStep, question: Question, nowUs: number): void {
    const { attempt } = entry;
    entry.asked++;
    this.#groupUs = this.#bytesSincePoll * this.#parts.usPerByte;
    this.#bytesSincePoll = 0;
    // Behind a wait others may stand before it, which take their time as well.
    const isLast = !entry.isFilled && nowUs >= entry.beganUs + poll.timeoutMs * 1000;
    entry.todo = question.commands.map((each, index) => ({
      command: each,
      settle: (answer) => {
        if (entry.attempt !== attempt || index !== question.statusAt) return;
        if (answer.kind === "refused") return this.#refuse(poll.send.length, each.answerBytes);
        this.#hearStatus(entry, poll, answer.data.at(-1) ?? 0xff, isLast, question.level);
      },
    }));
  }

  #hearStatus(entry: Entry, poll: PollStep, status: number, isLast: boolean, level: number): void {
    const isReady = (status & poll.mask) === poll.value;
    if (level >= 0) this.#parts.pageWait.learn(poll, level, isReady);
    // One flipped bit ends an erase that continues. A page that was not ready shows in the verify.
    const isLong = poll.typicalUs !== undefined && !entry.isFilled;
    const isSure = !isLong || entry.wasReady || !this.#parts.isUnchecked;
    if (isReady && isSure) return this.#settle(entry, { kind: "poll", status });
    entry.wasReady = isReady;
    const place = this.#entries.indexOf(entry);
    // A run that has failed does not wait for what was still under way.
    if (place < 0) return;
    if (this.#entries.slice(place + 1).some(({ hasBegun }) => hasBegun)) this.#isDraining = true;
    this.#sendAt = Math.min(this.#sendAt, place);
    entry.todo = undefined;
    entry.isFilled = false;
    entry.attempt++;
    if (isReady) {
      entry.dueUs = ASK_AT_ONCE;
      return;
    }
    if (isLast) return this.#settle(entry, { kind: "failed", reason: "timeout", status });
    entry.dueUs = PAUSE_FIRST;
  }

  /** When a question that was answered "busy" is asked again. */
  #pauseUs(entry: Entry, poll: PollStep, nowUs: number): number {
    const elapsedUs = Number.isNaN(entry.beganUs) ? 0 : nowUs - entry.beganUs;
    const expectedUs = this.#parts.pageWait.isShort(poll) ? 0 : (poll.typicalUs ?? elapsedUs);
    const pauseUs = Math.max(poll.intervalUs, expectedUs / ASKS_A_WAIT, expectedUs > 0 ? SHORTEST_PAUSE_US : 0);
    return Math.max(0, Math.min(pauseUs, poll.timeoutMs * 1000 - elapsedUs));
  }

  /** To be called with the time after answers came in: sets the times of questions that have to be asked again. */
  tick(nowUs: number): void {
    const entry = this.#entries[this.#sendAt];
    if (entry?.step.kind !== "poll" || entry.dueUs !== PAUSE_FIRST) return;
    entry.dueUs = nowUs + this.#pauseUs(entry, entry.step, nowUs);
  }

  #settle(entry: Entry, result: StepResult): void {
    entry.result = result;
    entry.restsOn = entry.step.kind === "delay" ? 0 : this.#parts.answers.settledCount;
  }

  #refuse(sendBytes: number, receiveBytes: number): void {
    this.#refusal ??= `the bridge rejected an operation of ${sendBytes} bytes out and ${receiveBytes} in`;
  }

  /** All answers are in: what was sent after the question that was answered "busy" goes again, after it. */
  #sendAgain(): void {
    this.#isDraining = false;
    this.#isFenceDue = false;
    for (const entry of this.#entries.slice(this.#sendAt + 1)) this.#reset(entry);
  }

  #reset(entry: Entry): void {
    if (entry.hasBegun) this.#repeated++;
    entry.attempt++;
    entry.todo = undefined;
    entry.hasBegun = false;
    entry.result = undefined;
    entry.beganUs = entry.dueUs = Number.NaN;
    entry.asked = 0;
    entry.wasReady = false;
    entry.isFilled = false;
  }

  /**
   * The line loses synchronization, and no answer under way counts any more; to be called before any other result is given.
   * What only reads is repeated, and the first step that may have changed the chip and is not certain fails as `lost`, since
   * it is not known whether it was done.
   */
  slip(): void {
    this.#isDraining = false;
    this.#isFenceDue = false;
    this.#sendAt = 0;
    for (const entry of this.#entries) {
      if (!entry.hasBegun || (entry.result !== undefined && this.#survivesSlip(entry))) continue;
      if (entry.step.kind === "transfer" && entry.step.receiveBytes === 0 && entry.step.send.length > 0) {
        entry.attempt++;
        this.#settle(entry, { kind: "failed", reason: "lost" });
        entry.restsOn = 0;
        return;
      }
      this.#reset(entry);
    }
  }

  /** What came last before the loss of synchronization is in doubt; an ACK alone is not, where the link checks its bytes. */
  #survivesSlip(entry: Entry): boolean {
    return this.#isConfirmed(entry) || (!this.#parts.isUnchecked && answerBytesOf(entry.step) === 0);
  }
}

/** Bytes after the ACK that a result is made of. */
function answerBytesOf(step: SpiStep): number {
  switch (step.kind) {
    case "transfer":
      return step.receiveBytes;
    case "digest":
      return step.lengthBytes;
    case "poll":
      return 1;
    case "delay":
      return 0;
  }
}

function isLongRead(step: SpiStep): boolean {
  return step.kind === "transfer" && step.receiveBytes >= FENCED_BYTES;
}

/** Asks now, with no wait to learn from. */
function plainQuestion(poll: PollStep): Question {
  return { commands: [ask(poll, 1, 0)], statusAt: 0, level: -1 };
}

/** All commands of the attempt are out, or none was needed. */
function isThrough({ result, todo }: Entry): boolean {
  return result !== undefined || todo?.length === 0;
}
