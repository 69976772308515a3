/** A table as a Parquet file: every column with its type, times in microseconds (UTC), nothing guessed. */
import type { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import type { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import { createOutputFile, type OutputFile } from "../disk/replace-file.ts";
import { type Cell, type Column, type ColumnType, COMMON_COLUMNS } from "./columns.ts";

/** Rows of a row group: as many as fit into memory with ease, and enough for a reader to skip by statistics. */
const GROUP_ROWS = 50_000;

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

const ELEMENTS: Readonly<Record<ColumnType, Omit<Element, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  bool: { type: "BOOLEAN" },
  i32: { type: "INT32" },
  i64: { type: "INT64" },
  // Without the logical type, which hyparquet-writer 0.17.0 writes in a form that DuckDB refuses.
  u64: { type: "INT64", converted_type: "UINT_64" },
  f32: { type: "FLOAT" },
  f64: { type: "DOUBLE" },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
};

/** A table that is being written. */
export class ParquetFile {
  readonly #columns: readonly Column[];
  readonly #output: OutputFile;
  readonly #bytes: ByteWriter;
  readonly #parquet: ParquetWriter;
  #cells: Cell[][];
  #rows = 0;
  #writtenBytes = 0;

  private constructor(
    columns: readonly Column[],
    output: OutputFile,
    bytes: ByteWriter,
    makeWriter: (bytes: ByteWriter) => ParquetWriter,
  ) {
    this.#columns = columns;
    this.#output = output;
    this.#bytes = bytes;
    this.#parquet = makeWriter(bytes);
    this.#cells = columns.map(() => []);
  }

  /** A file that appears under `path` at its commit. Throws FILE_EXISTS. */
  static create(path: string, columns: readonly Column[], createdBy: string): Promise<ParquetFile> {
    return ParquetFile.into(createOutputFile(path), columns, createdBy);
  }

  /** The same into an open output. */
  static async into(output: OutputFile, columns: readonly Column[], createdBy: string): Promise<ParquetFile> {
    // Here: the program starts without them.
    const [{ ByteWriter: Bytes }, { ParquetWriter: Writer }] = await Promise.all([
      import("hyparquet-writer/src/bytewriter.js"),
      import("hyparquet-writer/src/parquet-writer.js"),
    ]);
    const root: Element = { name: "record", num_children: columns.length };
    const schema = [root, ...columns.map(elementOf)];
    return new ParquetFile(
      columns,
      output,
      new Bytes(),
      // Statistics as whole values: a reader that finds a serial by them needs no more than its file.
      (writer) => new Writer({ writer, schema, createdBy, statisticsTruncateLength: Number.POSITIVE_INFINITY }),
    );
  }

  /** Rows added so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes written so far, without the rows of the group that is not full. */
  get lengthBytes(): number {
    return this.#writtenBytes;
  }

  /** Adds a row with a cell for each column. Throws FILE_EXISTS if the disk is full. */
  add(row: readonly Cell[]): void {
    for (let at = 0; at < this.#columns.length; at++) this.#cells[at]?.push(row[at] ?? null);
    this.#rows++;
    if (this.#rows % GROUP_ROWS === 0) this.#flush();
  }

  /** Writes what is left; the file is whole then, and not yet under its name. */
  finish(): void {
    this.#flush();
    void this.#parquet.finish();
    this.#drain();
  }

  /** The file appears under its name. After `finish` only. */
  commit(): void {
    this.#output.commit();
  }

  /** Nothing of it remains. After `commit` it does nothing. */
  abort(): void {
    this.#output.abort();
  }

  #flush(): void {
    if ((this.#cells[0]?.length ?? 0) === 0) return;
    const columnData = this.#columns.map(({ name }, at) => {
      // Readers skip files by units and times; for fields statistics cost more than they save.
      return { name, data: this.#cells[at] ?? [], statistics: at < COMMON_COLUMNS.length };
    });
    // Without a flush of the writer it returns nothing to wait for.
    void this.#parquet.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.#cells = this.#columns.map(() => []);
    this.#drain();
  }

  #drain(): void {
    const bytes = this.#bytes.getBytes();
    this.#output.write(bytes);
    this.#writtenBytes += bytes.length;
    this.#bytes.index = 0;
  }
}

function elementOf({ name, type, isRequired }: Column): Element {
  return { name, ...ELEMENTS[type], repetition_type: isRequired ? "REQUIRED" : "OPTIONAL" };
}
