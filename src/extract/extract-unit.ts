/** One unit that was read: its dumps are stored first, then everything else may fail and be done again. */
import type { ByteRange, FlashGeometry } from "../../drivers/geometry.ts";
import { eraseBlocksTouching, smallestEraseUnit } from "../../drivers/geometry.ts";
import { isoTime, machineRandom, wallClockMs } from "../clock.ts";
import type { FlashIdentity } from "../flash/flash-device.ts";
import { DumpRegion } from "./dump-region.ts";
import type { StoredDump } from "./dump-store.ts";
import type { ExtractionStore } from "./extraction-store.ts";
import { recogniseLogs } from "./find-logs.ts";
import type { DumpLine, ExtractionLine } from "./store-lines.ts";

/** What was read of the chip of a unit. */
export interface UnitSnapshot {
  /** Serial of the unit. */
  readonly serial: string;
  /** "" if it is not known. */
  readonly product: string;
  readonly identity: FlashIdentity;
  /** Lower-case hex; "" if the chip has none that can be read. */
  readonly uniqueId: string;
  readonly geometry: FlashGeometry;
  /** First byte that was read. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What is stored of it. */
export interface StoredUnit {
  readonly line: ExtractionLine;
  /** One for each dump of the line. */
  readonly dumps: readonly StoredDump[];
}

/** The parts of a snapshot that hold a log, in order of place; the whole snapshot if `takesAll`. */
export async function partsToKeep(snapshot: UnitSnapshot, takesAll: boolean): Promise<readonly ByteRange[]> {
  const { address, bytes, geometry } = snapshot;
  const all = { address, lengthBytes: bytes.length };
  if (takesAll) return [all];
  const { pageBytes, erasedByte } = geometry;
  const region = new DumpRegion(bytes, address, { pageBytes, erasedByte, eraseBytes: eraseBytesIn(geometry, all) });
  const logs = await recogniseLogs(region);
  return logs.map(({ offset, lengthBytes }) => ({ address: address + offset, lengthBytes }));
}

/**
 * Stores the parts as dumps and then notes the extraction in the index: both are on the disk when this returns. Throws
 * FILE_EXISTS if the disk does not take them; a dump that is stored already then stays, and is not stored twice by the
 * next try.
 */
export async function storeUnit(
  store: ExtractionStore,
  snapshot: UnitSnapshot,
  parts: readonly ByteRange[],
): Promise<StoredUnit> {
  const { serial, product, identity, uniqueId, geometry, address, bytes } = snapshot;
  const dumps: StoredDump[] = [];
  const lines: DumpLine[] = [];
  for (const part of parts) {
    const start = part.address - address;
    const stored = await store.dumps.put(bytes.subarray(start, start + part.lengthBytes));
    dumps.push(stored);
    lines.push({ ...part, sha256: stored.sha256, eraseBytes: eraseBytesIn(geometry, part) });
  }
  const time = isoTime(wallClockMs());
  const { vendor, name, jedecId } = identity;
  const { capacityBytes, pageBytes, erasedByte } = geometry;
  const line: ExtractionLine = {
    type: "extraction",
    id: newId(time),
    time,
    serial,
    product,
    chip: { vendor, name, jedecId, uniqueId },
    flash: { capacityBytes, pageBytes, erasedByte },
    dumps: lines,
  };
  await store.note(line);
  return { line, dumps };
}

/** `20261130T230500Z-1a2b3c4d`: no two are alike, whatever the clock does. */
export function newId(time: string): string {
  const compact = time.replace(/[-:]|\.\d+/g, "");
  return `${compact}-${machineRandom().toString(16).padStart(8, "0")}`;
}

/** The smallest erase block in a range, bytes. */
function eraseBytesIn(geometry: FlashGeometry, range: ByteRange): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { lengthBytes } of eraseBlocksTouching(smallestEraseUnit(geometry), range)) {
    least = Math.min(least, lengthBytes);
  }
  return Number.isFinite(least) ? least : geometry.pageBytes;
}
