/** The random numbers of a simulated line. They are always a branch of the seed, never those of the machine. */
export interface Chance {
  /** A number from 0 (included) to 1 (not included). */
  nextFloat(): number;
  /** A whole number from 0 to `n - 1`. */
  intBelow(n: number): number;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
  /** One entry of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Random bytes, `count` of them. */
  bytes(count: number): Uint8Array;
  /**
   * An independent generator. It depends only on the seed and the name, so more draws here change nothing elsewhere.
   */
  branch(name: string): Chance;
}
