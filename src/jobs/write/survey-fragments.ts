/** What a chip holds where a block has very many short pieces of the image, found by one read of the block. */
import { type ByteRange, type EraseBlock, type FlashGeometry, pagesOf, rangeEnd } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { isFilledWith } from "../../bytes.ts";
import { appendRange } from "../../../drivers/byte-ranges.ts";
import { isProgrammedAsItIs, type PieceState, type SurveyPiece, type SurveyUnit } from "./plan.ts";

/** A stretch of addresses with what the chip and the image have there. */
export interface ReadSpan {
  readonly range: ByteRange;
  readonly chip: Uint8Array;
  /** Erased bytes where the image has none. */
  readonly image: Uint8Array;
  readonly geometry: FlashGeometry;
}

/** Pieces are programmed in one command with the blank bytes between them, if these are no more. */
const MAX_GAP_BYTES = 64;

/** The unit of a block from what was read of it. `isDistrusted`: whatever it reads, it is written again. */
export function unitOfFragments(
  block: EraseBlock,
  ranges: readonly ByteRange[],
  span: ReadSpan,
  isDistrusted: boolean,
): SurveyUnit {
  const pieces = ranges.map((range) => new FragmentPiece(range, isDistrusted ? "differs" : stateOf(range, span), span));
  if (pieces.some(({ state }) => state === "differs")) return { block, pieces };
  return { block, pieces, asItIs: joinedOverBlank(pieces, span) };
}

/** The pages within a piece that hold anything but erased bytes, joined. */
export function contentOf(range: ByteRange, data: Uint8Array, geometry: FlashGeometry): readonly ByteRange[] {
  const content: ByteRange[] = [];
  for (const page of pagesOf(geometry, range)) {
    const start = page.address - range.address;
    const bytes = data.subarray(start, start + page.lengthBytes);
    if (!isFilledWith(bytes, geometry.erasedByte)) appendRange(content, page);
  }
  return content;
}

/** Pieces that go where the chip is blank, joined where it is blank between them, too: erased bytes change no cell there. */
function joinedOverBlank(pieces: readonly FragmentPiece[], span: ReadSpan): readonly SurveyPiece[] {
  const joined: { address: number; lengthBytes: number }[] = [];
  for (const piece of pieces) {
    if (!isProgrammedAsItIs(piece)) continue;
    const { address, lengthBytes } = piece;
    const last = joined.at(-1);
    const end = last === undefined ? 0 : rangeEnd(last);
    const start = end - span.range.address;
    const isNear = last !== undefined && address - end <= MAX_GAP_BYTES;
    if (isNear && isErased(span.chip, start, start + address - end, span.geometry.erasedByte)) {
      last.lengthBytes = address + lengthBytes - last.address;
    } else {
      joined.push({ address, lengthBytes });
    }
  }
  return joined.map((range) => new FragmentPiece(range, "blank", span));
}

/** A piece of a block that was read whole. There may be a million: what is seldom asked for is made when it is. */
class FragmentPiece implements SurveyPiece {
  readonly state: PieceState;
  readonly #range: ByteRange;
  readonly #span: ReadSpan;

  constructor(range: ByteRange, state: PieceState, span: ReadSpan) {
    this.state = state;
    this.#range = range;
    this.#span = span;
  }

  get address(): number {
    return this.#range.address;
  }

  get lengthBytes(): number {
    return this.#range.lengthBytes;
  }

  get check(): number {
    return blockCheck(this.#bytes());
  }

  get content(): readonly ByteRange[] {
    return contentOf(this.#range, this.#bytes(), this.#span.geometry);
  }

  get isBlank(): boolean {
    const { range, image, geometry } = this.#span;
    const start = this.address - range.address;
    return isErased(image, start, start + this.lengthBytes, geometry.erasedByte);
  }

  #bytes(): Uint8Array {
    const start = this.address - this.#span.range.address;
    return this.#span.image.subarray(start, start + this.lengthBytes);
  }
}

function stateOf({ address, lengthBytes }: ByteRange, { range, chip, image, geometry }: ReadSpan): PieceState {
  const start = address - range.address;
  const end = start + lengthBytes;
  let isSame = true;
  for (let at = start; at < end && isSame; at++) isSame = chip[at] === image[at];
  if (isSame) return "same";
  return isErased(chip, start, end, geometry.erasedByte) ? "blank" : "differs";
}

function isErased(bytes: Uint8Array, start: number, end: number, erasedByte: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== erasedByte) return false;
  return true;
}
