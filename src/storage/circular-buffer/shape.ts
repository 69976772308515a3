/**
 * What entries say of the shape they were written in: write alignment and kind of end marker, which nothing on the flash
 * names. Pure.
 *
 * An 8-bit check byte fits by chance once in 256, and power cuts leave entries that are wrong in any shape. So right entries
 * count, not the share of them: a shape in which some entry is right is never given up for one in which none is wrong.
 */
import { isFilledWith } from "../../bytes.ts";
import { alignUp, type CircularBufferOptions, FIXED_END_MARKER, firstElementOffset, HEADER_BYTES } from "./format.ts";
import { walkSector } from "./sector-walk.ts";

export type Shape = Pick<CircularBufferOptions, "alignBytes" | "hasCrc">;

/** Simplest first: if two say as much, the first is taken. */
export const ALIGNMENTS = [1, 2, 4, 8, 16, 32] as const;

/** What of some sectors fits a shape. Counts; they may be added up over sectors. */
export interface Evidence {
  /** Entries whose check byte is right; not those that end in erased flash, which a wrong length may lead to. */
  readonly right: number;
  /** Of the right ones: the check byte reads erased, as that of an entry that was cut. */
  readonly unsure: number;
  /** What is not an entry in this shape, and sectors that are `short`. */
  readonly wrong: number;
  /** Sectors with bytes before the first entry or after the last, where a device never writes: half read, in another shape. */
  readonly short: number;
  /** Of the right ones: all their padding is as devices write it, with padding after the length field. */
  readonly padded: number;
  /** Of the right ones: there is no padding after the length field, as always with write alignment 1. */
  readonly plain: number;
  /** Right by the fixed end marker alone. */
  readonly marked: number;
  /** Right or wrong, with padding after the length field: as devices write it, and otherwise. Cuts leave it clean. */
  readonly clean: number;
  readonly unclean: number;
}

export const NO_EVIDENCE: Evidence = {
  right: 0,
  unsure: 0,
  wrong: 0,
  short: 0,
  padded: 0,
  plain: 0,
  marked: 0,
  clean: 0,
  unclean: 0,
};

/** This many wrong ones to a right one are what foreign bytes look like: chance makes one of 256 right. */
const MAX_WRONG = 64;
/** What an entry is worth. Without any padding to see it fits by chance once in 256, with clean padding much less often. */
const PLAIN_POINTS = 2;
const PADDED_POINTS: ReadonlyMap<number, number> = new Map([
  [2, 3],
  [4, 5],
  [8, 6],
  [16, 7],
  [32, 8],
]);
const UNPADDED_POINTS = 1;
/** Less is no more than chance. */
export const MIN_POINTS = PLAIN_POINTS;
/** For this many length fields with clean padding a point more, where there is none without. */
const CLEAN_FIELDS_A_POINT = 4;
/** What is half read counts little. */
const SHORT_DIVISOR = 4;

/** Where the last byte that is not erased ends. */
export function usedBytes(bytes: Uint8Array, erasedByte: number): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === erasedByte) end--;
  return end;
}

/** What the entries of one whole sector show for a shape. `used`: as `usedBytes` has it, where that is known. */
export function evidenceOf(
  sector: Uint8Array,
  shape: Shape,
  erasedByte: number,
  used = usedBytes(sector, erasedByte),
): Evidence {
  const { alignBytes, hasCrc } = shape;
  const found = { ...NO_EVIDENCE } as { -readonly [K in keyof Evidence]: number };
  // Behind the header there is nothing before the first entry.
  if (!isFilledWith(sector.subarray(HEADER_BYTES, firstElementOffset(alignBytes)), erasedByte)) found.short = 1;
  for (const item of walkSector(sector, shape, erasedByte)) {
    // With a wrong alignment the walk ends too soon: what lies after the last entry should be erased.
    if (item.kind === "end") {
      if (item.offset < used) found.short = 1;
      break;
    }
    const fieldBytes = isLong(sector[item.offset] ?? 0, erasedByte) ? 2 : 1;
    const behindField = sector.subarray(item.offset + fieldBytes, item.offset + alignUp(fieldBytes, alignBytes));
    const isClean = isFilledWith(behindField, erasedByte);
    if (behindField.length > 0) found[isClean ? "clean" : "unclean"]++;
    if (item.kind === "damage") {
      found.wrong++;
      continue;
    }
    if (item.isUnconfirmed && (item.data.at(-1) ?? erasedByte) === erasedByte) continue;
    found.right++;
    if (item.isUnconfirmed) found.unsure++;
    const markerOffset = item.data.byteOffset - sector.byteOffset + alignUp(item.data.length, alignBytes);
    if (!hasCrc && sector[markerOffset] === FIXED_END_MARKER) found.marked++;
    // The padding of a marker is FF on every flash.
    if (isClean && isFilledWith(sector.subarray(markerOffset + 1, markerOffset + alignBytes), 0xff)) {
      found[behindField.length > 0 ? "padded" : "plain"]++;
    }
  }
  found.wrong += found.short;
  return found;
}

function isLong(first: number, erasedByte: number): boolean {
  return ((first ^ erasedByte ^ 0xff) & 0x80) !== 0;
}

/** Both together. */
export function addEvidence(a: Evidence, b: Evidence): Evidence {
  return {
    right: a.right + b.right,
    unsure: a.unsure + b.unsure,
    wrong: a.wrong + b.wrong,
    short: a.short + b.short,
    padded: a.padded + b.padded,
    plain: a.plain + b.plain,
    marked: a.marked + b.marked,
    clean: a.clean + b.clean,
    unclean: a.unclean + b.unclean,
  };
}

/** How much the evidence speaks for a shape; 0 if no entry is right. */
export function pointsOf(evidence: Evidence, { alignBytes, hasCrc }: Shape): number {
  const { right, wrong, short, padded, plain, marked, clean, unclean } = evidence;
  // One fixed marker among entries with check bytes is a check byte that is wrong.
  const misread = !hasCrc && marked === 1 && right > 1 ? 1 : 0;
  if (right - misread <= 0) return 0;
  const isForeign = wrong > MAX_WRONG * right;
  const weak = isForeign ? 0 : PLAIN_POINTS * (plain - misread) + UNPADDED_POINTS * (right - padded - plain);
  // If most length fields are not as devices write them, one that is may be chance.
  const worth = clean >= unclean ? (PADDED_POINTS.get(alignBytes) ?? 0) : UNPADDED_POINTS;
  const points = worth * padded + weak + (unclean === 0 ? clean / CLEAN_FIELDS_A_POINT : 0);
  return short > 0 ? points / SHORT_DIVISOR : points;
}

/** "write alignment 4, fixed end markers". */
export function shapeText({ alignBytes, hasCrc }: Shape): string {
  return `write alignment ${alignBytes}${hasCrc ? "" : ", fixed end markers"}`;
}
