/**
 * Pads the time that a page programs, so that the status which follows reads "ready" and the next page can already be
 * on its way: a pause that the bridge keeps (O_DELAY), a status read that lasts that long, or one at a slow clock,
 * whichever costs the line least. On a slow line a read lasts as long as the line takes for its bytes, since the bridge
 * has no room for them. A bridge that has room answers too early. It gets the question with bytes after it that the chip
 * ignores: these take line time on the way up, where no room helps. Where that, too, is more costly than to ask and wait
 * for the answer, nothing is padded.
 *
 * How long is learnt: pages differ. A wait that is too short costs a turn and what was sent after it; one that is long
 * enough for the slowest page costs that much on every page. So the wait follows the time that most of them need.
 */
import { OPCODE, delay, setSpiClock, spiOperation } from "../../../firmware-protocol/serprog/command.ts";
import type { PollStep } from "../../../firmware-protocol/step.ts";
import { type Command, command, plain } from "./command.ts";

/** What the bridge has for it, and what it costs. */
export interface PaddingMeans {
  readonly canDelay: boolean;
  /** The slow clock, as the bridge answered when it was asked for; 0: none. */
  readonly slowClockHz: number;
  /** Line time of a byte, microseconds. */
  readonly usPerByte: number;
  /** What the bridge needs for a command beside its bytes, microseconds. */
  readonly usPerCommand: number;
  /** The shortest time from a question to its answer, microseconds. */
  readonly turnUs: number;
  readonly maxReceiveBytes: number;
  readonly maxSendBytes: number;
}

/** A status question with the time before it; the last byte of the answer at `statusAt` is the status. */
export interface Question {
  readonly commands: readonly Command[];
  /** Which of the commands' answers has the status. */
  readonly statusAt: number;
  /** Which wait was tried; to be handed back to `learn`. Undefined: none. */
  readonly level: number | undefined;
}

/** Longer waits are not worth padding: the host asks when they may be over. */
const MAX_PADDED_US = 10_000;
/** Waits that are tried, in parts of the typical time. */
const LEVELS = [0.7, 0.85, 1, 1.1, 1.25, 1.45, 1.7, 2, 2.35, 2.75, 3.2, 3.75, 4.4, 5.2, 6.1, 7.2] as const;
/** Most pages lie near the typical time. */
const FIRST_LEVEL = 3;
/**
 * A few slow pages are more costly to wait for on every page than to send again; more than this share is the chip's
 * way.
 */
const MISS_SHARE = 0.2;
/** If nearly all pages miss, the wait is far too short. */
const FAR_SHARE = 0.9;
const MIN_PAGES = 4;
/** How much of what was seen still counts after one more page. */
const MEMORY = 0.94;
/** A shorter wait is tried after this many pages, and twice as rarely after each time that it was too short. */
const PAGES_TO_TRY = 64;
const MAX_PAGES_TO_TRY = 4096;
const TRIES_TO_MOVE = 4;
const SLOW_READ_MIN_BYTES = 2;
/** A line that takes so long for a byte is a UART: it is slower than SPI. */
const UART_US_PER_BYTE = 2;
/** Bytes that a bridge reads ahead of its UART. */
const READ_AHEAD_BYTES = 64;
/** A status question has fewer bytes. */
const LONGEST_QUESTION_BYTES = 8;
/** If the bridge does not name its SPI clock: 8 MHz. A faster one shows, since the status comes too early. */
const USUAL_SPI_BYTE_US = 1;

export class BusyPadding {
  readonly #means: PaddingMeans;
  readonly #byTypicalUs = new Map<number, WaitLevels>();
  /** Typical times of waits that are padded on the way up, since answers come too early for another way. */
  readonly #bySending = new Set<number>();
  /** Typical times of waits that are not worth padding. */
  readonly #unpadded = new Set<number>();
  #clockHz = 0;
  #pageUs = 0;

  constructor(means: PaddingMeans) {
    this.#means = means;
  }

  /** Whether a poll is over so soon that it is asked at once, again and again. */
  isShort({ typicalUs }: PollStep): boolean {
    return typicalUs !== undefined && typicalUs > 0 && typicalUs <= MAX_PADDED_US;
  }

  /** Whether the wait of this poll is padded here; else the host asks and waits for the answer. */
  pads(poll: PollStep): boolean {
    return this.isShort(poll) && !this.#unpadded.has(poll.typicalUs ?? 0);
  }

  /**
   * The question after a wait. `pageUs`: line time of a page; `freeUs`: how long the line is busy with the next page
   * anyhow; `elapsedUs`: how long the chip has been at work by then.
   */
  question(
    poll: PollStep,
    { clockHz, pageUs, freeUs, elapsedUs }: { clockHz: number; pageUs: number; freeUs: number; elapsedUs: number },
  ): Question {
    const { canDelay, slowClockHz, usPerByte, usPerCommand, maxReceiveBytes } = this.#means;
    this.#clockHz = clockHz;
    this.#pageUs = pageUs;
    const typicalUs = poll.typicalUs ?? 0;
    const level = this.#levelsOf(typicalUs).next();
    if (this.#bySending.has(typicalUs)) {
      const tailBytes = this.#tailBytes(typicalUs * (LEVELS[level] ?? 1) - elapsedUs);
      return { commands: [askLate(poll, tailBytes)], statusAt: 0, level };
    }
    const waitUs = Math.max(typicalUs * (LEVELS[level] ?? 1), freeUs) - usPerCommand - elapsedUs;
    if (waitUs <= 0) return { commands: [ask(poll, 1, 0)], statusAt: 0, level };
    if (canDelay) {
      const pause = [command(delay(Math.ceil(waitUs))), command(plain(OPCODE.execute).bytes, waitUs)];
      return { commands: [...pause, ask(poll, 1, 0)], statusAt: 2, level };
    }
    const longBytes = this.#longBytes(waitUs, level);
    if (this.#isSlowBetter(waitUs, longBytes)) {
      const slowBytes = this.#slowBytes(waitUs);
      const status = ask(poll, slowBytes, (slowBytes * 8e6) / slowClockHz);
      return {
        commands: [command(setSpiClock(slowClockHz)), status, command(setSpiClock(clockHz))],
        statusAt: 1,
        level,
      };
    }
    const receiveBytes = Math.min(longBytes, maxReceiveBytes);
    return { commands: [ask(poll, receiveBytes, Math.max(waitUs, receiveBytes * usPerByte))], statusAt: 0, level };
  }

  /** Bytes of a status read at the clock of the chip that lasts so long. */
  #longBytes(waitUs: number, level: number): number {
    const { usPerByte } = this.#means;
    const spiByteUs = this.#clockHz > 0 ? 8e6 / this.#clockHz : USUAL_SPI_BYTE_US;
    const bySpi = Math.max(1, Math.ceil(waitUs / Math.max(spiByteUs, 0.2)));
    if (usPerByte < UART_US_PER_BYTE) return bySpi;
    // If the status comes too early, the bridge may read further ahead than is usual.
    return Math.min(bySpi, Math.ceil(waitUs / usPerByte + READ_AHEAD_BYTES * (LEVELS[level] ?? 1)));
  }

  #slowBytes(waitUs: number): number {
    return Math.max(SLOW_READ_MIN_BYTES, Math.ceil((waitUs * this.#means.slowClockHz) / 8e6));
  }

  /**
   * Whether a read at the slow clock costs the line less than one of this many bytes, or than none that is long enough.
   */
  #isSlowBetter(waitUs: number, longBytes: number): boolean {
    const { slowClockHz, usPerByte, usPerCommand, maxReceiveBytes } = this.#means;
    if (slowClockHz === 0 || this.#clockHz <= slowClockHz) return false;
    const longUs = Math.max(longBytes * usPerByte, waitUs);
    const slowUs = Math.max(waitUs, this.#slowBytes(waitUs) * usPerByte) + 20 * usPerByte + 2 * usPerCommand;
    return slowUs < longUs || longBytes > maxReceiveBytes;
  }

  /** Whether the page was ready when the question came. */
  learn({ typicalUs }: PollStep, level: number, wasReady: boolean): void {
    if (typicalUs === undefined) return;
    const levels = this.#levelsOf(typicalUs);
    levels.learn(level, wasReady);
    if (wasReady || this.#isWorthIt(typicalUs, levels.level)) return;
    if (this.#bySending.has(typicalUs) || !this.#canSendLong(typicalUs, FIRST_LEVEL)) this.#unpadded.add(typicalUs);
    else {
      this.#bySending.add(typicalUs);
      this.#byTypicalUs.delete(typicalUs);
    }
  }

  /** Bytes after a question whose line time is this long: an even number, since some chips send two status bytes in turn. */
  #tailBytes(waitUs: number): number {
    const { usPerByte, maxSendBytes } = this.#means;
    const bytes = Math.min(waitUs / usPerByte, maxSendBytes - LONGEST_QUESTION_BYTES - 1);
    return 2 * Math.ceil(Math.max(0, bytes) / 2);
  }

  /** Whether bytes after a question last as long as this wait, and cost less than to ask and wait for the answer. */
  #canSendLong(typicalUs: number, level: number): boolean {
    const { usPerByte, turnUs, maxSendBytes } = this.#means;
    if (usPerByte < UART_US_PER_BYTE) return false;
    const waitUs = typicalUs * (LEVELS[level] ?? 1);
    const fits = waitUs / usPerByte < maxSendBytes - LONGEST_QUESTION_BYTES;
    return fits && waitUs <= Math.max(typicalUs, turnUs) + turnUs;
  }

  /**
   * Whether to pad a wait at this level costs less than to ask, and to wait for the answer, until the page is ready.
   */
  #isWorthIt(typicalUs: number, level: number): boolean {
    if (this.#bySending.has(typicalUs)) return this.#canSendLong(typicalUs, level);
    const { canDelay, usPerByte, turnUs, maxReceiveBytes } = this.#means;
    const waitUs = typicalUs * (LEVELS[level] ?? 1);
    const longBytes = this.#longBytes(waitUs, level);
    if (canDelay || this.#isSlowBetter(waitUs, longBytes)) return true;
    // The next page is on its way meanwhile.
    const lostUs = longBytes * usPerByte - this.#pageUs;
    return longBytes <= maxReceiveBytes && lostUs <= Math.max(typicalUs, turnUs) + turnUs;
  }

  #levelsOf(typicalUs: number): WaitLevels {
    const known = this.#byTypicalUs.get(typicalUs) ?? new WaitLevels();
    this.#byTypicalUs.set(typicalUs, known);
    return known;
  }
}

/** Which wait all but a few pages of one kind need. */
class WaitLevels {
  #level = FIRST_LEVEL;
  /** Of the last pages at this level, fading: how many, and how many were not ready. */
  #pages = 0;
  #misses = 0;
  #untilTry = PAGES_TO_TRY;
  #pagesToTry = PAGES_TO_TRY;
  #triesInARow = 0;

  /** The level of most pages. */
  get level(): number {
    return this.#level;
  }

  /** The level for the next page. */
  next(): number {
    if (--this.#untilTry > 0 || this.#level === 0) return this.#level;
    this.#untilTry = this.#pagesToTry;
    return this.#level - 1;
  }

  learn(asked: number, wasReady: boolean): void {
    if (asked === this.#level - 1) return this.#learnFromTry(wasReady);
    if (asked !== this.#level) return;
    this.#pages = this.#pages * MEMORY + 1;
    this.#misses = this.#misses * MEMORY + (wasReady ? 0 : 1);
    if (this.#pages < MIN_PAGES || this.#misses <= this.#pages * MISS_SHARE) return;
    this.#move(this.#misses >= this.#pages * FAR_SHARE ? 2 : 1);
  }

  /** One page proves little: a shorter wait has to suffice several times in a row. */
  #learnFromTry(wasReady: boolean): void {
    if (!wasReady) {
      this.#triesInARow = 0;
      this.#pagesToTry = Math.min(this.#pagesToTry * 2, MAX_PAGES_TO_TRY);
      return;
    }
    this.#pagesToTry = this.#untilTry = PAGES_TO_TRY >> 2;
    if (++this.#triesInARow >= TRIES_TO_MOVE) this.#move(-1);
  }

  #move(by: number): void {
    this.#level = Math.min(Math.max(this.#level + by, 0), LEVELS.length - 1);
    this.#pages = this.#misses = this.#triesInARow = 0;
    this.#untilTry = this.#pagesToTry;
  }
}

/**
 * One status window with bytes after the question, and the status of its end. A chip that sends its status ignores what it
 * gets meanwhile, and sends it anew with each byte.
 */
function askLate(poll: PollStep, tailBytes: number): Command {
  const send = new Uint8Array(poll.send.length + tailBytes);
  send.set(poll.send);
  return command(spiOperation(send, 1), 0, 1);
}

/** One status window of this many bytes. */
export function ask(poll: PollStep, receiveBytes: number, workUs: number): Command {
  return command(spiOperation(poll.send, receiveBytes), workUs, receiveBytes);
}
