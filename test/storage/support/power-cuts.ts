/**
 * Every flash that a power cut can leave behind, given the changes that a workload made. The workload runs once; each cut
 * is a picture of the cells, so that recovery can be tried on it without running the workload again. A recovery is a
 * workload as well: its own changes can be cut in the same way.
 */
import type { OffsetRange } from "../../../src/flash/flash-region.ts";
import { createRandom, type Random } from "../../../src/sim/random.ts";
import { type RegionChange, programmed } from "./nor-region.ts";

export interface PowerCut {
  /** For messages: "change 17, program at 260, 3 of 8 bytes, the next torn". */
  readonly name: string;
  readonly cells: Uint8Array;
  /** A block whose erase was cut so late that it reads erased, but wavers. */
  readonly marginal?: OffsetRange;
  /** Changes that were carried out wholly before the cut. */
  readonly changesDone: number;
}

export interface PowerCutOptions {
  readonly seed: number | string;
  readonly erasedByte?: number;
  /** Takes every n-th cut only, beginning with a different one by seed; 1 (all) if left out. */
  readonly every?: number;
}

/** All cuts inside of `changes`, which began on `before`. In the order of time. */
export function* powerCuts(
  before: Uint8Array,
  changes: readonly RegionChange[],
  options: PowerCutOptions,
): Generator<PowerCut> {
  const { erasedByte = 0xff, every = 1 } = options;
  const random = createRandom(options.seed).branch("power cuts");
  const cells = before.slice();
  let counted = random.intBelow(every);
  for (const [index, change] of changes.entries()) {
    for (const cut of cutsInside(cells, change, erasedByte, random)) {
      if (counted++ % every !== 0) continue;
      const { marginal } = cut;
      const name = `change ${index}, ${cut.name}`;
      yield { name, cells: cut.cells(), changesDone: index, ...(marginal === undefined ? {} : { marginal }) };
    }
    carryOut(cells, change, erasedByte);
  }
}

/** Does a change to the cells, wholly. */
export function carryOut(cells: Uint8Array, change: RegionChange, erasedByte = 0xff): void {
  if (change.kind === "erase") {
    cells.fill(erasedByte, change.offset, change.offset + change.lengthBytes);
    return;
  }
  change.data.forEach((wish, i) => {
    cells[change.offset + i] = programmed(cells[change.offset + i] ?? 0, wish, erasedByte);
  });
}

/** A cut whose picture is made on demand: of most cuts it is never looked at. `cells` is to be called before the next one. */
interface Inside {
  readonly name: string;
  readonly marginal?: OffsetRange;
  cells(): Uint8Array;
}

function* cutsInside(cells: Uint8Array, change: RegionChange, erasedByte: number, random: Random): Generator<Inside> {
  if (change.kind === "erase") {
    yield* cutsOfErase(cells, change, erasedByte, random);
    return;
  }
  const { offset, data } = change;
  for (let done = 0; done < data.length; done++) {
    const name = `program at ${offset}, ${done} of ${data.length} bytes`;
    const part = (): Uint8Array => {
      const copy = cells.slice();
      carryOut(copy, { kind: "program", offset, data: data.subarray(0, done) }, erasedByte);
      return copy;
    };
    yield { name, cells: part };
    const bits = random.intBelow(256);
    const torn = (): Uint8Array => {
      const copy = part();
      copy[offset + done] = tornByte(copy[offset + done] ?? 0, data[done] ?? 0, bits);
      return copy;
    };
    yield { name: `${name}, the next torn`, cells: torn };
  }
}

/** Only some of the bits that differ have changed. */
function tornByte(old: number, wish: number, bits: number): number {
  return old ^ ((old ^ wish) & bits);
}

function* cutsOfErase(cells: Uint8Array, range: OffsetRange, erasedByte: number, random: Random): Generator<Inside> {
  const { offset, lengthBytes } = range;
  const end = offset + lengthBytes;
  const state = (name: string, make: (piece: Uint8Array) => Uint8Array, marginal?: OffsetRange): Inside => {
    const piece = make(cells.slice(offset, end));
    const torn = (): Uint8Array => {
      const copy = cells.slice();
      copy.set(piece, offset);
      return copy;
    };
    const cut = { name: `erase at ${offset}, ${name}`, cells: torn };
    return marginal === undefined ? cut : { ...cut, marginal };
  };
  const half = lengthBytes >> 1;
  yield state("untouched", (piece) => piece);
  yield state("first half erased", (piece) => piece.fill(erasedByte, 0, half));
  yield state("partly programmed", (piece) => piece.map((byte) => (random.chance(0.5) ? erasedByte ^ 0xff : byte)));
  yield state("random", (piece) => random.bytes(piece.length));
  yield state("marginal", (piece) => piece.fill(erasedByte), range);
}
