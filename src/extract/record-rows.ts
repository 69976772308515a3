/** The records of a log as rows of a table. Nothing is left out: damage is a row as well. */
import { realClock } from "../clock.ts";
import type { LogDamage, LogRecord, RecordLog } from "../storage/record-log.ts";
import type { DecodedField } from "../storage/decode-record.ts";
import { toHex } from "../bytes.ts";
import type { Cell, Columns, ColumnType, FieldColumns } from "./columns.ts";
import { COMMON_COLUMNS } from "./columns.ts";
import type { Decoder } from "./record-decoder.ts";

/** What is the same for all rows of a log. */
export interface RowUnit {
  readonly serial: string;
  readonly product: string;
  readonly chip: string;
  readonly chipId: string;
  readonly extraction: string;
  /** Milliseconds since 1970. */
  readonly extractedAtMs: number;
  readonly layout: string;
  readonly address: number;
}

/** Sums over the rows of a log. */
export interface RowCounts {
  records: number;
  unconfirmed: number;
  damaged: number;
  short: number;
  /** First and last time of a record, microseconds since 1970. */
  firstUs: bigint | undefined;
  lastUs: bigint | undefined;
}

/** Sums of no rows. */
export function noRows(): RowCounts {
  return { records: 0, unconfirmed: 0, damaged: 0, short: 0, firstUs: undefined, lastUs: undefined };
}

/** Items between two turns of others. */
const ITEMS_AT_ONCE = 4096;

/** The years 1 to 9999, which every reader of timestamps has. */
const FIRST_US = -62_135_596_800_000_000n;
const LAST_US = 253_402_300_799_999_999n;

/** Microseconds since 1970; null if no calendar has such a time. */
function microseconds(timeMs: number): bigint | null {
  if (!Number.isFinite(timeMs)) return null;
  const whole = Math.floor(timeMs);
  // Apart, since a fraction of 13 digits is not exact.
  const us = BigInt(whole) * 1000n + BigInt(Math.round((timeMs - whole) * 1000));
  return us >= FIRST_US && us <= LAST_US ? us : null;
}

/** All items of a log: in its order, then those of sectors that nothing places. */
async function* allItems(log: RecordLog): AsyncGenerator<LogRecord | LogDamage> {
  for await (const item of log.records()) yield item;
  for (const sector of log.sectorsOutOfOrder ?? []) {
    for await (const item of log.recordsOfSector?.(sector) ?? []) yield item;
  }
}

/**
 * The rows of a log, each with a cell for each of `columns.all`. `counts` grows as rows come. The memory of a row is that of the
 * caller: each is a new array.
 */
export async function* rowsOf(
  log: RecordLog,
  unit: RowUnit,
  decoder: Decoder | undefined,
  columns: Columns,
  counts: RowCounts,
): AsyncGenerator<Cell[]> {
  const byName = new Map(columns.fields.map((one) => [one.field, one]));
  const timeName = decoder?.timeField;
  const template = templateOf(unit, columns);
  let items = 0;
  for await (const item of allItems(log)) {
    // All is in memory: without this Ctrl-C would not be noticed before the end.
    if (++items % ITEMS_AT_ONCE === 0) await realClock.wait(0);
    // A copy of a row that is the same each time costs less than one put together.
    const row = template.slice();
    row[AT.sector] = item.sector;
    row[AT.offset] = BigInt(item.offset);
    if (item.kind === "damage") {
      counts.damaged++;
      row[AT.length] = BigInt(item.lengthBytes);
      row[AT.damage] = item.reason;
      yield row;
      continue;
    }
    const { data, time, status, isUnconfirmed } = item;
    const decoded = decoder?.decode(data);
    const timeMs = decoded?.fields.find(({ name }) => name === timeName)?.timeMs;
    const timeUs = timeMs === undefined ? null : microseconds(timeMs);
    const isShort = decoded?.isComplete === false;
    row[AT.n] = BigInt(counts.records);
    row[AT.length] = BigInt(data.length);
    row[AT.time] = timeUs;
    if (time !== undefined) row[AT.log_time] = BigInt.asIntN(64, time);
    if (status !== undefined) row[AT.log_status] = status;
    row[AT.unconfirmed] = isUnconfirmed;
    row[AT.short] = isShort;
    if (columns.dataAt !== undefined) row[columns.dataAt] = toHex(data);
    for (const field of decoded?.fields ?? []) {
      const place = byName.get(field.name);
      if (place !== undefined) fill(row, place, field);
    }
    countRecord(counts, isUnconfirmed, isShort, timeUs);
    yield row;
  }
}

/** Places of the columns that differ from row to row. */
const AT = {
  n: placeOf("n"),
  sector: placeOf("sector"),
  offset: placeOf("offset"),
  length: placeOf("length"),
  time: placeOf("time"),
  log_time: placeOf("log_time"),
  log_status: placeOf("log_status"),
  unconfirmed: placeOf("unconfirmed"),
  short: placeOf("short"),
  damage: placeOf("damage"),
};

function placeOf(name: string): number {
  return COMMON_COLUMNS.findIndex((column) => column.name === name);
}

/** A row with what all rows of a log have in common. */
function templateOf(unit: RowUnit, { all }: Columns): Cell[] {
  const common: Readonly<Record<string, Cell>> = {
    serial: unit.serial,
    product: unit.product,
    chip: unit.chip,
    chip_id: unit.chipId,
    extraction: unit.extraction,
    extracted_at: BigInt(unit.extractedAtMs) * 1000n,
    layout: unit.layout,
    address: BigInt(unit.address),
    unconfirmed: false,
    short: false,
  };
  return all.map(({ name }, at) => (at < COMMON_COLUMNS.length ? (common[name] ?? null) : null));
}

function countRecord(counts: RowCounts, isUnconfirmed: boolean, isShort: boolean, timeUs: bigint | null): void {
  counts.records++;
  if (isUnconfirmed) counts.unconfirmed++;
  if (isShort) counts.short++;
  if (timeUs === null) return;
  if (counts.firstUs === undefined || timeUs < counts.firstUs) counts.firstUs = timeUs;
  if (counts.lastUs === undefined || timeUs > counts.lastUs) counts.lastUs = timeUs;
}

function fill(row: Cell[], { at, type, raw }: FieldColumns, field: DecodedField): void {
  row[at] = cellOf(type, field);
  if (raw !== undefined && field.raw !== undefined) row[raw.at] = numberCell(raw.type, field.raw);
}

function cellOf(type: ColumnType, { value, text, timeMs }: DecodedField): Cell {
  switch (type) {
    case "timestamp":
      return timeMs === undefined ? null : microseconds(timeMs);
    case "bool":
      return value === true;
    case "text":
      // A number without a name among named ones, or an item of CBOR.
      return typeof value === "object" || typeof value === "boolean" ? JSON.stringify(value) : text;
    default:
      if (typeof value === "number" || typeof value === "bigint") return numberCell(type, value);
      // "NaN", "Infinity": JSON has no such numbers.
      return numberCell(type, Number(text));
  }
}

function numberCell(type: ColumnType, value: number | bigint): Cell {
  return type === "i64" || type === "u64" ? BigInt(value) : Number(value);
}
