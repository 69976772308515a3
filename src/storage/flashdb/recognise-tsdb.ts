/** Finds FlashDB TSDBs: by the magic of their sectors, proved by records whose data lies without gaps. */
import { formatSize } from "../../bytes.ts";
import type { Certainty, FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { granularityBits } from "./status.ts";
import { lookAtStarts, MagicPlaces, runsOf, type SectorRun, smallestDistance } from "./headers.ts";
import { findBuild } from "./tsdb-build.ts";
import { TSDB_BUILDS, TSDB_MAGIC, type TsdbBuild, tsdbPlaces } from "./tsdb-format.ts";
import { readTsdbSector } from "./tsdb-sector.ts";

/** What opens a TSDB. */
export interface TsdbShape {
  /** First byte, from the start of the region. */
  readonly offset: number;
  /** All its sectors, bytes. */
  readonly lengthBytes: number;
  /** Size of a sector, bytes. */
  readonly sectorBytes: number;
  /** How its firmware was built. */
  readonly build: TsdbBuild;
}

/** A TSDB that was found. */
export interface FoundTsdb {
  /** What opens it. */
  readonly shape: TsdbShape;
  /** How sure it is. */
  readonly certainty: Certainty;
  /** The evidence, as the end of a sentence. */
  readonly why: string;
  /** Valid records among the sectors that were looked at. */
  readonly records: number;
  /** Lengths that all data may have, if the flash does not tell which; else empty. */
  readonly choices: readonly number[];
}

/** What is known of a TSDB before it is looked for. */
export interface TsdbHints {
  /** Size of a sector, bytes. */
  readonly sectorBytes?: number | undefined;
  /** Length that all data have, bytes. */
  readonly fixedBytes?: number | undefined;
}

/** Sectors that decide how the firmware was built. */
const MAX_SAMPLES = 4;
/** Largest sector that is read, bytes. */
const MAX_SECTOR_BYTES = 1024 * 1024;
const MAGIC_PLACES: readonly number[] = [...new Set(TSDB_BUILDS.map((build) => tsdbPlaces(build).magic))];

/** A sniffer for databases of all builds. */
export function tsdbSniffer({ eraseBytes }: FlashShape): Sniffer {
  const places = new MagicPlaces(TSDB_MAGIC);
  return {
    look: (offset, block) => {
      places.look(offset, block);
    },
    conclude: async (region) => (await databasesAt(region, places, eraseBytes, {})).map(findingOf),
  };
}

/** All databases of a region whose sectors begin erase blocks; reads only the starts of these first. */
export async function findTsdbs(region: ReadableRegion, hints: TsdbHints = {}): Promise<readonly FoundTsdb[]> {
  const places = new MagicPlaces(TSDB_MAGIC);
  await lookAtStarts(region, places);
  return databasesAt(region, places, region.eraseBytes, hints);
}

async function databasesAt(
  region: ReadableRegion,
  places: MagicPlaces,
  eraseBytes: number,
  hints: TsdbHints,
): Promise<readonly FoundTsdb[]> {
  const found: FoundTsdb[] = [];
  for (const [place, starts] of places.starts(MAGIC_PLACES, eraseBytes)) {
    found.push(...(await databasesOf(region, place, starts, eraseBytes, hints)));
  }
  return found.toSorted((a, b) => a.shape.offset - b.shape.offset);
}

/** The databases among sectors with the magic at one place. */
async function databasesOf(
  region: ReadableRegion,
  magicPlace: number,
  starts: readonly number[],
  eraseBytes: number,
  hints: TsdbHints,
): Promise<readonly FoundTsdb[]> {
  const sectorBytes = hints.sectorBytes ?? (await sectorSize(region, magicPlace, starts, eraseBytes, hints));
  if (sectorBytes > MAX_SECTOR_BYTES) return [];
  const whole = starts.filter((start) => start + sectorBytes <= region.lengthBytes);
  const finding = await buildOf(region, magicPlace, whole, sectorBytes, hints);
  if (finding === undefined) return [];
  const { build, choices } = finding;
  const headBytes = Math.min(sectorBytes, tsdbPlaces(build).headerBytes + 8 * tsdbPlaces(build).entryBytes);
  const placed: { start: number; base: number | undefined; records: number }[] = [];
  for (const start of whole) {
    const sector = readTsdbSector(await region.read(start, headBytes), build, sectorBytes);
    const base = sector.placeInDatabase === undefined ? undefined : start - sector.placeInDatabase;
    placed.push({ start, base: base !== undefined && base >= 0 ? base : undefined, records: sector.entries.length });
  }
  const runs: SectorRun[] = [];
  for (const run of runsOf(placed, sectorBytes)) runs.push(await extended(region, run, sectorBytes, build));
  return runs.map((run) => {
    const records = placed.reduce((sum, { start, records: own }) => sum + (run.starts.includes(start) ? own : 0), 0);
    return describe(run, sectorBytes, build, records, choices);
  });
}

/** With the sectors after it whose header is damaged and whose records name their place in this database. */
async function extended(
  region: ReadableRegion,
  run: SectorRun,
  sectorBytes: number,
  build: TsdbBuild,
): Promise<SectorRun> {
  let { lengthBytes } = run;
  while (run.isPlaced && run.offset + lengthBytes + sectorBytes <= region.lengthBytes) {
    const sector = readTsdbSector(await region.read(run.offset + lengthBytes, sectorBytes), build, sectorBytes);
    if (sector.hasMagic || sector.entries.length === 0 || sector.placeInDatabase !== lengthBytes) break;
    lengthBytes += sectorBytes;
  }
  return { ...run, lengthBytes };
}

function describe(
  run: SectorRun,
  sectorBytes: number,
  build: TsdbBuild,
  records: number,
  choices: readonly number[],
): FoundTsdb {
  const { starts, offset, lengthBytes } = run;
  const certainty: Certainty =
    starts.length > 1 && records > 0 ? "certain" : records > 0 || starts.length > 1 ? "likely" : "possible";
  const count = `magic TSL0 in ${starts.length} of ${lengthBytes / sectorBytes} sectors of ${formatSize(sectorBytes)}`;
  const more = records === 0 ? "no record" : `${records} valid records in what was looked at`;
  return { shape: { offset, lengthBytes, sectorBytes, build }, certainty, why: `${count}, ${more}`, records, choices };
}

/**
 * The size of a sector. The smallest distance of two headers is it, or twice that if every second header is torn: then
 * the records fit only with the half.
 */
async function sectorSize(
  region: ReadableRegion,
  magicPlace: number,
  starts: readonly number[],
  eraseBytes: number,
  hints: TsdbHints,
): Promise<number> {
  const distance = smallestDistance(starts) ?? Math.min(region.lengthBytes, MAX_SECTOR_BYTES);
  let best = { sectorBytes: starts.length > 1 ? distance : eraseBytes, records: 0 };
  for (let sectorBytes = distance; sectorBytes >= eraseBytes; sectorBytes /= 2) {
    if (sectorBytes % eraseBytes !== 0 || sectorBytes > MAX_SECTOR_BYTES) break;
    const finding = await buildOf(region, magicPlace, starts, sectorBytes, hints);
    const records = finding === undefined ? 0 : finding.records - finding.flaws;
    if (records > best.records) best = { sectorBytes, records };
  }
  return best.sectorBytes;
}

async function buildOf(
  region: ReadableRegion,
  magicPlace: number,
  starts: readonly number[],
  sectorBytes: number,
  hints: TsdbHints,
): Promise<ReturnType<typeof findBuild>> {
  const samples: Uint8Array[] = [];
  for (const start of starts.slice(0, MAX_SAMPLES)) {
    if (start + sectorBytes <= region.lengthBytes) samples.push(await region.read(start, sectorBytes));
  }
  return findBuild(samples, magicPlace, sectorBytes, hints.fixedBytes);
}

function findingOf({ shape, certainty, why, records, choices }: FoundTsdb): RegionFinding {
  const { offset, lengthBytes, sectorBytes, build } = shape;
  return {
    layout: "flashdb-tsdb",
    offset,
    lengthBytes,
    certainty,
    why,
    proofs: Math.max(1, records),
    facts: {
      sectorBytes,
      granularityBits: granularityBits(build.granularity),
      timeBits: 8 * build.timeBytes,
      version: build.layout,
      recordBytes: build.fixedBytes === undefined || choices.length > 0 ? undefined : build.fixedBytes,
    },
  };
}
