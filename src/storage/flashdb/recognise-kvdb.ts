/** Finds FlashDB KVDBs: by the magic of their sectors, proved by nodes with a right CRC. */
import { formatSize } from "../../bytes.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { Certainty, FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { MagicPlaces, runsOf, type SectorRun, smallestDistance } from "./headers.ts";
import { KVDB_GRANULARITIES, KVDB_MAGIC, kvdbPlaces, readKvdbSector } from "./kvdb-sector.ts";
import { type Granularity, granularityBits } from "./status.ts";

/** Sectors of a database that are read to prove it. */
const MAX_SAMPLES = 4;
/** Largest sector that is read, bytes. */
const MAX_SECTOR_BYTES = 1024 * 1024;

/** A sniffer for databases of all granularities. */
export function kvdbSniffer({ eraseBytes }: FlashShape): Sniffer {
  const places = new MagicPlaces(KVDB_MAGIC);
  return {
    look: (offset, block) => {
      places.look(offset, block);
    },
    conclude: async (region) => {
      const found: RegionFinding[] = [];
      for (const [place, starts] of places.starts([...KVDB_GRANULARITIES.keys()], eraseBytes)) {
        const granularity = KVDB_GRANULARITIES.get(place);
        if (granularity === undefined) continue;
        const distance = smallestDistance(starts) ?? eraseBytes;
        if (distance > MAX_SECTOR_BYTES) continue;
        const sectorBytes = await sectorSize(region, starts, distance, eraseBytes, granularity);
        const sectors = starts.map((start) => ({ start, base: undefined }));
        for (const run of runsOf(sectors, sectorBytes))
          found.push(await findingOf(region, run, sectorBytes, granularity));
      }
      return found;
    },
  };
}

/**
 * The size of a sector: the distance of two headers, or half of it if the header between them is damaged. Then a value
 * begins where a header in the middle would end. Within a sector it could not: values follow each other, and the one
 * before it would lie across.
 */
async function sectorSize(
  region: ReadableRegion,
  starts: readonly number[],
  distance: number,
  eraseBytes: number,
  granularity: Granularity,
): Promise<number> {
  const half = distance / 2;
  if (half % eraseBytes !== 0) return distance;
  const first = half + kvdbPlaces(granularity).headerBytes;
  for (const start of starts.slice(0, MAX_SAMPLES)) {
    const bytes = await region.read(start, Math.min(distance, region.lengthBytes - start));
    const { nodes } = readKvdbSector(bytes, granularity);
    const crosses = nodes.some(({ offset, lengthBytes }) => offset < half && offset + lengthBytes > half);
    if (!crosses && nodes.some(({ offset }) => offset === first)) return half;
  }
  return distance;
}

async function findingOf(
  region: ReadableRegion,
  run: SectorRun,
  sectorBytes: number,
  granularity: Granularity,
): Promise<RegionFinding> {
  const { starts } = run;
  const { offset, lengthBytes } = await extended(region, run, sectorBytes, granularity);
  let nodes = 0;
  for (const start of starts.slice(0, MAX_SAMPLES)) {
    const bytes = await region.read(start, Math.min(sectorBytes, region.lengthBytes - start));
    nodes += readKvdbSector(bytes, granularity).nodes.length;
  }
  const isProved = nodes > 0;
  const certainty: Certainty =
    isProved && starts.length > 1 ? "certain" : isProved || starts.length > 1 ? "likely" : "possible";
  const sectors = `magic FDB0 in ${starts.length} of ${Math.ceil(lengthBytes / sectorBytes)} sectors of ${formatSize(sectorBytes)}`;
  return {
    layout: "flashdb-kvdb",
    offset,
    lengthBytes,
    certainty,
    why: `${sectors}, ${nodes === 0 ? "no value" : `${nodes} values with a right CRC`} in what was read`,
    proofs: Math.max(1, nodes),
    facts: { sectorBytes, granularityBits: granularityBits(granularity) },
  };
}

/** With the sectors beside it whose header is damaged and which hold values with a right CRC. */
async function extended(
  region: ReadableRegion,
  run: SectorRun,
  sectorBytes: number,
  granularity: Granularity,
): Promise<OffsetRange> {
  const isMore = async (start: number): Promise<boolean> => {
    if (start < 0 || start + sectorBytes > region.lengthBytes) return false;
    const { header, nodes } = readKvdbSector(await region.read(start, sectorBytes), granularity);
    return header !== "valid" && nodes.length > 0;
  };
  let { offset } = run;
  let end = Math.min(offset + run.lengthBytes, region.lengthBytes);
  while (await isMore(end)) end += sectorBytes;
  while (await isMore(offset - sectorBytes)) offset -= sectorBytes;
  return { offset, lengthBytes: end - offset };
}
