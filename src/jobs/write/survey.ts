/**
 * Asks the chip by digests what it holds already, window by window. A window is one block of the largest erase unit
 * short of the whole chip, or several that together make a worthwhile row of work.
 */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlocksTouching,
  type FlashGeometry,
  pagesOf,
  rangeEnd,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { isFilledWith } from "../../bytes.ts";
import { BlankCrc } from "../blank-crc.ts";
import { appendRange, totalBytes } from "../byte-ranges.ts";
import type { JobContext } from "../job-event.ts";
import type { OpPipe } from "../op-pipe.ts";
import type { PhaseCount } from "../phase-count.ts";
import { blocksTouched, piecesIn, type Target } from "../target.ts";
import { type PieceState, type SurveyPiece, type SurveyUnit, windowUnit } from "./plan.ts";

/** Small blocks are joined to windows of this size at least. */
const WINDOW_BYTES = 64 * 1024;

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

/** Asks for each smallest block of a window. Without `count` nothing is asked: all is taken for blank. */
export class Surveyor {
  readonly #target: Target;
  readonly #geometry: FlashGeometry;
  readonly #context: JobContext;
  readonly #count: PhaseCount | undefined;
  readonly #blankCrc: BlankCrc;

  constructor(target: Target, geometry: FlashGeometry, context: JobContext, count: PhaseCount | undefined) {
    this.#target = target;
    this.#geometry = geometry;
    this.#context = context;
    this.#count = count;
    this.#blankCrc = new BlankCrc(geometry.erasedByte);
  }

  /** All digests are asked at once in the side lane; resolves when the last is answered. */
  async survey(pipe: OpPipe, window: Window): Promise<readonly SurveyUnit[]> {
    const units: Promise<SurveyUnit>[] = [];
    for (const block of this.#smallestBlocks(window)) {
      const pieces: Promise<SurveyPiece>[] = [];
      for (const range of piecesIn(this.#target, block)) {
        const data = await this.#target.read(range);
        pieces.push(this.#surveyPiece(pipe, range, data));
      }
      const unit = Promise.all(pieces).then((surveyed) => this.#unitOf(block, surveyed));
      // Awaited below; until then a failed pipe must not count as a rejection that nobody minds.
      unit.catch(() => undefined);
      units.push(unit);
    }
    return Promise.all(units);
  }

  *#smallestBlocks(window: Window): Generator<EraseBlock> {
    const unit = smallestEraseUnit(this.#geometry);
    let behind = 0;
    for (const block of window) {
      for (const piece of piecesIn(this.#target, block)) {
        const address = Math.max(piece.address, behind);
        for (const small of eraseBlocksTouching(unit, { address, lengthBytes: rangeEnd(piece) - address })) {
          yield small;
          behind = rangeEnd(small);
        }
      }
    }
  }

  async #surveyPiece(pipe: OpPipe, range: ByteRange, data: Uint8Array): Promise<SurveyPiece> {
    const { address, lengthBytes } = range;
    const crc = crc32(data);
    const content = contentOf(range, data, this.#geometry);
    return { address, lengthBytes, state: await this.#stateOf(pipe, range, crc), crc32: crc, content };
  }

  async #stateOf(pipe: OpPipe, range: ByteRange, imageCrc: number): Promise<PieceState> {
    if (this.#count === undefined) return "blank";
    const chipCrc = await pipe.digest(range, "aside");
    this.#count.done(range.lengthBytes);
    if (chipCrc === imageCrc) return "same";
    return chipCrc === this.#blankCrc.of(range.lengthBytes) ? "blank" : "differs";
  }

  #unitOf(block: EraseBlock, pieces: readonly SurveyPiece[]): SurveyUnit {
    if (this.#count !== undefined) {
      const states = new Set(pieces.map(({ state }) => state));
      const state = states.has("differs") ? "differs" : states.has("blank") ? "blank" : "same";
      const range = { address: block.address, lengthBytes: block.lengthBytes };
      this.#context.onEvent?.({ kind: "sector", range, state });
    }
    return { block, pieces };
  }
}

/** The pages within a piece that hold anything but erased bytes, joined. */
function contentOf(range: ByteRange, data: Uint8Array, geometry: FlashGeometry): readonly ByteRange[] {
  const content: ByteRange[] = [];
  for (const page of pagesOf(geometry, range)) {
    const start = page.address - range.address;
    const bytes = data.subarray(start, start + page.lengthBytes);
    if (!isFilledWith(bytes, geometry.erasedByte)) appendRange(content, page);
  }
  return content;
}
