/** The steps of one run as serprog commands: which may go now, and what their answers mean. */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { delay, OPCODE, spiOperation } from "../../../firmware-protocol/serprog/command.ts";
import type { PollStep, StepResult } from "../../../firmware-protocol/step.ts";
import { BusyWait, type BusyWaitParts } from "./busy-wait.ts";
import { command, FENCE, plain } from "./command.ts";
import { dueUs, isSent, type QueuedCommand, type QueuedStep } from "./queued-step.ts";
import { FENCED_BYTES, type Proof, StepQueue } from "./step-queue.ts";

/** A pause up to this long is kept by the bridge, if it can. */
const MAX_BRIDGE_DELAY_US = 100_000;

/** What a run has to know of its bridge. */
export interface RunParts extends BusyWaitParts, Proof {
  readonly maxReceiveBytes: number;
  readonly canDelay: boolean;
}

export class StepRun {
  readonly steps: StepQueue;
  readonly #parts: RunParts;
  readonly #busyWait: BusyWait;
  #isFenceDue = false;
  #refusal: string | undefined;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.steps = new StepQueue(parts);
    this.#busyWait = new BusyWait(parts);
  }

  begin(): void {
    this.steps.begin();
    this.#busyWait.begin();
  }

  /** The bridge refused an operation: which, in words. Returns it once. */
  takeRefusal(): string | undefined {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    return refusal;
  }

  /** No answer under way counts any more: see StepQueue. */
  onSyncLoss(): void {
    this.#isFenceDue = false;
    this.steps.onSyncLoss();
  }

  /** The next command, if one may be sent now. `outstanding`: commands without an answer yet. */
  next(nowUs: number, outstanding: number): QueuedCommand | undefined {
    const { steps } = this;
    if (steps.isDraining) {
      if (outstanding > 0) return undefined;
      this.#isFenceDue = false;
      steps.sendAgain();
    }
    if (this.#isFenceDue) {
      this.#isFenceDue = false;
      return { command: FENCE, settle: () => undefined };
    }
    for (let entry = steps.current; entry !== undefined; entry = steps.current) {
      if (entry.result === undefined) {
        if (!entry.attempt.hasBegun && (steps.isCancelled || !this.#busyWait.mayFollow(entry.step, steps.sent))) {
          return undefined;
        }
        const next = this.#commandOf(entry, nowUs, outstanding);
        if (next !== undefined) return next;
        if (!isSent(entry)) return undefined;
      }
      steps.advance();
    }
    return undefined;
  }

  /** The step's next command; undefined if it has none now. */
  #commandOf(entry: QueuedStep, nowUs: number, outstanding: number): QueuedCommand | undefined {
    const { step, attempt } = entry;
    if (attempt.commands === undefined) this.#start(entry, nowUs, outstanding);
    const next = attempt.commands?.shift();
    if (next === undefined) return undefined;
    attempt.hasBegun = true;
    this.#busyWait.onSent(step, next.command.bytes.length);
    return next;
  }

  /** Makes the commands of an attempt, if its time has come. */
  #start(entry: QueuedStep, nowUs: number, outstanding: number): void {
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

  #startTransfer(entry: QueuedStep, send: Uint8Array, receiveBytes: number): void {
    if (send.length + receiveBytes === 0) {
      return this.steps.settleAlone(entry, { kind: "transfer", received: new Uint8Array(0) });
    }
    this.#operate(entry, send, receiveBytes, (received) => ({ kind: "transfer", received }));
  }

  #startDigest(entry: QueuedStep, send: Uint8Array, lengthBytes: number): void {
    if (lengthBytes > this.#parts.maxReceiveBytes) {
      return this.steps.settleAlone(entry, { kind: "failed", reason: "not-supported" });
    }
    this.#operate(entry, send, lengthBytes, (data) => ({ kind: "digest", check: blockCheck(data) }));
  }

  #operate(entry: QueuedStep, send: Uint8Array, receiveBytes: number, read: (data: Uint8Array) => StepResult): void {
    if (this.#parts.isUnchecked && receiveBytes >= FENCED_BYTES) this.#isFenceDue = true;
    entry.attempt.commands = [
      {
        command: command(spiOperation(send, receiveBytes), 0, receiveBytes),
        settle: this.#whileCurrent(entry, (answer) => {
          if (answer.kind === "refused") return this.#refuse(send.length, receiveBytes);
          this.steps.settle(entry, read(answer.data));
        }),
      },
    ];
  }

  /** An answer to an attempt that was given up does not count. */
  #whileCurrent(entry: QueuedStep, settle: QueuedCommand["settle"]): QueuedCommand["settle"] {
    const { attempt } = entry;
    return (answer, nowUs) => {
      if (entry.attempt === attempt) settle(answer, nowUs);
    };
  }

  #startDelay(entry: QueuedStep, durationUs: number, nowUs: number, outstanding: number): void {
    const { attempt } = entry;
    if (this.#parts.canDelay && durationUs <= MAX_BRIDGE_DELAY_US) {
      attempt.commands = [
        { command: command(delay(durationUs)), settle: () => undefined },
        {
          command: command(plain(OPCODE.execute).bytes, durationUs),
          settle: this.#whileCurrent(entry, () => this.steps.settle(entry, { kind: "delay" })),
        },
      ];
      return;
    }
    // The pause begins when all before it has been done.
    if (outstanding > 0) return;
    if (attempt.wait.kind === "idle") {
      attempt.hasBegun = true;
      attempt.wait = { kind: "pausing", untilUs: nowUs + durationUs };
    }
    if (nowUs >= dueUs(attempt.wait)) this.steps.settle(entry, { kind: "delay" });
  }

  #startPoll(entry: QueuedStep, poll: PollStep, nowUs: number, outstanding: number): void {
    const { attempt } = entry;
    const question = this.#busyWait.question(attempt, poll, nowUs, outstanding);
    if (question === undefined) return;
    const isLast = this.#busyWait.isLast(attempt, poll, nowUs);
    attempt.commands = question.commands.map((each, index) => ({
      command: each,
      settle: this.#whileCurrent(entry, (answer, answeredUs) => {
        if (index !== question.statusAt) return;
        if (answer.kind === "refused") return this.#refuse(poll.send.length, each.answerBytes);
        const status = answer.data.at(-1) ?? 0xff;
        const verdict = this.#busyWait.judge(attempt, poll, status, question.level);
        if (verdict === "ready") return this.steps.settle(entry, { kind: "poll", status });
        if (!this.steps.goBackTo(entry)) return;
        entry.attempt = this.#busyWait.askAgain(attempt, poll, verdict, answeredUs);
        if (verdict === "busy" && isLast) this.steps.settle(entry, { kind: "failed", reason: "timeout", status });
      }),
    }));
  }

  #refuse(sendBytes: number, receiveBytes: number): void {
    this.#refusal ??= `the bridge rejected an operation of ${sendBytes} bytes out and ${receiveBytes} in`;
  }
}
