/**
 * A recorded bridge and chip, step by step: whatever is asked that was asked then is answered as it was, each answer once and in
 * the order in which they came. When what is asked comes in another order than then, that does not matter; what was never
 * asked has no answer, and the replay ends there.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { Bridge, BridgeInfo, LinkStatistics } from "../bridge/bridge.ts";
import { NorbridgeError } from "../errors.ts";
import type { RunOptions, Stream } from "../stream.ts";
import { type Recording, stepWord } from "./recording.ts";

/** The bridge of a recording. Throws FILE_INVALID where it holds none. */
export function replayedBridge({ lines }: Recording): Bridge {
  const found = lines.find((line) => line.type === "bridge");
  if (found === undefined) {
    throw new NorbridgeError("FILE_INVALID", "the recording ends before a bridge has answered", {
      operation: "replay",
    });
  }
  const answers = new Map<string, StepResult[]>();
  const clocks = new Map<number, number>();
  for (const line of lines) {
    if (line.type === "clock") clocks.set(line.wishHz, line.gotHz);
    if (line.type !== "step") continue;
    const known = answers.get(line.step);
    if (known === undefined) answers.set(line.step, [line.result]);
    else known.push(line.result);
  }
  return new ReplayedBridge(found.info, answers, clocks);
}

const SKIPPED: StepResult = { kind: "skipped" };
const ABORTED: StepResult = { kind: "failed", reason: "aborted" };

class ReplayedBridge implements Bridge {
  readonly info: BridgeInfo;
  readonly statistics: LinkStatistics = {
    ...{ bytesSent: 0, bytesReceived: 0, framesResent: 0, framesDamaged: 0, roundTrips: 0 },
  };
  readonly #answers: ReadonlyMap<string, StepResult[]>;
  readonly #clocks: ReadonlyMap<number, number>;

  constructor(info: BridgeInfo, answers: ReadonlyMap<string, StepResult[]>, clocks: ReadonlyMap<number, number>) {
    this.info = info;
    this.#answers = answers;
    this.#clocks = clocks;
  }

  async *run(steps: Stream<SpiStep>, { signal }: RunOptions = {}): AsyncGenerator<StepResult> {
    const iterator = Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
    let isOver = false;
    try {
      let coming = Promise.resolve(iterator.next());
      for (let next = await coming; next.done !== true; next = await coming) {
        const result: StepResult = isOver ? SKIPPED : signal?.aborted === true ? ABORTED : this.#answerTo(next.value);
        isOver ||= result.kind === "failed";
        // Asked before the answer is out, as a real bridge has room for more: who asks may wait for the answer first.
        coming = Promise.resolve(iterator.next());
        coming.catch(() => undefined);
        yield result;
      }
    } finally {
      await iterator.return?.();
    }
  }

  setSpiClockHz(clockHz: number): Promise<number> {
    return Promise.resolve(this.#clocks.get(clockHz) ?? clockHz);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answerTo(step: SpiStep): StepResult {
    const word = stepWord(step);
    const known = this.#answers.get(word);
    // The last answer stands for what is asked once more than then: a poll, a look at who is there.
    const answer = known !== undefined && known.length > 1 ? known.shift() : known?.[0];
    if (answer !== undefined && answer.kind !== "skipped") return answer;
    throw new NorbridgeError(
      "CHECK_FAILED",
      `the replay parts from the recording: it has no answer to ${word.slice(0, 60)}`,
      {
        operation: "replay",
        hint: "The program has changed since, or the image or an option is another one.",
      },
    );
  }
}
