/**
 * A FlashDB TSDB as a log of records, read only. It reads on where FlashDB itself gives nothing or formats: the order
 * comes from the times, not from the states of the sectors, and a torn sector costs only itself.
 */
import { advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import type {
  LogDamage,
  LogPlace,
  LogRecord,
  LogSector,
  LogSectorState,
  ReadRecordsOptions,
  RecordLog,
} from "../record-log.ts";
import type { TsdbShape } from "./recognise-tsdb.ts";
import { SECTOR_STATUS, tsdbPlaces } from "./tsdb-format.ts";
import { readTsdbSector, type TsdbSector, type TsdbStatus } from "./tsdb-sector.ts";

/** A record of a TSDB. */
export interface TsdbRecord extends LogRecord {
  /** Its time, in the unit of the device. */
  readonly time: bigint;
  /** What the device has done with it. */
  readonly status: TsdbStatus;
}

/** Entries that are read to find the first time of a sector. */
const FIRST_ENTRIES = 8;

interface SectorHead {
  readonly sector: number;
  readonly state: LogSectorState;
  /** Time of its first record; undefined if it has none. */
  readonly firstTime: bigint | undefined;
}

/** The records of one database. */
export class TsdbLog implements RecordLog {
  readonly sectorBytes: number;
  /** No record was ever written. */
  readonly isBlank: boolean;
  readonly #region: ReadableRegion;
  readonly #shape: TsdbShape;
  readonly #heads: readonly SectorHead[];

  private constructor(region: ReadableRegion, shape: TsdbShape, heads: readonly SectorHead[]) {
    this.sectorBytes = shape.sectorBytes;
    this.#region = region;
    this.#shape = shape;
    this.#heads = heads;
    this.isBlank = heads.every(({ state }) => state === "free");
  }

  /** Reads the start of every sector. */
  static async mount(region: ReadableRegion, shape: TsdbShape): Promise<TsdbLog> {
    const heads: SectorHead[] = [];
    for (let sector = 0; sector < shape.lengthBytes / shape.sectorBytes; sector++) {
      heads.push(await readHead(region, shape, sector));
    }
    return new TsdbLog(region, shape, heads);
  }

  async *records({ last }: ReadRecordsOptions = {}): AsyncGenerator<TsdbRecord | LogDamage> {
    const order = this.#order();
    if (last === undefined) yield* this.#torn();
    let previous: bigint | undefined;
    for (const items of last === undefined ? this.#all(order) : [await this.#newest(order, last)]) {
      for (const item of await items) {
        if (item.kind === "record") {
          if (previous !== undefined && item.time <= previous && item.offset === this.#firstOffset()) {
            yield this.#damage(item, 0, "the sector begins before the end of the one before it: a time is damaged");
          }
          previous = item.time;
        }
        yield item;
      }
    }
  }

  /** The records of one sector, with damage where it is. Throws ERANGE for a sector that the database has not. */
  async *recordsOfSector(sector: number): AsyncGenerator<TsdbRecord | LogDamage> {
    if (this.#heads[sector] === undefined) {
      const message = `there is no sector ${sector}: the log has ${this.#heads.length}, from 0`;
      throw new NorbridgeError("ERANGE", message, { operation: "read log" });
    }
    yield* await this.#sector(sector);
  }

  sectors(): Promise<readonly LogSector[]> {
    return Promise.resolve(this.#heads.map(({ sector, state }) => ({ sector, state })));
  }

  /** Always throws EINVAL: the format is read only. */
  append(): Promise<LogPlace> {
    return Promise.reject(readOnly("append"));
  }

  /** Always throws EINVAL: the format is read only. */
  clear(): Promise<void> {
    return Promise.reject(readOnly("clear"));
  }

  /** Sectors with records, oldest first. */
  #order(): readonly SectorHead[] {
    const used = this.#heads.filter(({ firstTime }) => firstTime !== undefined);
    return used.toSorted((a, b) => compare(a.firstTime ?? 0n, b.firstTime ?? 0n) || a.sector - b.sector);
  }

  *#all(order: readonly SectorHead[]): Generator<Promise<readonly (TsdbRecord | LogDamage)[]>> {
    for (const { sector } of order) yield this.#sector(sector);
    for (const { sector, state, firstTime } of this.#heads) {
      if (firstTime === undefined && state === "used") yield this.#sector(sector);
    }
  }

  async #newest(order: readonly SectorHead[], last: number): Promise<readonly (TsdbRecord | LogDamage)[]> {
    const parts: (readonly (TsdbRecord | LogDamage)[])[] = [];
    let count = 0;
    for (const { sector } of order.toReversed()) {
      if (count >= last) break;
      const items = await this.#sector(sector);
      parts.unshift(items);
      count += items.filter(({ kind }) => kind === "record").length;
    }
    let surplus = count - last;
    return parts.flat().filter((item) => {
      if (item.kind === "record") return --surplus < 0;
      return surplus <= 0;
    });
  }

  *#torn(): Generator<LogDamage> {
    for (const { sector, state } of this.#heads) {
      if (state !== "torn") continue;
      const reason = "the sector has no valid header: its erase or format was cut, or it is damaged";
      yield { kind: "damage", sector, offset: 0, lengthBytes: this.sectorBytes, reason };
    }
  }

  /** All of a sector, in order. */
  async #sector(sector: number): Promise<readonly (TsdbRecord | LogDamage)[]> {
    const bytes = await this.#region.read(this.#startOf(sector), this.sectorBytes);
    const read = readTsdbSector(bytes, this.#shape.build, this.sectorBytes);
    const isUnconfirmed = !read.hasMagic || read.status.value === SECTOR_STATUS.unused;
    const records = read.entries.map(
      ({ offset, dataOffset, lengthBytes, time, status }): TsdbRecord => ({
        kind: "record",
        sector,
        offset,
        data: bytes.slice(dataOffset, dataOffset + lengthBytes),
        isUnconfirmed,
        time,
        status,
      }),
    );
    const { entryBytes } = tsdbPlaces(this.#shape.build);
    const damage = read.flaws.map(({ offset, reason }) => this.#damage({ sector, offset }, entryBytes, reason));
    if (isUnconfirmed && read.hasMagic && records.length > 0) {
      damage.push(
        this.#damage(
          { sector, offset: 0 },
          1,
          "the status of the sector is erased: an erase was cut, its records may be damaged",
        ),
      );
    }
    return [...records, ...damage].toSorted((a, b) => a.offset - b.offset || (a.kind === "damage" ? -1 : 1));
  }

  #damage({ sector, offset }: LogPlace, lengthBytes: number, reason: string): LogDamage {
    return { kind: "damage", sector, offset, lengthBytes, reason };
  }

  #firstOffset(): number {
    return tsdbPlaces(this.#shape.build).headerBytes;
  }

  #startOf(sector: number): number {
    return this.#shape.offset + sector * this.sectorBytes;
  }
}

async function readHead(
  region: ReadableRegion,
  { offset, sectorBytes, build }: TsdbShape,
  sector: number,
): Promise<SectorHead> {
  const { headerBytes, entryBytes } = tsdbPlaces(build);
  const start = offset + sector * sectorBytes;
  const bytes = await region.read(start, Math.min(sectorBytes, headerBytes + FIRST_ENTRIES * entryBytes));
  let head = readTsdbSector(bytes, build, sectorBytes);
  // All of the first records were cut: the first whole one comes later.
  if (head.hasMagic && head.entries.length === 0 && head.flaws.length >= FIRST_ENTRIES) {
    head = readTsdbSector(await region.read(start, sectorBytes), build, sectorBytes);
  }
  const isEmpty = head.entries.length === 0 && head.flaws.length === 0;
  // Records that name this very sector belong to it, whatever became of its header.
  const isOwn = head.hasMagic || (build.fixedBytes === undefined && head.placeInDatabase === sector * sectorBytes);
  const firstTime = isOwn ? head.entries[0]?.time : undefined;
  return { sector, state: stateOf(head, isEmpty), firstTime };
}

function stateOf({ hasMagic, status }: TsdbSector, isEmpty: boolean): LogSectorState {
  if (!hasMagic) return "torn";
  if (isEmpty && status.value <= SECTOR_STATUS.using) return "free";
  return status.value === SECTOR_STATUS.using ? "active" : "used";
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readOnly(verb: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `FlashDB is read only: the log was not changed`, {
    operation: `log ${verb}`,
    hint: advice("Only the device itself writes to it."),
  });
}
