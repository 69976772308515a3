/**
 * The records of one TSDB sector. Pure, ends on any bytes. There is no checksum: what can be checked is that data lies
 * without gaps.
 */
import { u32 } from "../little-endian.ts";
import {
  END_WRITTEN,
  ENTRY_STATUSES,
  SECTOR_STATUSES,
  TSDB_MAGIC,
  type TsdbBuild,
  type TsdbPlaces,
  tsdbPlaces,
} from "./tsdb-format.ts";
import { readStatus, type Status, up } from "./status.ts";
import { sameBytes } from "../../bytes.ts";

/** What a device may do with a record; FlashDB hands out all of them. */
export type TsdbStatus = "write" | "user1" | "deleted" | "user2";

/** Entries whose addresses are compared to find the place of a sector. */
const MAX_VOTES = 16;
/** No flaw: the index ends. */
const END = "";
const CUT = "the record was begun and not finished, so a power cut has left it";
/** Names of the status values 2 to 5. */
const NAMES: readonly (TsdbStatus | undefined)[] = [undefined, undefined, "write", "user1", "deleted", "user2"];

/** A record and where it lies, offsets from the start of its sector. */
export interface TsdbEntry {
  /** Offset of its index entry. */
  readonly offset: number;
  /** Offset of its data. */
  readonly dataOffset: number;
  /** Length of its data, bytes. */
  readonly lengthBytes: number;
  /** Its time, in the unit of the device. */
  readonly time: bigint;
  /** What the device has done with it. */
  readonly status: TsdbStatus;
}

/** An index entry that is not valid. */
export interface TsdbFlaw {
  /** Offset of the index entry. */
  readonly offset: number;
  /** What is wrong, as the middle of a sentence. */
  readonly reason: string;
  /** A power cut leaves this: the record was never finished. */
  readonly isCut: boolean;
}

/** What a sector holds. */
export interface TsdbSector {
  /** It begins with the magic at the place of this build. */
  readonly hasMagic: boolean;
  /** Its status. */
  readonly status: Status;
  /** Valid records, in order. */
  readonly entries: readonly TsdbEntry[];
  /** Index entries that are not valid. */
  readonly flaws: readonly TsdbFlaw[];
  /** Where the sector lies in its database by its first address, bytes; undefined if nothing shows it. */
  readonly placeInDatabase: number | undefined;
  /** Offset of the last entry as the header has it; undefined until the sector is full. */
  readonly lastEntry: number | undefined;
}

/**
 * Reads a sector of a known build. `bytes` may be only its start: then entries count whose data lies after the end of `bytes`,
 * as long as their index entries are in it.
 */
export function readTsdbSector(bytes: Uint8Array, build: TsdbBuild, sectorBytes: number): TsdbSector {
  return new SectorWalk(bytes, build, sectorBytes).run();
}

class SectorWalk {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #build: TsdbBuild;
  readonly #places: TsdbPlaces;
  readonly #sectorBytes: number;
  readonly #entries: TsdbEntry[] = [];
  readonly #flaws: TsdbFlaw[] = [];
  /** Start of the lowest data so far, from the start of the sector. */
  #lowest: number;
  /** Data before this entry may be missing: a gap is right. */
  #mayHaveGap = false;
  #place: number | undefined;
  /** The place that most addresses name, so that one damaged address does not speak for all. */
  readonly #namedPlace: number | undefined;

  constructor(bytes: Uint8Array, build: TsdbBuild, sectorBytes: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#build = build;
    this.#places = tsdbPlaces(build);
    this.#sectorBytes = sectorBytes;
    this.#lowest = sectorBytes;
    this.#namedPlace = build.fixedBytes === undefined ? this.#mostNamedPlace() : undefined;
  }

  run(): TsdbSector {
    const { magic, headerBytes, entryBytes } = this.#places;
    const end = this.#lastEntry();
    for (let at = headerBytes; at + entryBytes <= Math.min(this.#lowest, this.#bytes.length); at += entryBytes) {
      const isAfterEnd = end !== undefined && at > end;
      // Without addresses only the noted end tells entries from data. A full sector has no room after it.
      if (isAfterEnd && this.#build.fixedBytes !== undefined) {
        if (this.#hasRoom(at)) this.#flaw(at, "the sector is full, but its last entry is noted before its end");
        break;
      }
      const flaw = this.#readEntry(at);
      if (flaw === END) break;
      if (flaw === undefined) continue;
      this.#mayHaveGap = true;
      // After the last entry of a full sector there may be data of a record that was cut.
      if (!isAfterEnd) this.#flaw(at, flaw);
    }
    return {
      hasMagic: sameBytes(this.#bytes.subarray(magic, magic + TSDB_MAGIC.length), TSDB_MAGIC),
      status: readStatus(this.#bytes, 0, this.#build.granularity, SECTOR_STATUSES),
      entries: this.#entries,
      flaws: this.#flaws,
      placeInDatabase: this.#place ?? this.#placeByEnd(),
      lastEntry: end,
    };
  }

  #flaw(offset: number, reason: string): void {
    this.#flaws.push({ offset, reason, isCut: reason === CUT });
  }

  /** Whether one more entry at `at` would have had room for its data. */
  #hasRoom(at: number): boolean {
    return typeof this.#data(at) !== "string";
  }

  /** Reads the entry at `at`; returns what is wrong with it, or that the index ends before it. */
  #readEntry(at: number): string | undefined {
    const { granularity } = this.#build;
    const status = readStatus(this.#bytes, at, granularity, ENTRY_STATUSES);
    if (status.value === 0) {
      const isBlank = this.#bytes.subarray(at, at + this.#places.entryBytes).every((byte) => byte === 0xff);
      return isBlank ? END : "the entry has no status";
    }
    if (status.value === 1) return CUT;
    const name = NAMES[status.value];
    const data = this.#data(at);
    if (typeof data === "string" || name === undefined)
      return typeof data === "string" ? data : "its status is unknown";
    const time = this.#time(at);
    this.#lowest = data.dataOffset;
    this.#mayHaveGap = false;
    this.#entries.push({ offset: at, ...data, time, status: name });
    if (!status.isLegal) this.#flaw(at, "the status of the record is damaged");
    const { dataOffset, lengthBytes } = data;
    const fill = this.#bytes.subarray(dataOffset + lengthBytes, dataOffset + up(granularity, lengthBytes));
    if (fill.some((byte) => byte !== 0xff)) this.#flaw(at, "its length ends before its data: one of them is damaged");
    const before = this.#entries.at(-2);
    if (before !== undefined && time <= before.time) {
      this.#flaw(at, "the record is not later than the one before it: one of the times is damaged");
    }
    return undefined;
  }

  /** Where the data of the entry at `at` lies, or why it cannot be there. */
  #data(at: number): Pick<TsdbEntry, "dataOffset" | "lengthBytes"> | string {
    const { granularity, fixedBytes } = this.#build;
    const { length, headerBytes, entryBytes } = this.#places;
    if (fixedBytes !== undefined) {
      const index = (at - headerBytes) / entryBytes;
      const dataOffset = this.#sectorBytes - (index + 1) * up(granularity, fixedBytes);
      return dataOffset < at + entryBytes
        ? "its data would overlap the index"
        : { dataOffset, lengthBytes: fixedBytes };
    }
    const lengthBytes = u32(this.#bytes, at + length);
    const address = u32(this.#bytes, at + length + 4);
    const end = address + up(granularity, lengthBytes);
    // The first data of a sector ends where the sector does, which says where the sector is.
    const place =
      this.#place ??
      this.#namedPlace ??
      (this.#mayHaveGap ? Math.floor((end - 1) / this.#sectorBytes) * this.#sectorBytes : end - this.#sectorBytes);
    const dataOffset = address - place;
    const isFit = this.#mayHaveGap ? end - place <= this.#lowest : end - place === this.#lowest;
    if (place < 0 || place % this.#sectorBytes !== 0 || !isFit || dataOffset < at + entryBytes) {
      return "its length and address do not fit the records around it";
    }
    this.#place = place;
    return { dataOffset, lengthBytes };
  }

  /** Start of the sector in its database by the addresses of the first entries; undefined if they do not agree. */
  #mostNamedPlace(): number | undefined {
    const { granularity } = this.#build;
    const { length, headerBytes, entryBytes } = this.#places;
    const votes = new Map<number, number>();
    for (let index = 0; index < MAX_VOTES; index++) {
      const at = headerBytes + index * entryBytes;
      if (at + entryBytes > this.#bytes.length) break;
      const { value } = readStatus(this.#bytes, at, granularity, ENTRY_STATUSES);
      if (value === 0) break;
      if (value === 1) continue;
      const end = u32(this.#bytes, at + length + 4) + up(granularity, u32(this.#bytes, at + length));
      const place = Math.floor((end - 1) / this.#sectorBytes) * this.#sectorBytes;
      votes.set(place, (votes.get(place) ?? 0) + 1);
    }
    const [first, second] = [...votes].toSorted(([, a], [, b]) => b - a);
    return first === undefined || first[1] === second?.[1] ? undefined : first[0];
  }

  #time(at: number): bigint {
    const offset = at + this.#places.time;
    return this.#build.timeBytes === 4
      ? BigInt(this.#view.getInt32(offset, true))
      : this.#view.getBigInt64(offset, true);
  }

  /** The address of the last entry as a valid end information has it. */
  #endAddress(): number | undefined {
    const { granularity } = this.#build;
    const end = this.#places.ends.find(
      ({ status }) => readStatus(this.#bytes, status, granularity, ENTRY_STATUSES).value === END_WRITTEN,
    );
    return end === undefined ? undefined : u32(this.#bytes, end.index);
  }

  /** Offset of the last entry in the sector. */
  #lastEntry(): number | undefined {
    const address = this.#endAddress();
    return address === undefined ? undefined : address % this.#sectorBytes;
  }

  #placeByEnd(): number | undefined {
    const address = this.#endAddress();
    return address === undefined ? undefined : address - (address % this.#sectorBytes);
  }
}
