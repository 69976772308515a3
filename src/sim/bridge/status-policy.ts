/**
 * When the bridge reports what it has received and what room is free (PROTOCOL.md section 4, "When STATUS is sent").
 * Knows no frames: it takes numbers and times and returns whether a STATUS is due.
 */

const MS = 1_000_000;
const REPORT_AFTER_NS = 2 * MS;
const HEARTBEAT_NS = 200 * MS;
const ASK_AGAIN_AFTER_NS = 1 * MS;
const MAX_UNREPORTED_BYTES = 1024;

/** Where the two ends of the step buffer stand, stream bytes since the session began. */
export interface Standing {
  readonly received: number;
  readonly consumed: number;
}

export class StatusPolicy {
  readonly #unreportedLimit: number;
  /** As the last STATUS had it. */
  #reported: Standing = { received: 0, consumed: 0 };
  /** As the last frame of any type had it. */
  #acknowledged = 0;
  #unreportedSinceNs: number | undefined;
  #lastStatusNs: number;
  #isDue = false;
  #asksAgain = false;
  #askedAt: { readonly gapAt: number; readonly timeNs: number } | undefined;
  #asksLater = false;

  constructor(bufferBytes: number, nowNs: number) {
    this.#unreportedLimit = Math.min(MAX_UNREPORTED_BYTES, Math.floor(bufferBytes / 4));
    this.#lastStatusNs = nowNs;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  /** Whether the STATUS that is due requests *send again*. */
  get asksAgain(): boolean {
    return this.#asksAgain;
  }

  /** To be called after anything that may have moved either end. */
  moved(standing: Standing, nowNs: number): void {
    const received = standing.received - this.#reported.received;
    const freed = standing.consumed - this.#reported.consumed;
    if (Math.max(received, freed) >= this.#unreportedLimit) this.#isDue = true;
    if (standing.received > this.#acknowledged || freed > 0) this.#unreportedSinceNs ??= nowNs;
  }

  /** A frame was damaged or is missing: ask, but for one gap only once a millisecond. */
  damaged(gapAt: number, nowNs: number): void {
    if (this.#askedAt?.gapAt === gapAt && nowNs - this.#askedAt.timeNs < ASK_AGAIN_AFTER_NS) {
      this.#asksLater = true;
      return;
    }
    this.#askedAt = { gapAt, timeNs: nowNs };
    this.#asksLater = false;
    this.#asksAgain = true;
    this.#isDue = true;
  }

  /** Something came that brought nothing new: the host has to know what was received. */
  answer(): void {
    this.#isDue = true;
  }

  /** When `tick` has something to do; Infinity if never. */
  wakeNs(isBusy: boolean): number {
    if (this.#isDue) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.#unreportedSinceNs === undefined ? Number.POSITIVE_INFINITY : this.#unreportedSinceNs + REPORT_AFTER_NS,
      isBusy ? this.#lastStatusNs + HEARTBEAT_NS : Number.POSITIVE_INFINITY,
      this.#asksLater && this.#askedAt !== undefined
        ? this.#askedAt.timeNs + ASK_AGAIN_AFTER_NS
        : Number.POSITIVE_INFINITY,
    );
  }

  tick(standing: Standing, isBusy: boolean, nowNs: number): void {
    if (this.#asksLater && this.#askedAt !== undefined && nowNs >= this.#askedAt.timeNs + ASK_AGAIN_AFTER_NS) {
      this.#asksLater = false;
      if (this.#askedAt.gapAt === standing.received) this.damaged(standing.received, nowNs);
    }
    if (nowNs >= this.wakeNs(isBusy)) this.#isDue = true;
  }

  /** A STATUS leaves. */
  sentStatus(standing: Standing, nowNs: number): void {
    this.#reported = standing;
    this.#acknowledged = standing.received;
    this.#unreportedSinceNs = undefined;
    this.#lastStatusNs = nowNs;
    this.#isDue = false;
    this.#asksAgain = false;
  }

  /** Another frame leaves: its `ack` reports what was received, but not what is free. */
  sentOther(standing: Standing): void {
    this.#acknowledged = standing.received;
    if (standing.consumed === this.#reported.consumed) this.#unreportedSinceNs = undefined;
  }
}
