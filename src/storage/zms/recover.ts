/**
 * What is done before the first change: a power cut may have left a close, a collection or an erase partially written. Each
 * step is one that a device could take as well, and after each the flash is read again, so that a cut here is no different from
 * one before.
 */
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { programCompared } from "../compared-programs.ts";
import { isTornFrom } from "../torn.ts";
import {
  appendItem,
  beginSector,
  type ChangedRegion,
  closeAndCollect,
  collectAgain,
  finishCollection,
  openNext,
  programClose,
  readDatas,
  tableOf,
} from "./change.ts";
import { encodeMarker } from "./format.ts";
import type { Mounted } from "./mount.ts";
import { refuseForeignSector } from "./own-sectors.ts";
import { nextSector } from "./ring.ts";
import { fits, hasRoomFor, liveEntries } from "./room.ts";
import type { PlacedAte } from "./sector-table.ts";

/** Steps that a recovery may take, for each sector. */
const STEPS_PER_SECTOR = 4;

/**
 * Brings a store into the state in which it can be changed. `read` mounts it again. Returns the state, and whether
 * anything was done.
 */
export async function recoverZms(
  on: ChangedRegion,
  start: Mounted,
  read: () => Promise<Mounted>,
  overwrite: readonly OffsetRange[] | undefined,
): Promise<{ readonly mounted: Mounted; readonly hasChanged: boolean }> {
  let mounted = start;
  let hasChanged = false;
  for (let steps = STEPS_PER_SECTOR * start.ring.tables.length; ; steps--) {
    const named = await refuseForeignSector(on.region, mounted, overwrite);
    if (named === undefined && mounted.ring.work === "none") return { mounted, hasChanged };
    if (steps === 0) throw notRecovered(on.region);
    if (named === undefined) await step(on, mounted);
    else await eraseNamed(on, named);
    hasChanged = true;
    mounted = await read();
  }
}

async function eraseNamed(on: ChangedRegion, { offset, lengthBytes }: OffsetRange): Promise<void> {
  on.changing();
  await on.region.erase(offset, lengthBytes);
}

async function step(on: ChangedRegion, mounted: Mounted): Promise<void> {
  const { ring } = mounted;
  switch (ring.work) {
    case "none":
      return;
    case "format":
      await beginSector(on, mounted, 0);
      return;
    case "close":
      await completeClose(on, mounted);
      return;
    case "collect-again":
      await collectAgain(on, mounted);
      return;
    case "erase-next":
      await beginSector(on, mounted, nextSector(ring.tables, ring.open));
      return;
    case "void-entry":
      await voidEntry(on, mounted);
      return;
    case "leave-sector":
      await closeAndCollect(on, mounted);
      return;
    case "rescue":
      await rescue(on, mounted, ring.lost ?? ring.open);
  }
}

/** 00 is not a valid entry. */
async function voidEntry(on: ChangedRegion, { geometry, ring }: Mounted): Promise<void> {
  const { falseAt = 0 } = tableOf(ring, ring.open);
  const bytes = new Uint8Array(geometry.ateBytes).fill(geometry.erasedByte ^ 0xff);
  on.changing();
  await programCompared(
    on.region,
    [{ offset: ring.open * geometry.sectorBytes + falseAt, parts: [bytes] }],
    "write ZMS",
  );
}

/** Programs the rest of a close ATE that was cut. If something else stands there, the next sector is opened without it. */
async function completeClose(on: ChangedRegion, mounted: Mounted): Promise<void> {
  const { geometry, ring } = mounted;
  const { tornClose, atePlace, ates, header } = tableOf(ring, ring.open);
  const targets = [atePlace + geometry.ateBytes, ates[0]?.at];
  for (const target of targets) {
    if (target === undefined || tornClose === undefined) continue;
    const wish = encodeMarker(geometry, header?.cycle ?? 0, target);
    if (!isTornFrom(tornClose, wish, geometry.erasedByte)) continue;
    await programClose(on, mounted, target);
    return;
  }
  await openNext(on, mounted);
}

/** Copies what is in force in a sector whose close ATE is spoilt, so that it can be closed without entries, or erased. */
async function rescue(on: ChangedRegion, start: Mounted, lost: number): Promise<void> {
  let mounted = start;
  for (;;) {
    const { geometry, ring } = mounted;
    const [ate] = liveEntries(mounted, lost).toReversed();
    if (ate === undefined) break;
    if (fits(ate.length, tableOf(ring, ring.open), geometry)) {
      mounted = await appendItem(on, mounted, ate.key, await dataOf(on.region, mounted, ate));
      continue;
    }
    if (nextSector(ring.tables, ring.open) === lost || !hasRoomFor(ate.length, mounted)) throw noRoomToRescue();
    mounted = await closeAndCollect(on, mounted);
    // It was the one that was collected: what it held stands elsewhere now.
    if (nextSector(ring.tables, mounted.ring.open) === lost) return;
  }
  if (nextSector(mounted.ring.tables, mounted.ring.open) === lost) {
    await finishCollection(on, mounted);
    return;
  }
  await closeWithoutEntries(on, mounted, lost);
}

/** An erased sector in the middle of the ring would end it: it gets the mark of a collection, and is closed. */
async function closeWithoutEntries(on: ChangedRegion, mounted: Mounted, sector: number): Promise<void> {
  const { geometry, ring } = mounted;
  const { firstAt, sectorBytes } = geometry;
  const table = await beginSector(on, mounted, sector);
  const cycle = table.header?.cycle ?? 0;
  await on.region.program(sector * sectorBytes + firstAt, encodeMarker(geometry, cycle, 0));
  await programClose(
    on,
    { ...mounted, ring: { ...ring, open: sector, tables: ring.tables.with(sector, table) } },
    firstAt,
  );
}

async function dataOf(region: FlashRegion, { geometry }: Mounted, ate: PlacedAte): Promise<Uint8Array> {
  if (ate.inline !== undefined) return ate.inline;
  const [data = new Uint8Array()] = await readDatas(region, geometry, [ate]);
  return data;
}

function noRoomToRescue(): NorbridgeError {
  return new NorbridgeError("ENOSPC", "a sector whose end is spoilt cannot be copied, because there is no room", {
    operation: "write ZMS",
    hint: "Nothing that can be read was lost. Read all items, erase the area, and write those that you need.",
  });
}

function notRecovered(region: FlashRegion): NorbridgeError {
  return new NorbridgeError("EIO", "the flash does not keep what is written, so the store cannot be repaired", {
    operation: "write ZMS",
    range: { address: region.address, lengthBytes: region.lengthBytes },
  });
}
