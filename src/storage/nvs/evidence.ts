/** What the tables of an NVS prove, and what they tell of its options. Reads only. */
import { geometryOf } from "./format.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { decodeItem } from "./format.ts";
import { rangeOf, readTables } from "./mount.ts";
import { findOpen, newestOf, sectorsInForce } from "./ring.ts";
import { NorbridgeError } from "../../errors.ts";
import type { PlacedAte, SectorTable } from "./sector-table.ts";

/** Items whose CRC-32 is tried. */
const TRIED_ITEMS = 32;
/** This many items with a matching CRC-32 are not by chance. */
const ENOUGH_ITEMS = 3;
const CRC_BYTES = 4;
/** Keys of Zephyr's settings: the largest key of a name, and the first name. */
const SETTINGS_KEYS = [0x8000, 0x8001] as const;

export interface NvsEvidence {
  /** Valid entries. */
  readonly entries: number;
  /** Sectors with a valid close entry. */
  readonly closed: number;
  /** Items in force. */
  readonly items: number;
  readonly alignBytes: number;
  readonly hasDataCrc: boolean;
  readonly hasSettings: boolean;
}

/** Reads the tables at a geometry; undefined if no device would start on it. */
export async function evidenceOf(
  region: ReadableRegion,
  sectorBytes: number,
  ateBytes: number,
): Promise<NvsEvidence | undefined> {
  const shape = { lengthBytes: region.lengthBytes, erasedByte: region.erasedByte, eraseBytes: 1 };
  try {
    const plain = geometryOf(shape, { sectorBytes, alignBytes: ateBytes, hasDataCrc: false });
    const tables = await readTables(region, plain);
    const sectors = sectorsInForce({ tables, open: findOpen(tables, plain), interruption: "none" }, plain);
    const items = [...newestOf(tables, sectors).values()].filter(({ length }) => length > 0);
    const keys = new Set(items.map(({ id }) => id));
    return {
      entries: tables.reduce((sum, { entries }) => sum + entries.length, 0),
      closed: tables.filter(({ close }) => close === "valid").length,
      items: items.length,
      alignBytes: ateBytes > 8 ? ateBytes : alignOf(tables),
      hasDataCrc: await hasCrc(region, items, sectorBytes),
      hasSettings: SETTINGS_KEYS.every((key) => keys.has(key)),
    };
  } catch (error) {
    if (error instanceof NorbridgeError && ["EINVAL", "LAYOUT_MISMATCH"].includes(error.code)) return undefined;
    throw error;
  }
}

/** The largest write block at which all data begins; a larger one than the device's is safe, a smaller one is not. */
function alignOf(tables: readonly SectorTable[]): number {
  const starts = tables.flatMap(({ entries }) => entries.map(({ offset }) => offset));
  return [8, 4, 2].find((align) => starts.every((start) => start % align === 0)) ?? 1;
}

async function hasCrc(region: ReadableRegion, items: readonly PlacedAte[], sectorBytes: number): Promise<boolean> {
  const tried = items.filter(({ length }) => length >= CRC_BYTES).slice(0, TRIED_ITEMS);
  if (tried.length < items.length && tried.length < TRIED_ITEMS) return false;
  const wanted = {
    ...geometryOf(
      { lengthBytes: 2 * sectorBytes, eraseBytes: 1, erasedByte: region.erasedByte },
      { sectorBytes, alignBytes: 1, hasDataCrc: true },
    ),
  };
  let right = 0;
  for await (const stored of region.readMany(tried.map((entry) => rangeOf(entry, wanted)))) {
    if (decodeItem(stored, wanted).damage === undefined) right++;
  }
  // One damaged item does not speak against it.
  return right >= Math.min(ENOUGH_ITEMS, Math.max(1, tried.length)) && 2 * right > tried.length;
}
