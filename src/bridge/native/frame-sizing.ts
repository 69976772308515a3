/**
 * How large frames should be, a direction each: as large as both sides take while the line is clean, smaller when many
 * frames break. With a bit error rate of 1e-3 a frame of 368 bytes passes once in twenty times, one of 76 every second.
 */
/** 64 bytes of payload: below that the frame's own 12 bytes cost more than the errors. */
const MIN_UNITS = 19;
/** Weight of one frame in the running share of broken frames. */
const WEIGHT = 1 / 16;
const SHRINK_ABOVE = 0.2;
const GROW_BELOW = 0.03;

/** One direction. */
export class DirectionSizing {
  readonly #maxUnits: number;
  #units: number;
  #brokenShare = 0;

  constructor(maxUnits: number) {
    this.#maxUnits = maxUnits;
    this.#units = maxUnits;
  }

  /** Units of the largest frame to use now. */
  get units(): number {
    return this.#units;
  }

  good(): void {
    this.#brokenShare -= this.#brokenShare * WEIGHT;
    if (this.#brokenShare < GROW_BELOW && this.#units < this.#maxUnits) this.#change(this.#units * 2);
  }

  damaged(count: number): void {
    for (let i = 0; i < count; i++) this.#brokenShare += (1 - this.#brokenShare) * WEIGHT;
    if (this.#brokenShare > SHRINK_ABOVE && this.#units > MIN_UNITS) this.#change(Math.ceil(this.#units / 2));
  }

  #change(units: number): void {
    this.#units = Math.max(MIN_UNITS, Math.min(units, this.#maxUnits));
    // Begin the new size without the memory of the old one, but half way to either verdict.
    this.#brokenShare = (SHRINK_ABOVE + GROW_BELOW) / 2;
  }
}

export class FrameSizing {
  readonly outgoing: DirectionSizing;
  readonly incoming: DirectionSizing;

  constructor(maxUnits: number) {
    this.outgoing = new DirectionSizing(maxUnits);
    this.incoming = new DirectionSizing(maxUnits);
  }
}
