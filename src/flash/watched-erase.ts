/**
 * An erase that has to show what it erases, before anything that counts on it is sent. Before it, what it could destroy beside its
 * block is read and handed to whoever keeps it. After it, the block must have changed and the bytes around it must not.
 *
 * All of it is two runs of steps where bytes around are at risk, and one where they are not. Where checksums cost nothing they
 * cover all bytes; where they travel, a few samples are compared: an erase clears all of a block or nothing of it.
 */
import type { ChipAnswer, ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { type ByteRange, type EraseBlock, rangeEnd } from "../../drivers/geometry.ts";
import { crc32, crc32OfFill } from "../../firmware-protocol/crc.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import { sameBytes } from "../bytes.ts";
import type { RunOptions } from "../stream.ts";
import { putBytesBack } from "./bytes-put-back.ts";
import type { ChipFailure } from "./chip-failure.ts";
import { alignedBlock, type EraseTrust, type Ring } from "./erase-trust.ts";
import type { AroundErase, ChipBytes, EraseFinding } from "./flash-device.ts";
import type { StepRunner } from "./guarded-bridge.ts";
import { readPieces } from "./op-parts.ts";

/** What a watched erase works with. */
export interface WatchTools {
  readonly bridge: StepRunner;
  readonly driver: ChipDriver;
  readonly trust: EraseTrust;
  /** Asks the chip for its name. */
  readonly presence: StepProgram<ChipOutcome>;
  /** A checksum costs as much as a read. */
  readonly digestsTravel: boolean;
}

/** How it ended. */
export type WatchedEnd =
  | { readonly outcome: "done" }
  | {
      readonly outcome: ChipFailure | "skipped";
      readonly range: ByteRange;
      readonly finding?: EraseFinding | undefined;
      readonly reason?: unknown;
    };

const SAMPLE_BYTES = 16;
/** Reads of bytes that are needed again are tried so often until two agree. */
const MOST_READS = 4;

/** A place that is compared: its CRC-32 before and after. */
interface Mark {
  readonly range: ByteRange;
  before: number;
}

/** What one ring is compared by. */
interface Watched {
  readonly ring: Ring;
  readonly marks: Mark[];
}

class Failed extends Error {
  readonly outcome: ChipFailure | "skipped";
  readonly range: ByteRange;

  constructor(outcome: ChipFailure | "skipped", range: ByteRange) {
    super(outcome);
    this.outcome = outcome;
    this.range = range;
  }
}

/** Erases a block and looks at what it did. Throws what the bridge throws. */
export async function watchedErase(
  block: EraseBlock,
  around: AroundErase | undefined,
  tools: WatchTools,
  how: RunOptions,
): Promise<WatchedEnd> {
  try {
    return await new WatchedErase(block, around, tools).run(how);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { outcome: error.outcome, range: error.range };
  }
}

class WatchedErase {
  readonly #block: EraseBlock;
  readonly #range: ByteRange;
  readonly #around: AroundErase | undefined;
  readonly #tools: WatchTools;
  readonly #kept: ChipBytes[] = [];

  constructor(block: EraseBlock, around: AroundErase | undefined, tools: WatchTools) {
    this.#block = block;
    this.#range = { address: block.address, lengthBytes: block.lengthBytes };
    this.#around = around;
    this.#tools = tools;
  }

  async run(how: RunOptions): Promise<WatchedEnd> {
    const { trust, driver } = this.#tools;
    const rings = trust.ringsOf(this.#block);
    const watched = rings.length === 0 ? [] : await this.#lookAround(rings, how);
    if (this.#kept.length > 0) {
      try {
        this.#around?.keep(this.#kept);
      } catch (reason) {
        return { outcome: "refused", range: this.#range, reason };
      }
    }
    const samples = samplesOf(this.#range);
    const marks = watched.flatMap((one) => one.marks);
    const reads = (): StepProgram<ChipAnswer<Uint8Array>>[] => samples.map((sample) => driver.read(sample));
    const ask = this.#batch();
    const before = reads().map((program) => ask.add(program));
    const erased = ask.add(driver.erase(this.#block.address, this.#block.unit));
    const latch = driver.writeLatch === undefined ? undefined : ask.add(driver.writeLatch());
    const after = reads().map((program) => ask.add(program));
    const digests = marks.map(({ range }) => ask.add(this.#digest(range)));
    // From here on nobody may leave before it is known what the erase has done.
    await ask.run(rings.length === 0 ? how : {});
    const outcome = erased();
    if (outcome !== "done") return { outcome, range: this.#range };
    const now = digests.map((digest) => this.#valueOf(digest()));
    const wiped = await this.#wipedSize(watched, marks, now);
    if (wiped !== undefined) return this.#wrong(alignedBlock(this.#block.address, wiped, driver.geometry.capacityBytes));
    const own = {
      before: before.map((read) => this.#valueOf(read())),
      after: after.map((read) => this.#valueOf(read())),
      isEnabled: latch !== undefined && this.#valueOf(latch()),
    };
    const end = await this.#judgeBlock(own);
    const isAsBefore = end.outcome === "done" || end.outcome === "ignored";
    if (isAsBefore && this.#kept.length > 0) this.#around?.release();
    return end;
  }

  /** Reads what is needed again, and notes what the rest of the rings holds. */
  async #lookAround(rings: readonly Ring[], how: RunOptions): Promise<readonly Watched[]> {
    const watched: Watched[] = [];
    const needed: ByteRange[] = [];
    const ask = this.#batch();
    const noted: { readonly mark: Mark; readonly answer: () => ChipAnswer<number> }[] = [];
    for (const ring of rings) {
      const one: Watched = { ring, marks: [] };
      watched.push(one);
      for (const range of ring.ranges.flatMap((whole) => [...readPieces(whole)])) {
        const kept = this.#around === undefined ? [range] : this.#around.needed(range);
        needed.push(...kept);
        for (const place of this.#placesOf(range)) {
          const mark = { range: place, before: 0 };
          one.marks.push(mark);
          noted.push({ mark, answer: ask.add(this.#digest(place)) });
        }
      }
    }
    const first = needed.map((range) => ask.add(this.#tools.driver.read(range)));
    const second = needed.map((range) => this.#proofOf(ask, range));
    const name = ask.add(this.#tools.presence);
    await ask.run(how);
    const presence = name();
    for (const { mark, answer } of noted) mark.before = this.#valueOf(answer());
    for (const [index, range] of needed.entries()) {
      const data = this.#valueOf(first[index]?.() ?? { outcome: "skipped" });
      const isProved = second[index]?.(data) ?? false;
      this.#kept.push({ address: range.address, data: isProved ? data : await this.#readAgain(range, data, how) });
    }
    // Without supply everything reads FF, and that twice.
    if (presence !== "done") throw new Failed(presence, this.#range);
    return watched;
  }

  /** The only copy of somebody's bytes: a second question whether they are right. */
  #proofOf(ask: Batch, range: ByteRange): (data: Uint8Array) => boolean {
    const { driver, digestsTravel } = this.#tools;
    if (digestsTravel) {
      const again = ask.add(driver.read(range));
      return (data) => sameBytes(this.#valueOf(again()), data);
    }
    const digest = ask.add(driver.digest(range));
    return (data) => this.#valueOf(digest()) === crc32(data);
  }

  /** Until two reads agree. */
  async #readAgain(range: ByteRange, first: Uint8Array, how: RunOptions): Promise<Uint8Array> {
    const seen = [first];
    for (let reads = 0; reads < MOST_READS; reads++) {
      const data = await this.#ask(this.#tools.driver.read(range), how);
      if (seen.some((other) => sameBytes(other, data))) return data;
      seen.push(data);
    }
    throw new Failed("unsteady", range);
  }

  /** The size of the largest erase that the rings show; undefined if it kept to its block. */
  async #wipedSize(
    watched: readonly Watched[],
    marks: readonly Mark[],
    now: readonly number[],
  ): Promise<number | undefined> {
    const after = new Map(marks.map((mark, index) => [mark, now[index] ?? 0]));
    let wiped: number | undefined;
    for (const { ring, marks: own } of watched) {
      let isShown = false;
      for (const mark of own) {
        const blank = this.#blankCrc(mark.range);
        if (mark.before === blank) continue;
        // A difference counts if it is seen twice.
        let found = after.get(mark) ?? 0;
        if (found !== mark.before) found = await this.#ask(this.#digest(mark.range), {});
        if (found === mark.before) isShown = true;
        else if (found === blank) wiped = ring.sizeBytes;
        else throw new Failed("unsteady", mark.range);
      }
      if (isShown && wiped === undefined) this.#tools.trust.noteSmallerThan(this.#block, ring.sizeBytes);
    }
    return wiped;
  }

  /** Whether the block itself was erased, as a whole. */
  async #judgeBlock(own: {
    readonly before: readonly Uint8Array[];
    readonly after: readonly Uint8Array[];
    readonly isEnabled: boolean;
  }): Promise<WatchedEnd> {
    const { trust, driver } = this.#tools;
    const { erasedByte } = driver.geometry;
    const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === erasedByte);
    const shown = own.before.map((bytes, index) => ({ bytes, after: own.after[index] ?? bytes })).filter(
      ({ bytes }) => !isBlank(bytes),
    );
    const hasErased = shown.some(({ after }) => isBlank(after));
    if (shown.length > 0 && shown.every(({ after }) => isBlank(after))) {
      trust.noteErased(this.#block);
      trust.clearsLatch ||= driver.writeLatch !== undefined && !own.isEnabled;
      return { outcome: "done" };
    }
    if (shown.length === 0 && !own.isEnabled) {
      trust.noteUnseen(this.#block);
      return { outcome: "done" };
    }
    const blankBytes = await this.#blankPrefix();
    if (blankBytes === this.#block.lengthBytes) return { outcome: "done" };
    if (hasErased && blankBytes > 0) return this.#wrong({ address: this.#block.address, lengthBytes: blankBytes });
    // What changed and is not blank is a matter of the cells: the verify names it.
    if (shown.some(({ bytes, after }) => !sameBytes(bytes, after))) return { outcome: "done" };
    const erased = { address: this.#block.address, lengthBytes: 0 };
    return { outcome: "ignored", range: this.#range, finding: this.#finding(erased, []) };
  }

  /** How much of the block is blank from its start on: all of it, or a power of two that is less. */
  async #blankPrefix(): Promise<number> {
    const { address, lengthBytes } = this.#block;
    for (let bytes = lengthBytes; bytes >= this.#tools.driver.geometry.pageBytes; bytes /= 2) {
      const range = { address, lengthBytes: bytes };
      if ((await this.#ask(this.#wholeDigest(range), {})) === this.#blankCrc(range)) return bytes;
    }
    return 0;
  }

  /** Another size than it should have: what was read before is put back, as far as the cells are blank. */
  async #wrong(erased: ByteRange): Promise<WatchedEnd> {
    const lost = this.#kept.filter(({ address }) => address >= erased.address && address < rangeEnd(erased));
    const unrestored = await putBytesBack(lost, {
      geometry: this.#tools.driver.geometry,
      read: (address, lengthBytes) => this.#ask(this.#tools.driver.read({ address, lengthBytes }), {}),
      program: async (pages) => {
        const ask = this.#batch();
        const ends = pages.map(({ address, data }) => ask.add(this.#tools.driver.programPage(address, data)));
        await ask.run({});
        for (const end of ends) {
          const outcome = end();
          if (outcome !== "done") throw new Failed(outcome, erased);
        }
      },
    });
    return { outcome: "wrong-size", range: erased, finding: this.#finding(erased, unrestored) };
  }

  #finding(erased: ByteRange, unrestored: readonly ChipBytes[]): EraseFinding {
    return { command: this.#tools.trust.commandOf(this.#block), block: this.#range, erased, unrestored };
  }

  /** Where a range is compared: all of it, or a few samples if every byte travels. */
  #placesOf(range: ByteRange): readonly ByteRange[] {
    return this.#tools.digestsTravel ? samplesOf(range) : [range];
  }

  #digest(range: ByteRange): StepProgram<ChipAnswer<number>> {
    return this.#tools.digestsTravel ? this.#wholeDigest(range) : this.#tools.driver.digest(range);
  }

  /** The CRC-32 of a range, taken here if the bridge takes none. */
  #wholeDigest(range: ByteRange): StepProgram<ChipAnswer<number>> {
    const { driver, digestsTravel } = this.#tools;
    if (!digestsTravel) return driver.digest(range);
    const program = driver.read(range);
    return {
      steps: program.steps,
      decode: (results) => {
        const answer = program.decode(results);
        return answer.outcome === "done" ? { outcome: "done", value: crc32(answer.value) } : answer;
      },
    };
  }

  #blankCrc({ lengthBytes }: ByteRange): number {
    return crc32OfFill(this.#tools.driver.geometry.erasedByte, lengthBytes);
  }

  #batch(): Batch {
    return new Batch(this.#tools.bridge);
  }

  async #ask<T>(program: StepProgram<ChipAnswer<T>>, how: RunOptions): Promise<T> {
    const ask = this.#batch();
    const answer = ask.add(program);
    await ask.run(how);
    return this.#valueOf(answer());
  }

  #valueOf<T>(answer: ChipAnswer<T>): T {
    if (answer.outcome === "done") return answer.value;
    throw new Failed(answer.outcome, this.#range);
  }
}

/** Programs that run as one: each is answered once the run is over. */
class Batch {
  readonly #bridge: StepRunner;
  readonly #programs: StepProgram<unknown>[] = [];
  readonly #results: StepResult[] = [];

  constructor(bridge: StepRunner) {
    this.#bridge = bridge;
  }

  /** Returns what reads the answer, to be called after the run. */
  add<T>(program: StepProgram<T>): () => T {
    const start = this.#programs.reduce((sum, { steps }) => sum + steps.length, 0);
    this.#programs.push(program);
    return () => program.decode(this.#results.slice(start, start + program.steps.length));
  }

  async run(how: RunOptions): Promise<void> {
    const steps = this.#programs.flatMap((program) => program.steps);
    for await (const result of this.#bridge.run(steps, how)) this.#results.push(result);
  }
}

/** Start, middle and end of a range. */
function samplesOf({ address, lengthBytes }: ByteRange): readonly ByteRange[] {
  const sampleBytes = Math.min(SAMPLE_BYTES, lengthBytes);
  const offsets = new Set([0, (lengthBytes - sampleBytes) >> 1, lengthBytes - sampleBytes]);
  return [...offsets].map((offset) => ({ address: address + offset, lengthBytes: sampleBytes }));
}
