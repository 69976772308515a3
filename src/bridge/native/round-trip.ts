/** How long an answer takes on this link: smoothed mean and deviation as in RFC 6298, and the shortest ever seen. */
export class RoundTrip {
  #smoothedUs: number | undefined;
  #deviationUs = 0;
  #shortestUs = Number.POSITIVE_INFINITY;

  add(sampleUs: number): void {
    this.#shortestUs = Math.min(this.#shortestUs, sampleUs);
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

  /** How long to wait for an answer before asking again; 100 ms while nothing is known. */
  get patienceUs(): number {
    return this.#smoothedUs === undefined ? 100_000 : this.#smoothedUs + Math.max(10_000, 4 * this.#deviationUs);
  }
}
