/** The first programs of a device, block by block: each is awaited and looked at before the next is sent. */
import type { ChipAnswer, ChipDriver } from "../../drivers/chip-driver.ts";
import type { ByteRange } from "../../drivers/geometry.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";
import type { ChipFailure } from "./chip-failure.ts";
import type { ChipBytes } from "./erase-finding.ts";
import type { PageFinding, PageProof, TellingProgram } from "./page-proof.ts";

/** What a watched program works with. */
export interface ProgramTools {
  readonly driver: ChipDriver;
  readonly proof: PageProof;
  /** Hands over the program of bytes in one page. Its outcome is that of the operation. */
  readonly program: (bytes: ChipBytes) => Iterable<SpiStep>;
  /** Hands over steps; `finish` is called with their results. */
  readonly hand: (steps: readonly SpiStep[], finish: (results: readonly StepResult[]) => void) => Iterable<SpiStep>;
  /** Waits until results have made this true. */
  readonly until: (isSo: () => boolean) => Promise<void>;
  /** Steps that make the bridge return the results before them, if it needs such. */
  readonly nudge: readonly SpiStep[];
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

/** A program that the chip seems to ignore is sent so often. */
const MOST_TRIES = 3;
/** Reads of the same bytes until two agree. */
const MOST_READS = 4;

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
    if (telling === undefined) yield* tools.program(next);
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
      for (let tries = 0; tries < MOST_TRIES; tries++) {
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
    const { program, proof } = this.#tools;
    const { sample } = this.#bytes;
    const before = yield* this.#read(sample);
    yield* program(this.#bytes);
    const after = yield* this.#read(sample);
    yield* this.#settled(after);
    const wanted = this.#wantedOver(before());
    if (sameBytes(wanted, before())) {
      if (sameBytes(wanted, after())) proof.noteUnseen();
      return undefined;
    }
    let found = after();
    if (!sameBytes(found, wanted)) found = yield* this.#readSurely(sample, found);
    if (sameBytes(found, wanted)) {
      proof.noteSeen(this.#bytes);
      return undefined;
    }
    // What changed in another way is a matter of the cells, or of the wires: the verify names it.
    if (!sameBytes(found, before())) return undefined;
    return yield* this.#unreached();
  }

  /** The second half of the bytes is as it was before. */
  async *#unreached(): AsyncGenerator<SpiStep, ProgramFailure | "ignored" | undefined> {
    const { proof, driver } = this.#tools;
    const first = yield* this.#read(this.#range);
    yield* this.#settled(first);
    const found = yield* this.#readSurely(this.#range, first());
    const pageBytes = proof.sizeThatFits(this.#bytes, found);
    if (pageBytes !== undefined) {
      return { outcome: "wrong-page", range: this.#range, page: proof.noteSmaller(this.#bytes, pageBytes) };
    }
    return isFilledWith(found, driver.geometry.erasedByte) || this.#bytes.data.length === 1 ? "ignored" : undefined;
  }

  /** What the sample reads after the program: it clears bits. */
  #wantedOver(before: Uint8Array): Uint8Array {
    const start = this.#bytes.sample.address - this.#bytes.address;
    return before.map((byte, at) => byte & (this.#bytes.data[start + at] ?? 0xff));
  }

  /** Until two reads agree. */
  async *#readSurely(range: ByteRange, first: Uint8Array): AsyncGenerator<SpiStep, Uint8Array> {
    const seen = [first];
    for (let reads = 0; reads < MOST_READS; reads++) {
      const next = yield* this.#read(range);
      yield* this.#settled(next);
      const data = next();
      if (seen.some((other) => sameBytes(other, data))) return data;
      seen.push(data);
    }
    throw new Failed("unsteady");
  }

  /** Hands over a read. Returns what gives its bytes, once it is answered. */
  *#read(range: ByteRange): Generator<SpiStep, Answer> {
    const program = this.#tools.driver.read(range);
    let answer: ChipAnswer<Uint8Array> | undefined;
    yield* this.#tools.hand(program.steps, (results) => {
      answer = program.decode(results);
    });
    return Object.assign(() => bytesOf(answer), { isThere: () => answer !== undefined });
  }

  async *#settled(answer: Answer): AsyncGenerator<SpiStep, void> {
    const { hand, nudge, until } = this.#tools;
    if (nudge.length > 0) yield* hand(nudge, () => undefined);
    await until(answer.isThere);
  }
}

/** Gives the bytes of a read; throws `Failed` if there are none. */
interface Answer {
  (): Uint8Array;
  readonly isThere: () => boolean;
}

function bytesOf(answer: ChipAnswer<Uint8Array> | undefined): Uint8Array {
  if (answer?.outcome === "done") return answer.value;
  throw new Failed(answer?.outcome ?? "skipped");
}
