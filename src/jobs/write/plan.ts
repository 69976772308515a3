/**
 * From a survey to a plan: which blocks are erased, what is programmed, what is kept. Pure: ranges and times, no data.
 *
 * Rules, in order of weight:
 * 1. A cell is programmed only where it is blank or erased first.
 * 2. Bytes outside of the image are put at risk only if there is no other way: a block larger than the smallest is
 *    erased only if every smallest block in it is covered by the image whole or must be erased anyway.
 * 3. Under these the sum of typical times is least: erases, and programming again what was already right.
 */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlockAt,
  eraseBlocksTouching,
  type EraseUnit,
  type FlashGeometry,
  rangeEnd,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { appendRange, mergeRanges, subtractRanges, totalBytes } from "../../../drivers/byte-ranges.ts";

/** What the chip holds where a piece of the image goes. */
export type PieceState =
  | "same"
  | "blank"
  /** Not checked: the user has specified that it is blank. */
  | "assumed-blank"
  | "differs";

/** A part of the image within one smallest erase block. */
export interface SurveyPiece extends ByteRange {
  readonly state: PieceState;
  /** Block check of the image's bytes. */
  readonly check: number;
  /** Pages of it that hold anything but erased bytes, as joined ranges. */
  readonly content: readonly ByteRange[];
  /** Whether `content` is empty, if that is known without it. */
  readonly isBlank?: boolean | undefined;
}

/** One smallest erase block and the pieces of the image in it: at least one, in order. */
export interface SurveyUnit {
  readonly block: EraseBlock;
  readonly pieces: readonly SurveyPiece[];
  /**
   * Of a unit with very many short pieces that is not erased: what is programmed where the chip is blank, with the blank bytes
   * between the pieces. Undefined: the pieces themselves.
   */
  readonly asItIs?: readonly SurveyPiece[] | undefined;
}

/** One erase and the units in it, or units that are programmed as they are. Units that need nothing are in no step. */
export interface PlanStep {
  readonly erase: EraseBlock | undefined;
  readonly units: readonly SurveyUnit[];
}

export interface PlanOptions {
  /** Bytes a second the way to the chip takes; programming again then counts that as well. Default: no limit. */
  readonly linkBytesPerSecond?: number | undefined;
}

/** What a write will do, as ranges; each list in order of address. */
export interface WritePlan {
  /** Erase blocks that will be erased. */
  readonly erases: readonly EraseBlock[];
  /** Pages of the image that will be programmed. Kept bytes are programmed as well, they are in `keeps`. */
  readonly programs: readonly ByteRange[];
  /** Ranges that will be compared after programming. */
  readonly verifies: readonly ByteRange[];
  /** Bytes outside of the image that are read before an erase and restored after it. */
  readonly keeps: readonly ByteRange[];
  /** Erases and programs by typical times, microseconds. */
  readonly estimateUs: number;
  /** Bytes of the image that the chip already holds. */
  readonly sameBytes: number;
  /** Bytes of the image that go where the chip is blank. */
  readonly blankBytes: number;
}

/** The whole plan for units that were surveyed, in order of address. */
export function planWrite(
  survey: readonly SurveyUnit[],
  geometry: FlashGeometry,
  options: PlanOptions = {},
): WritePlan {
  return summarize(planSteps(survey, geometry, options), survey, geometry);
}

/** Steps for units in order of address: all of them, or those of one or more whole windows. */
export function planSteps(
  survey: readonly SurveyUnit[],
  geometry: FlashGeometry,
  options: PlanOptions = {},
): readonly PlanStep[] {
  const blocks = cheapestErases(survey, geometry, options).erases;
  const steps: PlanStep[] = [];
  let next = 0;
  for (let index = 0; index < survey.length; ) {
    const unit = survey[index];
    if (unit === undefined) break;
    while (rangeEnd(blocks[next] ?? unit.block) <= unit.block.address) next++;
    const erase = blocks[next];
    if (erase !== undefined && unit.block.address >= erase.address) {
      let end = index + 1;
      while ((survey[end]?.block.address ?? Infinity) < rangeEnd(erase)) end++;
      steps.push({ erase, units: survey.slice(index, end) });
      index = end;
    } else {
      if (unit.pieces.some(isProgrammedAsItIs)) steps.push({ erase: undefined, units: [unit] });
      index++;
    }
  }
  return steps;
}

/**
 * Whether a piece in a unit that is not erased has anything to program. What was only assumed to be blank is gone through in
 * any case, so that the verify sees it.
 */
export function isProgrammedAsItIs(piece: SurveyPiece): boolean {
  return piece.state === "assumed-blank" || (piece.state === "blank" && !isBlankPiece(piece));
}

/** The pieces of a unit that are programmed where the chip is blank. */
export function programmedAsItIs(unit: SurveyUnit): readonly SurveyPiece[] {
  return unit.asItIs ?? unit.pieces.filter(isProgrammedAsItIs);
}

function isBlankPiece(piece: SurveyPiece): boolean {
  return piece.isBlank ?? piece.content.length === 0;
}

/** Whether nothing but an erase makes the unit hold the image. */
export function needsErase(unit: SurveyUnit): boolean {
  return unit.pieces.some((piece) => piece.state === "differs");
}

/** What of the unit's block lies outside of the image. */
export function keptRanges(unit: SurveyUnit): readonly ByteRange[] {
  return subtractRanges(unit.block, unit.pieces);
}

/** The largest unit short of the whole chip: erase decisions are local to its blocks. */
export function windowUnit(geometry: FlashGeometry): EraseUnit {
  const unit = geometry.eraseUnits.findLast((candidate) => !isChipErase(candidate, geometry));
  return unit ?? smallestEraseUnit(geometry);
}

/** Whether one block of the unit is the whole chip. */
export function isChipErase(unit: EraseUnit, geometry: FlashGeometry): boolean {
  return eraseBlockAt(unit, 0)?.lengthBytes === geometry.capacityBytes;
}

/** Time to program ranges by typical page times and the link, microseconds. Ranges are not empty. */
export function programTimeUs(ranges: readonly ByteRange[], geometry: FlashGeometry, options: PlanOptions): number {
  const pageOf = (address: number): number => Math.floor(address / geometry.pageBytes);
  const pages = ranges.reduce((n, range) => n + pageOf(rangeEnd(range) - 1) - pageOf(range.address) + 1, 0);
  const linkUs = options.linkBytesPerSecond === undefined ? 0 : (totalBytes(ranges) * 1e6) / options.linkBytesPerSecond;
  return Math.max(pages * geometry.programTypicalUs, linkUs);
}

interface Erases {
  readonly erases: readonly EraseBlock[];
  /** The erases and what has to be programmed again because of them, by typical time. */
  readonly costUs: number;
  /** Time to program what is already right, were the whole erased. */
  readonly againUs: number;
  /** Bytes of smallest blocks that may be erased by a larger one (rule 2). */
  readonly erasableBytes: number;
}

const NOTHING: Erases = { erases: [], costUs: 0, againUs: 0, erasableBytes: 0 };

/** The cheapest erases for the units, which are in order of address; `costUs` is what they cost. */
export function cheapestErases(
  survey: readonly SurveyUnit[],
  geometry: FlashGeometry,
  options: PlanOptions = {},
): Erases {
  let level: Entry[] = survey.map((unit) => ({ block: unit.block, best: leaf(unit, geometry, options) }));
  for (const unit of geometry.eraseUnits.slice(1)) level = climb(unit, level);
  return sum(level.map(({ best }) => best));
}

interface Entry {
  readonly block: EraseBlock;
  readonly best: Erases;
}

function leaf(unit: SurveyUnit, geometry: FlashGeometry, options: PlanOptions): Erases {
  const again = unit.pieces.filter((piece) => piece.state === "same").flatMap((piece) => piece.content);
  const isWhole = totalBytes(unit.pieces) === unit.block.lengthBytes;
  if (needsErase(unit)) {
    // Its cost counts what is right beside what differs in neither choice: it is programmed again in both.
    return { erases: [unit.block], costUs: unit.block.typicalUs, againUs: 0, erasableBytes: unit.block.lengthBytes };
  }
  const againUs = programTimeUs(again, geometry, options);
  return { erases: [], costUs: 0, againUs, erasableBytes: isWhole ? unit.block.lengthBytes : 0 };
}

/** Joins the entries of one level to those of the blocks of the next larger unit, and takes these where that is faster. */
function climb(unit: EraseUnit, below: readonly Entry[]): Entry[] {
  const level: Entry[] = [];
  for (let index = 0; index < below.length; ) {
    const first = below[index];
    if (first === undefined) break;
    const block = eraseBlockAt(unit, first.block.address);
    if (block === undefined) {
      level.push(first);
      index++;
      continue;
    }
    let end = index + 1;
    while (end < below.length && (below[end]?.block.address ?? Infinity) < rangeEnd(block)) end++;
    const inside = below.slice(index, end);
    const nests = rangeEnd(inside.at(-1)?.block ?? block) <= rangeEnd(block);
    if (nests) level.push({ block, best: faster(block, sum(inside.map(({ best }) => best))) });
    else level.push(...inside);
    index = end;
  }
  return level;
}

function faster(block: EraseBlock, parts: Erases): Erases {
  const isAllowed = parts.erasableBytes === block.lengthBytes && parts.erases.length > 0;
  const costUs = block.typicalUs + parts.againUs;
  if (!isAllowed || costUs >= parts.costUs) return parts;
  return { ...parts, erases: [block], costUs };
}

function sum(parts: readonly Erases[]): Erases {
  if (parts.length === 0) return NOTHING;
  return {
    erases: parts.flatMap(({ erases }) => erases),
    costUs: parts.reduce((total, part) => total + part.costUs, 0),
    againUs: parts.reduce((total, part) => total + part.againUs, 0),
    erasableBytes: parts.reduce((total, part) => total + part.erasableBytes, 0),
  };
}

function summarize(steps: readonly PlanStep[], survey: readonly SurveyUnit[], geometry: FlashGeometry): WritePlan {
  const erases: EraseBlock[] = [];
  const programs: ByteRange[] = [];
  const verifies: ByteRange[] = [];
  const keeps: ByteRange[] = [];
  for (const { erase, units } of steps) {
    if (erase !== undefined) erases.push(erase);
    for (const unit of units) {
      const pieces = erase === undefined ? programmedAsItIs(unit) : unit.pieces;
      for (const piece of pieces) for (const range of piece.content) appendRange(programs, range);
      if (erase === undefined) for (const piece of pieces) appendRange(verifies, piece);
      else appendRange(verifies, unit.block);
      if (erase !== undefined) for (const range of keptRanges(unit)) appendRange(keeps, range);
    }
  }
  const bytesThatAre = (wanted: PieceState): number => survey.reduce((sum, unit) => sum + bytesIn(unit, wanted), 0);
  const programUs = programTimeUs(mergeRanges([...programs, ...keeps]), geometry, {});
  return {
    erases,
    programs,
    verifies,
    keeps,
    estimateUs: erases.reduce((total, block) => total + block.typicalUs, programUs),
    sameBytes: bytesThatAre("same"),
    blankBytes: bytesThatAre("blank"),
  };
}

function bytesIn({ pieces }: SurveyUnit, wanted: PieceState): number {
  return pieces.reduce((sum, { state, lengthBytes }) => sum + (state === wanted ? lengthBytes : 0), 0);
}

/** The most that erasing blocks of a window can cost: as if every smallest block in it had to be erased. */
export function mostExpensiveErases(window: ByteRange, geometry: FlashGeometry): number {
  const smallest = smallestEraseUnit(geometry);
  const survey = [...eraseBlocksTouching(smallest, window)].map((block): SurveyUnit => {
    const whole = { address: block.address, lengthBytes: block.lengthBytes };
    return { block, pieces: [{ ...whole, state: "differs", check: 0, content: [whole] }] };
  });
  const withoutChip = { ...geometry, eraseUnits: geometry.eraseUnits.filter((unit) => !isChipErase(unit, geometry)) };
  return cheapestErases(survey, withoutChip).costUs;
}
