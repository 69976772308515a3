/**
 * Every NVS on a flash: nothing of its geometry is written down, so that it is found from the entries. A closed sector
 * names the place of its last entry, which tells the sector size; in an open one the data has to end where the last
 * entry says.
 */
import { isFilledWith } from "../../bytes.ts";
import { PartRegion } from "../recognise/part-region.ts";
import {
  type Certainty,
  type FlashShape,
  type ReadableRegion,
  type RegionFinding,
  type Sniffer,
} from "../recognise/region-finding.ts";
import { decodeAte, MARKER_ID, MAX_SECTOR_BYTES } from "./format.ts";
import { type NvsEvidence, evidenceOf } from "./evidence.ts";

/** Sectors begin and end at multiples of this. */
const STEP_BYTES = 512;
const ENTRY_SIZES = [8, 16, 32] as const;
/** Ends of sectors that are remembered. */
const MAX_ENDS = 4096;
/** Stores that are found, and ends of sectors that are looked into: firmware has a few that are none. */
const MAX_STORES = 64;
const MAX_TRIES = 256;

/** The end of a sector that may be one of an NVS. */
interface SectorEnd {
  readonly end: number;
  readonly ateBytes: number;
  /** Place of the last entry, from the start of the sector; undefined for an open sector. */
  readonly last: number | undefined;
  /** Whether the bytes of the close entry are none. */
  readonly isTorn: boolean;
}

/** Finds NVS in the pass. */
export function nvsSniffer(shape: FlashShape): Sniffer {
  return new NvsSniffer(shape);
}

class NvsSniffer implements Sniffer {
  readonly #shape: FlashShape;
  readonly #ends: SectorEnd[] = [];

  constructor(shape: FlashShape) {
    this.#shape = shape;
  }

  look(offset: number, block: Uint8Array): void {
    for (let end = STEP_BYTES; end <= block.length; end += STEP_BYTES) {
      for (const ateBytes of ENTRY_SIZES) {
        const found = endOf(block, end, ateBytes, this.#shape.erasedByte);
        if (found !== undefined && this.#ends.length < MAX_ENDS) this.#ends.push({ ...found, end: offset + end });
      }
    }
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const found: RegionFinding[] = [];
    const done = new Set<SectorEnd>();
    // Closed sectors tell the most, those whose end is torn the least.
    const rank = ({ last, isTorn }: SectorEnd): number => (last === undefined ? 1 : 0) + (isTorn ? 1 : 0);
    const ends = this.#ends.toSorted((a, b) => rank(a) - rank(b));
    let tries = 0;
    for (const one of ends) {
      if (found.length >= MAX_STORES || tries >= MAX_TRIES) break;
      if (done.has(one)) continue;
      tries++;
      done.add(one);
      const store = await this.#storeAt(region, one);
      if (store === undefined) continue;
      found.push(store);
      const { offset, lengthBytes } = store;
      for (const other of this.#ends) {
        if (other.end > offset && other.end <= offset + lengthBytes) done.add(other);
      }
    }
    return found;
  }

  async #storeAt(region: ReadableRegion, one: SectorEnd): Promise<RegionFinding | undefined> {
    const alike = this.#ends.filter(({ ateBytes }) => ateBytes === one.ateBytes);
    const ends = new Set(alike.map(({ end }) => end));
    const size = await sectorBytesOf(region, one, new Set(alike.filter(({ isTorn }) => !isTorn).map(({ end }) => end)));
    if (size === undefined) return undefined;
    const { sectorBytes } = size;
    const ring = await ringAround(region, one, sectorBytes, ends);
    const part = new PartRegion(region, { offset: ring.start, lengthBytes: ring.end - ring.start });
    const evidence = await evidenceOf(part, sectorBytes, one.ateBytes);
    if (evidence === undefined || evidence.entries === 0) return undefined;
    const length = ring.end - ring.start;
    return {
      layout: "nvs",
      offset: ring.start,
      lengthBytes: length,
      certainty: size.isSure ? certaintyOf(evidence, ring) : "possible",
      why: whyOf(evidence, ring),
      proofs: evidence.entries + 4 * evidence.closed,
      content: evidence.hasSettings ? "settings" : undefined,
      facts: {
        sectorBytes,
        alignBytes: evidence.alignBytes,
        hasDataCrc: evidence.hasDataCrc,
        items: evidence.items,
      },
    };
  }
}

/** What the last bytes of a sector show. */
function endOf(
  block: Uint8Array,
  end: number,
  ateBytes: number,
  erasedByte: number,
): Omit<SectorEnd, "end"> | undefined {
  const close = end - ateBytes;
  if (!isFilledWith(block.subarray(close + 8, end), erasedByte)) return undefined;
  const isFirst = (place: number): boolean => {
    const ate = place < 0 ? undefined : decodeAte(block, place);
    return ate !== undefined && ate.offset + ate.length <= MAX_SECTOR_BYTES;
  };
  const first = close - ateBytes;
  if (isFilledWith(block.subarray(close, close + 8), erasedByte)) {
    return isFirst(first) ? { ateBytes, last: undefined, isTorn: false } : undefined;
  }
  const ate = block[close] === 0xff && block[close + 1] === 0xff ? decodeAte(block, close) : undefined;
  if (ate?.id === MARKER_ID && ate.length === 0) return { ateBytes, last: ate.offset, isTorn: false };
  // A close entry that a cut tore: two valid entries before it are not by chance.
  return isFirst(first) && isFirst(first - ateBytes) ? { ateBytes, last: undefined, isTorn: true } : undefined;
}

/** Sector sizes at which the entries of a sector are where they say; of several the one at which its neighbours end as well. */
async function sectorBytesOf(
  region: ReadableRegion,
  { end, ateBytes, last }: SectorEnd,
  ends: ReadonlySet<number>,
): Promise<{ readonly sectorBytes: number; readonly isSure: boolean } | undefined> {
  const bytes = await region.read(Math.max(0, end - MAX_SECTOR_BYTES), Math.min(end, MAX_SECTOR_BYTES));
  const fitting: number[] = [];
  /** As if a cut had left data without its entry. */
  const torn: number[] = [];
  for (let size = STEP_BYTES; size <= bytes.length; size += STEP_BYTES) {
    const sector = bytes.subarray(bytes.length - size);
    if (last !== undefined) {
      if (hasEntryAt(sector, last, ateBytes)) fitting.push(size);
      continue;
    }
    const data = dataOf(sector, ateBytes, region.erasedByte);
    if (data === "whole") fitting.push(size);
    if (data === "torn") torn.push(size);
  }
  const hasNeighbour = (size: number): boolean => ends.has(end - size) || ends.has(end + size);
  const isLikely = (size: number): boolean => size % region.eraseBytes === 0 && end % size === 0;
  const sure = fitting.find(hasNeighbour) ?? fitting.find(isLikely) ?? fitting[0] ?? torn.find(hasNeighbour);
  const sectorBytes = sure ?? torn.find(isLikely);
  return sectorBytes === undefined ? undefined : { sectorBytes, isSure: sure !== undefined };
}

function hasEntryAt(sector: Uint8Array, last: number, ateBytes: number): boolean {
  const closePlace = sector.length - ateBytes;
  if (last > closePlace || (sector.length - last) % ateBytes !== 0) return false;
  if (last === closePlace) return true;
  const ate = decodeAte(sector, last);
  return ate !== undefined && ate.offset + ate.length <= last;
}

/**
 * Whether the data of an open sector ends where its entries say: whole if it is erased after that and not erased
 * before, torn if there is more.
 */
function dataOf(sector: Uint8Array, ateBytes: number, erasedByte: number): "whole" | "torn" | undefined {
  let dataEnd = 0;
  let dataStart = 0;
  let place = sector.length - 2 * ateBytes;
  for (; place >= dataEnd && place >= 0; place -= ateBytes) {
    if (isFilledWith(sector.subarray(place, place + ateBytes), erasedByte)) break;
    const ate = decodeAte(sector, place);
    if (ate === undefined) continue;
    if (ate.offset + ate.length > place) return undefined;
    if (ate.length > 0) dataStart = ate.offset;
    dataEnd = ate.offset + ate.length;
  }
  const gap = sector.subarray(dataEnd, Math.max(dataEnd, place));
  const hasData = dataEnd === 0 || !isFilledWith(sector.subarray(dataStart, dataEnd), erasedByte);
  if (!hasData) return undefined;
  return isFilledWith(gap, erasedByte) ? "whole" : "torn";
}

interface Ring {
  readonly start: number;
  readonly end: number;
  /** Ends of the sectors in use. */
  readonly used: ReadonlySet<number>;
  /** Whether the flash shows how many sectors there are. */
  readonly isWhole: boolean;
}

/** The sectors around one, up to the first that is neither in use nor the erased one of the ring. */
async function ringAround(
  region: ReadableRegion,
  { end, ateBytes }: SectorEnd,
  sectorBytes: number,
  ends: ReadonlySet<number>,
): Promise<Ring> {
  const isBlank = async (at: number): Promise<boolean> =>
    at - sectorBytes >= 0 &&
    at <= region.lengthBytes &&
    isFilledWith(await region.read(at - sectorBytes, sectorBytes), region.erasedByte);
  /** An end that is too close to the start of the region belongs to smaller sectors. */
  const isEnd = (at: number): boolean => at >= sectorBytes && ends.has(at);
  const used = new Set([end]);
  const gap = { isFound: false, end: 0 };
  const walk = async (step: number): Promise<number> => {
    let at = end;
    for (;;) {
      if (isEnd(at + step)) at += step;
      else if (!gap.isFound && isEnd(at + 2 * step) && (await isBlank(at + step))) {
        gap.isFound = true;
        gap.end = at + step;
        at += 2 * step;
      } else return at;
      used.add(at);
    }
  };
  const isOpen = async (at: number): Promise<boolean> =>
    at - sectorBytes >= 0 &&
    at <= region.lengthBytes &&
    isFilledWith(await region.read(at - ateBytes, ateBytes), region.erasedByte);
  const last = await walk(sectorBytes);
  const first = await walk(-sectorBytes);
  // The erased sector comes after the open one; after a closed one it is that of another ring.
  if (gap.isFound) {
    return { start: first - sectorBytes, end: last, used, isWhole: await isOpen(gap.end - sectorBytes) };
  }
  const [before, after] = [await isBlank(first - sectorBytes), await isBlank(last + sectorBytes)];
  // One sector is always erased: the one after the open one.
  if (after) return { start: first - sectorBytes, end: last + sectorBytes, used, isWhole: false };
  if (before) {
    return { start: first - 2 * sectorBytes, end: last, used, isWhole: used.size > 1 && (await isOpen(last)) };
  }
  // It is in use by a collection that was cut.
  const start = first - sectorBytes;
  if (await isOpen(last + sectorBytes)) return { start, end: last + sectorBytes, used, isWhole: false };
  if (await isOpen(start)) return { start: start - sectorBytes, end: last, used, isWhole: false };
  return { start, end: last, used, isWhole: false };
}

function certaintyOf({ entries, closed }: NvsEvidence, { isWhole }: Ring): Certainty {
  if (entries < 3) return "possible";
  return isWhole && closed > 0 ? "certain" : "likely";
}

function whyOf({ entries, closed }: NvsEvidence, { used, isWhole }: Ring): string {
  const rest = isWhole ? "" : "; the number of sectors is not on the flash";
  return `${entries} allocation table entries with valid check bytes in ${used.size} sectors, ${closed} of them closed${rest}`;
}
