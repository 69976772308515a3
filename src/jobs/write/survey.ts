/**
 * Compares the chip with the target by digests, window by window. A window is one block of the largest erase unit
 * short of the whole chip, or several that together make a worthwhile row of work.
 */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlocksTouching,
  type FlashGeometry,
  rangeEnd,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { concatBytes, isFilledWith, sameBytes } from "../../bytes.ts";
import { ErasedChecks } from "../erased-checks.ts";
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import { isFragmented, spanOf } from "../fragments.ts";
import type { JobTools } from "../job-tools.ts";
import { type OpPipe, piecesOf } from "../op-pipe.ts";
import type { PhaseCount } from "../phase-count.ts";
import { blocksTouched, firstPieceIn, piecesIn, type Target } from "../target.ts";
import { type PieceState, type SurveyPiece, type SurveyUnit, windowUnit } from "./plan.ts";
import { contentOf, unitOfFragments } from "./survey-fragments.ts";

/** Small blocks are joined to windows of this size at least. */
const WINDOW_BYTES = 64 * 1024;
const SAMPLE_BYTES = 8;
const SHORT_PIECE_BYTES = 1024;

/** Neighbouring blocks that the target touches, in order. */
export type Window = readonly EraseBlock[];

/** Windows of a target, in order; every block is in exactly one. */
export function* windowsOf(target: Target, geometry: FlashGeometry): Generator<Window> {
  let window: EraseBlock[] = [];
  for (const block of blocksTouched(target, windowUnit(geometry))) {
    window.push(block);
    if (totalBytes(window) < WINDOW_BYTES) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

/** What is compared, and how. */
export interface SurveyRequest {
  readonly target: Target;
  readonly geometry: FlashGeometry;
  readonly context: JobTools;
  /** Left out: nothing is requested, and all is treated as blank. */
  readonly count?: PhaseCount | undefined;
  /** The longest span with one digest, bytes. */
  readonly digestBytes: number;
  /**
   * Digests are as costly as reads; a few bytes of each piece then tell what differs, and what looks blank is treated as blank,
   * which the verify after the program will prove.
   */
  readonly samples: boolean;
  /** Places where an erase may have been cut: they count as different whatever they read. */
  readonly distrusted?: readonly ByteRange[] | undefined;
}

/** Compares each smallest block of a window. */
export class Surveyor {
  readonly #request: SurveyRequest;
  readonly #erasedChecks: ErasedChecks;

  constructor(request: SurveyRequest) {
    this.#request = request;
    this.#erasedChecks = new ErasedChecks(request.geometry.erasedByte);
  }

  /**
   * All digests are requested at once in the side lane; resolves when the last result is there. Small blocks share one as long as
   * they are all right or all blank.
   */
  async survey(pipe: OpPipe, window: Window): Promise<readonly SurveyUnit[]> {
    const units: Promise<SurveyUnit>[] = [];
    const blocks: { readonly index: number; readonly block: EraseBlock; readonly pieces: readonly AskedPiece[] }[] = [];
    let row: AskedPiece[] = [];
    for (const block of this.#smallestBlocks(window)) {
      const pieces: AskedPiece[] = [];
      const ranges = this.#request.count === undefined ? [] : piecesIn(this.#request.target, block);
      if (isFragmented(ranges)) {
        row = this.#askRow(pipe, row);
        units.push(this.#fragments(pipe, block, ranges));
        units.at(-1)?.catch(() => undefined);
        continue;
      }
      for (const range of this.#shortPieces(block)) {
        const piece = this.#pieceOf(range, await this.#request.target.read(range));
        pieces.push(piece);
        if (this.#isDistrusted(block)) {
          // Cells of a cut erase may read as they should now and otherwise later.
          piece.data = undefined;
          piece.state = Promise.resolve("differs");
          this.#request.count?.done(range.lengthBytes);
          continue;
        }
        if (this.#request.samples && this.#request.count !== undefined && piece.content.length > 0) {
          this.#askSamples(pipe, piece);
          continue;
        }
        if (!fitsRow(row, range, this.#request.digestBytes)) row = this.#askRow(pipe, row);
        row.push(piece);
      }
      blocks.push({ index: units.length, block, pieces });
      units.push(NOT_YET);
    }
    this.#askRow(pipe, row);
    for (const { index, block, pieces } of blocks) {
      units[index] = Promise.all(pieces.map((piece) => surveyed(piece))).then((all) =>
        this.#unitOf({ block, pieces: all }),
      );
    }
    return Promise.all(units);
  }

  /** One read tells what all these pieces of a block are. */
  async #fragments(pipe: OpPipe, block: EraseBlock, ranges: readonly ByteRange[]): Promise<SurveyUnit> {
    const range = spanOf(ranges);
    const reads = [...piecesOf(range, this.#request.digestBytes)].map((piece) => pipe.read(piece, "aside"));
    const [image, chip] = await Promise.all([
      this.#request.target.readFilled(range, this.#request.geometry.erasedByte),
      Promise.all(reads).then(concatBytes),
    ]);
    this.#request.count?.done(totalBytes(ranges));
    const span = { range, chip, image, geometry: this.#request.geometry };
    return this.#unitOf(unitOfFragments(block, ranges, span, this.#isDistrusted(block)));
  }

  #isDistrusted(block: EraseBlock): boolean {
    return (this.#request.distrusted ?? []).some((place) => rangeIntersection(place, block) !== undefined);
  }

  *#shortPieces(block: EraseBlock): Generator<ByteRange> {
    for (const piece of piecesIn(this.#request.target, block)) yield* piecesOf(piece, this.#request.digestBytes);
  }

  #pieceOf(range: ByteRange, data: Uint8Array): AskedPiece {
    return {
      range,
      data,
      check: blockCheck(data),
      content: contentOf(range, data, this.#request.geometry),
      state: undefined,
    };
  }

  /** Compares a row of pieces that touch; returns the next row, still empty. */
  #askRow(pipe: OpPipe, row: readonly AskedPiece[]): AskedPiece[] {
    const [first] = row;
    if (first === undefined) return [];
    const lengthBytes = row.reduce((total, { range }) => total + range.lengthBytes, 0);
    const check = row.reduce((before, { data }) => blockCheck(data ?? new Uint8Array(), before), 0);
    const whole = this.#stateOf(pipe, { address: first.range.address, lengthBytes }, check);
    // If nothing has to be programmed again, nothing is lost by erasing more: what exactly differs does not matter.
    const isOneState = row.length === 1 || row.every(({ content }) => content.length === 0);
    for (const piece of row) {
      piece.data = undefined;
      piece.state = whole.then((state) => {
        if (state !== "differs" || isOneState) {
          this.#request.count?.done(piece.range.lengthBytes);
          return state;
        }
        return this.#alone(pipe, piece);
      });
      // Awaited later; until then a failed pipe must not count as an unhandled rejection.
      piece.state.catch(() => undefined);
    }
    return [];
  }

  /** A few bytes show whether the piece is blank or another one; only if they are right the whole of it is compared. */
  #askSamples(pipe: OpPipe, piece: AskedPiece): void {
    const data = piece.data ?? new Uint8Array();
    piece.data = undefined;
    const { address, lengthBytes } = piece.range;
    const places = samplePlaces(lengthBytes);
    const reads = places.map((place) =>
      pipe.read({ address: address + place.address, lengthBytes: place.lengthBytes }, "aside"),
    );
    const expected = places.map((place) => data.slice(place.address, rangeEnd(place)));
    piece.state = Promise.all(reads).then((samples) => {
      const isBlank = samples.every((sample) => isFilledWith(sample, this.#request.geometry.erasedByte));
      const isRight = samples.every((sample, index) => sameBytes(sample, expected[index] ?? sample));
      if (isRight) return this.#alone(pipe, piece);
      this.#request.count?.done(lengthBytes);
      return isBlank ? "blank" : "differs";
    });
    piece.state.catch(() => undefined);
  }

  async #alone(pipe: OpPipe, { range, check }: AskedPiece): Promise<PieceState> {
    const state = await this.#stateOf(pipe, range, check);
    this.#request.count?.done(range.lengthBytes);
    return state;
  }

  *#smallestBlocks(window: Window): Generator<EraseBlock> {
    const unit = smallestEraseUnit(this.#request.geometry);
    for (const block of window) {
      const end = rangeEnd(block);
      let address = block.address;
      // From one small block to the next, however many pieces each of them has.
      for (;;) {
        const piece = firstPieceIn(this.#request.target, { address, lengthBytes: end - address });
        if (piece === undefined) break;
        for (const small of eraseBlocksTouching(unit, piece)) {
          if (rangeEnd(small) <= address) continue;
          yield small;
          address = rangeEnd(small);
        }
        if (address >= end) break;
      }
    }
  }

  async #stateOf(pipe: OpPipe, range: ByteRange, imageCheck: number): Promise<PieceState> {
    if (this.#request.count === undefined) return "assumed-blank";
    const chipCheck = await pipe.digest(range, "aside");
    if (chipCheck === imageCheck) return "same";
    return chipCheck === this.#erasedChecks.of(range.lengthBytes) ? "blank" : "differs";
  }

  #unitOf(unit: SurveyUnit): SurveyUnit {
    const { block, pieces } = unit;
    if (this.#request.count !== undefined) {
      const holds = (wanted: PieceState): boolean => pieces.some(({ state }) => state === wanted);
      const state = holds("differs") ? "differs" : holds("blank") ? "blank" : "same";
      const range = { address: block.address, lengthBytes: block.lengthBytes };
      this.#request.context.onEvent?.({ kind: "sector", range, state });
    }
    return unit;
  }
}

/** Takes the place of a unit until all of the window is requested. */
const NOT_YET: Promise<SurveyUnit> = new Promise(() => undefined);

/** Where a piece is sampled: at its start, in its middle, at its end; a short one at its start only. */
function samplePlaces(lengthBytes: number): readonly ByteRange[] {
  const sampleBytes = Math.min(SAMPLE_BYTES, lengthBytes);
  if (lengthBytes <= SHORT_PIECE_BYTES) return [{ address: 0, lengthBytes: sampleBytes }];
  const offsets = new Set([0, (lengthBytes - sampleBytes) >> 1, lengthBytes - sampleBytes]);
  return [...offsets].map((address) => ({ address, lengthBytes: sampleBytes }));
}

/** A piece that is compared. */
interface AskedPiece {
  readonly range: ByteRange;
  /** Until its digest is requested. */
  data: Uint8Array | undefined;
  readonly check: number;
  readonly content: readonly ByteRange[];
  state: Promise<PieceState> | undefined;
}

/** Whether a piece goes into the same digest as the row before it. */
function fitsRow(row: readonly AskedPiece[], range: ByteRange, maxBytes: number): boolean {
  const [first, last] = [row[0], row.at(-1)];
  if (first === undefined || last === undefined) return true;
  return rangeEnd(last.range) === range.address && rangeEnd(range) - first.range.address <= maxBytes;
}

async function surveyed({ range, check, content, state }: AskedPiece): Promise<SurveyPiece> {
  return {
    address: range.address,
    lengthBytes: range.lengthBytes,
    state: (await state) ?? "differs",
    check,
    content,
  };
}
