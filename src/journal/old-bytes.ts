/**
 * What the chip held before a job, as its journal reports it: stretches of bytes, and stretches of one value. The first that is
 * said of a byte is what was there; later ones were read when the job or its undo had been there already.
 *
 * Always holds: what is kept is what the journal's file holds. A stretch of one value costs nothing, however long it says it is.
 */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import type { ImageSource } from "../files/image-source.ts";
import { Heap } from "../heap.ts";
import { firstEndingBehind, mergeRanges, totalBytes } from "../../drivers/byte-ranges.ts";

/** A stretch; `data` is as long as it, or the value of every byte. */
export interface OldStretch extends ByteRange {
  readonly data: Uint8Array | number;
}

export class OldBytes {
  readonly #told: OldStretch[] = [];
  #pieces: readonly OldStretch[] | undefined;

  /** Records more; what was recorded before of the same bytes counts. */
  add(stretch: OldStretch): void {
    if (stretch.lengthBytes === 0) return;
    this.#told.push(stretch);
    this.#pieces = undefined;
  }

  /** How often something was recorded. */
  get count(): number {
    return this.#told.length;
  }

  /** All of it as an image, read without waiting; closing it does nothing. */
  image(name: string): ImageSource {
    this.#pieces ??= firstTold(this.#told);
    const pieces = this.#pieces;
    const segments = mergeRanges(pieces);
    return {
      name,
      format: "bin",
      segments,
      totalBytes: totalBytes(segments),
      // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a throw becomes a rejection
      read: async (range) => bytesOf(pieces, range),
      close: () => Promise.resolve(),
    };
  }
}

/** Each byte once, as it was recorded first; sorted. */
export function firstTold(told: readonly OldStretch[]): OldStretch[] {
  const byAddress = told.map((stretch, order) => ({ stretch, order, end: rangeEnd(stretch) }));
  byAddress.sort((a, b) => a.stretch.address - b.stretch.address);
  const begun = new Heap<Told>((a, b) => a.order < b.order);
  const pieces: { readonly from: number; to: number; readonly stretch: OldStretch }[] = [];
  let next = 0;
  for (let at = 0; ; ) {
    const first = firstBehind(begun, at);
    const coming = byAddress[next];
    if (first === undefined) {
      if (coming === undefined) return pieces.map(({ from, to, stretch }) => partOf(stretch, from, to));
      at = coming.stretch.address;
    } else {
      // Up to where the next begins, which may have been recorded before this one.
      const to = Math.min(first.end, coming?.stretch.address ?? first.end);
      const last = pieces.at(-1);
      if (last?.stretch === first.stretch && last.to === at) last.to = to;
      else if (to > at) pieces.push({ from: at, to, stretch: first.stretch });
      at = to;
    }
    for (let one = byAddress[next]; one !== undefined && one.stretch.address <= at; one = byAddress[++next]) {
      begun.add(one);
    }
  }
}

interface Told {
  readonly stretch: OldStretch;
  readonly order: number;
  readonly end: number;
}

/** Of those that have begun, the one that was recorded first, of those that end after `address`; the others are dropped. */
function firstBehind(begun: Heap<Told>, address: number): Told | undefined {
  while ((begun.first?.end ?? Number.POSITIVE_INFINITY) <= address) begun.dropFirst();
  return begun.first;
}

function partOf({ address, data }: OldStretch, from: number, to: number): OldStretch {
  const part = typeof data === "number" ? data : data.subarray(from - address, to - address);
  return { address: from, lengthBytes: to - from, data: part };
}

function bytesOf(pieces: readonly OldStretch[], range: ByteRange): Uint8Array {
  const bytes = new Uint8Array(range.lengthBytes);
  let at = range.address;
  for (let index = firstEndingBehind(pieces, at); at < rangeEnd(range); index++) {
    const piece = pieces[index];
    if (piece === undefined || piece.address > at) {
      throw new RangeError(`${formatRange(range)} is not within one segment of the old contents`);
    }
    const end = Math.min(rangeEnd(piece), rangeEnd(range));
    const { data } = partOf(piece, at, end);
    if (typeof data === "number") bytes.fill(data, at - range.address, end - range.address);
    else bytes.set(data, at - range.address);
    at = end;
  }
  return bytes;
}
