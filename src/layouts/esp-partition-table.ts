/** The binary partition table of ESP-IDF; see ../storage/esp-idf/FORMAT.md. Pure. */
import { isFilledWith, sameBytes } from "../bytes.ts";
import { hashOf } from "../hashes/hashes.ts";
import { u16, u32 } from "../storage/little-endian.ts";

/** The sector that holds a table, bytes. */
export const TABLE_BYTES = 4096;
/** Where tables stand unless a project moves them. */
export const DEFAULT_TABLE_OFFSET = 0x8000;

/** Bytes of the rows. */
export const MAX_ROWS_BYTES = 0xc00;
const ROW_BYTES = 32;
const ROW_MAGIC = 0x50aa;
const MD5_MAGIC = 0xebeb;
const MD5_BYTES = 16;
const LABEL = { at: 12, lengthBytes: 16 };

/** Types by number. */
export const TYPE = { app: 0, data: 1, bootloader: 2, partitionTable: 3 } as const;
/** The subtype of data that is NVS. */
export const SUBTYPE_NVS = 2;

/** A partition. */
export interface EspPartition {
  /** Label, of up to 16 bytes. Any bytes are possible: print it escaped. */
  readonly name: string;
  /** See `TYPE`; 0x40 and more are of a project. */
  readonly type: number;
  readonly subtype: number;
  /** First byte, from the start of the flash. */
  readonly offset: number;
  readonly lengthBytes: number;
}

/** What the rows of a table contain. */
export interface EspTable {
  readonly partitions: readonly EspPartition[];
  /** Whether the MD5 of the rows is right; undefined without one. */
  readonly isMd5Valid: boolean | undefined;
  /** What keeps it from being a table, and where; undefined for a complete one. */
  readonly problem: { readonly offset: number; readonly text: string } | undefined;
}

/** Whether a table may start with these bytes. */
export function startsTable(bytes: Uint8Array): boolean {
  return u16(bytes, 0) === ROW_MAGIC;
}

/** Reads the rows up to the end mark, to `MAX_ROWS_BYTES`, or to the first row that is none. */
export function decodeEspTable(bytes: Uint8Array): EspTable {
  const partitions: EspPartition[] = [];
  let isMd5Valid: boolean | undefined;
  for (let at = 0; at + ROW_BYTES <= Math.min(bytes.length, MAX_ROWS_BYTES); at += ROW_BYTES) {
    const row = bytes.subarray(at, at + ROW_BYTES);
    if (isFilledWith(row, 0xff)) return { partitions, isMd5Valid, problem: undefined };
    if (u16(row, 0) === MD5_MAGIC && isMd5Valid === undefined) {
      isMd5Valid = sameBytes(row.subarray(ROW_BYTES - MD5_BYTES), hashOf("md5", bytes.subarray(0, at)));
      continue;
    }
    if (u16(row, 0) !== ROW_MAGIC || isMd5Valid !== undefined) {
      return { partitions, isMd5Valid, problem: { offset: at, text: "a row that is neither a partition nor the end" } };
    }
    partitions.push(decodeRow(row));
  }
  const offset = Math.min(bytes.length, MAX_ROWS_BYTES);
  return { partitions, isMd5Valid, problem: { offset, text: "the row of ff at its end is missing" } };
}

function decodeRow(row: Uint8Array): EspPartition {
  const label = row.subarray(LABEL.at, LABEL.at + LABEL.lengthBytes);
  const end = label.indexOf(0);
  return {
    name: new TextDecoder().decode(end < 0 ? label : label.subarray(0, end)),
    type: row[2] ?? 0,
    subtype: row[3] ?? 0,
    offset: u32(row, 4),
    lengthBytes: u32(row, 8),
  };
}
