/**
 * Partition tables of ESP-IDF as CSV: lines `Name, Type, SubType, Offset, Size, Flags`. Source: espressif/esp-idf,
 * commit 10212290, gen_esp32part.py and its documentation. An offset that is left out follows the line before, aligned;
 * a negative size is an end. Pure.
 */
import { formatAddress } from "../bytes.ts";
import { checkNames, type Layout, type LayoutRegion, textInvalid, type TextPlace } from "./layout.ts";
import { DEFAULT_TABLE_OFFSET, TABLE_BYTES, TYPE } from "./esp-partition-table.ts";
import { espTypeText, subtypesOf } from "./esp-types.ts";
import { linesOf } from "./text-lines.ts";

const ALIGN_APP = 0x10000;
const ALIGN_OTHER = 0x1000;
const MAX_NAME_BYTES = 16;
const FLAGS = ["", "encrypted", "readonly"];
const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };

/** A line, cut at its commas. */
interface Row {
  readonly fields: readonly string[];
  readonly columns: readonly number[];
  readonly line: number;
}

/** Whether the first line of a text that is not a comment has the fields of this format. */
export function looksLikeEspCsv(text: string): boolean {
  const first = linesOf(text).find(({ words }) => words !== "" && !words.startsWith("#"))?.words ?? "";
  return first.split(",").length >= 4;
}

/** Reads it. `name` is for messages. Throws FILE_INVALID with line and column. */
export function parseEspCsv(text: string, name: string): Layout {
  const regions: LayoutRegion[] = [];
  const places: TextPlace[] = [];
  const notes = new Set<string>();
  let end = DEFAULT_TABLE_OFFSET + TABLE_BYTES;
  for (const row of rowsOf(text)) {
    const at = (field: number): TextPlace => ({
      line: row.line,
      column: row.columns[field] ?? row.columns.at(-1) ?? 1,
    });
    const fail = (field: number, reason: string): Error => textInvalid(name, at(field), reason);
    const label = labelOf(row, fail);
    const type = numberOf(row.fields[1] ?? "", TYPES);
    if (type === undefined) throw fail(1, "the type is app, data, or a number");
    const subtype = subtypeOf(row, type, fail);
    if (type === TYPE.bootloader || type === TYPE.partitionTable) {
      notes.add(`${label} is left out: its place depends on the chip and the project`);
      continue;
    }
    checkFlags(row, fail);
    const offset = offsetOf(row, type, end, notes, fail);
    if (offset < end && regions.length > 0) {
      throw fail(3, `the offset ${formatAddress(offset)} is before the end of the line before, ${formatAddress(end)}`);
    }
    const lengthBytes = sizeOf(row, offset, fail);
    regions.push({ name: label, address: offset, lengthBytes, about: espTypeText(type, subtype) });
    places.push(at(0));
    end = offset + lengthBytes;
  }
  if (regions.length === 0) throw textInvalid(name, { line: 1, column: 1 }, "no line has a partition");
  checkNames(name, regions, (index) => places[index] ?? { line: 1, column: 1 });
  return { kind: "esp-partitions", regions, notes: [...notes] };
}

const TYPES: ReadonlyMap<string, number> = new Map([
  ["app", TYPE.app],
  ["data", TYPE.data],
  ["bootloader", TYPE.bootloader],
  ["partition_table", TYPE.partitionTable],
]);

function* rowsOf(text: string): Generator<Row> {
  for (const { words, line, column } of linesOf(text)) {
    if (words === "" || words.startsWith("#")) continue;
    const fields: string[] = [];
    const columns: number[] = [];
    let at = column;
    for (const field of words.split(",")) {
      fields.push(field.trim());
      columns.push(at + field.length - field.trimStart().length);
      at += field.length + 1;
    }
    yield { fields, columns, line };
  }
}

type Fail = (field: number, reason: string) => Error;

function labelOf({ fields }: Row, fail: Fail): string {
  const [label = ""] = fields;
  if (fields.some((field) => field.includes("$"))) {
    throw fail(0, "the line has a variable ($NAME), which only the build of the project can fill in");
  }
  if (fields.length < 5) throw fail(0, "expected Name, Type, SubType, Offset, Size");
  if (label === "") throw fail(0, "the name is missing");
  if (new TextEncoder().encode(label).length > MAX_NAME_BYTES) throw fail(0, "the name has more than 16 bytes");
  return label;
}

function subtypeOf({ fields }: Row, type: number, fail: Fail): number {
  const text = fields[2] ?? "";
  if (text === "" && type === TYPE.app) throw fail(2, "an app needs a subtype, such as factory or ota_0");
  // A project may add names: they do not change the place.
  return text === "" ? 0x06 : (numberOf(text, subtypesOf(type)) ?? 0xff);
}

function checkFlags({ fields }: Row, fail: Fail): void {
  for (const flag of (fields[5] ?? "").split(":")) {
    if (!FLAGS.includes(flag.trim())) throw fail(5, "the flags are encrypted and readonly, with a colon between them");
  }
}

function offsetOf({ fields }: Row, type: number, end: number, notes: Set<string>, fail: Fail): number {
  const text = fields[3] ?? "";
  if (text === "") {
    const align = type === TYPE.app ? ALIGN_APP : ALIGN_OTHER;
    if (end === DEFAULT_TABLE_OFFSET + TABLE_BYTES) {
      notes.add(`the offset of ${fields[0] ?? ""} is not specified: it is counted from a partition table at 0x8000`);
    }
    return Math.ceil(end / align) * align;
  }
  const offset = numberOf(text, new Map());
  if (offset === undefined || offset < 0) throw fail(3, "the offset is a number such as 0x10000, 64K or 1M");
  return offset;
}

function sizeOf({ fields }: Row, offset: number, fail: Fail): number {
  const size = numberOf(fields[4] ?? "", new Map());
  const lengthBytes = size === undefined ? 0 : size < 0 ? -size - offset : size;
  if (lengthBytes <= 0) throw fail(4, "the size is a number such as 0x10000, 64K or 1M");
  return lengthBytes;
}

/** As the tool reads numbers: 0x, 0b, 0o or decimal, with a sign and K or M after it; or one of the words. */
function numberOf(text: string, words: ReadonlyMap<string, number>): number | undefined {
  const word = words.get(text.toLowerCase());
  if (word !== undefined) return word;
  const found = /^(?<sign>-?)(?<digits>0x[0-9a-f]+|0b[01]+|0o[0-7]+|[0-9]+)(?<unit>[km]?)$/i.exec(text)?.groups;
  if (found === undefined) return undefined;
  const value = Number(found["digits"]) * (UNITS[(found["unit"] ?? "").toLowerCase()] ?? 1);
  if (!Number.isSafeInteger(value) || value > 2 ** 32) return undefined;
  return found["sign"] === "-" ? -value : value;
}
