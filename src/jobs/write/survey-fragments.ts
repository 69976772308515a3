/** What a chip holds where a block has very many short pieces of the image, found by one read of the block. */
import { type ByteRange, type EraseBlock, type FlashGeometry, pagesOf, rangeEnd } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { isFilledWith } from "../../bytes.ts";
import { appendRange } from "../byte-ranges.ts";
import type { PieceState, SurveyPiece, SurveyUnit } from "./plan.ts";

/** A stretch of addresses with what the chip and the image have there. */
export interface ReadSpan {
  readonly range: ByteRange;
  readonly chip: Uint8Array;
  /** Erased bytes where the image has none. */
  readonly image: Uint8Array;
}

/** Pieces are programmed in one command with the blank bytes between them, if these are no more. */
const LONGEST_GAP_BYTES = 64;

/** The unit of a block from what was read of it. `isDistrusted`: whatever it reads, it is written again. */
export function unitOfFragments(
  block: EraseBlock,
  ranges: readonly ByteRange[],
  span: ReadSpan,
  geometry: FlashGeometry,
  isDistrusted: boolean,
): SurveyUnit {
  const pieces = ranges.map((range) => {
    const state = isDistrusted ? "differs" : stateOf(range, span, geometry.erasedByte);
    return pieceOf(range, state, span, geometry);
  });
  if (pieces.some(({ state }) => state === "differs")) return { block, pieces };
  return { block, pieces, asItIs: joinedOverBlank(pieces, span, geometry) };
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
function joinedOverBlank(
  pieces: readonly SurveyPiece[],
  span: ReadSpan,
  geometry: FlashGeometry,
): readonly SurveyPiece[] {
  const joined: { address: number; lengthBytes: number }[] = [];
  for (const { state, content, address, lengthBytes } of pieces) {
    if (state !== "blank" || content.length === 0) continue;
    const last = joined.at(-1);
    const end = last === undefined ? 0 : rangeEnd(last);
    const start = end - span.range.address;
    const isNear = last !== undefined && address - end <= LONGEST_GAP_BYTES;
    if (isNear && isErased(span.chip, start, start + address - end, geometry.erasedByte)) {
      last.lengthBytes = address + lengthBytes - last.address;
    } else {
      joined.push({ address, lengthBytes });
    }
  }
  return joined.map((range) => pieceOf(range, "blank", span, geometry));
}

function pieceOf(
  piece: ByteRange,
  state: PieceState,
  { range, image }: ReadSpan,
  geometry: FlashGeometry,
): SurveyPiece {
  const { address, lengthBytes } = piece;
  const start = address - range.address;
  const data =
    lengthBytes <= SHORT_BYTES ? shortCopy(image, start, lengthBytes) : image.subarray(start, start + lengthBytes);
  const isOnOnePage = lengthBytes <= geometry.pageBytes - (address % geometry.pageBytes);
  const isBlank = isOnOnePage && isErased(data, 0, lengthBytes, geometry.erasedByte);
  const content = isBlank ? NOTHING : isOnOnePage ? [piece] : contentOf(piece, data, geometry);
  return { address, lengthBytes, state, check: blockCheck(data), content };
}

const NOTHING: readonly ByteRange[] = [];
const SHORT_BYTES = 16;
/** By length: a view of its own for each of a million pieces would be most of the work. */
const SCRATCH = Array.from({ length: SHORT_BYTES + 1 }, (_, length) => new Uint8Array(length));

function shortCopy(bytes: Uint8Array, start: number, lengthBytes: number): Uint8Array {
  const copy = SCRATCH[lengthBytes] ?? new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at++) copy[at] = bytes[start + at] ?? 0;
  return copy;
}

function stateOf(
  { address, lengthBytes }: ByteRange,
  { range, chip, image }: ReadSpan,
  erasedByte: number,
): PieceState {
  const start = address - range.address;
  const end = start + lengthBytes;
  let isSame = true;
  for (let at = start; at < end && isSame; at++) isSame = chip[at] === image[at];
  if (isSame) return "same";
  return isErased(chip, start, end, erasedByte) ? "blank" : "differs";
}

function isErased(bytes: Uint8Array, start: number, end: number, erasedByte: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== erasedByte) return false;
  return true;
}
