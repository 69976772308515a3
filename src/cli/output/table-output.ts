/**
 * A table of records as CSV, JSON lines or Parquet. Whatever text a device stored is harmless to a spreadsheet and a
 * terminal.
 */
import type { OutputFile } from "../../disk/replace-file.ts";
import { NorbridgeError } from "../../errors.ts";
import { cellJson, cellText } from "../../extract/cell-text.ts";
import type { Cell, Column } from "../../extract/columns.ts";
import { ParquetFile } from "../../extract/parquet-file.ts";
import { csvLine } from "./csv.ts";
import { jsonText } from "./json-text.ts";

export type TableFormat = "csv" | "jsonl" | "parquet";

/** Takes rows, then the end. */
export interface TableOutput {
  add(row: readonly Cell[]): void;
  /** All is written; a file appears under its name. */
  finish(): void;
}

/** Text is handed on in pieces of about this size. */
const FLUSH_CHARACTERS = 32 * 1024;

/** `sink`: where text goes; `file`: the same if it is a file, which Parquet needs. */
export async function tableOutput(
  format: TableFormat,
  columns: readonly Column[],
  sink: Pick<OutputFile, "write">,
  file: OutputFile | undefined,
  program: string,
): Promise<TableOutput> {
  if (format !== "parquet") {
    return new TextTable(format === "csv" ? csvLines(columns) : jsonLines(columns), sink, file);
  }
  if (file === undefined) throw new NorbridgeError("BUG", "Parquet without a file", { operation: "logs export" });
  const parquet = await ParquetFile.into(file, columns, program);
  return {
    add: (row) => {
      parquet.add(row);
    },
    finish: () => {
      parquet.finish();
      parquet.commit();
    },
  };
}

interface Lines {
  readonly begin: string;
  line(row: readonly Cell[]): string;
}

function csvLines(columns: readonly Column[]): Lines {
  return {
    begin: csvLine(columns.map(({ name }) => name)),
    line: (row) => csvLine(columns.map(({ type }, at) => cellText(row[at] ?? null, type))),
  };
}

function jsonLines(columns: readonly Column[]): Lines {
  return {
    begin: "",
    line: (row) =>
      `${jsonText(Object.fromEntries(columns.map(({ name, type }, at) => [name, cellJson(row[at] ?? null, type)])))}\n`,
  };
}

class TextTable implements TableOutput {
  readonly #lines: Lines;
  readonly #sink: Pick<OutputFile, "write">;
  readonly #file: OutputFile | undefined;
  #text: string;

  constructor(lines: Lines, sink: Pick<OutputFile, "write">, file: OutputFile | undefined) {
    this.#lines = lines;
    this.#sink = sink;
    this.#file = file;
    this.#text = lines.begin;
  }

  add(row: readonly Cell[]): void {
    this.#text += this.#lines.line(row);
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
  }

  finish(): void {
    this.#flush();
    this.#file?.commit();
  }

  #flush(): void {
    this.#sink.write(new TextEncoder().encode(this.#text));
    this.#text = "";
  }
}
