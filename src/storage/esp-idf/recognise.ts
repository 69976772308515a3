/** Finds the partition tables of ESP-IDF, proved by their MD5, and its NVS, by the CRCs of its pages. */
import { isFilledWith } from "../../bytes.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { Certainty, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { PAGE_BYTES, PAGE_HEADER_BYTES, versionOfPage } from "./nvs-page.ts";
import {
  decodeEspTable,
  type EspPartition,
  type EspTable,
  MAX_ROWS_BYTES,
  startsTable,
  SUBTYPE_NVS,
  TABLE_BYTES,
  TYPE,
} from "../../layouts/esp-partition-table.ts";

/** Tables and pages that are remembered. */
const MAX_TABLES = 64;
const MAX_PAGES = 65_536;
/** Names of partitions that are shown. */
const MAX_NAMES = 12;
/** Offsets and sizes of partitions are multiples of this. */
const GRAIN_BYTES = 4;

/** A sniffer for partition tables and NVS. */
export function espSniffer(): Sniffer {
  return new EspSniffer();
}

/** Tables and pages begin at multiples of 4096, as the blocks of a pass do. */
class EspSniffer implements Sniffer {
  readonly #tables: number[] = [];
  /** The version of each page, by its place. */
  readonly #pages = new Map<number, number>();

  look(offset: number, block: Uint8Array): void {
    if (startsTable(block) && this.#tables.length < MAX_TABLES) this.#tables.push(offset);
    const version = block.length < PAGE_BYTES ? undefined : versionOfPage(block.subarray(0, PAGE_HEADER_BYTES));
    if (version !== undefined && this.#pages.size < MAX_PAGES) this.#pages.set(offset, version);
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const found: RegionFinding[] = [];
    const pages = new Map(this.#pages);
    for (const place of this.#tables) {
      const lengthBytes = Math.min(TABLE_BYTES, region.lengthBytes - place);
      const table = decodeEspTable(await region.read(place, Math.min(MAX_ROWS_BYTES, lengthBytes)));
      const finding = tableFinding(table, { offset: place, lengthBytes });
      if (finding === undefined) continue;
      found.push(finding);
      if (finding.certainty === "certain") found.push(...inPartitions(table, pages, region.lengthBytes));
    }
    for (const run of await runsOf(region, pages)) found.push(run);
    return found;
  }
}

function tableFinding({ partitions, isMd5Valid, problem }: EspTable, place: OffsetRange): RegionFinding | undefined {
  if (partitions.length === 0) return undefined;
  const isComplete = problem === undefined;
  const isPlausible = isComplete && isMd5Valid !== false && partitions.every(isSane) && !overlapping(partitions);
  // The magic of two bytes alone is a chance.
  if (isMd5Valid === undefined && !isPlausible) return undefined;
  if (isMd5Valid === false && !isComplete) return undefined;
  const certainty: Certainty = isMd5Valid === true && isComplete ? "certain" : isPlausible ? "likely" : "possible";
  const md5 = isMd5Valid === undefined ? "no MD5" : isMd5Valid ? "the MD5 matches" : "the MD5 does not match: damaged";
  const names = partitions.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = partitions.length > MAX_NAMES ? ", ..." : "";
  return {
    layout: "esp-partitions",
    ...place,
    certainty,
    why: `${partitions.length} partitions (${names.join(", ")}${more}), ${md5}`,
    proofs: 16,
    facts: { partitions: partitions.length, isMd5Valid },
  };
}

function isSane({ name, offset, lengthBytes }: EspPartition): boolean {
  return name !== "" && lengthBytes > 0 && offset % GRAIN_BYTES === 0 && offset + lengthBytes <= 2 ** 32;
}

function overlapping(partitions: readonly EspPartition[]): boolean {
  const sorted = partitions.toSorted((a, b) => a.offset - b.offset);
  return sorted.some((one, index) => {
    const next = sorted[index + 1];
    return next !== undefined && next.offset < one.offset + one.lengthBytes;
  });
}

/** The NVS partitions of a table that hold pages; takes these away from `pages`. */
function inPartitions(
  { partitions }: EspTable,
  pages: Map<number, number>,
  regionBytes: number,
): readonly RegionFinding[] {
  const found: RegionFinding[] = [];
  for (const { type, subtype, name, offset, lengthBytes } of partitions) {
    const isNvs = type === TYPE.data && subtype === SUBTYPE_NVS && offset + lengthBytes <= regionBytes;
    const own = isNvs ? [...pages.keys()].filter((at) => at >= offset && at + PAGE_BYTES <= offset + lengthBytes) : [];
    if (own.length === 0) continue;
    const version = Math.max(...own.map((at) => pages.get(at) ?? 1));
    const why = `${own.length} pages with valid CRCs in the partition "${name}"`;
    found.push(nvsFinding({ offset, lengthBytes }, "certain", why, own.length, version));
    for (const at of own) pages.delete(at);
  }
  return found;
}

/** Neighbouring pages; a blank page between two or after the last belongs to them, as one is always kept free. */
async function runsOf(region: ReadableRegion, pages: ReadonlyMap<number, number>): Promise<readonly RegionFinding[]> {
  const found: RegionFinding[] = [];
  let end = 0;
  for (const start of [...pages.keys()].toSorted((a, b) => a - b)) {
    if (start < end) continue;
    let used = 0;
    let version = 1;
    for (end = start; ; end += PAGE_BYTES) {
      const own = pages.get(end);
      if (own === undefined && !(await isBlankPage(region, end))) break;
      used += own === undefined ? 0 : 1;
      version = Math.max(version, own ?? 1);
      if (own === undefined && !pages.has(end + PAGE_BYTES)) {
        end += PAGE_BYTES;
        break;
      }
    }
    const why = `${used} pages with valid CRCs; the number of pages is not on the flash`;
    found.push(nvsFinding({ offset: start, lengthBytes: end - start }, "likely", why, used, version));
  }
  return found;
}

async function isBlankPage(region: ReadableRegion, at: number): Promise<boolean> {
  return at + PAGE_BYTES <= region.lengthBytes && isFilledWith(await region.read(at, PAGE_BYTES), region.erasedByte);
}

function nvsFinding(
  place: OffsetRange,
  certainty: Certainty,
  why: string,
  usedPages: number,
  version: number,
): RegionFinding {
  return {
    layout: "esp-nvs",
    ...place,
    certainty,
    why,
    proofs: 4 * usedPages,
    facts: { sectorBytes: PAGE_BYTES, usedPages, version },
  };
}
