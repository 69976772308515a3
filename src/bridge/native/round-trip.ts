/** How much of an older rate is left at each sample. */
const RATE_MEMORY = 0.98;

/**
 * How long an answer takes on this link: smoothed mean and deviation as in RFC 6298, the shortest ever seen, and how
 * many bytes a second get through.
 */
export class RoundTrip {
  #smoothedUs: number | undefined;
  #deviationUs = 0;
  #shortestUs = Number.POSITIVE_INFINITY;
  #bytesPerUs: number | undefined;

  /** `bytes`: how many were acknowledged within `sampleUs`. */
  add(sampleUs: number, bytes = 0): void {
    this.#shortestUs = Math.min(this.#shortestUs, sampleUs);
    // The fastest lately: a sample is low whenever there was little to send, which shows nothing of the line.
    if (sampleUs > 0 && bytes > 0) this.#bytesPerUs = Math.max(bytes / sampleUs, (this.#bytesPerUs ?? 0) * RATE_MEMORY);
    if (this.#smoothedUs === undefined) {
      this.#smoothedUs = sampleUs;
      this.#deviationUs = sampleUs / 2;
      return;
    }
    this.#deviationUs += (Math.abs(sampleUs - this.#smoothedUs) - this.#deviationUs) / 4;
    this.#smoothedUs += (sampleUs - this.#smoothedUs) / 8;
  }

  /** The shortest round trip seen, microseconds; 1 ms while none is known. */
  get shortestUs(): number {
    return Number.isFinite(this.#shortestUs) ? this.#shortestUs : 1000;
  }

  /** The smoothed mean, with what is queued on the way, microseconds; 1 ms while none is known. */
  get typicalUs(): number {
    return this.#smoothedUs ?? 1000;
  }

  /** What the line carries in this time; undefined while unknown. */
  bytesIn(durationUs: number): number | undefined {
    return this.#bytesPerUs === undefined ? undefined : this.#bytesPerUs * durationUs;
  }

  /** How long the line takes for this many bytes; undefined while unknown. */
  usFor(bytes: number): number | undefined {
    return this.#bytesPerUs === undefined ? undefined : bytes / this.#bytesPerUs;
  }

  /** How long to wait for an answer before asking again; 100 ms while nothing is known. */
  get retransmitTimeoutUs(): number {
    return this.#smoothedUs === undefined ? 100_000 : this.#smoothedUs + Math.max(10_000, 4 * this.#deviationUs);
  }
}
