/**
 * How long a simulated chip takes: always the typical time, always the longest, or by seed in between. Real pages of one
 * chip differ; most lie near the typical time and a few far above it (performance.md, section on pipelining).
 */

/** Typical and longest time of one operation, microseconds. */
export interface OperationTime {
  readonly typicalUs: number;
  readonly maximumUs: number;
}

/**
 * How long a simulated chip takes: the typical time, a time selected by the seed (mostly near the typical one,
 * sometimes up to the longest), or always the longest.
 */
export type TimesMode = "typical" | "varying" | "maximum";

/** Share of operations that take much longer than typical. */
const SLOW_SHARE = 0.03;
/** The others lie within this part around the typical time. */
const SPREAD = 0.2;

export class ChipTimes {
  readonly mode: TimesMode;
  readonly seed: number;

  constructor(mode: TimesMode, seed: number) {
    this.mode = mode;
    this.seed = seed;
  }

  /**
   * Time of one operation, whole nanoseconds. `place` is its address and `turn` counts what the chip did before: the
   * same chip with the same history takes the same time.
   */
  nanoseconds(time: OperationTime, place: number, turn: number): number {
    const { typicalUs, maximumUs } = time;
    if (this.mode === "typical") return Math.round(typicalUs * 1000);
    if (this.mode === "maximum") return Math.round(maximumUs * 1000);
    const draw = fraction(this.seed, place, turn);
    const us =
      draw < SLOW_SHARE
        ? typicalUs + (maximumUs - typicalUs) * (draw / SLOW_SHARE)
        : typicalUs * (1 - SPREAD / 2 + (SPREAD * (draw - SLOW_SHARE)) / (1 - SLOW_SHARE));
    return Math.round(Math.min(us, maximumUs) * 1000);
  }
}

/** A number from 0 to 1 that depends on all three, and on nothing else. */
function fraction(seed: number, place: number, turn: number): number {
  let hash =
    Math.imul(seed ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(place + 0x7f4a7c15, 0x85ebca6b) ^ Math.imul(turn, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
