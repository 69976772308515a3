/** Which sectors of a region are those of the log: the ring that its ids prove, and what may be erased in it. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { notBlank } from "../not-blank.ts";
import { type Asker, foreignAmong, foreignError } from "../recognise/foreign.ts";
import { isNamed } from "../recognise/places.ts";
import { isTornFrom } from "../torn.ts";
import { type CircularBufferOptions, encodeHeader, type SectorHeader } from "./format.ts";
import { ringsOf, type SectorRange } from "./rings.ts";
import { nextId } from "./sector-chain.ts";
import type { Start } from "./sector-size.ts";

/** The log as it is mounted. */
export interface OwnLog {
  readonly region: FlashRegion;
  readonly options: CircularBufferOptions;
  readonly headers: readonly SectorHeader[];
  /** Sectors in use, oldest first; empty before the first header. */
  readonly sectors: readonly number[];
  readonly activeId: number;
  readonly ring: SectorRange;
}

/** The ring that the ids prove within the region, the longest if there are several; else the whole region. */
export function ringWithin(headers: readonly SectorHeader[], erasedByte: number): SectorRange {
  const closed = closedRings(headers, erasedByte).toSorted((a, b) => b.count - a.count);
  return closed[0] ?? { first: 0, count: headers.length };
}

function closedRings(headers: readonly SectorHeader[], erasedByte: number): readonly SectorRange[] {
  const starts = headers.flatMap((header, block) => (header.kind === "used" ? [{ block, id: header.id }] : []));
  return ringsOf(starts, 1, 1).flatMap(({ starts: ring, isClosed }) => {
    const [first, last] = [ring[0]?.block ?? 0, ring.at(-1)?.block ?? 0];
    const isProof = isClosed && ring.length > MIN_PROOF && !isClosedByTornId(ring, erasedByte);
    return isProof ? [{ first, count: last - first + 1 }] : [];
  });
}

/** The last header is all of the older part, and its id is what a cut can have left of the one that comes next. */
function isClosedByTornId(ring: readonly Start[], erasedByte: number): boolean {
  const [last, newest] = [ring.at(-1), ring.at(-2)];
  if (last === undefined || newest === undefined || last.id === nextId(newest.id)) return false;
  const intended = nextId(newest.id);
  return erasedByte === 0xff ? (last.id & intended) === intended : (last.id | intended) === intended;
}

/** Two headers whose ids go round may be what a cut left of one. */
const MIN_PROOF = 2;

/**
 * Throws LAYOUT_MISMATCH for a region that is larger than the ring in it: a writer would leave the ring, where no
 * device looks.
 */
export function refuseOtherRing({ region, options, ring, headers }: OwnLog, operation: string): void {
  if (ring.count === headers.length) return;
  const range = {
    address: region.address + ring.first * options.sectorBytes,
    lengthBytes: ring.count * options.sectorBytes,
  };
  const message = `${operation}: the ids of the sectors show that the ring of the log is ${formatRange(range)}`;
  throw new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation,
    range,
    hint: advice("Nothing was changed. Use that range.", "set-region"),
  });
}

/**
 * Sectors that are neither blank nor of the log, and were not named by the caller as ones to overwrite. `isRecovery`:
 * noise in the next sector counts as what a cut left of the log's own erase, whatever the ids say; else they must have
 * been there before.
 */
export async function foreignSectorsOf(log: OwnLog, isRecovery = false): Promise<readonly number[]> {
  const { region, options, headers, sectors } = log;
  const { sectorBytes } = options;
  const isHeld = new Set(sectors);
  const others = [...headers.keys()].filter((sector) => !isHeld.has(sector) && !isOwnByPlace(log, sector));
  const unproved: OffsetRange[] = [];
  for (const place of await notBlank(
    region,
    others.map((sector) => placeOf(log, sector)),
  )) {
    if (!(await isTornStart(log, place))) unproved.push(place);
  }
  const foreign = await foreignAmong(region, unproved, askerOf(log, ""), (place) => couldBeCut(log, place, isRecovery));
  return foreign.map(({ offset }) => offset / sectorBytes);
}

/** Throws LAYOUT_MISMATCH if `sector`, which is not blank, must not be erased. */
export async function refuseForeignSector(log: OwnLog, sector: number, operation: string): Promise<void> {
  const { region, options } = log;
  const place = placeOf(log, sector);
  if (isOwnByPlace(log, sector) || isNamed(place, options.overwrite) || (await isTornStart(log, place))) return;
  if (!(await foreignSectorsOf(log, true)).includes(sector)) return;
  throw await foreignError(region, [place], askerOf(log, operation));
}

/** The error for sectors that belong to another. */
export function foreignSectorsError(
  log: OwnLog,
  sectors: readonly number[],
  operation: string,
): Promise<NorbridgeError> {
  const places = sectors.map((sector) => placeOf(log, sector));
  return foreignError(log.region, places, askerOf(log, operation));
}

function placeOf({ options: { sectorBytes } }: OwnLog, sector: number): OffsetRange {
  return { offset: sector * sectorBytes, lengthBytes: sectorBytes };
}

function askerOf({ options }: OwnLog, operation: string): Asker {
  return {
    what: "log",
    operation,
    overwrite: options.overwrite,
    isOwn: ({ layout, facts }) => layout === "fcb" && facts["magic"] === options.magic,
  };
}

/** A sector of this magic; or one between sectors of the log, where the log has gone round and so holds all of the ring. */
function isOwnByPlace({ headers, sectors, ring }: OwnLog, sector: number): boolean {
  if (headers[sector]?.kind === "used") return true;
  const [oldest, active] = [sectors[0] ?? 0, sectors.at(-1) ?? 0];
  const isRound = sectors.length > 1 && oldest > active;
  return isRound && sector > active && sector < oldest && sector < ring.first + ring.count;
}

/** A header that a cut tore, with nothing after it. */
async function isTornStart({ region, options, activeId, sectors }: OwnLog, place: OffsetRange): Promise<boolean> {
  const bytes = await region.read(place.offset, place.lengthBytes);
  const { erasedByte } = region;
  const intended = encodeHeader(
    options.magic,
    options.version,
    sectors.length === 0 ? 0 : nextId(activeId),
    erasedByte,
  );
  return (
    isTornFrom(bytes, intended, erasedByte) && bytes.subarray(intended.length).every((byte) => byte === erasedByte)
  );
}

/**
 * Whether the log may have begun to erase this sector last: it comes next, it was in use before, and the ids fit a ring of this
 * length, in which the sector with id N is number N modulo the length.
 */
function couldBeCut(
  { options, sectors, activeId, ring }: OwnLog,
  { offset }: OffsetRange,
  isRecovery: boolean,
): boolean {
  const sector = offset / options.sectorBytes - ring.first;
  const active = (sectors.at(-1) ?? 0) - ring.first;
  if (sectors.length === 0) return isRecovery && sector === 0;
  if (sector !== (active + 1) % ring.count) return false;
  const oldestId = activeId - sectors.length + 1;
  return isRecovery || (activeId % ring.count === active && sector < Math.max(oldestId, 0));
}
