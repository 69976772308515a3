/**
 * Chance by seed: a 128-bit small fast counter generator (sfc32), split by name. Each consumer of random numbers takes a
 * branch of its own, so that a new consumer never reshuffles the others.
 *
 * What always holds: the same seed and branch names give the same numbers, on every machine.
 */

/** Random numbers from a seed. The same seed and branch names give the same numbers on every machine. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  nextUint32(): number;
  /** A number from 0 (included) to 1 (not included), in steps of 2^-32. */
  nextFloat(): number;
  /** A whole number from 0 to `limit - 1`. Throws RangeError unless `limit` is a whole number from 1 to 2^32. */
  intBelow(limit: number): number;
  /** One entry of a list. Throws RangeError if the list is empty. */
  pick<T>(list: readonly T[]): T;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
  /** Random bytes, `length` of them. */
  bytes(length: number): Uint8Array;
  /** An independent generator. It depends only on the seed and the name, not on numbers drawn before. */
  branch(name: string): Random;
}

/** A generator for a seed; numbers and texts are both fine. */
export function createRandom(seed: number | string): Random {
  return new SmallFastCounter(String(seed));
}

/** Four well-mixed words of a text (FNV-1a with different starts, then avalanche). */
function wordsOf(text: string): [number, number, number, number] {
  const word = (start: number): number => {
    let hash = start;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  };
  return [word(0x811c9dc5), word(0x9747b28c), word(0x3c6ef372), word(0x1b873593)];
}

class SmallFastCounter implements Random {
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(path: string) {
    this.#path = path;
    [this.#a, this.#b, this.#c, this.#counter] = wordsOf(path);
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  nextUint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  nextFloat(): number {
    return this.nextUint32() / 2 ** 32;
  }

  intBelow(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > 2 ** 32) throw new RangeError(`intBelow(${limit})`);
    return Math.floor(this.nextFloat() * limit);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.intBelow(Math.max(1, list.length))];
    if (item === undefined) throw new RangeError("pick from an empty list");
    return item;
  }

  chance(probability: number): boolean {
    return this.nextFloat() < probability;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.nextUint32();
      for (let i = 0; i < 4 && at + i < length; i++) bytes[at + i] = (word >>> (8 * i)) & 0xff;
    }
    return bytes;
  }

  branch(name: string): Random {
    return new SmallFastCounter(`${this.#path}/${name}`);
  }
}
