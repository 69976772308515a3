/**
 * How long a session waits for a bridge that sends something. Every wait has an end that is known before it starts:
 * bytes count as progress by their number, results by the steps they answer, and "busy" as long as the steps under way
 * can last. A bridge that drips, or always reports that it is busy, is given up like one that is silent.
 */

/**
 * A byte that comes through makes up for this much of a wait, microseconds: a tenth of what 1000 bytes a second carry.
 */
const BYTE_US = 10_000;
/** A result makes up for this much: it may be all that a long step returns. */
const RESULT_US = 1_000_000;
/** How slow an SPI clock may be, Hz, and what a step may last beside its bits, microseconds. */
const MIN_CLOCK_HZ = 100_000;
const STEP_US = 10_000;

/** The parts of a step that decide how long it may last. */
interface StepDuration {
  readonly kind: "transfer" | "poll" | "digest" | "delay";
  readonly send?: Uint8Array | undefined;
  readonly receiveBytes?: number | undefined;
  readonly lengthBytes?: number | undefined;
  readonly durationUs?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** The longest that a bridge can be at work on a step, microseconds. */
export function longestUs({
  send,
  receiveBytes = 0,
  lengthBytes = 0,
  durationUs = 0,
  timeoutMs = 0,
}: StepDuration): number {
  const bits = 8 * ((send?.length ?? 0) + receiveBytes + lengthBytes);
  return STEP_US + (bits * 1e6) / MIN_CLOCK_HZ + durationUs + timeoutMs * 1000;
}

export class Patience {
  /** How long nothing may come at most, microseconds. */
  limitUs: number;
  #endUs = Number.POSITIVE_INFINITY;
  /** When a step was answered last, or the first was asked: from then on the work under way is counted. */
  #answeredUs = 0;
  #lastBusyUs = Number.NEGATIVE_INFINITY;

  constructor(limitUs: number) {
    this.limitUs = limitUs;
  }

  /** When it is over. */
  get endUs(): number {
    return this.#endUs;
  }

  /** When the bridge last reported that it is busy; -Infinity if it never did. */
  get lastBusyUs(): number {
    return this.#lastBusyUs;
  }

  /** Something is asked of a bridge that had nothing to do. */
  begin(nowUs: number): void {
    this.#endUs = nowUs + this.limitUs;
    this.#answeredUs = nowUs;
  }

  /** From now on nothing may come for less long, `limitUs`. */
  shorten(nowUs: number, limitUs: number): void {
    this.limitUs = limitUs;
    this.#endUs = Math.min(this.#endUs, nowUs + limitUs);
  }

  /** Bytes came through, and results of steps. */
  progress(nowUs: number, bytes: number, results = 0): void {
    if (bytes === 0 && results === 0) return;
    this.#endUs = Math.min(nowUs + this.limitUs, this.#endUs + bytes * BYTE_US + results * RESULT_US);
    // Bytes alone show nothing of the step under way: a bridge could drip and stay busy.
    if (results > 0) this.#answeredUs = nowUs;
  }

  /** The bridge reports that it is busy; all that was requested of it can last `workUs`. */
  busy(nowUs: number, workUs: number): void {
    this.#lastBusyUs = nowUs;
    const longestWaitUs = this.#answeredUs + workUs + this.limitUs;
    this.#endUs = Math.max(this.#endUs, Math.min(nowUs + this.limitUs, longestWaitUs));
  }
}
