/**
 * Reads of the same bytes over an unchecked line: what two of them agree on is treated as true. Each trial cuts
 * the range at other places, so that the same error does not fall on the same byte twice.
 */
import { type ByteRange, rangeEnd } from "../../../drivers/geometry.ts";
import { sameBytes } from "../../bytes.ts";
import { readPieces } from "../op-parts.ts";

const MAX_TRIALS = 6;
/** Size of a second trial's pieces, in parts of the first's; each further one is shorter still. */
const SECOND_SHARE = 0.6;
const SHORTER_BYTES = 7;

export class ReadTrials {
  readonly #longestBytes: number;
  readonly #read: Uint8Array[] = [];
  #begun = 0;
  #agreed: Uint8Array | undefined;

  /** `longestBytes`: what the bridge reads at once, and with it the first trial. */
  constructor(longestBytes: number) {
    this.#longestBytes = longestBytes;
  }

  /** What two trials read alike; undefined as long as there is nothing like it. */
  get agreed(): Uint8Array | undefined {
    return this.#agreed;
  }

  /** The pieces of the next trial. */
  *pieces(range: ByteRange): Generator<ByteRange> {
    const trial = this.#begun++;
    if (trial === 0) {
      yield* readPieces(range);
      return;
    }
    const longestBytes = Math.min(this.#longestBytes, range.lengthBytes);
    const pieceBytes = Math.max(1, Math.floor(longestBytes * SECOND_SHARE) - trial * SHORTER_BYTES);
    for (let { address } = range; address < rangeEnd(range); address += pieceBytes) {
      yield { address, lengthBytes: Math.min(pieceBytes, rangeEnd(range) - address) };
    }
  }

  /** Takes what a trial has read. "again": no two agree yet; "unsteady": too many have been tried. */
  add(data: Uint8Array): "agreed" | "again" | "waiting" | "unsteady" {
    this.#agreed ??= this.#read.find((other) => sameBytes(other, data));
    this.#read.push(data);
    if (this.#agreed !== undefined) return "agreed";
    if (this.#read.length < this.#begun) return "waiting";
    return this.#begun < MAX_TRIALS ? "again" : "unsteady";
  }
}
