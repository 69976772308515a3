/** Finds FlashDB KVDBs: by the magic of their sectors, proved by nodes with a right CRC. */
import { formatSize } from "../../bytes.ts";
import type { Certainty, FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { MagicPlaces, runsOf, type SectorRun, smallestDistance } from "./headers.ts";
import { KVDB_GRANULARITIES, KVDB_MAGIC, kvdbNodes } from "./kvdb-sector.ts";
import { type Granularity, granularityBits } from "./status.ts";

/** Sectors of a database that are read to prove it. */
const MOST_SAMPLES = 4;
/** Largest sector that is read, bytes. */
const MOST_SECTOR_BYTES = 1024 * 1024;

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
        const sectorBytes = smallestDistance(starts) ?? eraseBytes;
        if (sectorBytes > MOST_SECTOR_BYTES) continue;
        const sectors = starts.map((start) => ({ start, base: undefined }));
        for (const run of runsOf(sectors, sectorBytes))
          found.push(await findingOf(region, run, sectorBytes, granularity));
      }
      return found;
    },
  };
}

async function findingOf(
  region: ReadableRegion,
  run: SectorRun,
  sectorBytes: number,
  granularity: Granularity,
): Promise<RegionFinding> {
  const { starts, offset } = run;
  const lengthBytes = Math.min(run.lengthBytes, region.lengthBytes - offset);
  let nodes = 0;
  for (const start of starts.slice(0, MOST_SAMPLES)) {
    const bytes = await region.read(start, Math.min(sectorBytes, region.lengthBytes - start));
    nodes += kvdbNodes(bytes, granularity).length;
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
