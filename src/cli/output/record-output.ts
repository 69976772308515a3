/**
 * Records of a log as lines: JSON, CSV or hex. Whatever bytes a device stored, no control character, formula or second
 * line of theirs reaches the reader: data is hex, text is escaped.
 */
import { printable, toHex } from "../../bytes.ts";
import type { LogDamage, LogRecord } from "../../storage/record-log.ts";
import type { DecodedField } from "../../storage/decode-record.ts";
import type { JsonFields, JsonValue } from "../program/outcome.ts";
import { csvLine } from "./csv.ts";
import { hexRow } from "./hex-dump.ts";
import { jsonText } from "./json-text.ts";

export type RecordFormat = "jsonl" | "csv" | "hex";

/** A record and its number in this output, from 0. */
export interface NumberedRecord {
  readonly index: number;
  readonly record: LogRecord;
  /** Its fields, where a struct was given. */
  readonly fields: readonly DecodedField[] | undefined;
}

/** How one format writes things; every answer is whole lines. */
export interface RecordOutput {
  readonly begin: string;
  record(record: NumberedRecord): string;
  /** `address`: where on the chip. "" if the format has no place for it: the caller then says it on stderr. */
  damage(damage: LogDamage, address: number): string;
}

/** What gives a format its columns: the fields of a struct, or of records of a known kind. */
export type Columns = { readonly fields: readonly { readonly name: string | undefined }[] };

/** The writer of a format; `struct` gives it columns; `hasTime`: the format of the log keeps a time and a state. */
export function recordOutput(format: RecordFormat, struct: Columns | undefined, hasTime = false): RecordOutput {
  switch (format) {
    case "jsonl":
      return jsonOutput;
    case "csv":
      return csvOutput(struct, hasTime);
    case "hex":
      return hexOutput;
  }
}

const jsonOutput: RecordOutput = {
  begin: "",
  record: ({ index, record, fields }) => {
    const { sector, offset, data, isUnconfirmed } = record;
    // By hand, since it is written a million times: numbers and hex digits need no escaping.
    const place = `"index":${index},"sector":${sector},"offset":${offset},"length":${data.length}${ownJson(record)}`;
    const doubt = isUnconfirmed ? ',"unconfirmed":true' : "";
    const decoded = fields === undefined ? "" : `,"fields":${jsonText(jsonFields(fields))}`;
    return `{"v":1,"type":"record",${place},"data":"${toHex(data)}"${doubt}${decoded}}\n`;
  },
  damage: ({ sector, offset, lengthBytes, reason }, address) =>
    jsonLine("damage", { sector, offset, address, length: lengthBytes, reason }),
};

/** What the format itself keeps of a record. */
function ownJson({ time, status }: LogRecord): string {
  if (time === undefined) return "";
  const isSafe = Number.isSafeInteger(Number(time));
  return `,"time":${isSafe ? String(time) : `"${time}"`},"status":${JSON.stringify(status ?? "")}`;
}

function jsonLine(type: string, fields: JsonFields): string {
  return `${jsonText({ v: 1, type, ...fields })}\n`;
}

/** Without a prototype, so that a field named like a property of all objects stays a name. */
function jsonFields(fields: readonly DecodedField[]): JsonFields {
  const object: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
  for (const { name, value, text } of fields) {
    object[name] = typeof value === "bigint" ? (Number.isSafeInteger(Number(value)) ? Number(value) : text) : value;
  }
  return object;
}

const PLACES: readonly string[] = ["index", "sector", "offset"];
/** Columns of what the format itself keeps. */
const OWN: readonly string[] = ["time", "status"];
const DOUBT = "unconfirmed";

/**
 * The column of a field: its name, unless a column of every record has that name; then `field.NAME`, in as many steps
 * as it takes.
 */
export function columnName(name: string, _index: number, names: readonly string[]): string {
  let column = name;
  while (PLACES.includes(column) || column === DOUBT || (column !== name && names.includes(column))) {
    column = `field.${column}`;
  }
  return column;
}

function csvOutput(struct: Columns | undefined, hasTime: boolean): RecordOutput {
  const own = hasTime ? OWN : [];
  const columns = struct === undefined ? ["length", "data"] : struct.fields.flatMap(({ name }) => name ?? []);
  return {
    begin: csvLine([
      ...PLACES,
      ...own,
      ...columns.map(columnName).map((name) => (own.includes(name) ? `field.${name}` : name)),
      DOUBT,
    ]),
    record: ({ index, record, fields }) => {
      const cells =
        struct === undefined
          ? [String(record.data.length), toHex(record.data)]
          : columns.map((name) => fields?.find((field) => field.name === name)?.text ?? "");
      const place = [index, record.sector, record.offset].map(String);
      const kept = hasTime ? [String(record.time ?? ""), record.status ?? ""] : [];
      return csvLine([...place, ...kept, ...cells, record.isUnconfirmed ? "1" : ""]);
    },
    damage: () => "",
  };
}

const ROW_BYTES = 16;

const hexOutput: RecordOutput = {
  begin: "",
  record: ({ index, record, fields }) => {
    const doubt = record.isUnconfirmed ? ", unconfirmed" : "";
    const own = record.time === undefined ? "" : `, time ${record.time}, ${record.status ?? ""}`;
    const head = `record ${index}: sector ${record.sector}, offset ${record.offset}, ${record.data.length} bytes${own}${doubt}\n`;
    if (fields !== undefined) return head + fields.map(({ name, text }) => `  ${printable(name)}  ${text}\n`).join("");
    let rows = "";
    for (let at = 0; at < record.data.length; at += ROW_BYTES) {
      rows += `${hexRow(at, record.data.subarray(at, at + ROW_BYTES))}\n`;
    }
    return head + rows;
  },
  damage: () => "",
};
