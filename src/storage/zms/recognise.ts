/**
 * Finds ZMS areas on a flash by the headers at the end of their sectors: 80 bits of each are fixed and 8 are a CRC.
 * Their distance is the sector size; erase counts and marks show whether the ring has gone round, and so where it ends.
 */
import { formatSize } from "../../bytes.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import { PartRegion } from "../recognise/part-region.ts";
import type { FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { LIST_HEAD } from "../settings/zms-ids.ts";
import { ATE_BYTES, decodeAte, type Geometry, geometryOf, HEADER_MAGIC, HEADER_VERSION } from "./format.ts";
import { alignmentsOf, type Alignments } from "./alignment.ts";
import type { ZmsMountOptions } from "./mount.ts";
import { readTables } from "./read-sectors.ts";
import { foreignSector, newestEntries, type Ring, ringOf } from "./ring.ts";
import type { SectorTable } from "./sector-table.ts";

/** A ZMS that was found. */
export interface ZmsRegion extends RegionFinding {
  /** Options to open it with; undefined if its only sector does not show how long it is. */
  readonly options: ZmsMountOptions | undefined;
  /** The ring has gone round: `offset` and `lengthBytes` are those of the ring. */
  readonly isClosed: boolean;
  /** The furthest that the ring can reach: with the erased sectors after it. */
  readonly reach: OffsetRange;
}

/** Headers that are remembered, and sectors that one ring is taken to have at most. */
const MAX_HEADERS = 8192;
const MAX_RING_SECTORS = 256;
const MAX_SECTOR_BYTES = 64 * 1024;
/** Sectors end at multiples of this. */
const MIN_SECTOR_BYTES = 256;

/** A sniffer for ZMS. */
export function zmsSniffer(shape: FlashShape): ZmsSniffer {
  return new ZmsSniffer(shape);
}

/** A header, by the place where its sector ends. */
interface FoundHeader {
  readonly end: number;
  readonly ateBytes: 16 | 32;
  readonly keyBits: 32 | 64;
}

/** Notes headers of sectors. */
export class ZmsSniffer implements Sniffer {
  readonly #shape: FlashShape;
  readonly #headers: FoundHeader[] = [];

  constructor(shape: FlashShape) {
    this.#shape = shape;
  }

  look(offset: number, block: Uint8Array): void {
    for (let end = MIN_SECTOR_BYTES; end <= block.length; end += MIN_SECTOR_BYTES) {
      for (const ateBytes of [16, 32] as const) {
        const at = end - ateBytes;
        if (block[at + 12] !== HEADER_VERSION || block[at + 13] !== HEADER_MAGIC) continue;
        const bytes = block.subarray(at, at + ATE_BYTES);
        const keyBits = ([32, 64] as const).find((bits) => decodeAte(bytes, bits)?.kind === "header");
        if (keyBits === undefined || this.#headers.length >= MAX_HEADERS) continue;
        this.#headers.push({ end: offset + end, ateBytes, keyBits });
      }
    }
  }

  async conclude(region: ReadableRegion): Promise<readonly ZmsRegion[]> {
    const found: ZmsRegion[] = [];
    for (const run of runsOf(this.#headers)) {
      if (run.sectorBytes === undefined) found.push(await this.#single(region, run.headers[0]));
      else found.push(...(await this.#rings(region, run, run.sectorBytes)));
    }
    return found;
  }

  /** The rings in a run of headers at one distance: neighbours of the same sector size look like one. */
  async #rings(region: ReadableRegion, { headers }: Run, sectorBytes: number): Promise<readonly ZmsRegion[]> {
    const [first] = headers;
    const last = headers.at(-1);
    if (last === undefined) return [];
    // A header nearer to the start of the flash than a sector is long ends no sector of this size.
    const start = first.end < sectorBytes ? first.end : first.end - sectorBytes;
    const sectorCount = Math.floor((last.end - start) / sectorBytes);
    const geometry = geometryFor(first, sectorBytes, region.erasedByte);
    const tables = await readTables(restOf(region, start), geometry, sectorCount);
    const found: ZmsRegion[] = [];
    for (let from = 0; from < tables.length; ) {
      const rest = renumbered(tables.slice(from, from + MAX_RING_SECTORS));
      const count = longestRing(rest, geometry);
      const offset = start + from * sectorBytes;
      found.push(await this.#finding(region, offset, rest.slice(0, count), geometry));
      from += count;
    }
    return found;
  }

  async #finding(
    region: ReadableRegion,
    offset: number,
    tables: readonly SectorTable[],
    geometry: Geometry,
  ): Promise<ZmsRegion> {
    const ring = ringOf(tables, geometry);
    const isClosed = ring !== undefined && tables.length > 1 && hasGoneRound(ring) && isWhole(ring);
    const used = { offset, lengthBytes: tables.length * geometry.sectorBytes };
    const reach = isClosed ? used : { offset, lengthBytes: await reachOf(region, used, geometry) };
    // A range that begins with the ring, and is erased after it, was chosen for it.
    const isChosen = offset === 0 && reach.lengthBytes === region.lengthBytes && tables.length > 1;
    const { lengthBytes } = isChosen ? reach : used;
    const ates = tables.reduce((sum, table) => sum + table.ates.length, 0);
    const headers = tables.filter(({ header }) => header !== undefined).length;
    const { keyBits, sectorBytes } = geometry;
    const alignments = alignmentsOf(tables, geometry);
    const hasDataCrc = dataCrcOf(tables);
    return {
      layout: "zms",
      offset,
      lengthBytes,
      certainty: isClosed ? "certain" : "likely",
      why:
        `${headers} sector headers with valid CRC-8 at a distance of ${formatSize(sectorBytes)}, ${ates} valid entries; ` +
        (isClosed ? "all sectors of the ring are in use" : "the ring has not gone round, so its end is not proved"),
      proofs: headers * 8 + ates,
      content: ring !== undefined && hasSettings(ring) ? "settings" : undefined,
      facts: {
        sectorBytes,
        sectorCount: lengthBytes / sectorBytes,
        keyBits,
        ...alignFacts(alignments),
        hasDataCrc,
        ring: isClosed ? "closed" : isChosen ? "probable" : "open",
      },
      options: { sectorBytes, alignBytes: alignments.most, keyBits, hasDataCrc },
      isClosed,
      reach,
    };
  }

  /** One header alone: the sector is as long as its own entries and the erased bytes between them and the data show. */
  async #single(region: ReadableRegion, header: FoundHeader): Promise<ZmsRegion> {
    const possible: number[] = [];
    for (let bytes = MIN_SECTOR_BYTES; bytes <= Math.min(header.end, MAX_SECTOR_BYTES); bytes *= 2) {
      if (bytes % this.#shape.eraseBytes === 0) possible.push(bytes);
    }
    const sizes = possible.length === 1 ? possible : await fittingSizes(region, header, possible);
    const [sectorBytes, other] = sizes;
    if (sectorBytes !== undefined && other === undefined) {
      const start = header.end - sectorBytes;
      const geometry = geometryFor(header, sectorBytes, region.erasedByte);
      const finding = await this.#finding(
        region,
        start,
        await readTables(restOf(region, start), geometry, 1),
        geometry,
      );
      const isChosen = start === 0 && finding.reach.lengthBytes === region.lengthBytes;
      // A ring has two sectors at least; at the start of the flash the other one can only come after it.
      const isFollowed =
        finding.reach.lengthBytes > sectorBytes || (start === 0 && region.lengthBytes >= 2 * sectorBytes);
      const lengthBytes = isChosen ? region.lengthBytes : isFollowed ? 2 * sectorBytes : sectorBytes;
      const facts = { ...finding.facts, sectorCount: lengthBytes / sectorBytes, ring: isChosen ? "probable" : "open" };
      return { ...finding, lengthBytes, facts };
    }
    const lengthBytes = Math.min(header.end, Math.max(this.#shape.eraseBytes, MIN_SECTOR_BYTES));
    const range = { offset: header.end - lengthBytes, lengthBytes };
    return {
      layout: "zms",
      ...range,
      certainty: "possible",
      why: "one sector header with valid CRC-8; a single sector does not show the sector size",
      facts: { keyBits: header.keyBits },
      options: undefined,
      isClosed: false,
      reach: range,
    };
  }
}

/** Headers at one distance from each other; one may be missing, because the sector was being erased. */
interface Run {
  readonly headers: readonly [FoundHeader, ...FoundHeader[]];
  readonly sectorBytes: number | undefined;
}

function runsOf(headers: readonly FoundHeader[]): readonly Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < headers.length; ) {
    const first = headers[from];
    if (first === undefined) break;
    const run: [FoundHeader, ...FoundHeader[]] = [first];
    let sectorBytes: number | undefined;
    for (const header of headers.slice(from + 1)) {
      const previous = run.at(-1) ?? first;
      const distance = header.end - previous.end;
      const isAlike = header.keyBits === first.keyBits && header.ateBytes === first.ateBytes;
      const isNext = sectorBytes === undefined ? distance <= MAX_SECTOR_BYTES : distance <= 2 * sectorBytes;
      if (!isAlike || !isNext || (sectorBytes !== undefined && distance % sectorBytes !== 0)) break;
      sectorBytes ??= distance;
      run.push(header);
    }
    runs.push({ headers: run, sectorBytes });
    from += run.length;
  }
  return runs;
}

function geometryFor({ ateBytes, keyBits }: FoundHeader, sectorBytes: number, erasedByte: number): Geometry {
  // Entries are found with any write block of their distance; which one it is, their places show.
  return geometryOf({ sectorBytes, alignBytes: ateBytes === 32 ? 32 : 1, keyBits, hasDataCrc: false }, erasedByte);
}

/** All of a region from `start` on. */
function restOf(region: ReadableRegion, start: number): PartRegion {
  return new PartRegion(region, { offset: start, lengthBytes: region.lengthBytes - start });
}

function renumbered(tables: readonly SectorTable[]): readonly SectorTable[] {
  return tables.map((table, sector) => ({ ...table, sector, ates: table.ates.map((ate) => ({ ...ate, sector })) }));
}

/** Sectors of the longest ring that begins with the first one. */
function longestRing(tables: readonly SectorTable[], geometry: Geometry): number {
  for (let count = tables.length; count > 1; count--) {
    const ring = ringOf(tables.slice(0, count), geometry);
    if (ring !== undefined && isWhole(ring)) return count;
  }
  return tables.length;
}

/** Whether all sectors fit one ring. Only sector 0 of a ring that has not gone round was never collected into. */
function isWhole(ring: Ring): boolean {
  if (foreignSector(ring) !== undefined || ring.tables.every(({ kind }) => kind === "closed")) return false;
  const isRound = ring.order.some((sector) => sector > ring.open);
  const [first] = ring.tables;
  return (
    !isRound || ring.open === 0 || first?.hasGcDone === true || first?.kind === "empty" || first?.header === undefined
  );
}

function hasGoneRound({ tables, open, order }: Ring): boolean {
  const [first] = tables;
  const isCounted = tables.some(({ header }) => header !== undefined && header.fullCycles > 1);
  return order.some((sector) => sector > open) || first?.hasGcDone === true || (isCounted && first?.kind === "empty");
}

async function reachOf(
  region: ReadableRegion,
  { offset, lengthBytes }: OffsetRange,
  { sectorBytes }: Geometry,
): Promise<number> {
  let end = offset + lengthBytes;
  const mostEnd = Math.min(region.lengthBytes, offset + MAX_RING_SECTORS * sectorBytes);
  while (end + sectorBytes <= mostEnd) {
    const bytes = await region.read(end, sectorBytes);
    if (bytes.some((byte) => byte !== region.erasedByte)) break;
    end += sectorBytes;
  }
  return end - offset;
}

/** Lengths of a sector for which its entries have data at its start; if there are any, those with erased bytes after the data. */
async function fittingSizes(
  region: ReadableRegion,
  header: FoundHeader,
  possible: readonly number[],
): Promise<number[]> {
  const sizes: { readonly bytes: number; readonly isClean: boolean }[] = [];
  for (const bytes of possible) {
    const geometry = geometryFor(header, bytes, region.erasedByte);
    if (bytes < 5 * geometry.ateBytes) continue;
    const start = header.end - bytes;
    const [table] = await readTables(restOf(region, start), geometry, 1);
    const first = table?.ates.findLast(({ dataAt }) => dataAt !== undefined);
    if (table === undefined || first?.dataAt !== 0) continue;
    const data = await region.read(start, Math.min(first.length, ATE_BYTES));
    if (data.some((byte) => byte !== region.erasedByte)) sizes.push({ bytes, isClean: !table.hasTornData });
  }
  const clean = sizes.filter(({ isClean }) => isClean);
  return (clean.length > 0 ? clean : sizes).map(({ bytes }) => bytes);
}

function alignFacts({ least, most, isSeen }: Alignments): Readonly<Record<string, number>> {
  if (!isSeen) return {};
  return least === most ? { alignBytes: most } : { alignBytes: most, leastAlignBytes: least };
}

/** Whether items have a CRC-32; undefined if no item shows it. */
function dataCrcOf(tables: readonly SectorTable[]): boolean | undefined {
  const fields = tables.flatMap(({ ates }) => ates.flatMap(({ dataCrc }) => (dataCrc === undefined ? [] : [dataCrc])));
  return fields.length === 0 ? undefined : fields.filter((field) => field !== 0).length * 2 > fields.length;
}

function hasSettings(ring: Ring): boolean {
  const head = newestEntries(ring).get(LIST_HEAD);
  return head?.inline?.length === 8 && head.inline.subarray(0, 4).every((byte) => byte === 0);
}
