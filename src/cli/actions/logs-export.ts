/** `norbridge logs export`: the records of a store as one table. */
import { printable } from "../../bytes.ts";
import { throwIfAborted } from "../../disk/or-canceled.ts";
import { createOutputFile, type OutputFile } from "../../disk/replace-file.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ExtractionStore } from "../../extract/extraction-store.ts";
import { MergedColumns } from "../../extract/merged-columns.ts";
import { decodesOf, selected, type Selection } from "../../extract/selection.ts";
import { type StoredDecode, storedLogs, storedRows, StructCache } from "../../extract/stored-rows.ts";
import type { Table } from "../../extract/tables.ts";
import { count } from "../../runner/quantities.ts";
import type { Outcome } from "../program/outcome.ts";
import { tableOutput, type TableFormat } from "../output/table-output.ts";
import type { Session } from "../program/session.ts";
import { noExtraction, openStore } from "./open-store.ts";

export interface LogsExportRequest {
  readonly store: string;
  readonly format: TableFormat;
  /** Path, or `-` for stdout. */
  readonly file: string;
  /** Name of a struct; undefined: the only one. */
  readonly table: string | undefined;
  readonly selection: Selection;
}

export async function logsExport(request: LogsExportRequest, session: Session): Promise<Outcome> {
  const { signal, report } = session;
  const isStdout = request.file === "-";
  if (isStdout) {
    report.stdoutCarriesData();
    session.endWithStdout();
  }
  const store = openStore(request.store);
  const state = await store.state(signal);
  const extractions = selected(state, request.selection);
  if (extractions.length === 0) return noExtraction(state);
  const decodes = ofOneTable(decodesOf(state, extractions), request.table);
  const cache = new StructCache(store);
  const output = isStdout ? undefined : createOutputFile(request.file);
  try {
    const done = await exportTable(store, decodes, cache, output, request.format, session);
    const fields = { file: isStdout ? undefined : request.file, ...done };
    const target = isStdout ? "stdout" : printable(request.file);
    const summary = `${count(done.rows, "row")} of ${count(done.extractions, "extraction")} written to ${target}`;
    return { kind: "done", summary, fields };
  } finally {
    output?.abort();
  }
}

/** Throws LAYOUT_MISMATCH if there are several structs, or none with the name. */
function ofOneTable(all: readonly StoredDecode[], name: string | undefined): readonly StoredDecode[] {
  const decodes = all.filter(({ line }) => line.file !== "" && (name === undefined || line.struct === name));
  const names = [...new Set(all.filter(({ line }) => line.file !== "").map(({ line }) => line.struct))];
  const operation = "logs export";
  if (names.length === 0) {
    throw new NorbridgeError("CHECK_FAILED", "no records are in this selection", {
      operation,
      hint: "`norbridge logs decode` decodes what is not decoded yet.",
    });
  }
  const listed = names.map(printable).join(", ");
  if (decodes.length === 0) {
    const message = `no records of the struct ${printable(name ?? "")} are in this selection`;
    throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint: `There are: ${listed}.` });
  }
  if (name === undefined && names.length > 1) {
    const message = `the selection has records of ${names.length} structs: ${listed}`;
    throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint: "Specify one of them with --table." });
  }
  return decodes;
}

interface ExportDone {
  readonly [name: string]: number;
  readonly rows: number;
  readonly extractions: number;
}

async function exportTable(
  store: ExtractionStore,
  decodes: readonly StoredDecode[],
  cache: StructCache,
  output: OutputFile | undefined,
  format: TableFormat,
  session: Session,
): Promise<ExportDone> {
  const { report, signal } = session;
  const tables = new Map<string, Table>();
  for (const { line } of decodes) {
    const table = await cache.tableOf(line, signal);
    tables.set(table.folder, table);
  }
  const columns = new MergedColumns(tables.values());
  const sink = output ?? { write: (bytes: Uint8Array) => report.lines(new TextDecoder().decode(bytes)) };
  const table = await tableOutput(format, columns.all, sink, output, store.program);
  let rows = 0;
  report.waitsFor(`the records of ${count(decodes.length, "extraction")}`);
  for (const decode of decodes) {
    for (const one of await storedLogs(store, cache, decode, signal)) {
      for await (const row of storedRows(decode.extraction, [one])) {
        table.add(columns.rowOf(one.table, row));
        rows++;
        if (rows % ROWS_AT_ONCE !== 0) continue;
        throwIfAborted(signal, "exporting records");
        await report.room(signal);
      }
    }
  }
  table.finish();
  return { rows, extractions: decodes.length };
}

/** Rows between two looks whether the reader keeps up. */
const ROWS_AT_ONCE = 512;
