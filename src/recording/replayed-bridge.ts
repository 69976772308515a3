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

/** The bridge of a recording. Throws FILE_INVALID if it holds none. */
export function replayedBridge({ lines }: Recording): Bridge {
  const found = lines.find((line) => line.type === "bridge");
  if (found === undefined) {
    throw new NorbridgeError("FILE_INVALID", "the recording ends before a bridge responded", {
      operation: "replay",
    });
  }
  const answers = new Map<string, Answers>();
  const clocks = new Map<number, number>();
  for (const line of lines) {
    if (line.type === "clock") clocks.set(line.wishHz, line.gotHz);
    if (line.type !== "step") continue;
    const known = answers.get(line.step);
    if (known === undefined) answers.set(line.step, { answers: [line.result], next: 0 });
    else known.answers.push(line.result);
  }
  return new ReplayedBridge(found.info, answers, clocks);
}

/** What one step was answered, in order; `next` is the one that is due. */
interface Answers {
  readonly answers: StepResult[];
  next: number;
}

/** How often last answers may be given again in one replay: a chip that is waited for is asked a few thousand times. */
const MAX_REPEATS = 1_000_000;

/** Whether a result is of the kind and the length that the step asks for. */
function fits(step: SpiStep, result: StepResult): boolean {
  if (result.kind === "failed") return true;
  return result.kind === step.kind && (result.kind !== "transfer" || result.received.length === receivedBytes(step));
}

function receivedBytes(step: SpiStep): number {
  return step.kind === "transfer" ? step.receiveBytes : 0;
}

const SKIPPED: StepResult = { kind: "skipped" };
const ABORTED: StepResult = { kind: "failed", reason: "aborted" };

class ReplayedBridge implements Bridge {
  readonly info: BridgeInfo;
  readonly statistics: LinkStatistics = {
    bytesSent: 0,
    bytesReceived: 0,
    framesResent: 0,
    framesDamaged: 0,
    roundTrips: 0,
  };
  readonly #answers: ReadonlyMap<string, Answers>;
  readonly #clocks: ReadonlyMap<number, number>;
  #repeats = 0;

  constructor(info: BridgeInfo, answers: ReadonlyMap<string, Answers>, clocks: ReadonlyMap<number, number>) {
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
    const answer = known?.answers[known.next];
    // The last answer stands for what is asked once more than then: a poll, a look at who is there. Not without limit.
    if (known !== undefined && known.next < known.answers.length - 1) known.next++;
    else this.#repeats++;
    if (answer !== undefined && fits(step, answer) && this.#repeats <= MAX_REPEATS) return answer;
    const why =
      answer === undefined || answer.kind === "skipped"
        ? "it has no result for"
        : fits(step, answer)
          ? "it would ask again forever for"
          : "its entry is not a result for";
    throw new NorbridgeError("CHECK_FAILED", `the replay differs from the recording: ${why} ${word.slice(0, 60)}`, {
      operation: "replay",
      hint: "The program, the image or an option has changed since.",
    });
  }
}
