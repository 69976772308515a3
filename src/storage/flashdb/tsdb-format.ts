/**
 * The bytes of a FlashDB TSDB: the places in a sector header and an index entry, for each way to build it. Pure; see
 * FORMAT.md.
 */
import { type Granularity, GRANULARITIES, statusBytes, up } from "./status.ts";

/** "TSL0". */
export const TSDB_MAGIC = Uint8Array.of(0x54, 0x53, 0x4c, 0x30);
/** Values of a sector's status. */
export const SECTOR_STATUS = { unused: 0, empty: 1, using: 2, full: 3 } as const;
/** Number of values of a sector's status. */
export const SECTOR_STATUSES = 4;
/** Number of values of the status of a record or node. */
export const ENTRY_STATUSES = 6;
/** Value of the status of an end information that is valid. */
export const END_WRITTEN = 2;

/** How a firmware was built: nothing of it is on the flash. */
export interface TsdbBuild {
  /** Header of 2.2 and later, or of 1.0 to 2.1. */
  readonly layout: "2.2" | "2.1";
  /** Write granularity. */
  readonly granularity: Granularity;
  /** Length of a time, bytes. */
  readonly timeBytes: 4 | 8;
  /** All data have this length; undefined: each entry has its own. */
  readonly fixedBytes: number | undefined;
}

/** Where the end of a full sector is noted, offsets from the start of the sector. */
interface EndPlaces {
  readonly index: number;
  readonly status: number;
}

/** Offsets in a sector and in an index entry, bytes. */
export interface TsdbPlaces {
  /** The magic, from the start of the sector. */
  readonly magic: number;
  /** Both notes of the last entry. */
  readonly ends: readonly [EndPlaces, EndPlaces];
  /** Length of the sector header. */
  readonly headerBytes: number;
  /** The time, from the start of an entry. */
  readonly time: number;
  /** The length of the data, from the start of an entry; the address follows it. Unused with fixed lengths. */
  readonly length: number;
  /** Length of an entry. */
  readonly entryBytes: number;
}

/** The places of a build. */
export function tsdbPlaces(build: TsdbBuild): TsdbPlaces {
  const { granularity, timeBytes, fixedBytes } = build;
  const statusOfEntry = statusBytes(granularity, ENTRY_STATUSES);
  const time = align(statusOfEntry, timeBytes);
  const length = time + timeBytes;
  // An entry is a C struct: padded to its largest field, then to whole units.
  const end = fixedBytes === undefined ? length + 8 : length;
  const entryBytes = up(granularity, align(end, timeBytes));
  const header = build.layout === "2.2" ? packedHeader(build) : structHeader(build);
  return { ...header, time, length, entryBytes };
}

type HeaderPlaces = Pick<TsdbPlaces, "magic" | "ends" | "headerBytes">;

function packedHeader({ granularity, timeBytes }: TsdbBuild): HeaderPlaces {
  const magic = statusBytes(granularity, SECTOR_STATUSES);
  const infoBytes = up(granularity, timeBytes) + up(granularity, 4) + statusBytes(granularity, ENTRY_STATUSES);
  const first = magic + up(granularity, 4) + up(granularity, timeBytes);
  const ends = [first, first + infoBytes].map((at) => {
    const index = at + up(granularity, timeBytes);
    return { index, status: index + up(granularity, 4) };
  });
  const reserved = align(first + 2 * infoBytes, 4);
  return { magic, ends: pair(ends), headerBytes: up(granularity, align(reserved + up(granularity, 4), 4)) };
}

function structHeader({ granularity, timeBytes }: TsdbBuild): HeaderPlaces {
  const magic = align(statusBytes(granularity, SECTOR_STATUSES), 4);
  const first = align(magic + 4, timeBytes) + timeBytes;
  const infoBytes = align(timeBytes + 4 + statusBytes(granularity, ENTRY_STATUSES), timeBytes);
  const ends = [first, first + infoBytes].map((at) => ({ index: at + timeBytes, status: at + timeBytes + 4 }));
  return { magic, ends: pair(ends), headerBytes: up(granularity, align(first + 2 * infoBytes + 4, timeBytes)) };
}

function pair(ends: readonly EndPlaces[]): readonly [EndPlaces, EndPlaces] {
  const [first = { index: 0, status: 0 }, second = first] = ends;
  return [first, second];
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** Every build with entries of their own length, 2.2 first. */
export const TSDB_BUILDS: readonly TsdbBuild[] = (["2.2", "2.1"] as const).flatMap((layout) =>
  GRANULARITIES.filter(({ unitBytes }) => layout === "2.2" || unitBytes <= 4).flatMap((granularity) =>
    ([4, 8] as const).map((timeBytes) => ({ layout, granularity, timeBytes, fixedBytes: undefined })),
  ),
);
