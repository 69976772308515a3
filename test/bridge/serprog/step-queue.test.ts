/** Order and proof of steps, without a bridge. */
import { describe, expect, it } from "vitest";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { QueuedStep } from "../../../src/bridge/serprog/queued-step.ts";
import { StepQueue } from "../../../src/bridge/serprog/step-queue.ts";

const PROGRAM: SpiStep = { kind: "transfer", send: Uint8Array.of(2, 0, 0, 0, 1), receiveBytes: 0 };
const READ: SpiStep = { kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 64 };
const DONE = { kind: "transfer", received: new Uint8Array(0) } as const;
const SKIPPED = { kind: "skipped" } as const;
const LOST = { kind: "failed", reason: "lost" } as const;

/** Sends all commands of the next step. */
function send(queue: StepQueue): QueuedStep {
  const entry = queue.current;
  if (entry === undefined) throw new Error("nothing to send");
  entry.attempt.hasBegun = true;
  queue.advance();
  return entry;
}

function started(steps: readonly SpiStep[], isUnchecked: boolean): { queue: StepQueue; answers: Answers } {
  const answers = { settledCount: 0, confirmedCount: 0 };
  const queue = new StepQueue({ isUnchecked, answers });
  queue.begin();
  for (const step of steps) queue.add(step);
  return { queue, answers };
}

interface Answers {
  settledCount: number;
  confirmedCount: number;
}

describe("a result on an unchecked line", () => {
  it("leaves when the answer after its own has started as it must", () => {
    const { queue, answers } = started([PROGRAM], true);
    answers.settledCount = 1;
    queue.settle(send(queue), DONE);
    expect([queue.waitsForProof, [...queue.results()]]).toEqual([true, []]);
    answers.confirmedCount = 1;
    expect([queue.waitsForProof, [...queue.results()]]).toEqual([false, [DONE]]);
  });

  it("on a checked one leaves at once, if its answer is short", () => {
    const { queue, answers } = started([PROGRAM, READ], false);
    answers.settledCount = 1;
    queue.settle(send(queue), DONE);
    answers.settledCount = 2;
    queue.settle(send(queue), { kind: "transfer", received: new Uint8Array(64) });
    expect([...queue.results()]).toEqual([DONE]);
    expect(queue.waitsForProof).toBe(true);
  });
});

describe("a loss of synchronization", () => {
  it("repeats what only reads", () => {
    const { queue } = started([READ, PROGRAM], true);
    const read = send(queue);
    const { attempt } = read;
    queue.onSyncLoss();
    expect([...queue.results()]).toEqual([]);
    expect([queue.current, queue.takeRepeated(), queue.takeRepeated()]).toEqual([read, 1, 0]);
    // Answers to the attempt before do not count.
    expect(read.attempt).not.toBe(attempt);
  });

  it("fails the first step that may have changed the chip, and skips the rest", () => {
    const { queue } = started([READ, PROGRAM, PROGRAM], true);
    const read = send(queue);
    const program = send(queue);
    const { attempt } = program;
    send(queue);
    queue.onSyncLoss();
    expect(program.attempt).not.toBe(attempt);
    expect([...queue.results()]).toEqual([]);
    queue.settleAlone(read, DONE);
    expect([...queue.results()]).toEqual([DONE, LOST, SKIPPED]);
    queue.end();
    expect([queue.takeDone(), queue.takeDone()]).toEqual([true, false]);
  });

  it("leaves a result that is beyond doubt, and on a checked line an ACK", () => {
    for (const isUnchecked of [true, false]) {
      const { queue, answers } = started([PROGRAM, PROGRAM], isUnchecked);
      answers.settledCount = answers.confirmedCount = 1;
      queue.settle(send(queue), DONE);
      answers.settledCount = 2;
      queue.settle(send(queue), DONE);
      queue.onSyncLoss();
      expect([...queue.results()]).toEqual([DONE, isUnchecked ? LOST : DONE]);
    }
  });
});

describe("a question that is answered busy", () => {
  it("lets nothing out until all answers are in; then what was sent after it goes again", () => {
    const { queue } = started([READ, PROGRAM, PROGRAM], false);
    const question = send(queue);
    const early = send(queue);
    expect(queue.goBackTo(question)).toBe(true);
    expect([queue.isDraining, queue.current]).toEqual([true, question]);
    queue.settle(early, DONE);
    queue.sendAgain();
    expect([queue.isDraining, early.result, early.attempt.hasBegun, queue.takeRepeated()]).toEqual([
      false,
      undefined,
      false,
      1,
    ]);
  });

  it("of a run that has failed is not asked again", () => {
    const { queue } = started([PROGRAM, READ], false);
    queue.settleAlone(send(queue), { kind: "failed", reason: "timeout" });
    const late = queue.sent.at(-1);
    expect([...queue.results()]).toHaveLength(2);
    expect(late && queue.goBackTo(late)).toBe(false);
  });
});

describe("a cancelled run", () => {
  it("ends what has begun, and begins nothing", () => {
    const { queue } = started([PROGRAM, PROGRAM, PROGRAM], false);
    const first = send(queue);
    queue.cancel();
    expect([...queue.results()]).toEqual([]);
    queue.settle(first, DONE);
    expect([...queue.results()]).toEqual([DONE, { kind: "failed", reason: "aborted" }, SKIPPED]);
  });
});
