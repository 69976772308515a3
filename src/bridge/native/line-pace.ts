/**
 * How fast the line between host and bridge is, and what follows from it: how much may be under way, when something has
 * left, how long to wait for an answer.
 *
 * Always holds: a rate of 0 means an unknown line (USB, TCP, a port that reports another rate than its bridge), and
 * then nothing is inferred from when something was written, since it may lie in a queue.
 */
import { MAX_FRAME_UNITS, UNIT_BYTES } from "../../../firmware-protocol/frame.ts";
import { RoundTrip } from "./round-trip.ts";

const ACK_DELAY_US = 2_000;
/** How many of the largest frames an acknowledgement may wait for one to ride on. */
const ACK_DELAY_FRAMES = 1.5;
const MAX_ACK_DELAY_US = 60_000;
/** USB-serial chips collect bytes for up to 16 ms, some for longer. */
const LATENCY_TIMER_US = 20_000;
/** What a bridge takes at most before it reports what has arrived, and a little. */
const FIRST_MARGIN_US = 4_000;
/** A STATUS may have been on its way when a piece arrived. */
const STATUS_MARGIN_US = 2_000;
/** No answer is quicker. */
const MIN_ANSWER_US = 100;
const MAX_RETRANSMIT_TIMEOUT_US = 500_000;
/** Under way at most, where the line has no rate: two milliseconds of a fast USB link. */
const MAX_UNACKNOWLEDGED_BYTES = 16_384;
/** Under way at most while it is not known what the line carries, in frames. */
const FIRST_FRAMES = 4;
/** Under way on a UART: what it carries in this time. More would only lie in the operating system's queue. */
const IN_FLIGHT_US = 20_000;

export class LinePace {
  readonly #roundTrip = new RoundTrip();
  #baud = 0;
  /** When all that was written has left. */
  #freeUs = 0;
  #lastWriteUs = 0;
  /** How much later than the quickest an answer may come. */
  #marginUs = FIRST_MARGIN_US;
  #timeoutFactor = 1;

  /** The line's rate, bits a second; 0: unknown. */
  begin(baud: number): void {
    this.#baud = baud;
  }

  get isKnown(): boolean {
    return this.#baud > 0;
  }

  /** When the last bit of something written now has left; now where the line has no rate. */
  leavesUs(bytes: number, nowUs: number): number {
    return this.isKnown ? Math.max(this.#freeUs, nowUs) + this.#lineUs(bytes) : nowUs;
  }

  wrote(bytes: number, nowUs: number): void {
    this.#freeUs = this.leavesUs(bytes, nowUs);
    this.#lastWriteUs = nowUs;
  }

  /** When something was written last. */
  get lastWriteUs(): number {
    return this.#lastWriteUs;
  }

  /** When more may be written; in the past if now. */
  get roomAtUs(): number {
    return this.isKnown ? this.#freeUs - IN_FLIGHT_US + 1 : Number.NEGATIVE_INFINITY;
  }

  /** Bytes that may be sent and not acknowledged. */
  inFlightLimit(frameBytes: number): number {
    if (this.isKnown) {
      const carried = (this.#baud / 10) * (IN_FLIGHT_US / 1e6);
      return Math.min(MAX_UNACKNOWLEDGED_BYTES, Math.max(2 * frameBytes, carried));
    }
    // A TCP port may lead to a slow UART, and what is queued there delays a CANCEL.
    const carried = this.#roundTrip.bytesIn(this.#roundTrip.shortestUs + IN_FLIGHT_US) ?? 0;
    return Math.min(MAX_UNACKNOWLEDGED_BYTES, Math.max(FIRST_FRAMES * frameBytes, carried));
  }

  /** What was sent up to then can have been answered by now; never if it is unknown when it left. */
  answerableUs(nowUs: number): number {
    return this.isKnown ? nowUs - this.#roundTrip.shortestUs : Number.NEGATIVE_INFINITY;
  }

  /** An answer to something sent once came `sampleUs` after it left; `bytes` were acknowledged since it was written. */
  onAnswer(sampleUs: number, bytes: number | undefined, frameBytes: number): void {
    // An answer to what cannot have left yet: the line is faster than the port reports, and its rate is unknown.
    if (this.isKnown && sampleUs < -this.#lineUs(frameBytes)) this.#baud = 0;
    this.#roundTrip.add(Math.max(MIN_ANSWER_US, sampleUs), bytes);
    // Only now it is known how long an answer takes; what was sent twice is ambiguous (Karn).
    this.#timeoutFactor = 1;
  }

  /** Something was sent again although its first copy was on its way. */
  onSpuriousResend(): void {
    this.#marginUs = Math.min(2 * this.#marginUs, LATENCY_TIMER_US);
  }

  /** The retransmit timeout has passed without an answer: the next one is longer. */
  onTimeout(): void {
    this.#timeoutFactor *= 2;
  }

  /** How old the first missing piece has to be before a bridge's doubt counts. */
  get doubtAfterUs(): number {
    return this.#roundTrip.shortestUs + STATUS_MARGIN_US;
  }

  /** How long to wait for an answer before something is sent again. */
  get retransmitTimeoutUs(): number {
    const measured = this.#roundTrip.retransmitTimeoutUs;
    // On a line of known rate nothing but a frame or two stands before an answer; what took longer waited for lost
    // ones.
    const longest = this.isKnown
      ? this.#roundTrip.shortestUs + 2 * this.#lineUs(MAX_FRAME_UNITS * UNIT_BYTES) + this.#marginUs
      : measured;
    return Math.min(Math.min(measured, longest) * this.#timeoutFactor, MAX_RETRANSMIT_TIMEOUT_US);
  }

  /** While steps go up on a slow line, an acknowledgement waits for the next of their frames and costs nothing. */
  ackDelayUs(frameBytes: number, isSending: boolean): number {
    if (!isSending) return ACK_DELAY_US;
    const frameUs = this.isKnown ? this.#lineUs(frameBytes) : (this.#roundTrip.usFor(frameBytes) ?? 0);
    return Math.max(ACK_DELAY_US, Math.min(ACK_DELAY_FRAMES * frameUs, MAX_ACK_DELAY_US));
  }

  #lineUs(bytes: number): number {
    return Math.ceil((bytes * 1e7) / this.#baud);
  }
}
