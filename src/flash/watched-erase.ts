/**
 * An erase that has to show what it erases, before anything that counts on it is sent. Before it, what it could destroy beside
 * its block is read and passed to the caller, which keeps it. After it, the block must have changed and the bytes around it not.
 *
 * All of it is two runs of steps if bytes around are at risk, and one if they are not. Where checksums cost nothing they
 * cover all bytes; if they travel, a few samples are compared: an erase clears all of a block or nothing of it.
 */
import type { ChipAnswer, ChipDriver, ChipOutcome, StepProgram } from "../../drivers/chip-driver.ts";
import { subtractRanges } from "../../drivers/byte-ranges.ts";
import { type ByteRange, type EraseBlock, rangeEnd } from "../../drivers/geometry.ts";
import { blockCheck, blockCheckOfFill } from "../../firmware-protocol/block-check.ts";
import type { StepResult } from "../../firmware-protocol/step.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";
import type { RunOptions } from "../stream.ts";
import { putBytesBack } from "./bytes-put-back.ts";
import type { ChipFailure } from "./chip-failure.ts";
import { alignedBlock, type EraseTrust, type Ring } from "./erase-trust.ts";
import type { AroundErase, ChipBytes, EraseFinding } from "./erase-finding.ts";
import { bitsToErase, countNotErased, samplesOfAllSizes, samplesOf, tellingPlace } from "./erase-samples.ts";
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

/** Reads of bytes that are needed again are tried so often until two agree. */
const MOST_READS = 4;
/** An erase that the chip seems to ignore is sent so often. */
const MOST_TRIES = 3;
/** So many bytes that an erase has left are more than bad cells. */
const MOST_BAD_BYTES = 8;
const DONE: WatchedEnd = { outcome: "done" };
const SKIPPED = { outcome: "skipped" } as const;

/** A place that is compared: its block check before. */
interface Mark {
  readonly range: ByteRange;
  before: number;
  /** Whether it was read for certain. */
  readonly isProved: boolean;
}

/** What one ring is compared by. */
interface Watched {
  readonly ring: Ring;
  readonly marks: readonly Mark[];
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
  /** Where the block is looked at before and after. */
  #samples: readonly ByteRange[];
  readonly #kept: ChipBytes[] = [];

  constructor(block: EraseBlock, around: AroundErase | undefined, tools: WatchTools) {
    this.#block = block;
    this.#range = { address: block.address, lengthBytes: block.lengthBytes };
    this.#around = around;
    // An erase that was not seen yet may clear less than its block: each part of it that could be left is looked at.
    this.#samples = tools.trust.wasSeen(block) ? samplesOf(this.#range) : samplesOfAllSizes(this.#range);
    this.#tools = tools;
  }

  async run(how: RunOptions): Promise<WatchedEnd> {
    const rings = this.#tools.trust.ringsOf(this.#block);
    const watched = rings.length === 0 ? [] : await this.#lookAround(rings, how);
    if (rings.length > 0) {
      try {
        const reach = rings.flatMap(({ ranges }) => ranges);
        this.#around?.keep(this.#kept, reach);
      } catch (reason) {
        return { outcome: "refused", range: this.#range, reason };
      }
    }
    // A command that a disturbed bus has swallowed is not a chip that ignores it.
    for (let tries = 1; ; tries++) {
      const end = await this.#erase(watched, how);
      const isOpen = end === "again" || end.outcome === "ignored";
      if (isOpen && tries < MOST_TRIES && how.signal?.aborted !== true) continue;
      return end === "again" ? DONE : end;
    }
  }

  /** Erases once, and looks at all that it may have done. */
  async #erase(watched: readonly Watched[], how: RunOptions): Promise<WatchedEnd | "again"> {
    const { driver } = this.#tools;
    const samples = this.#samples;
    const marks = watched.flatMap((one) => one.marks);
    const ask = this.#batch();
    const read = (): (() => ChipAnswer<Uint8Array>)[] => samples.map((sample) => ask.add(driver.read(sample)));
    const before = read();
    const erased = ask.add(driver.erase(this.#block.address, this.#block.unit));
    const latch = driver.writeLatch === undefined ? undefined : ask.add(driver.writeLatch());
    const after = read();
    const digests = marks.map(({ range }) => ask.add(this.#digest(range)));
    // If bytes around are at risk, the run must not be cancelled before it is known what the erase has done.
    await ask.run(watched.length === 0 ? how : {});
    const outcome = erased();
    if (outcome !== "done") return { outcome, range: this.#range };
    const now = digests.map((digest) => this.#valueOf(digest()));
    const wiped = await this.#wipedSize(watched, new Map(marks.map((mark, index) => [mark, now[index] ?? 0])));
    if (wiped !== undefined) {
      return this.#wrong(alignedBlock(this.#block.address, wiped, driver.geometry.capacityBytes));
    }
    const end = await this.#judgeBlock(
      before.map((answer, index) => ({
        before: this.#valueOf(answer()),
        after: this.#valueOf(after[index]?.() ?? SKIPPED),
      })),
      latch !== undefined && this.#valueOf(latch()),
    );
    // Whatever it did to its block, it did not reach beyond.
    if (watched.length > 0) this.#around?.release();
    return end;
  }

  /** Reads what is needed again, and notes what the rings hold. */
  async #lookAround(rings: readonly Ring[], how: RunOptions): Promise<readonly Watched[]> {
    const ask = this.#batch();
    const kept: {
      readonly range: ByteRange;
      readonly own: Mark[];
      readonly data: () => ChipAnswer<Uint8Array>;
      readonly isProved: (data: Uint8Array) => boolean;
    }[] = [];
    const noted: { readonly mark: Mark; readonly answer: () => ChipAnswer<number> }[] = [];
    const watched = rings.map((ring): Watched => {
      const own: Mark[] = [];
      for (const range of ring.ranges.flatMap((whole) => [...readPieces(whole)])) {
        const needed = this.#around === undefined ? [range] : this.#around.needed(range);
        for (const part of needed) {
          const data = ask.add(this.#tools.driver.read(part));
          kept.push({ range: part, own, data, isProved: this.#proofOf(ask, part) });
        }
        for (const place of subtractRanges(range, needed).flatMap((rest) => this.#placesOf(rest))) {
          const mark = { range: place, before: 0, isProved: false };
          own.push(mark);
          noted.push({ mark, answer: ask.add(this.#digest(place)) });
        }
      }
      return { ring, marks: own };
    });
    const name = ask.add(this.#tools.presence);
    await ask.run(how);
    const presence = name();
    for (const { mark, answer } of noted) mark.before = this.#valueOf(answer());
    for (const { range, own, data: read, isProved } of kept) {
      const first = this.#valueOf(read());
      const data = isProved(first) ? first : await this.#readAgain(range, first, how);
      this.#kept.push({ address: range.address, data });
      for (const place of this.#placesOf(range)) {
        const part = data.subarray(place.address - range.address, rangeEnd(place) - range.address);
        own.push({ range: place, before: blockCheck(part), isProved: true });
      }
    }
    // Without supply everything reads FF, and that twice.
    if (presence !== "done") throw new Failed(presence, this.#range);
    return watched;
  }

  /** These may be the only copy of the user's bytes: a second read checks whether they are right. */
  #proofOf(ask: Batch, range: ByteRange): (data: Uint8Array) => boolean {
    const { driver, digestsTravel } = this.#tools;
    if (digestsTravel) {
      const again = ask.add(driver.read(range));
      return (data) => sameBytes(this.#valueOf(again()), data);
    }
    const digest = ask.add(driver.digest(range));
    return (data) => this.#valueOf(digest()) === blockCheck(data);
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
  async #wipedSize(watched: readonly Watched[], after: ReadonlyMap<Mark, number>): Promise<number | undefined> {
    let wiped: number | undefined;
    for (const { ring, marks } of watched) {
      let isShown = false;
      for (const mark of marks) {
        if (mark.before === this.#blankCrc(mark.range)) continue;
        const fate = await this.#fateOf(mark, after.get(mark) ?? 0);
        if (fate === "as before") isShown = true;
        if (fate === "blank") wiped = ring.sizeBytes;
      }
      if (isShown && wiped !== ring.sizeBytes) this.#tools.trust.noteSmallerThan(this.#block, ring.sizeBytes);
    }
    return wiped;
  }

  /** What became of a place: a difference counts if it is seen twice. */
  async #fateOf({ range, before, isProved }: Mark, after: number): Promise<"as before" | "blank" | "unknown"> {
    if (after === before) return "as before";
    for (let asked = 1; asked < MOST_READS; asked++) {
      const found = await this.#ask(this.#digest(range), {});
      if (found === before) return "as before";
      if (found === this.#blankCrc(range)) return "blank";
    }
    // What was not read for certain before shows nothing.
    if (!isProved) return "unknown";
    throw new Failed("unsteady", range);
  }

  /** Whether the block itself was erased, as a whole. `again`: its samples were blank, and another place will show it. */
  async #judgeBlock(
    samples: readonly { readonly before: Uint8Array; readonly after: Uint8Array }[],
    isEnabled: boolean,
  ): Promise<WatchedEnd | "again"> {
    const { trust, driver } = this.#tools;
    const { erasedByte } = driver.geometry;
    // A single bit may be that of a bad cell.
    const shown = samples.filter(({ before }) => bitsToErase(before, erasedByte) > 1);
    const isCleared = shown.every(({ after }) => isFilledWith(after, erasedByte));
    const isAllShown = shown.length === samples.length || trust.wasSeen(this.#block);
    if (shown.length === 0 && !isEnabled) {
      if (!isAllShown && (await this.#findTellingPlace())) return "again";
      trust.noteUnseen(this.#block);
      return DONE;
    }
    // Where every byte travels the samples decide.
    const isEnough = isAllShown || this.#tools.digestsTravel;
    if (shown.length > 0 && isCleared && (isEnough || !(await this.#hasLeftBytes()))) {
      trust.noteErased(this.#block);
      return DONE;
    }
    const blankBytes = await this.#blankPrefix();
    if (blankBytes === this.#block.lengthBytes || blankBytes === undefined) return DONE;
    const { address } = this.#block;
    const hasErased = shown.some(({ after }) => isFilledWith(after, erasedByte));
    if (hasErased) {
      if (blankBytes > 0 && (await this.#hasLeftBytes())) return this.#wrong({ address, lengthBytes: blankBytes });
      trust.noteErased(this.#block);
      return DONE;
    }
    // What changed and is not blank is a matter of the cells, or of the wires: the verify names it.
    if (shown.some(({ before, after }) => !sameBytes(before, after))) return DONE;
    return { outcome: "ignored", range: this.#range, finding: this.#finding({ address, lengthBytes: 0 }, []) };
  }

  /** Whether the block is not blank after its erase; then the place that shows most is what the next erase is judged by. */
  async #findTellingPlace(): Promise<boolean> {
    const found = await this.#bytesLeft();
    const place =
      found === undefined ? undefined : tellingPlace(this.#range, found, this.#tools.driver.geometry.erasedByte);
    if (place === undefined) return false;
    this.#samples = [place];
    return true;
  }

  /** Whether an erase that cleared some of its block has left the rest, not only bad cells. */
  async #hasLeftBytes(): Promise<boolean> {
    const found = await this.#bytesLeft();
    return found !== undefined && countNotErased(found, this.#tools.driver.geometry.erasedByte) > MOST_BAD_BYTES;
  }

  /** The block as it is after an erase; undefined if it is blank. */
  async #bytesLeft(): Promise<Uint8Array | undefined> {
    if ((await this.#ask(this.#wholeDigest(this.#range), {})) === this.#blankCrc(this.#range)) return undefined;
    return this.#ask(this.#tools.driver.read(this.#range), {});
  }

  /**
   * How much of the block is blank from its start on: all of it, or a power of two that is less. Undefined if the rest does not
   * read alike twice: then nothing is known of it.
   */
  async #blankPrefix(): Promise<number | undefined> {
    const { address, lengthBytes } = this.#block;
    for (let bytes = lengthBytes; bytes >= this.#tools.driver.geometry.pageBytes; bytes /= 2) {
      const range = { address, lengthBytes: bytes };
      const first = await this.#ask(this.#wholeDigest(range), {});
      if (first === this.#blankCrc(range)) return bytes;
      if ((await this.#ask(this.#wholeDigest(range), {})) !== first) return undefined;
    }
    return 0;
  }

  /** Another size than it should have: what was read before is restored, as far as the cells are blank. */
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
    if (unrestored.length === 0) this.#around?.restored?.();
    return { outcome: "wrong-size", range: erased, finding: this.#finding(erased, unrestored) };
  }

  #finding(erased: ByteRange, unrestored: readonly ChipBytes[]): EraseFinding {
    const { trust } = this.#tools;
    const reach = trust.reachOf(this.#block);
    return { command: trust.commandOf(this.#block), block: this.#range, erased, reach, unrestored };
  }

  /** Where a range is compared: all of it, or a few samples if every byte travels. */
  #placesOf(range: ByteRange): readonly ByteRange[] {
    return this.#tools.digestsTravel ? samplesOf(range) : [range];
  }

  #digest(range: ByteRange): StepProgram<ChipAnswer<number>> {
    return this.#tools.digestsTravel ? this.#wholeDigest(range) : this.#tools.driver.digest(range);
  }

  /** The block check of a range, taken here if the bridge takes none. */
  #wholeDigest(range: ByteRange): StepProgram<ChipAnswer<number>> {
    const { driver, digestsTravel } = this.#tools;
    if (!digestsTravel) return driver.digest(range);
    const program = driver.read(range);
    return {
      steps: program.steps,
      decode: (results) => {
        const answer = program.decode(results);
        return answer.outcome === "done" ? { outcome: "done", value: blockCheck(answer.value) } : answer;
      },
    };
  }

  #blankCrc({ lengthBytes }: ByteRange): number {
    return blockCheckOfFill(this.#tools.driver.geometry.erasedByte, lengthBytes);
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
