/** MD5 (RFC 1321). It proves nothing against an adversary; ESP-IDF tables and UF2 files contain it. */
import { BlockHash } from "./block-hash.ts";

/** Bits by which each of the four rounds rotates, in turn. */
const TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
/** The binary digits of the sine, as the RFC defines them. */
const SINES = Int32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);

export class Md5 extends BlockHash {
  readonly #state = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476);
  readonly #words = new Int32Array(16);

  constructor() {
    super({ blockBytes: 64, lengthBytes: 8, isLittleEndian: true });
  }

  protected override mix(view: DataView, offset: number): void {
    const words = this.#words;
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(offset + 4 * i, true);
    let [a = 0, b = 0, c = 0, d = 0] = this.#state;
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const mixed =
        round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const place = round === 0 ? step : round === 1 ? 5 * step + 1 : round === 2 ? 3 * step + 5 : 7 * step;
      const sum = (a + mixed + (SINES[step] ?? 0) + (words[place & 15] ?? 0)) | 0;
      const turn = TURNS[4 * round + (step & 3)] ?? 0;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
    }
    [a, b, c, d].forEach((value, index) => {
      this.#state[index] = (this.#state[index] ?? 0) + value;
    });
  }

  protected override state(): Uint8Array {
    const view = new DataView(new ArrayBuffer(16));
    this.#state.forEach((word, index) => view.setInt32(4 * index, word, true));
    return new Uint8Array(view.buffer);
  }
}
