/** The randomness a line needs: always a branch of the seed, never the machine's. `createRandom` gives it. */
export interface Chance {
  /** 0 to just below 1. */
  nextFloat(): number;
  /** 0 to n - 1. */
  intBelow(n: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(count: number): Uint8Array;
  /** Numbers of its own by name: who draws more from one branch changes nothing in another. */
  branch(name: string): Chance;
}
