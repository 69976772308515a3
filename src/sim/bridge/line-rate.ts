/**
 * The line rate of the bridge's end (PROTOCOL.md section 9): a new rate stands once a good frame has come at it; if
 * none comes within 250 ms the old one returns.
 */

const PROOF_WITHIN_NS = 250_000_000;

export class LineRate {
  readonly #firstBaud: number;
  #baudRate: number;
  #trial: { readonly oldBaud: number; readonly untilNs: number } | undefined;

  constructor(baudRate: number) {
    this.#firstBaud = baudRate;
    this.#baudRate = baudRate;
  }

  /** Baud; 0: the link has no rate. */
  get baudRate(): number {
    return this.#baudRate;
  }

  change(baudRate: number, hostNs: number): void {
    this.#trial = { oldBaud: this.#trial?.oldBaud ?? this.#baudRate, untilNs: hostNs + PROOF_WITHIN_NS };
    this.#baudRate = baudRate;
  }

  heardGoodFrame(): void {
    this.#trial = undefined;
  }

  /** When the old rate returns; Infinity if nothing is on trial. */
  get wakeNs(): number {
    return this.#trial?.untilNs ?? Number.POSITIVE_INFINITY;
  }

  tick(hostNs: number): void {
    if (this.#trial === undefined || hostNs < this.#trial.untilNs) return;
    this.#baudRate = this.#trial.oldBaud;
    this.#trial = undefined;
  }

  reset(): void {
    this.#baudRate = this.#firstBaud;
    this.#trial = undefined;
  }
}
