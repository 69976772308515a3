/**
 * Finds out what an FCB does not show: magic, sector size, alignment, end markers. Reads only, a few sectors
 * at a time.
 */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { type FcbFinding, type FcbHints, type Sureness, surenessOf } from "../log-finding.ts";
import { type AssumedOption, type CircularBufferOptions, HEADER_BYTES, MAX_SECTOR_BYTES } from "./format.ts";
import { HeaderGroups, type HeaderGroup } from "./header-groups.ts";
import { type SectorSizes, sectorSizesOf, type Start } from "./sector-size.ts";
import {
  addEvidence,
  ALIGNMENTS,
  type Evidence,
  evidenceOf,
  MIN_POINTS,
  NO_EVIDENCE,
  pointsOf,
  type Shape,
  usedBytes,
} from "./shape.ts";

/** Sectors that are looked into at first, and as long as they do not tell: this many more at a time, up to this many in all. */
const FIRST_SAMPLES = 2;
const MORE_SAMPLES = 6;
const MAX_SAMPLES = 64;
/** Bytes that are looked into, over all samples. */
const MAX_SAMPLED_BYTES = 8 * 1024 * 1024;
/** Evidence that needs no more samples: three entries, and no other shape with half as much. */
const ENOUGH_POINTS = 6;

/**
 * What the headers and some sectors show, completed with what the caller specified; undefined if nothing looks like an FCB
 * and nothing was said. With magic, alignment, sector size and version specified nothing is read.
 */
export async function recogniseFcb(
  region: FlashRegion,
  sectorBytes: number | undefined,
  hints: FcbHints,
): Promise<FcbFinding | undefined> {
  const { magic, alignBytes, version, scratchSectors, hasCrc } = hints;
  const told = { alignBytes: alignBytes ?? 1, scratchSectors: scratchSectors ?? 0, hasCrc };
  if (magic !== undefined && alignBytes !== undefined && version !== undefined && sectorBytes !== undefined) {
    const options = { sectorBytes, magic, version, ...told };
    return { layout: "fcb", sureness: "told", why: "as specified", isBlank: false, options };
  }
  const { groups, isBlank } = await readStarts(region, sectorBytes, magic);
  const found = magic ?? mostCommon(groups);
  if (found === undefined) return undefined;
  const mine = groups.get(found);
  const options: CircularBufferOptions = {
    sectorBytes: sectorBytes ?? region.eraseBytes,
    magic: found,
    version: version ?? mine?.version ?? 1,
    ...told,
  };
  if (mine === undefined) {
    const why = "as specified; no sector has this magic";
    return magic === undefined ? undefined : { layout: "fcb", sureness: "told", why, isBlank, options };
  }
  const shapes = shapesFor(hints);
  const sizes = sectorBytes === undefined ? sizesOf(region, mine.starts) : { blocks: [1], isSeen: true };
  const best = await bestOptions(region, options, shapes, mine.starts, sizes);
  const { right, wrong } = best.evidence;
  const why = `magic 0x${found.toString(16).padStart(8, "0")} in ${mine.count} sectors, ${right} entries with valid check bytes, ${wrong} without`;
  return { layout: "fcb", sureness: sureOf(best, hints), why, isBlank: false, options: best.options };
}

/** Where the write alignment was specified with the magic, it is known where the next entry goes; else the entries decide. */
function sureOf({ evidence, options, isRivalled }: Tried, { magic, alignBytes }: FcbHints): Sureness {
  const { right, unsure, wrong } = evidence;
  if (magic !== undefined && (alignBytes !== undefined || right + wrong === 0)) return "told";
  if (isRivalled || pointsOf(evidence, options) < MIN_POINTS) return right > 0 ? "likely" : "possible";
  return magic !== undefined && right > unsure && wrong === 0 ? "certain" : surenessOf(right, wrong);
}

async function readStarts(
  region: FlashRegion,
  sectorBytes: number | undefined,
  wanted: number | undefined,
): Promise<{ readonly groups: ReadonlyMap<number, HeaderGroup>; readonly isBlank: boolean }> {
  const stepBytes = sectorBytes ?? region.eraseBytes;
  const headers = new HeaderGroups(region.erasedByte, wanted);
  let isBlank = true;
  let block = 0;
  for await (const bytes of region.readMany(headerRanges(region, stepBytes))) {
    headers.note(block++, bytes);
    isBlank &&= bytes.every((byte) => byte === region.erasedByte);
  }
  return { groups: headers.groups, isBlank };
}

function* headerRanges(region: FlashRegion, stepBytes: number): Generator<OffsetRange> {
  for (let offset = 0; offset + stepBytes <= region.lengthBytes; offset += stepBytes) {
    yield { offset, lengthBytes: HEADER_BYTES };
  }
}

function mostCommon(groups: ReadonlyMap<number, HeaderGroup>): number | undefined {
  let best: readonly [number, HeaderGroup] | undefined;
  for (const one of groups) if (best === undefined || one[1].count > best[1].count) best = one;
  return best?.[0];
}

function sizesOf({ lengthBytes, eraseBytes }: FlashRegion, starts: readonly Start[]): SectorSizes {
  const mostBlocks = Math.max(1, Math.floor(MAX_SECTOR_BYTES / eraseBytes));
  return sectorSizesOf(starts, Math.floor(lengthBytes / eraseBytes), mostBlocks);
}

/** A shape in sectors of some size, and what speaks for it. */
export interface Tried {
  readonly options: CircularBufferOptions;
  readonly evidence: Evidence;
  /** Another shape has at least half as much for it. */
  readonly isRivalled: boolean;
}

/** With check bytes, and without. */
const MARKERS = [true, false] as const;

/** Every shape that was not specified otherwise, simplest first. */
export function shapesFor({ alignBytes, hasCrc }: Pick<FcbHints, "alignBytes" | "hasCrc">): readonly Shape[] {
  const markers = hasCrc ? MARKERS : [false];
  return (alignBytes === undefined ? ALIGNMENTS : [alignBytes]).flatMap((align) =>
    markers.map((one) => ({ alignBytes: align, hasCrc: one })),
  );
}

interface Candidate {
  readonly shape: Shape;
  readonly sectorBytes: number;
  evidence: Evidence;
}

/**
 * Looks into sectors until one shape explains enough and no other comes near, or enough were looked into. Blocks of
 * `starts` and of `seen` have `options.sectorBytes` bytes.
 */
export async function bestOptions(
  region: ReadableRegion,
  options: CircularBufferOptions,
  shapes: readonly Shape[],
  starts: readonly Start[],
  seen: SectorSizes,
): Promise<Tried> {
  const unitBytes = options.sectorBytes;
  const sizes = seen.blocks.map((blocks) => blocks * unitBytes);
  const candidates = shapes.flatMap((shape) =>
    sizes.map((sectorBytes): Candidate => ({ shape, sectorBytes, evidence: NO_EVIDENCE })),
  );
  const largest = Math.max(...sizes);
  const most = Math.min(starts.length, MAX_SAMPLES, Math.max(1, Math.floor(MAX_SAMPLED_BYTES / largest)));
  for (let looked = 0, count = FIRST_SAMPLES; looked < most && !isSettled(candidates); count = MORE_SAMPLES) {
    const samples = starts.slice(looked, Math.min(most, looked + count)).map(({ block }) => {
      const offset = block * unitBytes;
      return { offset, lengthBytes: Math.min(largest, region.lengthBytes - offset) };
    });
    for await (const bytes of region.readMany(samples)) lookInto(bytes, candidates, region.erasedByte);
    looked += samples.length;
  }
  const best = bestOf(candidates);
  const { shape, sectorBytes, evidence } = best;
  const assumed: AssumedOption[] = seen.isSeen ? [] : ["sectorBytes"];
  // A log that was started and has no entry: only the device knows how it will write.
  if (shapes.some(({ alignBytes }) => alignBytes !== shape.alignBytes) && evidence.right + evidence.wrong === 0)
    assumed.push("alignBytes");
  return {
    options: { ...options, ...shape, sectorBytes, assumed: assumed.length === 0 ? undefined : assumed },
    evidence,
    isRivalled: isRivalled(candidates, best),
  };
}

function lookInto(bytes: Uint8Array, candidates: readonly Candidate[], erasedByte: number): void {
  const used = new Map<number, number>();
  for (const candidate of candidates) {
    const { sectorBytes, shape } = candidate;
    const sector = bytes.subarray(0, sectorBytes);
    const end = used.get(sectorBytes) ?? usedBytes(sector, erasedByte);
    used.set(sectorBytes, end);
    candidate.evidence = addEvidence(candidate.evidence, evidenceOf(sector, shape, erasedByte, end));
  }
}

/** The shape with the most for it; of its sizes the one that explains most, the smallest where they explain as much. */
function bestOf(candidates: readonly Candidate[]): Candidate {
  const points = ({ evidence, shape }: Candidate): number => pointsOf(evidence, shape);
  const top = candidates.reduce((best, one) => (points(one) > points(best) ? one : best));
  const sizes = candidates.filter(({ shape }) => shape === top.shape);
  return sizes.reduce((best, one) => (gainOf(one.evidence) > gainOf(best.evidence) ? one : best));
}

/** A larger sector has more entries, or more bytes that are none: foreign bytes make one right by chance in 256. */
function gainOf({ right, wrong }: Evidence): number {
  return 32 * right - wrong;
}

function rivalPoints(candidates: readonly Candidate[], best: Candidate): number {
  // With fixed markers or without, right check bytes are right.
  const isOther = ({ shape }: Candidate): boolean => shape.alignBytes !== best.shape.alignBytes;
  return Math.max(0, ...candidates.filter(isOther).map(({ evidence, shape }) => pointsOf(evidence, shape)));
}

/** Another shape has more than half as much for it; or there are entries of either kind of end marker. */
function isRivalled(candidates: readonly Candidate[], best: Candidate): boolean {
  const { evidence, shape } = best;
  const isMixed = !shape.hasCrc && evidence.marked > 0 && evidence.right > evidence.marked;
  return isMixed || 2 * rivalPoints(candidates, best) > pointsOf(evidence, shape);
}

function isSettled(candidates: readonly Candidate[]): boolean {
  const best = bestOf(candidates);
  return pointsOf(best.evidence, best.shape) >= ENOUGH_POINTS && !isRivalled(candidates, best);
}
