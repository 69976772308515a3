/** SHA-256 (FIPS 180-4). */
import { BlockHash } from "./block-hash.ts";
import { CUBE_ROOTS, SQUARE_ROOTS } from "./sha2-constants.ts";

const ROUNDS = 64;
const highWord = (value: bigint): number => Number(value >> 32n) | 0;
const K = Int32Array.from(CUBE_ROOTS.slice(0, ROUNDS), highWord);
const START = Int32Array.from(SQUARE_ROOTS.slice(0, 8), highWord);

export class Sha256 extends BlockHash {
  readonly #state = START.slice();
  readonly #schedule = new Int32Array(ROUNDS);

  constructor() {
    super({ blockBytes: 64, lengthBytes: 8, isLittleEndian: false });
  }

  protected override mix(view: DataView, offset: number): void {
    const w = this.#schedule;
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + 4 * i);
    for (let i = 16; i < ROUNDS; i++) {
      const x = w[i - 15] ?? 0;
      const y = w[i - 2] ?? 0;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
    }
    const state = this.#state;
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < ROUNDS; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] ?? 0) + (w[i] ?? 0)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] = (state[0] ?? 0) + a;
    state[1] = (state[1] ?? 0) + b;
    state[2] = (state[2] ?? 0) + c;
    state[3] = (state[3] ?? 0) + d;
    state[4] = (state[4] ?? 0) + e;
    state[5] = (state[5] ?? 0) + f;
    state[6] = (state[6] ?? 0) + g;
    state[7] = (state[7] ?? 0) + h;
  }

  protected override state(): Uint8Array {
    const view = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, index) => view.setInt32(4 * index, word));
    return new Uint8Array(view.buffer);
  }
}
