/** The columns of a table of records: some that every record has, then those of its struct. */
import type { RecordStruct, StructField } from "../storage/struct-record.ts";
import { isUnscaled } from "../storage/struct-record.ts";
import type { MYNEWT_FIELDS } from "../storage/mynewt-log/record.ts";

/** Type of a column. `timestamp`: microseconds since 1970 (UTC), as a bigint. `f64` also holds NaN and infinities. */
export type ColumnType = "text" | "bool" | "i32" | "i64" | "u64" | "f32" | "f64" | "timestamp";

/** A value of a column; null if the record has none. `i64`, `u64` and `timestamp` are bigint. */
export type Cell = string | number | bigint | boolean | null;

/** A column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Every row has a value. */
  readonly isRequired: boolean;
}

function required(name: string, type: ColumnType): Column {
  return { name, type, isRequired: true };
}

function optional(name: string, type: ColumnType): Column {
  return { name, type, isRequired: false };
}

/** What every table begins with. `n` counts the records of a log, oldest first; it is null for damage. */
export const COMMON_COLUMNS: readonly Column[] = [
  required("serial", "text"),
  required("product", "text"),
  required("chip", "text"),
  required("chip_id", "text"),
  required("extraction", "text"),
  required("extracted_at", "timestamp"),
  required("layout", "text"),
  required("address", "i64"),
  optional("n", "i64"),
  required("sector", "i32"),
  required("offset", "i64"),
  required("length", "i64"),
  optional("time", "timestamp"),
  optional("log_time", "i64"),
  optional("log_status", "text"),
  required("unconfirmed", "bool"),
  required("short", "bool"),
  optional("damage", "text"),
];

/** Names that readers of the folders add. */
const FOLDER_NAMES = ["struct", "year", "month", "filename"];

/** Where the value of a field goes. */
export interface FieldColumns {
  /** Name in the struct. */
  readonly field: string;
  /** Place of its column. */
  readonly at: number;
  readonly type: ColumnType;
  /** Place of the column with its raw number, and the type of that. */
  readonly raw: { readonly at: number; readonly type: ColumnType } | undefined;
}

/** All columns of a table, and where the fields of a record go. */
export interface Columns {
  readonly all: readonly Column[];
  readonly fields: readonly FieldColumns[];
  /** Place of the data in hex, for records without a struct. */
  readonly dataAt: number | undefined;
}

/** A field before it has a place. */
interface WantedField {
  readonly field: string;
  readonly type: ColumnType;
  readonly rawType: ColumnType | undefined;
}

/** Columns of a struct. */
export function structColumns(struct: RecordStruct): Columns {
  return placed(
    struct.fields.flatMap((field) => wantedOf(field)),
    struct.timeField,
  );
}

/** Columns of Mynewt's log records. */
export function mynewtColumns(names: typeof MYNEWT_FIELDS): Columns {
  return placed(
    names.map((field) => ({ field, type: field === "log_index" ? "i64" : "text", rawType: undefined }) as const),
  );
}

/** Columns of records of which nothing is known. */
export function rawColumns(): Columns {
  return { all: [...COMMON_COLUMNS, optional("data", "text")], fields: [], dataAt: COMMON_COLUMNS.length };
}

function wantedOf({ name, content }: StructField): readonly WantedField[] {
  if (name === undefined) return [];
  switch (content.kind) {
    case "number": {
      const { type, values, time } = content;
      const stored = NUMBER_COLUMNS[type];
      if (time !== undefined) return [{ field: name, type: "timestamp", rawType: stored }];
      if (values !== undefined) return [{ field: name, type: "text", rawType: stored }];
      if (!isUnscaled(content)) return [{ field: name, type: "f64", rawType: stored }];
      return [{ field: name, type: stored, rawType: undefined }];
    }
    case "bool":
      return [{ field: name, type: "bool", rawType: undefined }];
    default:
      return [{ field: name, type: "text", rawType: undefined }];
  }
}

const NUMBER_COLUMNS = {
  u8: "i32",
  i8: "i32",
  u16: "i32",
  i16: "i32",
  u24: "i32",
  i24: "i32",
  u32: "i64",
  i32: "i32",
  u64: "u64",
  i64: "i64",
  f32: "f32",
  f64: "f64",
} as const;

function placed(wanted: readonly WantedField[], timeField?: string): Columns {
  const all = [...COMMON_COLUMNS];
  const timeAt = all.findIndex(({ name }) => name === "time");
  const names = new Names([...all.map(({ name }) => name), ...FOLDER_NAMES]);
  const add = (name: string, type: ColumnType): number => all.push(optional(names.take(name), type)) - 1;
  const placedFields = wanted.map((one) => {
    // The time of the record by that name has a column already.
    const isTime = one.field === timeField && one.field === "time";
    return { one, at: isTime ? timeAt : add(one.field, one.type) };
  });
  // After all fields: a raw number gives way to a field of that name.
  const fields = placedFields.map(({ one: { field, type, rawType }, at }) => {
    return {
      field,
      at,
      type,
      raw: rawType === undefined ? undefined : { at: add(`${field}_raw`, rawType), type: rawType },
    };
  });
  return { all, fields, dataAt: undefined };
}

/** Names that differ also for readers that do not tell capitals apart. */
class Names {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
  }

  take(wanted: string): string {
    let name = wanted;
    for (let tries = 1; this.#taken.has(name.toLowerCase()); tries++) {
      name = tries === 1 ? `field_${wanted}` : `field_${wanted}_${tries}`;
    }
    this.#taken.add(name.toLowerCase());
    return name;
  }
}
