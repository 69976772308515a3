/**
 * Joins the many small files of a month. The rows are made again from the dumps, sorted by serial and time. The new file is whole
 * and in the index before an old one is removed.
 */
import { dirname, join } from "node:path";
import { isoTime, wallClockMs } from "../clock.ts";
import { fileIsThere } from "../disk/folder.ts";
import { throwIfAborted } from "../disk/or-canceled.ts";
import { openRegularFile } from "../disk/regular-file.ts";
import { NorbridgeError } from "../errors.ts";
import type { Cell, Columns } from "./columns.ts";
import { newId } from "./extract-unit.ts";
import type { ExtractionStore } from "./extraction-store.ts";
import { ParquetFile } from "./parquet-file.ts";
import type { CompactLine } from "./store-lines.ts";
import { type CurrentDecode, decodeKey, type StoreState } from "./store-state.ts";
import { type StoredDecode, storedLogs, storedRows, StructCache } from "./stored-rows.ts";
import type { Table } from "./tables.ts";

/** A file that has reached this length ends at the next serial. */
const ENOUGH_BYTES = 128 * 1024 * 1024;

/** What was joined. */
export interface CompactReport {
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly rows: number;
  /** Extractions that could not be decoded again: their files stay. */
  readonly failures: readonly { readonly extraction: string; readonly error: NorbridgeError }[];
}

/** Files of one struct and month. */
interface Group {
  readonly folder: string;
  readonly decodes: CurrentDecode[];
}

/**
 * Joins the files of every struct and month that has more than one. `month`: `2026-10`; undefined: all months. Throws
 * FILE_EXISTS if the disk does not take a file, ECANCELED; what was joined before stays so.
 */
export async function compactStore(
  store: ExtractionStore,
  month: string | undefined,
  signal?: AbortSignal,
): Promise<CompactReport> {
  const state = await store.state(signal);
  const structs = new StructCache(store);
  const failures: { readonly extraction: string; readonly error: NorbridgeError }[] = [];
  const sums = { filesBefore: 0, filesAfter: 0, rows: 0 };
  for (const group of groupsOf(store.folder, state, month)) {
    const before = new Set(group.decodes.map(({ file }) => file));
    sums.filesBefore += before.size;
    const joiner = new Joiner(store, state, structs, group, signal);
    await joiner.run();
    failures.push(...joiner.failures);
    sums.rows += joiner.rows;
    await store.sweep();
    const { files } = await store.state(signal);
    sums.filesAfter += [...files.keys()].filter((file) => dirname(file) === group.folder).length;
  }
  return { ...sums, failures };
}

function groupsOf(root: string, state: StoreState, month: string | undefined): readonly Group[] {
  const groups = new Map<string, Group>();
  const full = new Set([...state.files.keys()].filter((file) => isFull(join(root, file))));
  for (const decode of state.decodes.values()) {
    if (decode.file === "" || full.has(decode.file)) continue;
    const folder = dirname(decode.file);
    const [, inYear, inMonth] = /\/year=(\d+)\/month=(\d+)$/.exec(folder) ?? [];
    if (month !== undefined && `${inYear}-${inMonth}` !== month) continue;
    const group = groups.get(folder) ?? { folder, decodes: [] };
    group.decodes.push(decode);
    groups.set(folder, group);
  }
  return [...groups.values()].filter(({ decodes }) => new Set(decodes.map(({ file }) => file)).size > 1);
}

/** A file that needs no other: it is long enough. One that is missing is made again. */
function isFull(path: string): boolean {
  if (!fileIsThere(path)) return false;
  const file = openRegularFile(path);
  try {
    return file.lengthBytes >= ENOUGH_BYTES;
  } finally {
    file.close();
  }
}

/** Joins one group. */
class Joiner {
  readonly failures: { readonly extraction: string; readonly error: NorbridgeError }[] = [];
  rows = 0;
  readonly #store: ExtractionStore;
  readonly #state: StoreState;
  readonly #structs: StructCache;
  readonly #group: Group;
  readonly #signal: AbortSignal | undefined;
  #file: ParquetFile | undefined;
  #path = "";
  /** What the open file holds. */
  #held: StoredDecode[] = [];

  constructor(
    store: ExtractionStore,
    state: StoreState,
    structs: StructCache,
    group: Group,
    signal: AbortSignal | undefined,
  ) {
    this.#store = store;
    this.#state = state;
    this.#structs = structs;
    this.#group = group;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    try {
      for (const unit of bySerial(this.#state, this.#group.decodes)) await this.#addUnit(unit);
      await this.#close();
    } finally {
      this.#file?.abort();
    }
  }

  /** All rows of a serial, sorted by their time. */
  async #addUnit(unit: readonly StoredDecode[]): Promise<void> {
    const rows: (readonly Cell[])[] = [];
    let table: Table | undefined;
    for (const decode of unit) {
      throwIfAborted(this.#signal, "joining files");
      try {
        const logs = await storedLogs(this.#store, this.#structs, decode, this.#signal);
        const own: (readonly Cell[])[] = [];
        for await (const row of storedRows(decode.extraction, logs)) {
          own.push(row);
          throwIfAborted(this.#signal, "joining files");
        }
        table = logs[0]?.table ?? table;
        rows.push(...own);
        this.#held.push(decode);
      } catch (error) {
        if (!(error instanceof NorbridgeError) || error.code !== "FILE_INVALID") throw error;
        this.failures.push({ extraction: decode.extraction.id, error });
      }
    }
    if (table === undefined) return;
    const file = (this.#file ??= await this.#open(table));
    for (const row of sortedByTime(rows, table.columns)) file.add(row);
    this.rows += rows.length;
    if (file.lengthBytes >= ENOUGH_BYTES) await this.#close();
  }

  #open({ columns }: Table): Promise<ParquetFile> {
    this.#path = `${this.#group.folder}/compact-${newId(isoTime(wallClockMs()))}.parquet`;
    return ParquetFile.create(join(this.#store.folder, this.#path), columns.all, this.#store.program);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    file.finish();
    await this.#store.index.append(async () => {
      const now = await this.#store.state(this.#signal);
      // Another program may have decoded one of them again meanwhile: its newer records stand.
      const extractions = this.#held
        .filter(({ line }) => now.decodes.get(decodeKey(line.extraction, line.struct))?.line.time === line.time)
        .map(({ extraction }) => extraction.id);
      const [struct] = this.#held.map(({ line }) => line.struct);
      if (struct === undefined || extractions.length === 0) return [];
      file.commit();
      const line: CompactLine = {
        type: "compact",
        time: isoTime(wallClockMs()),
        struct,
        file: this.#path,
        extractions,
      };
      return [line];
    });
    file.abort();
    this.#file = undefined;
    this.#held = [];
  }
}

/** Decodes of one serial at a time, in order of the serial. */
function bySerial(state: StoreState, decodes: readonly CurrentDecode[]): Iterable<readonly StoredDecode[]> {
  const units = new Map<string, StoredDecode[]>();
  const all = decodes.flatMap(({ line }) => {
    const extraction = state.extractions.get(line.extraction);
    return extraction === undefined ? [] : [{ extraction, line }];
  });
  for (const one of all.toSorted((a, b) => compareText(a.extraction.serial, b.extraction.serial))) {
    const unit = units.get(one.extraction.serial);
    if (unit === undefined) units.set(one.extraction.serial, [one]);
    else unit.push(one);
  }
  return units.values();
}

/** Rows without a time keep their place, after the others. */
function sortedByTime(rows: readonly (readonly Cell[])[], { all }: Columns): readonly (readonly Cell[])[] {
  const at = all.findIndex(({ name }) => name === "time");
  return rows.toSorted((a, b) => {
    const [one, other] = [a[at] ?? null, b[at] ?? null];
    if (one === other) return 0;
    if (one === null) return 1;
    return other === null || one < other ? -1 : 1;
  });
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
