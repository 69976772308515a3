/** The logs of a unit for the page: which there are, their records, and a map of what was read from the chip. */
import { type Cell, type Column, COMMON_COLUMNS } from "../extract/columns.ts";
import { cellJson } from "../extract/cell-text.ts";
import type { ExtractionStore } from "../extract/extraction-store.ts";
import { decodesOf, selected } from "../extract/selection.ts";
import type { ExtractionLine } from "../extract/store-lines.ts";
import { storedLogs, storedRows, StructCache } from "../extract/stored-rows.ts";

/** A log of a unit, as a list shows it. */
export interface UnitLog {
  /** What to ask for its records by. */
  readonly extraction: string;
  readonly at: string;
  readonly name: string;
  readonly records: number;
}

/** Sectors of a chip and what they hold. */
export interface MapPart {
  readonly address: number;
  readonly lengthBytes: number;
  readonly state: "blank" | "programmed";
}

/** Records of a log; times as seconds since 1970. */
export interface LogRecords {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  readonly time: number | undefined;
  readonly left: number;
}

/** More rows than this make a page slow; all of them are in an exported file. */
const MOST_ROWS = 20_000;
const US_PER_S = 1e6;
const NUMBERS = new Set(["i32", "i64", "u64", "f32", "f64", "timestamp"]);
/** Of the columns that every record has, those that say something about a record of one log. */
const SHOWN = new Set(["n", "time", "log_time", "log_status", "unconfirmed", "damage"]);

/** The logs of all extractions of a unit, the newest extraction first. */
export async function logsOfUnit(store: ExtractionStore, serial: string, product: string): Promise<readonly UnitLog[]> {
  const state = await store.state();
  const extractions = selected(state, { serial, product, sinceMs: undefined }).toReversed();
  return decodesOf(state, extractions).flatMap(({ extraction, line }) =>
    line.logs.map(({ layout, address, records }) => ({
      extraction: `${extraction.id}/${line.struct}/${address}`,
      at: extraction.time,
      name: `${layout} at 0x${address.toString(16).padStart(6, "0")}, ${line.struct}`,
      records,
    })),
  );
}

/** The records of a log; undefined if the store has none of this name. */
export async function recordsOf(store: ExtractionStore, name: string): Promise<LogRecords | undefined> {
  const [, id, struct, address] = /^([^/]+)\/([^/]+)\/(\d+)$/.exec(name) ?? [];
  const state = await store.state();
  const extraction = state.extractions.get(id ?? "");
  if (extraction === undefined) return undefined;
  const decode = decodesOf(state, [extraction]).find(({ line }) => line.struct === struct);
  if (decode === undefined) return undefined;
  const logs = await storedLogs(store, new StructCache(store), decode);
  const log = logs.find((one) => one.log.address === Number(address));
  if (log === undefined) return undefined;
  const cells: (readonly Cell[])[] = [];
  let left = 0;
  for await (const row of storedRows(extraction, [log])) {
    if (cells.length < MOST_ROWS) cells.push(row);
    else left++;
  }
  return shown(log.table.columns.all, cells, left);
}

/** Leaves out what is the same for all records, and columns without a value. */
function shown(all: readonly Column[], cells: readonly (readonly Cell[])[], left: number): LogRecords {
  const columns = all
    .map((column, at) => ({ ...column, at }))
    .filter(({ name, at }) => at >= COMMON_COLUMNS.length || SHOWN.has(name))
    .filter(({ at }) => cells.some((row) => row[at] !== null && row[at] !== false));
  const time = columns.findIndex(({ name, type }) => name === "time" && type === "timestamp");
  return {
    columns: columns.map(({ name, type }) => ({ name, isNumber: NUMBERS.has(type) })),
    rows: cells.map((row) => columns.map(({ at, type }) => valueOf(row[at] ?? null, type))),
    time: time < 0 ? undefined : time,
    left,
  };
}

function valueOf(cell: Cell, type: Column["type"]): string | number | boolean | null {
  if (type === "timestamp" && typeof cell === "bigint") return Number(cell) / US_PER_S;
  return cellJson(cell, type);
}

/** What the newest extraction of a unit has read from its chip, erase unit by erase unit. */
export async function mapOfUnit(store: ExtractionStore, serial: string, product: string): Promise<readonly MapPart[]> {
  const state = await store.state();
  const newest = selected(state, { serial, product, sinceMs: undefined }).at(-1);
  return newest === undefined ? [] : await mapOf(store, newest);
}

async function mapOf(store: ExtractionStore, { dumps, flash }: ExtractionLine): Promise<readonly MapPart[]> {
  const parts: MapPart[] = [];
  for (const { address, sha256, eraseBytes } of dumps) {
    const bytes = await store.dumps.get(sha256);
    for (let at = 0; at < bytes.length; at += eraseBytes) {
      const unit = bytes.subarray(at, at + eraseBytes);
      const isBlank = unit.every((byte) => byte === flash.erasedByte);
      parts.push({ address: address + at, lengthBytes: unit.length, state: isBlank ? "blank" : "programmed" });
    }
  }
  return parts;
}
