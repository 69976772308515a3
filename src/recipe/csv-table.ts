/** The customer's table of values: a CSV file that is read and never changed. Every cell is text, as it stands there. */
import { CsvError, parse } from "csv-parse/sync";
import { printable } from "../bytes.ts";
import type { Complaint, TextPlace } from "./complaint.ts";

/** A cell with its place. */
export interface CsvCell extends TextPlace {
  readonly text: string;
}

/** A row: the cells that are used, by their column. */
export type CsvRow = ReadonlyMap<string, CsvCell>;

/** Which columns are used. */
export interface CsvUse {
  readonly key: string;
  readonly columns: readonly string[];
}

/** A table whose key column has each text once. */
export interface CsvTable {
  readonly file: string;
  readonly rows: ReadonlyMap<string, CsvRow>;
}

/** What spreadsheets make of a long number when they save it: 1.23457E+13, always with a sign. `8E07` may be hex. */
const SPREADSHEET_NUMBER = /^-?[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,}$/i;

/** Whether a spreadsheet has rounded a number to this text: its digits are lost. */
export function isSpreadsheetNumber(text: string): boolean {
  return SPREADSHEET_NUMBER.test(text);
}

/**
 * Reads a table with a header line; `,`, `;` or tab between the cells. Complains about an empty or a doubled key, a
 * missing column, a row with another number of cells, and a key that a spreadsheet has rounded.
 */
export function readCsv(
  file: string,
  text: string,
  use: CsvUse,
): { readonly table: CsvTable; readonly complaints: readonly Complaint[] } {
  const complaints: Complaint[] = [];
  const rows = new Map<string, CsvRow>();
  const table = { file, rows };
  const complain = ({ line, column }: TextPlace, message: string): void => {
    complaints.push({ file, line, column, message });
  };
  const records = recordsOf(file, text, complaints);
  const [header, ...body] = records;
  if (header === undefined) {
    if (complaints.length === 0) complain({ line: 1, column: 1 }, "the file has no header line");
    return { table, complaints };
  }
  const names = header.map((cell) => cell.text.trim());
  const columns = [use.key, ...use.columns].flatMap((name) => {
    const index = names.indexOf(name);
    if (index >= 0 && names.indexOf(name, index + 1) < 0) return [{ name, index }];
    const columnList = names.map((one) => printable(one)).join(", ");
    const what =
      index < 0
        ? `there is no column ${printable(name)}; there are ${columnList}`
        : `the column ${printable(name)} stands twice`;
    complain({ line: 1, column: 1 }, what);
    return [];
  });
  if (columns[0]?.name !== use.key) return { table, complaints };
  for (const cells of body) {
    const [first] = cells;
    if (first === undefined) continue;
    if (cells.length !== names.length) {
      complain(first, `the row has ${cells.length} cells, and the header ${names.length}`);
      continue;
    }
    const row = new Map(
      columns.flatMap(({ name, index }) => (cells[index] === undefined ? [] : [[name, cells[index]]])),
    );
    const key = row.get(use.key);
    if (key === undefined) continue;
    if (key.text === "") complain(key, `the key ${printable(use.key)} is empty`);
    else if (rows.has(key.text)) complain(key, `the key ${printable(key.text)} stands twice`);
    else if (isSpreadsheetNumber(key.text)) {
      complain(key, `${printable(key.text)} is a number that a spreadsheet has rounded; format the column as text`);
    } else rows.set(key.text, row);
  }
  return { table, complaints };
}

function recordsOf(file: string, text: string, complaints: Complaint[]): readonly (readonly CsvCell[])[] {
  const delimiter = delimiterOf(text);
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: 1_000_000,
    });
    const places = cellPlaces(text.replace(/^\ufeff/, ""), delimiter);
    return records.map((record, index) =>
      record.map((cell, number) => {
        const place = places[index]?.[number] ?? { line: index + 1, column: 1 };
        return { text: cell, ...place };
      }),
    );
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error["lines"] ?? 1);
    const message = CSV_WORDS[error.code] ?? `not valid CSV: ${printable(error.message)}`;
    complaints.push({ file, line, column: 1, message });
    return [];
  }
}

const CSV_WORDS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is not closed",
  INVALID_OPENING_QUOTE: "a quote stands inside a cell that does not start with one",
  CSV_INVALID_CLOSING_QUOTE: "a quote inside a cell is not doubled",
  CSV_MAX_RECORD_SIZE: "a row is too long",
};

/** The one that stands most often in the first line, outside of quotes. */
function delimiterOf(text: string): string {
  const [header = ""] = text.replace(/"[^"]*"/g, "").split(/\r?\n/, 1);
  const count = (mark: string): number => header.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** Where each cell of each row that is not empty starts, in a text that the parser has accepted. */
function cellPlaces(text: string, delimiter: string): readonly (readonly TextPlace[])[] {
  const rows: TextPlace[][] = [];
  let row: TextPlace[] = [];
  let line = 1;
  let column = 1;
  let isQuoted = false;
  let isEmpty = true;
  for (let at = 0; at <= text.length; at++) {
    const character = text.charAt(at);
    if (row.length === 0) row.push({ line, column });
    const isEnd = character === "\n" || character === "";
    if (isEnd && !isQuoted) {
      if (!isEmpty) rows.push(row);
      row = [];
      isEmpty = true;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (!isEnd && character !== "\r") isEmpty = false;
    column++;
    if (character === "\n") {
      line++;
      column = 1;
    }
    if (character === delimiter && !isQuoted) row.push({ line, column });
  }
  return rows;
}
