/** When the host reports what has arrived: PROTOCOL.md, section 4, "When STATUS is sent". */

/** Bytes without acknowledgement after which STATUS is sent at once, at most. */
const ACK_BYTES = 4_096;
/** Time in which the same gap is not reported again. */
const GAP_STATUS_US = 1_000;

export class AckPolicy {
  #unacknowledgedBytes = 0;
  #firstUs = 0;
  #lastGapUs = Number.NEGATIVE_INFINITY;

  arrived(bytes: number, nowUs: number): void {
    if (this.#unacknowledgedBytes === 0) this.#firstUs = nowUs;
    this.#unacknowledgedBytes += bytes;
  }

  /** Whether enough has arrived to acknowledge it at once, for a result buffer of `resultBufferBytes`. */
  isFull(resultBufferBytes: number): boolean {
    return this.#unacknowledgedBytes >= Math.min(resultBufferBytes >> 2, ACK_BYTES);
  }

  /** A frame was sent: each carries an acknowledgement. */
  sent(): void {
    this.#unacknowledgedBytes = 0;
  }

  /** Whether a gap is reported now: not again for the same one within a millisecond. */
  reportsGap(nowUs: number): boolean {
    if (nowUs - this.#lastGapUs < GAP_STATUS_US) return false;
    this.#lastGapUs = nowUs;
    return true;
  }

  /** When what has arrived is acknowledged at the latest; Infinity if nothing waits for that. */
  dueUs(delayUs: number): number {
    return this.#unacknowledgedBytes > 0 ? this.#firstUs + delayUs : Number.POSITIVE_INFINITY;
  }
}
