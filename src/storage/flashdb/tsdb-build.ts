/** Finds out how the firmware of a TSDB was built: the build in whose terms the sectors are consistent. Pure. */
import { ENTRY_STATUSES, TSDB_BUILDS, type TsdbBuild, tsdbPlaces } from "./tsdb-format.ts";
import { readTsdbSector } from "./tsdb-sector.ts";
import { readStatus } from "./status.ts";
import { u32 } from "../little-endian.ts";

/** A build, and what speaks for it. */
export interface BuildFinding {
  /** The build. */
  readonly build: TsdbBuild;
  /** Records that are valid in its terms; 0: nothing was written yet, and the build is a guess. */
  readonly records: number;
  /** Entries that are neither valid nor left by a power cut. */
  readonly flaws: number;
  /** Lengths that all data may have if one of them has to be chosen; empty if the build is clear. */
  readonly choices: readonly number[];
}

/** Lengths that are named at most. */
const MAX_CHOICES = 8;

/**
 * The build that fits these sectors best, among those with the magic at this place. Lengths that are fixed are not on the flash:
 * they follow from the number of records and the bytes that they take, unless `toldBytes` has them. Undefined if none fits.
 */
export function findBuild(
  sectors: readonly Uint8Array[],
  magicPlace: number,
  sectorBytes: number,
  toldBytes: number | undefined,
): BuildFinding | undefined {
  const builds = TSDB_BUILDS.filter((build) => tsdbPlaces(build).magic === magicPlace);
  const own = best(
    builds.map((build) => ({ build, choices: [] })),
    sectors,
    sectorBytes,
  );
  // Lengths and addresses that fit each other do not do so by chance.
  if (toldBytes === undefined && own !== undefined && own.records > 0 && own.flaws === 0) return own;
  const fixed = builds.flatMap((build): Candidate[] => {
    const lengths = toldBytes === undefined ? fixedLengths(build, sectors, sectorBytes) : [toldBytes];
    const [fixedBytes] = lengths;
    if (fixedBytes === undefined) return [];
    return [{ build: { ...build, fixedBytes }, choices: lengths.length > 1 ? lengths : [] }];
  });
  const other = best(
    fixed.filter(({ build }) => isLikelyTime(build, fixed, sectors)),
    sectors,
    sectorBytes,
  );
  if (other === undefined || (toldBytes === undefined && own !== undefined && score(own) >= score(other))) return own;
  return other;
}

interface Candidate {
  readonly build: TsdbBuild;
  readonly choices: readonly number[];
}

function best(
  candidates: readonly Candidate[],
  sectors: readonly Uint8Array[],
  sectorBytes: number,
): BuildFinding | undefined {
  const scored = candidates.map(({ build, choices }) => {
    const read = sectors.map((bytes) => readTsdbSector(bytes, build, sectorBytes));
    const sum = (of: (sector: (typeof read)[number]) => number): number =>
      read.reduce((total, sector) => total + of(sector), 0);
    const records = sum(({ entries }) => entries.length);
    const flaws = sum(({ flaws: all }) => all.filter(({ isCut }) => !isCut).length);
    return { build, choices, records, flaws, unclear: sum(({ status }) => (status.isLegal ? 0 : 1)) };
  });
  return scored.toSorted((a, b) => score(b) - score(a) || a.unclear - b.unclear)[0];
}

function score({ records, flaws }: Pick<BuildFinding, "records" | "flaws">): number {
  return records - 4 * flaws;
}

/**
 * With wide units an entry has room for either length of a time, and both read well. The upper half decides: filling is not a
 * time, and the upper half of a time of today in seconds to nanoseconds is a small number.
 */
function isLikelyTime(
  { timeBytes, granularity, layout, fixedBytes }: TsdbBuild,
  all: readonly Candidate[],
  sectors: readonly Uint8Array[],
): boolean {
  const other = all.find(
    ({ build }) => build.timeBytes !== timeBytes && build.granularity === granularity && build.layout === layout,
  );
  if (other === undefined) return true;
  const short = tsdbPlaces({ layout, granularity, timeBytes: 4, fixedBytes });
  const long = tsdbPlaces({ layout, granularity, timeBytes: 8, fixedBytes });
  if (short.entryBytes !== long.entryBytes || short.headerBytes !== long.headerBytes) return true;
  const uppers = sectors
    .map((bytes) => u32(bytes, long.headerBytes + long.time + 4))
    .filter((upper) => upper !== 0xffffffff);
  const isLong = uppers.length > 0 && uppers.every((upper) => upper > 0 && upper < 2 ** 30);
  return isLong === (timeBytes === 8);
}

/** Bytes that every record may have, from sectors of a build without lengths; the first one is the most likely. */
function fixedLengths(build: TsdbBuild, sectors: readonly Uint8Array[], sectorBytes: number): readonly number[] {
  const { unitBytes } = build.granularity;
  const indexes = sectors.map((bytes) => countEntries(build, bytes, sectorBytes)).filter(({ written }) => written > 0);
  // A single record that leaves no room is more likely an index that is read in terms of another build.
  if (indexes.every(({ written, isCrowded }) => written === 1 && isCrowded)) return [];
  const { headerBytes, entryBytes } = tsdbPlaces({ ...build, fixedBytes: unitBytes });
  let least = unitBytes;
  let most = sectorBytes;
  for (const { all, written, lowest, isFull } of indexes) {
    // All data lies within the slots of all entries, and the last written one has a byte in its own slot.
    least = Math.max(least, Math.ceil((sectorBytes - lowest) / all));
    if (written > 1) most = Math.min(most, (sectorBytes - lowest) / (written - 1));
    // One more did not fit into a full sector.
    if (isFull) least = Math.max(least, Math.floor((sectorBytes - headerBytes) / (all + 1) - entryBytes) + 1);
    most = Math.min(most, (sectorBytes - headerBytes) / all - entryBytes + 1);
  }
  const slots: number[] = [];
  for (let slot = Math.ceil(least / unitBytes) * unitBytes; slot < most; slot += unitBytes) slots.push(slot);
  const exact = slots.filter((slot) =>
    indexes.every(({ all, written, lowest }) => [all, written].some((count) => count * slot === sectorBytes - lowest)),
  );
  const chosen = exact.length > 0 ? exact : slots;
  return chosen.slice(0, MAX_CHOICES).map((slot) => slot - fillOf(build, sectors, sectorBytes, slot));
}

/** What the index of a sector shows of data without lengths. */
interface CountedIndex {
  /** Entries whose data may have been begun. */
  readonly all: number;
  /** Entries up to the last one that is complete. */
  readonly written: number;
  /** First byte after the index that is not erased. */
  readonly lowest: number;
  /** The sector took no more records. */
  readonly isFull: boolean;
  /** What is not erased begins where the index ends. */
  readonly isCrowded: boolean;
}

/** Entries by their status and time only, and where the data begins. */
function countEntries(build: TsdbBuild, bytes: Uint8Array, sectorBytes: number): CountedIndex {
  const least = { ...build, fixedBytes: build.granularity.unitBytes };
  const { headerBytes, entryBytes, time } = tsdbPlaces(least);
  const sector = readTsdbSector(bytes, least, sectorBytes);
  const last = sector.lastEntry ?? sectorBytes;
  let count = 0;
  let all = 0;
  let written = 0;
  for (let at = headerBytes; at <= last && at + entryBytes <= bytes.length; at += entryBytes) {
    const { value, isLegal } = readStatus(bytes, at, build.granularity, ENTRY_STATUSES);
    if (value === 0 || !isLegal) break;
    count++;
    // The time is written before the data.
    if (u32(bytes, at + time) !== 0xffffffff) all = count;
    if (value > 1) written = count;
  }
  const end = headerBytes + count * entryBytes;
  let lowest = end;
  while (lowest < sectorBytes && bytes[lowest] === 0xff) lowest++;
  const isFull = sector.lastEntry !== undefined;
  return { all: Math.max(all, written, 1), written, lowest, isFull, isCrowded: lowest === end };
}

/** Bytes at the end of each slot that are only filling: a slot is whole units. */
function fillOf(build: TsdbBuild, sectors: readonly Uint8Array[], sectorBytes: number, slotBytes: number): number {
  let fill = build.granularity.unitBytes - 1;
  for (const bytes of sectors) {
    const { written } = countEntries(build, bytes, sectorBytes);
    for (let index = 0; index < written && fill > 0; index++) {
      const end = sectorBytes - index * slotBytes;
      let own = 0;
      while (own < fill && bytes[end - 1 - own] === 0xff) own++;
      fill = own;
    }
  }
  return fill;
}
