/**
 * The values of a FlashDB KVDB, read only. It reads on where FlashDB itself loses a key: what a cut change was about to replace
 * counts until the new value is complete, wherever the two lie.
 */
import { compareBytes, latin1Text, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { KeyValueDamage } from "../key-value-store.ts";
import { recogniseRegions } from "../recognise/pass.ts";
import type { ReadableRegion, RegionFinding } from "../recognise/region-finding.ts";
import { SteadyRegion } from "../recognise/steady-region.ts";
import {
  KVDB_GRANULARITIES,
  KVDB_SECTOR_STATUS,
  type KvdbNode,
  type KvdbSector,
  NODE_STATUS,
  readKvdbSector,
} from "./kvdb-sector.ts";
import { kvdbSniffer } from "./recognise-kvdb.ts";
import { type Granularity, granularityBits } from "./status.ts";

/** What opens a KVDB. */
export interface KvdbShape {
  /** First byte, from the start of the region. */
  readonly offset: number;
  /** All its sectors, bytes. The last one may be shorter: a torn header can make sectors look larger than they are. */
  readonly lengthBytes: number;
  /** Size of a sector, bytes. */
  readonly sectorBytes: number;
  /** Write granularity of its firmware. */
  readonly granularity: Granularity;
}

/** A key and its value. */
export interface KvdbItem {
  /** The key: bytes of the device, mostly text. */
  readonly name: Uint8Array;
  /** Its value. */
  readonly value: Uint8Array;
  /** A power cut stopped a change of this key: this is its value before. */
  readonly isOld: boolean;
  /** Why the value cannot be trusted, as the end of a sentence. Undefined: nothing contradicts it. */
  readonly damage?: string | undefined;
}

/** All that a KVDB holds. */
export interface KvdbContents {
  /** Every key that has a value, in the order of the bytes of the names. */
  readonly items: readonly KvdbItem[];
  /** What cannot be read; `offset` counts from the start of the region. */
  readonly damage: readonly (KeyValueDamage & {
    /** Name of the key that it concerns, if it is known. */
    readonly name?: Uint8Array | undefined;
  })[];
  /** Number of sectors. */
  readonly sectorCount: number;
}

/**
 * Every KVDB of a region, in order of place, as `readKvdb` takes it. Reads all of the region once, and changes nothing.
 * A mark alone (certainty "possible") is left out.
 */
export async function findKvdbs(region: ReadableRegion): Promise<readonly KvdbShape[]> {
  const found = await recogniseRegions(region, [kvdbSniffer(region)]);
  return found
    .filter(({ certainty }) => certainty !== "possible")
    .map((finding) => kvdbShape(finding, region, { sectorBytes: undefined, isWhole: false }));
}

const HEADER_DAMAGED = "the sector has no valid header, and the device erases it at its next start";

/**
 * The shape of a KVDB by its finding. If `isWhole`, the region is the database's own: it reaches as far as there are whole
 * sectors, so a damaged header at its start or end hides nothing. Throws LAYOUT_MISMATCH for a size of a sector that cannot be.
 */
export function kvdbShape(
  finding: RegionFinding,
  region: Pick<ReadableRegion, "lengthBytes">,
  { sectorBytes: told, isWhole }: { readonly sectorBytes: number | undefined; readonly isWhole: boolean },
): KvdbShape {
  const { facts, certainty } = finding;
  const found = Number(facts["sectorBytes"]);
  const sectorBytes = told ?? found;
  const granularity = [...KVDB_GRANULARITIES.values()].find((one) => granularityBits(one) === facts["granularityBits"]);
  if (granularity === undefined || sectorBytes <= 0 || (certainty === "certain" && sectorBytes !== found)) {
    throw new NorbridgeError("LAYOUT_MISMATCH", `the sectors here have ${found} bytes, not ${sectorBytes}`, {
      operation: "open store",
      hint: "Nothing was changed. Correct the size of a sector, or omit it.",
    });
  }
  const offset = isWhole ? finding.offset % sectorBytes : finding.offset;
  const end = isWhole ? region.lengthBytes : finding.offset + Math.max(finding.lengthBytes, sectorBytes);
  return { offset, lengthBytes: Math.min(end, region.lengthBytes) - offset, sectorBytes, granularity };
}

/** Reads all of a KVDB. Throws what the region throws; a block that reads differently each time counts as damage. */
export async function readKvdb(region: ReadableRegion, shape: KvdbShape): Promise<KvdbContents> {
  const { offset, sectorBytes, granularity } = shape;
  const steady = new SteadyRegion(region);
  const sectors: KvdbSector[] = [];
  for (let at = 0; at < shape.lengthBytes; at += sectorBytes) {
    sectors.push(
      readKvdbSector(await steady.read(offset + at, Math.min(sectorBytes, shape.lengthBytes - at)), granularity),
    );
  }
  const byName = new Map<string, Placed[]>();
  for (const one of inOrderOfDevice(sectors)) {
    const same = byName.get(textOf(one.node.name));
    if (same === undefined) byName.set(textOf(one.node.name), [one]);
    else same.push(one);
  }
  const items = new Map<string, KvdbItem>();
  const damage: {
    sector: number;
    offset: number;
    lengthBytes: number;
    reason: string;
    name?: Uint8Array | undefined;
  }[] = [];
  const add = (sector: number, at: number, lengthBytes: number, reason: string, name?: Uint8Array): void => {
    damage.push({ sector, offset: offset + sector * sectorBytes + at, lengthBytes, reason, name });
  };
  const inLostSector = new Set<number>();
  for (const [key, nodes] of byName) {
    const chosen = choose(nodes);
    if (chosen !== undefined) {
      items.set(key, chosen.item);
      if (sectors[chosen.sector]?.header !== "valid") inLostSector.add(chosen.sector);
      continue;
    }
    const unclear = nodes.find(({ node }) => !node.isStatusLegal);
    if (unclear === undefined) continue;
    const { sector, node } = unclear;
    add(
      sector,
      node.offset,
      node.lengthBytes,
      "the status of the value is damaged: it may be deleted or not",
      node.name,
    );
  }
  for (const [sector, { header, isBlank, flaws }] of sectors.entries()) {
    if ((header === "damaged" && !isBlank) || inLostSector.has(sector)) {
      add(sector, 0, Math.min(sectorBytes, shape.lengthBytes - sector * sectorBytes), HEADER_DAMAGED);
    }
    for (const { offset: at, lengthBytes, isReplaced, name, reason } of flaws) {
      const isElsewhere = name !== undefined && items.has(textOf(name));
      if (!isReplaced || !isElsewhere) add(sector, at, lengthBytes, reason, name);
    }
  }
  return {
    items: [...items.values()].toSorted((a, b) => compareBytes(a.name, b.name)),
    damage: damage.toSorted((a, b) => a.offset - b.offset),
    sectorCount: sectors.length,
  };
}

/** The bytes of a name, as a key of a map. */
function textOf(name: Uint8Array): string {
  return latin1Text(name);
}

interface Placed {
  readonly sector: number;
  readonly node: KvdbNode;
}

/** All nodes as the device meets them: from its oldest sector on. Those in sectors that it erases come last. */
function inOrderOfDevice(sectors: readonly KvdbSector[]): readonly Placed[] {
  const { empty, using } = KVDB_SECTOR_STATUS;
  const isOldest = ({ status }: KvdbSector, index: number): boolean =>
    status >= using && index > 0 && sectors[index - 1]?.status === empty;
  const first = Math.max(0, sectors.findIndex(isOldest));
  const numbers = sectors.map((_, index) => (first + index) % sectors.length);
  const isKept = (sector: number): boolean => sectors[sector]?.header === "valid";
  return [...numbers.filter(isKept), ...numbers.filter((sector) => !isKept(sector))].flatMap((sector) =>
    (sectors[sector]?.nodes ?? []).map((node) => ({ sector, node })),
  );
}

/** The node that has the value of a key; undefined if the key has none. */
function choose(nodes: readonly Placed[]): { readonly sector: number; readonly item: KvdbItem } | undefined {
  const written = nodes.filter(({ node }) => node.status === NODE_STATUS.write);
  const replaced = nodes.filter(({ node }) => node.status === NODE_STATUS.preDelete);
  const isOld = written.length === 0;
  // FlashDB reads the first one that is written. Of several old ones the last one is the youngest.
  const chosen = isOld ? replaced.at(-1) : written[0];
  if (chosen === undefined) return undefined;
  const { name, value, isStatusLegal } = chosen.node;
  const others = isOld ? replaced : written;
  const isDoubtful = others.some(({ node }) => !sameBytes(node.value, value));
  const damage = isDoubtful
    ? `the database holds ${others.length} different values of this key`
    : isStatusLegal
      ? undefined
      : "its status is damaged: the value may be an old or a deleted one";
  return { sector: chosen.sector, item: { name, value, isOld, damage } };
}
