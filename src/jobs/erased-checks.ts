/** Block check of erased stretches. The same few lengths are asked again and again, so they are remembered. */
import { blockCheckOfFill } from "../../firmware-protocol/block-check.ts";

/** More lengths than this come only from odd images; then the memory starts afresh. */
const MAX_LENGTHS = 64;

export class ErasedChecks {
  readonly #erasedByte: number;
  readonly #known = new Map<number, number>();

  constructor(erasedByte: number) {
    this.#erasedByte = erasedByte;
  }

  /** Block check of `lengthBytes` erased bytes. */
  of(lengthBytes: number): number {
    const known = this.#known.get(lengthBytes);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_LENGTHS) this.#known.clear();
    const check = blockCheckOfFill(this.#erasedByte, lengthBytes);
    this.#known.set(lengthBytes, check);
    return check;
  }
}
