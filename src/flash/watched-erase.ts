/**
 * An erase that has to show what it erases, before anything that counts on it is sent. Before it, what it could destroy beside
 * its block is read and passed to the caller, which keeps it. After it, the block must have changed and the bytes around it not.
 *
 * All of it is two runs of steps if bytes around are at risk, and one if they are not. Where checksums cost nothing they
 * cover all bytes; if they travel, a few samples are compared: an erase clears all of a block or nothing of it.
 */
import type { ChipAnswer } from "../../drivers/chip-driver.ts";
import { type ByteRange, type EraseBlock, rangeEnd } from "../../drivers/geometry.ts";
import { isFilledWith, sameBytes } from "../bytes.ts";
import type { RunOptions } from "../stream.ts";
import { putBytesBack } from "./bytes-put-back.ts";
import type { ChipFailure } from "./chip-failure.ts";
import type { AroundErase, ChipBytes, EraseFinding } from "./erase-finding.ts";
import { EraseQuestions, WatchFailed, type WatchTools } from "./erase-questions.ts";
import { bitsToErase, countNotErased, samplesOfAllSizes, samplesOf, tellingPlace } from "./erase-samples.ts";
import { alignedBlock } from "./erase-trust.ts";
import { RingWatch, type WatchedRing } from "./ring-watch.ts";

/** How it ended. */
export type WatchedEnd =
  | { readonly outcome: "done" }
  | {
      readonly outcome: ChipFailure | "skipped";
      readonly range: ByteRange;
      readonly finding?: EraseFinding | undefined;
      readonly reason?: unknown;
    };

/** An erase that the chip seems to ignore is sent up to this many times. */
const MAX_TRIES = 3;
/** More bytes than this that an erase has left are not only bad cells. */
const MAX_BAD_BYTES = 8;
const DONE: WatchedEnd = { outcome: "done" };
const SKIPPED = { outcome: "skipped" } as const;

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
    if (!(error instanceof WatchFailed)) throw error;
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
  readonly #chip: EraseQuestions;
  readonly #ringWatch: RingWatch;

  constructor(block: EraseBlock, around: AroundErase | undefined, tools: WatchTools) {
    this.#block = block;
    this.#range = { address: block.address, lengthBytes: block.lengthBytes };
    this.#around = around;
    // An erase that was not seen yet may clear less than its block: each part of it that could be left is looked at.
    this.#samples = tools.trust.wasSeen(block) ? samplesOf(this.#range) : samplesOfAllSizes(this.#range);
    this.#tools = tools;
    this.#chip = new EraseQuestions(tools, this.#range);
    this.#ringWatch = new RingWatch(block, around, tools, this.#chip);
  }

  async run(how: RunOptions): Promise<WatchedEnd> {
    const rings = this.#tools.trust.ringsOf(this.#block);
    const watched = rings.length === 0 ? [] : await this.#ringWatch.look(rings, how);
    if (rings.length > 0) {
      try {
        const reach = rings.flatMap(({ ranges }) => ranges);
        this.#around?.keep(this.#ringWatch.kept, reach);
      } catch (reason) {
        return { outcome: "refused", range: this.#range, reason };
      }
    }
    // A command that a disturbed bus has swallowed is not a chip that ignores it.
    for (let tries = 1; ; tries++) {
      const end = await this.#erase(watched, how);
      const isOpen = end === "again" || end.outcome === "ignored";
      if (isOpen && tries < MAX_TRIES && how.signal?.aborted !== true) continue;
      return end === "again" ? DONE : end;
    }
  }

  /** Erases once, and looks at all that it may have done. */
  async #erase(watched: readonly WatchedRing[], how: RunOptions): Promise<WatchedEnd | "again"> {
    const { driver } = this.#tools;
    const samples = this.#samples;
    const marks = watched.flatMap((one) => one.marks);
    const ask = this.#chip.batch();
    const read = (): (() => ChipAnswer<Uint8Array>)[] => samples.map((sample) => ask.add(driver.read(sample)));
    const before = read();
    const erased = ask.add(driver.erase(this.#block.address, this.#block.unit));
    const latch = driver.writeLatch === undefined ? undefined : ask.add(driver.writeLatch());
    const after = read();
    const digests = marks.map(({ range }) => ask.add(this.#chip.digest(range)));
    // If bytes around are at risk, the run must not be cancelled before it is known what the erase has done.
    await ask.run(watched.length === 0 ? how : {});
    const outcome = erased();
    if (outcome !== "done") return { outcome, range: this.#range };
    const now = digests.map((digest) => this.#chip.valueOf(digest()));
    const wiped = await this.#ringWatch.wipedSize(
      watched,
      new Map(marks.map((mark, index) => [mark, now[index] ?? 0])),
    );
    if (wiped !== undefined) {
      return this.#wrong(alignedBlock(this.#block.address, wiped, driver.geometry.capacityBytes));
    }
    const end = await this.#judgeBlock(
      before.map((answer, index) => ({
        before: this.#chip.valueOf(answer()),
        after: this.#chip.valueOf(after[index]?.() ?? SKIPPED),
      })),
      latch !== undefined && this.#chip.valueOf(latch()),
    );
    // Whatever it did to its block, it did not reach beyond.
    if (watched.length > 0) this.#around?.release();
    return end;
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
    return found !== undefined && countNotErased(found, this.#tools.driver.geometry.erasedByte) > MAX_BAD_BYTES;
  }

  /** The block as it is after an erase; undefined if it is blank. */
  async #bytesLeft(): Promise<Uint8Array | undefined> {
    if ((await this.#chip.ask(this.#chip.digest(this.#range), {})) === this.#chip.erasedCheck(this.#range))
      return undefined;
    return this.#chip.ask(this.#tools.driver.read(this.#range), {});
  }

  /**
   * How much of the block is blank from its start on: all of it, or a power of two that is less. Undefined if the rest does not
   * read alike twice: then nothing is known of it.
   */
  async #blankPrefix(): Promise<number | undefined> {
    const { address, lengthBytes } = this.#block;
    for (let bytes = lengthBytes; bytes >= this.#tools.driver.geometry.pageBytes; bytes /= 2) {
      const range = { address, lengthBytes: bytes };
      const first = await this.#chip.ask(this.#chip.digest(range), {});
      if (first === this.#chip.erasedCheck(range)) return bytes;
      if ((await this.#chip.ask(this.#chip.digest(range), {})) !== first) return undefined;
    }
    return 0;
  }

  /** Another size than it should have: what was read before is restored, as far as the cells are blank. */
  async #wrong(erased: ByteRange): Promise<WatchedEnd> {
    const lost = this.#ringWatch.kept.filter(({ address }) => address >= erased.address && address < rangeEnd(erased));
    const unrestored = await putBytesBack(lost, {
      geometry: this.#tools.driver.geometry,
      read: (address, lengthBytes) => this.#chip.ask(this.#tools.driver.read({ address, lengthBytes }), {}),
      program: async (pages) => {
        const ask = this.#chip.batch();
        const ends = pages.map(({ address, data }) => ask.add(this.#tools.driver.programPage(address, data)));
        await ask.run({});
        for (const end of ends) {
          const outcome = end();
          if (outcome !== "done") throw new WatchFailed(outcome, erased);
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
}
