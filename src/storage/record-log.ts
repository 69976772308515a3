/**
 * The face that all logs of records share towards jobs and the command line; their own full interfaces stay faithful to
 * the originals.
 */

/** Where something lies: a sector counted from the start of the region, and bytes from the start of that sector. */
export interface LogPlace {
  /** Sector, counted from the start of the region, from 0. */
  readonly sector: number;
  /** Where the record with its length field or marker begins, not its data. */
  readonly offset: number;
}

export interface LogRecord extends LogPlace {
  /** Always "record". */
  readonly kind: "record";
  /** Where the data begins, bytes from the start of the sector; left out by a log whose records have no such place. */
  readonly dataOffset?: number | undefined;
  /** The data of the record, without length field and check byte. */
  readonly data: Uint8Array;
  /**
   * Whether a power cut could have left this: the check byte reads like erased flash, so that it was possibly never written
   * and an 8-bit CRC fits by chance (once in 256). Such a record is shown, but should not be relied on.
   */
  readonly isUnconfirmed: boolean;
  /** The time that the format itself keeps, in the unit of the device; undefined if it keeps none. */
  readonly time?: bigint | undefined;
  /** The state that the format itself keeps: "write", "deleted", ...; undefined if it keeps none. */
  readonly status?: string | undefined;
}

/** Bytes that are neither free nor a record: passed over, reported. */
export interface LogDamage extends LogPlace {
  /** Always "damage". */
  readonly kind: "damage";
  /** Length of the damaged stretch, bytes. */
  readonly lengthBytes: number;
  /** What is wrong, as the middle of a sentence: "the check byte does not fit". */
  readonly reason: string;
}

/** What `log info` draws: `torn` was begun and never finished, `bad` is not usable or not of this log. */
export type LogSectorState = "used" | "active" | "free" | "bad" | "torn";

/** The state of one sector. */
export interface LogSector {
  /** Sector, counted from the start of the region, from 0. */
  readonly sector: number;
  /** What the sector is used for. */
  readonly state: LogSectorState;
}

/** Which records to read. Without options: all of them. */
export interface ReadRecordsOptions {
  /** Only the newest n records; the older ones are not read. */
  readonly last?: number | undefined;
}

/** What all logs of records have in common. */
export interface RecordLog {
  /** Size of a sector: what `LogPlace.sector` counts. */
  readonly sectorBytes: number;
  /**
   * Why the order of the records is not certain, as a sentence without its full stop; undefined if it is certain. Left
   * out by logs of which no doubt is known.
   */
  readonly orderDoubt?: string | undefined;
  /** Sectors of the log that `records` leaves out, as nothing tells where they belong. `recordsOfSector` reads them. */
  readonly sectorsOutOfOrder?: readonly number[] | undefined;
  /** Records oldest first, with damage where it lies. Reads only: nothing is ever programmed or erased here. */
  records(options?: ReadRecordsOptions): AsyncIterable<LogRecord | LogDamage>;
  /** The records of one sector, in their order; none for one that is not of the log. Left out by logs without sectors. */
  recordsOfSector?(sector: number): AsyncIterable<LogRecord | LogDamage>;
  /** Every sector of the region, in order of place. Reads only. */
  sectors(): Promise<readonly LogSector[]>;
  /**
   * Adds a record and returns where it went; the bytes were read back as a digest and are right. Throws EINVAL for a length
   * that the format has not, ENOSPC if nothing is free, EIO if the flash did not take it.
   */
  append(data: Uint8Array): Promise<LogPlace>;
  /** Removes all records. */
  clear(): Promise<void>;
}
