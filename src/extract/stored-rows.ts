/** The rows of what was decoded before, made again from the dumps by the same struct. */
import { logsOf, rowUnit } from "./decode-dumps.ts";
import type { Cell } from "./columns.ts";
import type { ExtractionStore } from "./extraction-store.ts";
import { noRows, rowsOf } from "./record-rows.ts";
import type { DecodeLine, ExtractionLine } from "./store-lines.ts";
import type { StructFile } from "./struct-store.ts";
import { type DecodableLog, knownTable, NO_STRUCT, type StructChoice, structTable, type Table } from "./tables.ts";

/** Reads struct files of a store, each once. */
export class StructCache {
  readonly #store: ExtractionStore;
  readonly #files = new Map<string, Promise<StructFile>>();

  constructor(store: ExtractionStore) {
    this.#store = store;
  }

  /** The structs by which these lines of one extraction were decoded. Throws FILE_INVALID. */
  async choiceOf(lines: Iterable<DecodeLine>, signal?: AbortSignal): Promise<StructChoice> {
    const byAddress = new Map<number, StructFile>();
    for (const { structSha256, struct, logs } of lines) {
      if (structSha256 === "") continue;
      const file = await this.#get(structSha256, struct, signal);
      for (const { address } of logs) byAddress.set(address, file);
    }
    return { ...NO_STRUCT, byAddress };
  }

  /** The table of a decode. Throws FILE_INVALID. */
  async tableOf({ structSha256, struct }: DecodeLine, signal?: AbortSignal): Promise<Table> {
    return structSha256 === "" ? knownTable(struct) : structTable(await this.#get(structSha256, struct, signal));
  }

  #get(sha256: string, name: string, signal: AbortSignal | undefined): Promise<StructFile> {
    const key = `${sha256} ${name}`;
    const file = this.#files.get(key) ?? this.#store.structs.get(sha256, name, signal);
    this.#files.set(key, file);
    return file;
  }
}

/** A decode that can be made again. */
export interface StoredDecode {
  readonly extraction: ExtractionLine;
  readonly line: DecodeLine;
}

/** The logs of a decode, with their struct. Throws FILE_INVALID for a damaged dump or struct, ECANCELED. */
export async function storedLogs(
  store: ExtractionStore,
  structs: StructCache,
  { extraction, line }: StoredDecode,
  signal?: AbortSignal,
): Promise<readonly DecodableLog[]> {
  const hints = { recordBytes: line.recordBytes === 0 ? undefined : line.recordBytes };
  const { logs } = await logsOf(store.dumps, extraction, await structs.choiceOf([line], signal), hints, signal);
  const wanted = new Set(line.logs.map(({ address }) => address));
  return logs.filter(({ log, table }) => table.name === line.struct && wanted.has(log.address));
}

/** Their rows, in order of place. */
export async function* storedRows(
  extraction: ExtractionLine,
  logs: readonly DecodableLog[],
): AsyncGenerator<readonly Cell[]> {
  for (const one of logs) {
    yield* rowsOf(one.log.log, rowUnit(extraction, one), one.decoder, one.table.columns, noRows());
  }
}
