/**
 * The step stream on a line of limited rate: which piece goes next, what an acknowledgement shows of line and frames,
 * and when something is sent again.
 */
import { maxPayloadBytes, UNIT_BYTES } from "../../../firmware-protocol/frame.ts";
import type { LinkStatus } from "../../../firmware-protocol/status.ts";
import type { DirectionSizing } from "./frame-sizing.ts";
import type { LinePace } from "./line-pace.ts";
import type { Outgoing, SendWindow } from "./send-window.ts";

const NEVER = Number.POSITIVE_INFINITY;

export interface TransmissionParts {
  readonly window: SendWindow;
  readonly pace: LinePace;
  /** Size of the frames that the host sends. */
  readonly sizing: DirectionSizing;
}

/** A piece to send now. */
export interface PieceToSend extends Outgoing {
  readonly isResent: boolean;
}

export class Transmission {
  readonly #window: SendWindow;
  readonly #pace: LinePace;
  readonly #sizing: DirectionSizing;
  /** There is more to send, but enough lies in the operating system's queue. */
  #isLineFull = false;
  #lastNewsUs = Number.NEGATIVE_INFINITY;
  #lastResendUs = 0;

  constructor({ window, pace, sizing }: TransmissionParts) {
    this.#window = window;
    this.#pace = pace;
    this.#sizing = sizing;
  }

  /** Payload of the largest frame that is sent now, bytes. */
  get maxPayload(): number {
    return maxPayloadBytes(this.#sizing.units);
  }

  /** How many bytes may be sent and not acknowledged. */
  get inFlightLimit(): number {
    return this.#pace.inFlightLimit(this.#frameBytes);
  }

  /** How long an acknowledgement of results may wait for a frame that carries it. */
  get ackDelayUs(): number {
    return this.#pace.ackDelayUs(this.#frameBytes, this.#window.unacknowledgedBytes > 0);
  }

  get #frameBytes(): number {
    return this.#sizing.units * UNIT_BYTES;
  }

  /** The piece that goes next, if one may go now; `flush`: also one that does not fill a frame. */
  next(nowUs: number, inFlightLimit: number, flush: boolean): PieceToSend | undefined {
    const { maxPayload } = this;
    this.#isLineFull = this.#pace.roomAtUs > nowUs;
    if (this.#isLineFull) return undefined;
    const leavesUs = this.#pace.leavesUs(maxPayload, nowUs);
    const lost = this.#window.takeLost(maxPayload, leavesUs);
    if (lost !== undefined) {
      this.#lastResendUs = leavesUs;
      this.#sizing.damaged(1);
      return { ...lost, isResent: true };
    }
    if (this.#window.unacknowledgedBytes >= inFlightLimit) return undefined;
    const piece = this.#window.takeNew(maxPayload, flush, leavesUs);
    return piece && { ...piece, isResent: false };
  }

  /**
   * What a frame of the bridge acknowledges, and what else it reports of the stream; returns the bytes newly
   * acknowledged.
   */
  acknowledge(ack: number, status: LinkStatus | undefined, nowUs: number): number {
    const outcome = this.#window.acknowledge(ack, status, nowUs, this.#pace.answerableUs(nowUs));
    const { newBytes, sampleUs, sampleBytes, wasSpurious } = outcome;
    if (wasSpurious === true) this.#pace.onSpuriousResend();
    if (sampleUs !== undefined) this.#pace.onAnswer(sampleUs, sampleBytes, this.#frameBytes);
    if (newBytes > 0) {
      this.#sizing.good();
      this.#lastNewsUs = nowUs;
    }
    // If stretches tell what has arrived, the order shows what is lost. On a line of known rate it is also known when
    // a piece has left, so that one that was lost twice shows; else it may only be queued after others.
    if (status?.sendAgain === true && (this.#pace.isKnown || status.stretches.length === 0)) {
      this.#window.doubtFirst(this.#pace.doubtAfterUs, nowUs);
    }
    return newBytes;
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  /** When the line has room again; Infinity if nothing waits for that. */
  get roomDueUs(): number {
    return this.#isLineFull ? this.#pace.roomAtUs : NEVER;
  }

  /** When the first piece counts as lost; Infinity if all are acknowledged. */
  get resendDueUs(): number {
    const sentAtUs = this.#window.oldestSentAtUs;
    if (sentAtUs === undefined) return NEVER;
    // As long as answers come, a piece that is due is only queued after others; the order shows lost ones.
    const dueUs = Math.max(sentAtUs, this.#lastResendUs, this.#lastNewsUs) + this.#pace.retransmitTimeoutUs;
    // What is due while the line is full has to wait until it is not.
    return this.#isLineFull ? Math.max(dueUs, this.#pace.roomAtUs) : dueUs;
  }

  onResendDue(nowUs: number): void {
    this.#pace.onTimeout();
    this.#window.doubtFirst(0, nowUs);
  }

  /** When to ask for a STATUS, since only credit is missing; Infinity if that is not so. */
  creditDueUs(lastByteUs: number): number {
    if (!this.#window.isStarved) return NEVER;
    return Math.max(this.#pace.lastWriteUs, lastByteUs) + this.#pace.retransmitTimeoutUs;
  }

  /** A byte that the bridge has already: it answers that at once with a STATUS. */
  onCreditDue(): Outgoing {
    this.#pace.onTimeout();
    return { offset: this.#window.sentEnd - 1, payload: new Uint8Array(1) };
  }
}
