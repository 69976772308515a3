/**
 * SHA-512 and SHA-384 (FIPS 180-4). By 64-bit BigInts: an image that is signed with it is rare and small, and a second
 * set of 32-bit halves would be twice the code.
 */
import { BlockHash } from "./block-hash.ts";
import { CUBE_ROOTS, SQUARE_ROOTS } from "./sha2-constants.ts";

const ROUNDS = 80;

const turned = (value: bigint, bits: bigint): bigint => (value >> bits) | BigInt.asUintN(64, value << (64n - bits));

export class Sha512 extends BlockHash {
  readonly #state: bigint[];
  readonly #hashBytes: 48 | 64;

  /** `hashBytes`: 64, or 48 for SHA-384, which starts from other primes and is cut off. */
  constructor(hashBytes: 48 | 64) {
    super({ blockBytes: 128, lengthBytes: 16, isLittleEndian: false });
    this.#hashBytes = hashBytes;
    this.#state = hashBytes === 64 ? SQUARE_ROOTS.slice(0, 8) : SQUARE_ROOTS.slice(8, 16);
  }

  protected override mix(view: DataView, offset: number): void {
    const w = Array.from({ length: 16 }, (_, index) => view.getBigUint64(offset + 8 * index));
    for (let i = 16; i < ROUNDS; i++) {
      const x = w[i - 15] ?? 0n;
      const y = w[i - 2] ?? 0n;
      const s0 = turned(x, 1n) ^ turned(x, 8n) ^ (x >> 7n);
      const s1 = turned(y, 19n) ^ turned(y, 61n) ^ (y >> 6n);
      w.push(BigInt.asUintN(64, (w[i - 16] ?? 0n) + s0 + (w[i - 7] ?? 0n) + s1));
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = this.#state;
    for (let i = 0; i < ROUNDS; i++) {
      const s1 = turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n);
      const t1 = h + s1 + ((e & f) ^ (~e & g)) + (CUBE_ROOTS[i] ?? 0n) + (w[i] ?? 0n);
      const s0 = turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n);
      const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, BigInt.asUintN(64, d + t1), c, b, a, BigInt.asUintN(64, t1 + t2)];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => {
      this.#state[index] = BigInt.asUintN(64, (this.#state[index] ?? 0n) + value);
    });
  }

  protected override state(): Uint8Array {
    const view = new DataView(new ArrayBuffer(64));
    this.#state.forEach((word, index) => view.setBigUint64(8 * index, word));
    return new Uint8Array(view.buffer, 0, this.#hashBytes);
  }
}
