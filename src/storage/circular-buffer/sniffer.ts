/** Every FCB on a flash, each with its options and, where its ids prove them, the ends of its ring. */
import { isFilledWith } from "../../bytes.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { Certainty, FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { surenessOf } from "../log-finding.ts";
import { SETTINGS_MAGIC } from "../settings/line.ts";
import { contentOf } from "./content.ts";
import { type CircularBufferOptions, HEADER_BYTES, MAX_SECTOR_BYTES } from "./format.ts";
import { type HeaderGroup, HeaderGroups } from "./header-groups.ts";
import { bestOptions, shapesFor, type Tried } from "./recognise.ts";
import { probableRing, type Ring, ringsOf } from "./rings.ts";
import { type SectorSizes, sectorSizesOf } from "./sector-size.ts";
import { MIN_POINTS, pointsOf } from "./shape.ts";
import { walkSector } from "./sector-walk.ts";

/** An FCB that was found. */
export interface FcbRegion extends RegionFinding {
  /** Options to open it with. */
  readonly options: CircularBufferOptions;
  /** The ids prove both ends of the ring: `offset` and `lengthBytes` are those of the ring. */
  readonly isClosed: boolean;
  /** The shape of the entries is certain, whether or not the ends of the ring are. */
  readonly isSure: boolean;
  /** Sectors in use. */
  readonly proofsOfRing: number;
  /** The furthest that the ring can reach: with the free blocks on either side. The ring itself where it is closed. */
  readonly reach: OffsetRange;
}

/** What is known of the FCBs before the flash is read. */
export interface FcbSearch {
  readonly sectorBytes?: number | undefined;
  readonly magic?: number | undefined;
  readonly alignBytes?: number | undefined;
  /** False: entries end with the fixed marker. */
  readonly hasCrc?: boolean | undefined;
}

/** Rings that are looked into; a dump of firmware has many headers that are none. */
const MAX_RINGS = 512;
/** This many entries of a single sector are looked at before anything else; and what the longest takes, with its header. */
const FIRST_ENTRIES = 4;
const MAX_ENTRY_BYTES = 33 * 1024;
/** Entries that are looked at to see what they are. */
const MAX_ENTRIES = 64;

/** Finds FCBs in the pass. */
export function fcbSniffer(shape: FlashShape): FcbSniffer {
  return new FcbSniffer(shape);
}

/** Finds FCBs by the headers alone: eight bytes of each erase block are read, then some sectors. */
export async function findFcbs(region: ReadableRegion, search: FcbSearch = {}): Promise<readonly FcbRegion[]> {
  const sniffer = new FcbSniffer(region, search);
  let block = 0;
  const ranges = Array.from({ length: Math.floor(region.lengthBytes / region.eraseBytes) }, (_, index) => {
    return { offset: index * region.eraseBytes, lengthBytes: HEADER_BYTES };
  });
  for await (const bytes of region.readMany(ranges)) sniffer.note(block++, bytes);
  return sniffer.conclude(region);
}

class FcbSniffer implements Sniffer {
  readonly #shape: FlashShape;
  readonly #search: FcbSearch;
  readonly #headers: HeaderGroups;
  /** Erase blocks that do not begin like erased flash. */
  readonly #isUsed: Uint8Array;

  constructor(shape: FlashShape, search: FcbSearch = {}) {
    this.#shape = shape;
    this.#search = search;
    this.#headers = new HeaderGroups(shape.erasedByte, search.magic);
    this.#isUsed = new Uint8Array(Math.ceil(shape.lengthBytes / shape.eraseBytes));
  }

  look(offset: number, block: Uint8Array): void {
    const { eraseBytes } = this.#shape;
    for (let at = (eraseBytes - (offset % eraseBytes)) % eraseBytes; at < block.length; at += eraseBytes) {
      this.note((offset + at) / eraseBytes, block.subarray(at, at + HEADER_BYTES));
    }
  }

  /** Takes the first bytes of an erase block. */
  note(block: number, bytes: Uint8Array): void {
    if (bytes.length < HEADER_BYTES) return;
    if (bytes.some((byte) => byte !== this.#shape.erasedByte)) this.#isUsed[block] = 1;
    this.#headers.note(block, bytes);
  }

  async conclude(region: ReadableRegion): Promise<readonly FcbRegion[]> {
    const { eraseBytes } = this.#shape;
    const mostBlocks = Math.max(1, Math.floor(MAX_SECTOR_BYTES / eraseBytes));
    const told = this.#search.sectorBytes === undefined ? undefined : this.#search.sectorBytes / eraseBytes;
    const all = [...this.#headers.groups].flatMap(([magic, group]) =>
      ringsOf(group.starts, mostBlocks, told).map((ring) => ({ magic, group, ring })),
    );
    const found: FcbRegion[] = [];
    // Long ones first: what chance makes is short.
    for (const { magic, group, ring } of all
      .toSorted((a, b) => b.ring.starts.length - a.ring.starts.length)
      .slice(0, MAX_RINGS)) {
      const one = await this.#prove(region, magic, group, ring);
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  async #prove(
    region: ReadableRegion,
    magic: number,
    { version }: HeaderGroup,
    ring: Ring,
  ): Promise<FcbRegion | undefined> {
    const { eraseBytes } = this.#shape;
    const { alignBytes, hasCrc = true } = this.#search;
    const { starts, isClosed } = ring;
    if (starts.length === 1 && !(await this.#isWorthwhile(region, starts[0]?.block ?? 0))) return undefined;
    const options = { sectorBytes: eraseBytes, magic, version, alignBytes: 1, scratchSectors: 0, hasCrc };
    const best = await bestOptions(region, options, shapesFor({ alignBytes, hasCrc }), starts, this.#sizesOf(ring));
    const isMagicTold = this.#search.magic !== undefined;
    const certainty = certaintyOf(best, isClosed, isMagicTold || magic === SETTINGS_MAGIC);
    if (certainty === undefined) return undefined;
    const isSure = isShapeSure(best, isMagicTold);
    const { sectorBytes } = best.options;
    const first = starts[0] ?? { block: 0, id: 0 };
    const last = starts.at(-1) ?? first;
    const used = {
      offset: first.block * eraseBytes,
      lengthBytes: (last.block - first.block) * eraseBytes + sectorBytes,
    };
    if (used.offset + used.lengthBytes > region.lengthBytes) return undefined;
    const { right, wrong } = best.evidence;
    const entries = await entriesOf(region, best.options, last.block * eraseBytes);
    const content = contentOf(entries, version) ?? (magic === SETTINGS_MAGIC && right === 0 ? "settings" : undefined);
    const reach = isClosed ? used : this.#reachOf(used, sectorBytes);
    const probable = isClosed ? undefined : probableExtent(first.id, used, reach, sectorBytes);
    const { offset, lengthBytes } = probable ?? used;
    return {
      layout: "fcb",
      offset,
      lengthBytes,
      certainty,
      why:
        `magic 0x${magic.toString(16).padStart(8, "0")} in ${starts.length} ${starts.length === 1 ? "sector" : "sectors"}, ` +
        `${right} entries with valid check bytes, ${wrong} without; ` +
        (isClosed
          ? "the ids prove the ends of the ring"
          : `the ids do not prove where the ring ends${probable === undefined ? "" : ", but fit this length"}`),
      proofs: right + starts.length,
      content,
      facts: {
        sectorBytes,
        sectorCount: lengthBytes / sectorBytes,
        sectorsInUse: starts.length,
        magic,
        version,
        alignBytes: best.options.alignBytes,
        hasCrc: best.options.hasCrc,
        ring: isClosed ? "closed" : probable === undefined ? "open" : "probable",
      },
      options: best.options,
      isClosed,
      isSure,
      proofsOfRing: starts.length,
      reach,
    };
  }

  /** A single header: one of the first entries is right in some shape, or there is none. Firmware has headers by chance. */
  async #isWorthwhile(region: ReadableRegion, block: number): Promise<boolean> {
    const { eraseBytes, erasedByte } = this.#shape;
    const offset = block * eraseBytes;
    const bytes = await region.read(offset, Math.min(MAX_ENTRY_BYTES, region.lengthBytes - offset));
    if (isFilledWith(bytes.subarray(HEADER_BYTES, eraseBytes), erasedByte)) return true;
    const { alignBytes, hasCrc = true } = this.#search;
    return shapesFor({ alignBytes, hasCrc }).some((shape) => {
      let looked = 0;
      for (const { kind } of walkSector(bytes, shape, erasedByte)) {
        if (kind === "entry") return true;
        if (++looked >= FIRST_ENTRIES) return false;
      }
      return false;
    });
  }

  #sizesOf({ starts, sectorBlocks }: Ring): SectorSizes {
    if (sectorBlocks !== undefined) return { blocks: [sectorBlocks], isSeen: true };
    const { lengthBytes, eraseBytes } = this.#shape;
    const blockCount = Math.floor(lengthBytes / eraseBytes);
    return sectorSizesOf(starts, blockCount, Math.max(1, Math.floor(MAX_SECTOR_BYTES / eraseBytes)));
  }

  /** With the free sectors on either side. */
  #reachOf({ offset, lengthBytes }: OffsetRange, sectorBytes: number): OffsetRange {
    let start = offset;
    while (start >= sectorBytes && this.#isFree(start - sectorBytes, sectorBytes)) start -= sectorBytes;
    let end = offset + lengthBytes;
    while (end + sectorBytes <= this.#shape.lengthBytes && this.#isFree(end, sectorBytes)) end += sectorBytes;
    return { offset: start, lengthBytes: end - start };
  }

  #isFree(offset: number, lengthBytes: number): boolean {
    const { eraseBytes } = this.#shape;
    const first = offset / eraseBytes;
    return this.#isUsed.subarray(first, first + lengthBytes / eraseBytes).every((used) => used === 0);
  }
}

function probableExtent(
  firstId: number,
  used: OffsetRange,
  reach: OffsetRange,
  sectorBytes: number,
): OffsetRange | undefined {
  // Counted from the first sector in use: what is free before it has negative numbers.
  const before = (used.offset - reach.offset) / sectorBytes;
  const ring = probableRing(
    firstId,
    { first: 0, count: used.lengthBytes / sectorBytes },
    { first: -before, count: reach.lengthBytes / sectorBytes },
  );
  return ring && { offset: used.offset + ring.first * sectorBytes, lengthBytes: ring.count * sectorBytes };
}

/** Undefined: no FCB. One entry that is right among many that are not is chance, and so is a header of any magic alone. */
function certaintyOf(
  { evidence, options, isRivalled }: Tried,
  isClosed: boolean,
  isMagicKnown: boolean,
): Certainty | undefined {
  const { right, wrong } = evidence;
  if (right === 0) return wrong === 0 && isMagicKnown ? "possible" : undefined;
  if (pointsOf(evidence, options) < MIN_POINTS || right < wrong) return undefined;
  if (isRivalled || surenessOf(right, wrong) !== "certain") return "likely";
  return isClosed ? "certain" : "likely";
}

/** Where the magic was specified, one entry is enough if none is wrong. */
function isShapeSure({ evidence, isRivalled }: Tried, isMagicTold: boolean): boolean {
  const { right, unsure, wrong } = evidence;
  if (isRivalled || right === 0) return false;
  return surenessOf(right, wrong) === "certain" || (isMagicTold && right > unsure && wrong === 0);
}

/** Some entries of the sector at `offset`. */
async function entriesOf(
  region: ReadableRegion,
  options: CircularBufferOptions,
  offset: number,
): Promise<readonly Uint8Array[]> {
  const bytes = await region.read(offset, Math.min(options.sectorBytes, region.lengthBytes - offset));
  const entries: Uint8Array[] = [];
  for (const item of walkSector(bytes, options, region.erasedByte)) {
    if (item.kind === "entry" && !item.isUnconfirmed) entries.push(item.data.slice());
    if (entries.length >= MAX_ENTRIES) break;
  }
  return entries;
}
