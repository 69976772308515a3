/** Finds out what an FCB does not say of itself: magic, sector size, alignment, end markers. Reads only. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import { type FcbFinding, type FcbHints, surenessOf } from "../log-finding.ts";
import { alignUp, type CircularBufferOptions, decodeHeader, ERASED_MAGIC, HEADER_BYTES } from "./format.ts";
import { walkSector } from "./sector-walk.ts";

const ALIGNMENTS = [1, 2, 4, 8, 16, 32] as const;
/** Sectors that are looked into. */
const SAMPLES = 2;
/** Sectors of so many erase blocks are tried where the headers do not tell. */
const MULTIPLES = [1, 2, 4, 8, 16, 32] as const;

/** A header at the start of an erase block. */
interface Start {
  readonly block: number;
  readonly magic: number;
  readonly version: number;
}

/**
 * What the headers and the first sectors say, completed with what the caller said; undefined where nothing looks like an FCB
 * and nothing was said. With magic and alignment told nothing is read.
 */
export async function recogniseFcb(
  region: FlashRegion,
  sectorBytes: number | undefined,
  hints: FcbHints,
): Promise<FcbFinding | undefined> {
  const { magic, alignBytes, version, scratchSectors, hasCrc } = hints;
  if (magic !== undefined && alignBytes !== undefined && version !== undefined) {
    const options = { sectorBytes: sectorBytes ?? region.eraseBytes, magic, version, alignBytes };
    const all = { ...options, scratchSectors: scratchSectors ?? 0, hasCrc };
    return { layout: "fcb", sureness: "told", why: "as the options say", isBlank: false, options: all };
  }
  const { starts, isBlank } = await readStarts(region, sectorBytes);
  const found = magic ?? mostCommon(starts.map((start) => start.magic));
  if (found === undefined) return undefined;
  const mine = starts.filter((start) => start.magic === found);
  const options: CircularBufferOptions = {
    sectorBytes: sectorBytes ?? region.eraseBytes,
    magic: found,
    version: version ?? mine[0]?.version ?? 1,
    alignBytes: alignBytes ?? 1,
    scratchSectors: scratchSectors ?? 0,
    hasCrc,
  };
  if (mine.length === 0) {
    const why = "as the options say; no sector has this magic";
    return magic === undefined ? undefined : { layout: "fcb", sureness: "told", why, isBlank, options };
  }
  const best = await bestOptions(
    region,
    options,
    hints,
    mine.map(({ block }) => block),
    sectorBytes !== undefined,
  );
  const text = `magic 0x${found.toString(16).padStart(8, "0")} in ${mine.length} sectors, ${best.right} entries with right check bytes, ${best.wrong} without`;
  const sureness = magic === undefined ? surenessOf(best.right, best.wrong) : "told";
  return { layout: "fcb", sureness, why: text, isBlank: false, options: best.options };
}

async function readStarts(
  region: FlashRegion,
  sectorBytes: number | undefined,
): Promise<{ readonly starts: readonly Start[]; readonly isBlank: boolean }> {
  const stepBytes = sectorBytes ?? region.eraseBytes;
  const ranges = Array.from({ length: Math.floor(region.lengthBytes / stepBytes) }, (_, block) => ({
    offset: block * stepBytes,
    lengthBytes: HEADER_BYTES,
  }));
  const starts: Start[] = [];
  let isBlank = true;
  let block = 0;
  for await (const bytes of region.readMany(ranges)) {
    const header = decodeHeader(bytes, ERASED_MAGIC, region.erasedByte);
    // Every header has the erased byte in its sixth place, and something in version or number.
    const isWhole = bytes[5] === region.erasedByte && bytes.subarray(4).some((byte) => byte !== region.erasedByte);
    if (header.kind === "foreign" && isWhole) {
      starts.push({ block, magic: header.magic, version: bytes[4] ?? 0 });
    }
    isBlank &&= bytes.every((byte) => byte === region.erasedByte);
    block++;
  }
  return { starts, isBlank };
}

function mostCommon(magics: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const magic of magics) counts.set(magic, (counts.get(magic) ?? 0) + 1);
  const best = [...counts].reduce<readonly [number, number] | undefined>(
    (most, one) => (most === undefined || one[1] > most[1] ? one : most),
    undefined,
  );
  return best?.[0];
}

interface Tried {
  readonly options: CircularBufferOptions;
  readonly right: number;
  readonly wrong: number;
}

/** Tries every alignment, end marker and sector size that was not told, on the first sectors. */
async function bestOptions(
  region: FlashRegion,
  options: CircularBufferOptions,
  hints: FcbHints,
  blocks: readonly number[],
  isSectorTold: boolean,
): Promise<Tried> {
  const sizes = isSectorTold ? [options.sectorBytes] : sectorSizes(region, blocks);
  const largest = Math.max(...sizes);
  const samples = blocks.slice(0, SAMPLES).map((block) => {
    const offset = block * options.sectorBytes;
    return { offset, lengthBytes: Math.min(largest, region.lengthBytes - offset) };
  });
  const bytes: Uint8Array[] = [];
  for await (const piece of region.readMany(samples)) bytes.push(piece);
  let best: Tried | undefined;
  for (const sectorBytes of sizes) {
    for (const alignBytes of hints.alignBytes === undefined ? ALIGNMENTS : [hints.alignBytes]) {
      for (const hasCrc of hints.hasCrc ? [true, false] : [false]) {
        const tried = tryOptions(bytes, { ...options, sectorBytes, alignBytes, hasCrc }, region.erasedByte);
        if (best === undefined || scoreOf(tried) > scoreOf(best)) best = tried;
      }
    }
  }
  return best ?? { options, right: 0, wrong: 0 };
}

/** Sizes that go with where the headers stand. */
function sectorSizes(region: FlashRegion, blocks: readonly number[]): readonly number[] {
  const fits = (sectorBytes: number): boolean => region.lengthBytes % sectorBytes === 0;
  const distances = blocks.slice(1).map((block, index) => block - (blocks[index] ?? 0));
  const apart = Math.min(...distances);
  if (distances.length > 0) return fits(apart * region.eraseBytes) ? [apart * region.eraseBytes] : [region.eraseBytes];
  return MULTIPLES.map((multiple) => multiple * region.eraseBytes).filter(fits);
}

function tryOptions(samples: readonly Uint8Array[], options: CircularBufferOptions, erasedByte: number): Tried {
  let right = 0;
  let wrong = 0;
  for (const sample of samples) {
    const sector = sample.subarray(0, options.sectorBytes);
    let end = alignUp(HEADER_BYTES, options.alignBytes);
    for (const item of walkSector(sector, options, erasedByte)) {
      if (item.kind === "entry") right++;
      if (item.kind === "damage") wrong++;
      if (item.kind === "end") end = item.offset;
    }
    // What lies behind the last entry should be erased: with a wrong alignment the walk ends too soon.
    if (sector.subarray(end).some((byte) => byte !== erasedByte)) wrong++;
  }
  return { options, right, wrong };
}

/** The simplest explanation wins where two explain as much: it was tried first. */
function scoreOf({ right, wrong }: Tried): number {
  return right - 2 * wrong;
}
