/**
 * The step stream on its way: bytes that wait, pieces that were sent and are not acknowledged, and credit.
 *
 * What always holds, in absolute stream offsets:  consumed <= sentEnd,  ackedEnd <= sentEnd <= producedEnd,
 * sentEnd - consumed <= buffer of the bridge. Pieces are disjoint, in order, and cover what lies between ackedEnd and
 * sentEnd except for what the bridge has reported as received.
 *
 * The line keeps order. So each transmission gets a number, and a piece whose last transmission is older than one that
 * has arrived is lost for certain.
 */
import { offsetDistance } from "../../../firmware-protocol/frame.ts";
import { type LinkStatus, MAX_STRETCHES } from "../../../firmware-protocol/status.ts";

interface Piece {
  start: number;
  bytes: Uint8Array;
  sentAtUs: number;
  /** Number of its last transmission, and of the first: which of them arrived is not always known. */
  transmission: number;
  firstTransmission: number;
  resent: boolean;
  lost: boolean;
  /** How much had been acknowledged when it was sent for the first time: what came since tells how fast the line is. */
  ackedAtSend: number;
}

/** What an acknowledgement shows. */
export interface AckOutcome {
  /** Bytes newly acknowledged. */
  readonly newBytes: number;
  /** Time from sending to acknowledging of a piece that was sent once, microseconds. */
  readonly sampleUs?: number | undefined;
  /** Bytes acknowledged within that time. */
  readonly sampleBytes?: number | undefined;
  /** A piece was sent again although its first copy was on its way: the retransmit timeout was too short. */
  readonly wasSpurious?: true | undefined;
}

/** A piece of the stream to go into one DATA frame. */
export interface Outgoing {
  readonly offset: number;
  readonly payload: Uint8Array;
}

export class SendWindow {
  readonly #bufferBytes: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #pieces: Piece[] = [];
  #sentEnd = 0;
  #ackedEnd = 0;
  #consumed = 0;
  #transmissions = 0;
  #arrivedTransmission = -1;

  /** `bufferBytes`: the size of its buffer that the bridge reported. */
  constructor(bufferBytes: number) {
    this.#bufferBytes = bufferBytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Bytes sent and not acknowledged. */
  get unacknowledgedBytes(): number {
    return this.#sentEnd - this.#ackedEnd;
  }

  /** Offset of the first byte never sent. */
  get sentEnd(): number {
    return this.#sentEnd;
  }

  get isIdle(): boolean {
    return this.#waitingBytes === 0 && this.#pieces.length === 0;
  }

  /**
   * Bytes wait, all that was sent has arrived, and credit is missing: a STATUS brings it, and that may have been lost.
   */
  get isStarved(): boolean {
    return this.#waitingBytes > 0 && this.#pieces.length === 0 && this.#sentEnd > this.#consumed;
  }

  /** When the oldest unacknowledged piece was last sent; undefined if there is none. */
  get oldestSentAtUs(): number | undefined {
    return this.#pieces[0]?.sentAtUs;
  }

  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /**
   * Takes what any frame of the bridge acknowledges. Returns the bytes newly acknowledged and a clean round trip, if
   * any.
   *
   * `answerableUs`: what was sent up to then can have been answered by this frame; of a piece that was sent again later
   * it is the first copy that arrived.
   */
  acknowledge(
    ack: number,
    status: LinkStatus | undefined,
    nowUs: number,
    answerableUs = Number.NEGATIVE_INFINITY,
  ): AckOutcome {
    const before = this.#ackedEnd;
    const ackedEnd = before + offsetDistance(before & 0xffff, ack);
    if (ackedEnd < before || ackedEnd > this.#sentEnd) return { newBytes: 0 };
    if (status !== undefined) this.#takeConsumed(status.consumed);
    const arrived = this.#pieces.filter((piece) => isWithin(piece, ackedEnd, status));
    if (arrived.length > 0) this.#pieces = this.#pieces.filter((piece) => !arrived.includes(piece));
    this.#ackedEnd = ackedEnd;
    this.#trimFirst(ackedEnd);
    for (const { sentAtUs, transmission, firstTransmission } of arrived) {
      const number = sentAtUs <= answerableUs ? transmission : firstTransmission;
      this.#arrivedTransmission = Math.max(this.#arrivedTransmission, number);
    }
    this.#markLost(this.#reportedUpTo(ackedEnd, status));
    const newest = arrived.findLast((piece) => !piece.resent);
    const isSpurious = ({ resent, sentAtUs }: Piece): boolean =>
      resent && Number.isFinite(answerableUs) && sentAtUs > answerableUs;
    return {
      newBytes: ackedEnd - before,
      wasSpurious: arrived.some(isSpurious) ? true : undefined,
      sampleUs: newest && nowUs - newest.sentAtUs,
      sampleBytes: newest && ackedEnd - newest.ackedAtSend,
    };
  }

  #takeConsumed(consumed: number): void {
    const newBytes = (consumed - (this.#consumed % 2 ** 32) + 2 ** 32) % 2 ** 32;
    if (this.#consumed + newBytes <= this.#sentEnd) this.#consumed += newBytes;
  }

  #trimFirst(ackedEnd: number): void {
    const first = this.#pieces[0];
    if (first === undefined || first.start >= ackedEnd) return;
    first.bytes = first.bytes.subarray(ackedEnd - first.start);
    first.start = ackedEnd;
  }

  /**
   * Up to which offset the bridge has reported what it lacks: a frame without stretches names only the first missing
   * byte, a full list of stretches does not cover what lies after the last.
   */
  #reportedUpTo(ackedEnd: number, status: LinkStatus | undefined): number {
    if (status === undefined) return ackedEnd + 1;
    const last = status.stretches.at(-1);
    if (last === undefined || status.stretches.length < MAX_STRETCHES) return Number.POSITIVE_INFINITY;
    return ackedEnd + offsetDistance(ackedEnd & 0xffff, last.end);
  }

  #markLost(reportedUpTo: number): void {
    for (const piece of this.#pieces) {
      if (piece.start < reportedUpTo && piece.transmission < this.#arrivedTransmission) piece.lost = true;
    }
  }

  /**
   * The bridge reports that a frame was damaged: the first piece is lost unless it is too young to have been answered.
   */
  doubtFirst(youngerThanUs: number, nowUs: number): void {
    const first = this.#pieces[0];
    if (first !== undefined && nowUs - first.sentAtUs >= youngerThanUs) first.lost = true;
  }

  /** A lost piece to be sent again, cut to `maxPayload`; undefined if there is none. */
  takeLost(maxPayload: number, nowUs: number): Outgoing | undefined {
    const index = this.#pieces.findIndex((piece) => piece.lost);
    const piece = this.#pieces[index];
    if (piece === undefined) return undefined;
    if (piece.bytes.length > maxPayload) {
      const rest = { ...piece, start: piece.start + maxPayload, bytes: piece.bytes.subarray(maxPayload) };
      this.#pieces.splice(index + 1, 0, rest);
      piece.bytes = piece.bytes.subarray(0, maxPayload);
    }
    piece.lost = false;
    piece.resent = true;
    piece.sentAtUs = nowUs;
    piece.transmission = this.#transmissions++;
    return { offset: piece.start, payload: piece.bytes };
  }

  /**
   * The next new piece of up to `maxPayload` bytes; undefined if credit does not reach for all of it or, without
   * `flush`, fewer bytes than that wait.
   */
  takeNew(maxPayload: number, flush: boolean, nowUs: number): Outgoing | undefined {
    const credit = this.#bufferBytes - (this.#sentEnd - this.#consumed);
    const size = Math.min(maxPayload, this.#waitingBytes);
    if (size === 0 || (size < maxPayload && !flush)) return undefined;
    // A smaller buffer than a frame is possible: then whatever is free is worth sending.
    if (credit < Math.min(size, this.#bufferBytes >> 1) || credit === 0) return undefined;
    const bytes = this.#takeWaiting(Math.min(size, credit));
    const transmission = this.#transmissions++;
    const piece: Piece = {
      start: this.#sentEnd,
      bytes,
      sentAtUs: nowUs,
      transmission,
      firstTransmission: transmission,
      resent: false,
      lost: false,
      ackedAtSend: this.#ackedEnd,
    };
    this.#pieces.push(piece);
    this.#sentEnd += bytes.length;
    return { offset: piece.start, payload: bytes };
  }

  #takeWaiting(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    let filled = 0;
    let used = 0;
    while (filled < size) {
      const chunk = this.#waiting[used];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, size - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) used++;
      else this.#waiting[used] = chunk.subarray(part.length);
    }
    if (used > 0) this.#waiting.splice(0, used);
    this.#waitingBytes -= filled;
    return bytes;
  }
}

/** Whether the bridge has all of a piece: below `ackedEnd` or within a stretch. */
function isWithin(piece: Piece, ackedEnd: number, status: LinkStatus | undefined): boolean {
  const end = piece.start + piece.bytes.length;
  if (end <= ackedEnd) return true;
  return (
    status?.stretches.some(({ start, end: stretchEnd }) => {
      const from = piece.start + offsetDistance(piece.start & 0xffff, start);
      return from <= piece.start && from + ((stretchEnd - start) & 0xffff) >= end;
    }) ?? false
  );
}
