/** Decodes the dumps of an extraction into Parquet files, one for each struct, and notes that in the index. */
import { dirname, join } from "node:path";
import { isoTime, wallClockMs } from "../clock.ts";
import { throwIfAborted } from "../disk/or-canceled.ts";
import { logsOf, rowUnit } from "./decode-dumps.ts";
import { makeStoreFolder } from "./dump-store.ts";
import type { RecordHints, UnreadLog } from "./find-logs.ts";
import { ParquetFile } from "./parquet-file.ts";
import { noRows, type RowCounts, rowsOf } from "./record-rows.ts";
import type { ExtractionStore } from "./extraction-store.ts";
import type { DecodedLog, DecodeLine, ExtractionLine } from "./store-lines.ts";
import { type DecodableLog, DECODER_VERSION, RAW_NAME, type StructChoice, type Table } from "./tables.ts";

/** How to decode. */
export interface DecodeRequest {
  readonly structs: StructChoice;
  readonly hints: RecordHints;
  /** What is current of this extraction; none if it was never decoded. */
  readonly before: readonly DecodeLine[];
  readonly signal?: AbortSignal | undefined;
}

/** What was decoded. */
export interface DecodeReport {
  /** One for each struct. */
  readonly lines: readonly DecodeLine[];
  /** Logs that were recognised and could not be read: their dumps are stored. */
  readonly unread: readonly UnreadLog[];
}

/** Rows between two looks whether the user cancels. */
const ROWS_AT_ONCE = 4096;

/**
 * Decodes an extraction. A struct of the same name that decoded it before is replaced; its file stays until the store is swept.
 * Throws FILE_INVALID for a damaged dump, FILE_EXISTS if the disk does not take the records, ECANCELED.
 */
export async function decodeExtraction(
  store: ExtractionStore,
  extraction: ExtractionLine,
  request: DecodeRequest,
): Promise<DecodeReport> {
  const { structs, hints, signal } = request;
  const { logs, unread } = await logsOf(store.dumps, extraction, structs, hints, signal);
  const lines: DecodeLine[] = [];
  for (const group of byTable(logs)) lines.push(await decodeGroup(store, extraction, group, request));
  await dropCovered(store, request.before, lines);
  return { lines, unread };
}

/** Bytes as they are stand for a log only as long as nothing better is known of it: then their table becomes empty. */
async function dropCovered(
  store: ExtractionStore,
  before: readonly DecodeLine[],
  lines: readonly DecodeLine[],
): Promise<void> {
  const raw = before.find(({ struct }) => struct === RAW_NAME);
  const covered = new Set(lines.flatMap(({ logs }) => logs.map(({ address }) => address)));
  if (raw === undefined || raw.logs.length === 0 || lines.some(({ struct }) => struct === RAW_NAME)) return;
  if (!raw.logs.every(({ address }) => covered.has(address))) return;
  await store.note({ ...raw, time: isoTime(wallClockMs()), logs: [], file: "" });
}

interface TableLogs {
  readonly table: Table;
  readonly logs: DecodableLog[];
}

/** Logs of one table, in order of place. */
function byTable(logs: readonly DecodableLog[]): Iterable<TableLogs> {
  const groups = new Map<string, TableLogs>();
  for (const one of logs) {
    const { table } = one;
    const group = groups.get(table.folder) ?? { table, logs: [] };
    group.logs.push(one);
    groups.set(table.folder, group);
  }
  return groups.values();
}

async function decodeGroup(
  store: ExtractionStore,
  extraction: ExtractionLine,
  { table, logs }: TableLogs,
  { hints, signal }: DecodeRequest,
): Promise<DecodeLine> {
  const path = recordsPath(table.folder, extraction.time, extraction.id);
  const target = join(store.folder, path);
  let file: ParquetFile | undefined;
  try {
    const decoded: DecodedLog[] = [];
    for (const one of logs) {
      const counts = noRows();
      for await (const row of rowsOf(one.log.log, rowUnit(extraction, one), one.decoder, table.columns, counts)) {
        if (file === undefined) {
          makeStoreFolder(dirname(target));
          file = await ParquetFile.create(target, table.columns.all, store.program);
        }
        file.add(row);
        if (file.rows % ROWS_AT_ONCE === 0) throwIfAborted(signal, "decoding records");
      }
      decoded.push(decodedLog(one, counts));
    }
    file?.finish();
    const line: DecodeLine = {
      type: "decode",
      time: isoTime(wallClockMs()),
      extraction: extraction.id,
      struct: table.name,
      structSha256: table.structSha256,
      decoder: DECODER_VERSION,
      recordBytes: hints.recordBytes ?? 0,
      logs: decoded,
      file: file === undefined ? "" : path,
    };
    await store.note(line, () => file?.commit());
    return line;
  } finally {
    file?.abort();
  }
}

/** Where the records of an extraction go, relative to the store, with slashes. `time`: ISO 8601. */
export function recordsPath(folder: string, time: string, name: string): string {
  const [year = "", month = ""] = time.split("-");
  return `records/struct=${folder}/year=${year}/month=${month}/${name}.parquet`;
}

function decodedLog({ log }: DecodableLog, counts: RowCounts): DecodedLog {
  const { records, unconfirmed, damaged, short, firstUs, lastUs } = counts;
  const timeText = (us: bigint | undefined): string => (us === undefined ? "" : isoTime(Number(us / 1000n)));
  return {
    address: log.address,
    lengthBytes: log.lengthBytes,
    layout: log.layout,
    records,
    unconfirmed,
    damaged,
    short,
    firstTime: timeText(firstUs),
    lastTime: timeText(lastUs),
    orderDoubt: log.log.orderDoubt ?? "",
  };
}
