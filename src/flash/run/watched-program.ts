/** The first programs of a device, block by block: each is awaited and looked at before the next is sent. */
import type { ChipDriver } from "../../../drivers/chip-driver.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { isFilledWith, sameBytes } from "../../bytes.ts";
import type { ChipFailure } from "../chip-failure.ts";
import type { ChipBytes } from "../erase-finding.ts";
import type { PageFinding, PageProof, TellingProgram } from "../page-proof.ts";
import type { OpInProgress } from "./op-in-progress.ts";
import type { ProgramQueue, Question } from "./program-queue.ts";

/** What a watched program works with. */
export interface ProgramTools {
  readonly driver: ChipDriver;
  readonly proof: PageProof;
  readonly queue: ProgramQueue;
  /** The operation that the program belongs to. */
  readonly op: OpInProgress;
}

/** How a watched program ended. */
export type ProgramEnd =
  /** `rest` is not sent yet: it needs no watching. What is neither in `rest` nor counted in `sentBytes` is erased. */
  { readonly outcome: "done"; readonly rest: ChipBytes | undefined; readonly sentBytes: number } | ProgramFailure;

/** A program that did not do what it should. */
export interface ProgramFailure {
  readonly outcome: ChipFailure | "skipped";
  readonly range: ByteRange;
  /** For the outcome `wrong-page`. */
  readonly page?: PageFinding | undefined;
}

/** A program that the chip seems to ignore is sent up to this many times. */
const MAX_TRIES = 3;
/** Reads of the same bytes until two agree. */
const MAX_READS = 4;

class Failed extends Error {
  readonly outcome: ChipFailure | "skipped";

  constructor(outcome: ChipFailure | "skipped") {
    super(outcome);
    this.outcome = outcome;
  }
}

/** Programs bytes as long as their programs have something to show. */
export async function* watchedProgram(bytes: ChipBytes, tools: ProgramTools): AsyncGenerator<SpiStep, ProgramEnd> {
  const { proof } = tools;
  let rest = bytes;
  let sentBytes = 0;
  while (proof.isOpen) {
    const next = proof.next(rest);
    if (next === undefined) return { outcome: "done", rest: undefined, sentBytes };
    const telling = proof.telling(next);
    if (telling === undefined) yield* handProgram(next, tools);
    else {
      const failure = yield* new WatchedProgram(telling, tools).run();
      if (failure !== undefined) return failure;
    }
    // One that a disturbed bus has swallowed went again, and the chip took one.
    sentBytes += next.data.length;
    const covered = next.address + next.data.length - rest.address;
    rest = { address: rest.address + covered, data: rest.data.subarray(covered) };
  }
  return { outcome: "done", rest: rest.data.length === 0 ? undefined : rest, sentBytes };
}

function handProgram({ address, data }: ChipBytes, { driver, queue, op }: ProgramTools): Generator<SpiStep> {
  return queue.handPlain(op, { address, lengthBytes: data.length }, driver.programPage(address, data));
}

class WatchedProgram {
  readonly #bytes: TellingProgram;
  readonly #range: ByteRange;
  readonly #tools: ProgramTools;

  constructor(bytes: TellingProgram, tools: ProgramTools) {
    this.#bytes = bytes;
    this.#range = { address: bytes.address, lengthBytes: bytes.data.length };
    this.#tools = tools;
  }

  /** Returns how it failed; undefined if it did not. */
  async *run(): AsyncGenerator<SpiStep, ProgramFailure | undefined> {
    try {
      // A command that a disturbed bus has swallowed is not a chip that ignores it.
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const verdict = yield* this.#once();
        if (verdict !== "ignored") return verdict;
      }
      return { outcome: "ignored", range: this.#range };
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return { outcome: error.outcome, range: this.#range };
    }
  }

  async *#once(): AsyncGenerator<SpiStep, ProgramFailure | "ignored" | undefined> {
    const { proof } = this.#tools;
    const { sample } = this.#bytes;
    const readBefore = yield* this.#read(sample);
    yield* handProgram(this.#bytes, this.#tools);
    const readAfter = yield* this.#read(sample);
    yield* this.#tools.queue.settle(readAfter);
    const before = bytesOf(readBefore);
    const expected = this.#expectedOver(before);
    if (sameBytes(expected, before)) {
      if (sameBytes(expected, bytesOf(readAfter))) proof.noteUnseen();
      return undefined;
    }
    let found = bytesOf(readAfter);
    if (!sameBytes(found, expected)) found = yield* this.#readSurely(sample, found);
    if (sameBytes(found, expected)) {
      proof.noteSeen(this.#bytes);
      return undefined;
    }
    // What changed in another way is a matter of the cells, or of the wires: the verify names it.
    if (!sameBytes(found, before)) return undefined;
    return yield* this.#unreached();
  }

  /** The second half of the bytes is as it was before. */
  async *#unreached(): AsyncGenerator<SpiStep, ProgramFailure | "ignored" | undefined> {
    const { proof, driver } = this.#tools;
    const first = yield* this.#read(this.#range);
    yield* this.#tools.queue.settle(first);
    const found = yield* this.#readSurely(this.#range, bytesOf(first));
    const pageBytes = proof.sizeThatFits(this.#bytes, found);
    if (pageBytes !== undefined) {
      return { outcome: "wrong-page", range: this.#range, page: proof.noteSmaller(this.#bytes, pageBytes) };
    }
    return isFilledWith(found, driver.geometry.erasedByte) || this.#bytes.data.length === 1 ? "ignored" : undefined;
  }

  /** What the sample reads after the program: it clears bits. */
  #expectedOver(before: Uint8Array): Uint8Array {
    const start = this.#bytes.sample.address - this.#bytes.address;
    return before.map((byte, at) => byte & (this.#bytes.data[start + at] ?? 0xff));
  }

  /** Until two reads agree. */
  async *#readSurely(range: ByteRange, first: Uint8Array): AsyncGenerator<SpiStep, Uint8Array> {
    const seen = [first];
    for (let reads = 0; reads < MAX_READS; reads++) {
      const next = yield* this.#read(range);
      yield* this.#tools.queue.settle(next);
      const data = bytesOf(next);
      if (seen.some((other) => sameBytes(other, data))) return data;
      seen.push(data);
    }
    throw new Failed("unsteady");
  }

  #read(range: ByteRange): Generator<SpiStep, Question<Uint8Array>> {
    return this.#tools.queue.ask(this.#tools.driver.read(range));
  }
}

/** Throws `Failed` if there are none. */
function bytesOf({ answer }: Question<Uint8Array>): Uint8Array {
  if (answer.outcome === "done") return answer.value;
  throw new Failed(answer.outcome);
}
