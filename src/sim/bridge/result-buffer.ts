/**
 * The result stream on its way out: a ring of bytes that are unsent or not acknowledged yet, and the pieces they were
 * sent in, so that what was lost is sent again (PROTOCOL.md section 4).
 *
 * What always holds: acknowledged <= sent <= written <= acknowledged + capacity; pieces cover no byte twice.
 */
import { offsetDistance } from "../../../firmware-protocol/frame.ts";
import type { Stretch } from "../../../firmware-protocol/status.ts";

interface Piece {
  start: number;
  end: number;
  /** Counts every transmission: a result sent before another one that has arrived is lost. */
  order: number;
  sentNs: number;
  wasSentAgain: boolean;
  isLost: boolean;
}

/** A piece to put into a DATA frame. */
export interface OutgoingPiece {
  /** Stream offset, not yet mod 65 536. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Round trip assumed until one was measured: long, since sending again too early costs the line. */
const FIRST_ROUND_TRIP_NS = 50_000_000;
const MIN_TIMEOUT_NS = 10_000_000;
const MAX_TIMEOUT_NS = 500_000_000;

export class ResultBuffer {
  readonly #ring: Uint8Array;
  readonly #nsPerByte: () => number;
  #written = 0;
  #sent = 0;
  #acknowledged = 0;
  #pieces: Piece[] = [];
  #order = 0;
  #roundTripNs = FIRST_ROUND_TRIP_NS;
  #hasRoundTrip = false;
  #tries = 0;
  #progressNs = 0;

  /** `nsPerByte`: how long a byte takes on the line just now; the resend timeout depends on it. */
  constructor(capacityBytes: number, nsPerByte: () => number) {
    this.#ring = new Uint8Array(capacityBytes);
    this.#nsPerByte = nsPerByte;
  }

  get freeBytes(): number {
    return this.#ring.length - this.heldBytes;
  }

  /** Unsent or not acknowledged. */
  get heldBytes(): number {
    return this.#written - this.#acknowledged;
  }

  get unsentBytes(): number {
    return this.#written - this.#sent;
  }

  get hasLost(): boolean {
    return this.#pieces.some((piece) => piece.isLost);
  }

  /** The caller has asked for `freeBytes` before. */
  append(bytes: Uint8Array): void {
    const at = this.#written % this.#ring.length;
    const untilWrap = Math.min(bytes.length, this.#ring.length - at);
    this.#ring.set(bytes.subarray(0, untilWrap), at);
    this.#ring.set(bytes.subarray(untilWrap), 0);
    this.#written += bytes.length;
  }

  /** What is to be sent next, at most `limitBytes`: lost pieces first. Undefined if there is nothing. */
  take(limitBytes: number, nowNs: number): OutgoingPiece | undefined {
    const again = this.#pieces.find((piece) => piece.isLost);
    if (again !== undefined) return this.#sendAgain(again, limitBytes, nowNs);
    const end = Math.min(this.#written, this.#sent + limitBytes);
    if (end === this.#sent) return undefined;
    const piece = { start: this.#sent, end, order: this.#order++, sentNs: nowNs, wasSentAgain: false, isLost: false };
    this.#pieces.push(piece);
    this.#sent = end;
    return this.#outgoing(piece);
  }

  #sendAgain(piece: Piece, limitBytes: number, nowNs: number): OutgoingPiece {
    if (piece.end - piece.start > limitBytes) {
      const cut = piece.start + limitBytes;
      this.#pieces.splice(this.#pieces.indexOf(piece) + 1, 0, { ...piece, start: cut });
      piece.end = cut;
    }
    Object.assign(piece, { order: this.#order++, sentNs: nowNs, wasSentAgain: true, isLost: false });
    return this.#outgoing(piece);
  }

  #outgoing({ start, end }: Piece): OutgoingPiece {
    const bytes = new Uint8Array(end - start);
    const at = start % this.#ring.length;
    const untilWrap = Math.min(bytes.length, this.#ring.length - at);
    bytes.set(this.#ring.subarray(at, at + untilWrap));
    bytes.set(this.#ring.subarray(0, bytes.length - untilWrap), untilWrap);
    return { offset: start, bytes };
  }

  /**
   * The host lacks everything from `ack16` on but for the stretches. False if it claims what was never sent; then
   * nothing is believed.
   */
  acknowledge(ack16: number, stretches: readonly Stretch[], nowNs: number): boolean {
    const ack = this.#acknowledged + offsetDistance(this.#acknowledged & 0xffff, ack16);
    if (ack > this.#sent) return false;
    const kept = stretches.map(({ start, end }) => ({ start: this.#near(start), end: this.#near(end) }));
    const arrived = this.#pieces.filter(
      (piece) => piece.end <= ack || kept.some(({ start, end }) => start <= piece.start && piece.end <= end),
    );
    if (ack > this.#acknowledged) {
      this.#acknowledged = ack;
      this.#progressNs = nowNs;
      this.#tries = 0;
    }
    this.#forget(arrived, nowNs);
    for (const piece of this.#pieces) piece.start = Math.max(piece.start, ack);
    return true;
  }

  #near(offset16: number): number {
    return this.#acknowledged + offsetDistance(this.#acknowledged & 0xffff, offset16);
  }

  #forget(arrived: readonly Piece[], nowNs: number): void {
    if (arrived.length === 0) return;
    const gone = new Set(arrived);
    let newest = -1;
    for (const piece of arrived) {
      newest = Math.max(newest, piece.order);
      if (!piece.wasSentAgain) this.#measure(nowNs - piece.sentNs);
    }
    this.#pieces = this.#pieces.filter((piece) => !gone.has(piece));
    // The line keeps order: what was sent before something that has arrived will not come any more.
    for (const piece of this.#pieces) if (piece.order < newest) piece.isLost = true;
  }

  #measure(sampleNs: number): void {
    this.#roundTripNs = this.#hasRoundTrip ? Math.round((7 * this.#roundTripNs + sampleNs) / 8) : sampleNs;
    this.#hasRoundTrip = true;
  }

  /** The host asks for what it misses: the first piece, unless that may still be on its way. */
  sendAgain(nowNs: number): void {
    const first = this.#pieces[0];
    if (first !== undefined && nowNs - first.sentNs >= this.#roundTripNs) first.isLost = true;
  }

  /** When the first piece that is not acknowledged is sent again; Infinity if all are. */
  get resendDueNs(): number {
    const first = this.#pieces[0];
    if (first === undefined || first.isLost) return Number.POSITIVE_INFINITY;
    const underWayNs = (this.#sent - this.#acknowledged) * this.#nsPerByte();
    const timeoutNs = Math.max(MIN_TIMEOUT_NS, Math.round(1.5 * this.#roundTripNs + underWayNs));
    const grown = Math.min(timeoutNs * 2 ** Math.min(this.#tries, 10), Math.max(timeoutNs, MAX_TIMEOUT_NS));
    return Math.max(first.sentNs, this.#progressNs) + grown;
  }

  /** Marks the first piece as lost if its time is over. */
  checkTimeout(nowNs: number): void {
    const first = this.#pieces[0];
    if (first === undefined || nowNs < this.resendDueNs) return;
    first.isLost = true;
    this.#tries++;
  }
}
