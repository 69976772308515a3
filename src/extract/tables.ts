/** Which table the records of a log go into: that of a struct, of Mynewt's log records, or of bytes of which nothing is known. */
import { MYNEWT_FIELDS } from "../storage/mynewt-log/record.ts";
import { type Columns, mynewtColumns, rawColumns, structColumns } from "./columns.ts";
import type { FoundLog } from "./find-logs.ts";
import { type Decoder, mynewtDecoder, mynewtVersion, structDecoder } from "./record-decoder.ts";
import type { StructFile } from "./struct-store.ts";

/** Version of the columns and of what is in them; part of each decode in the index. */
export const DECODER_VERSION = 1;

/** A table of records. */
export interface Table {
  /** Name of the struct. */
  readonly name: string;
  /** The folder: the name and a part of the struct's checksum. */
  readonly folder: string;
  /** "" for a table that norbridge knows by itself. */
  readonly structSha256: string;
  readonly columns: Columns;
}

/** A log and how its records are decoded. */
export interface DecodableLog {
  readonly log: FoundLog;
  readonly table: Table;
  /** Undefined: the bytes are shown as they are. */
  readonly decoder: Decoder | undefined;
}

/** Structs of the user: one for all logs, others for the logs at an address. */
export interface StructChoice {
  readonly general: StructFile | undefined;
  readonly byAddress: ReadonlyMap<number, StructFile>;
}

/** No struct at all. */
export const NO_STRUCT: StructChoice = { general: undefined, byAddress: new Map() };

/** The table of records of which nothing is known. */
export const RAW_NAME = "raw";
/** The table of Mynewt's log records. */
const MYNEWT_NAME = "mynewt-log";

/** Characters of a checksum in the name of a folder. */
const SHOWN_DIGITS = 8;

/** Chooses the table of a log. Reads its newest records if no struct was specified. */
export async function decodableLog(log: FoundLog, choice: StructChoice): Promise<DecodableLog> {
  const file = choice.byAddress.get(log.address) ?? choice.general;
  if (file !== undefined) return { log, table: structTable(file), decoder: structDecoder(file.struct) };
  const version = await mynewtVersion(log, log.headerVersion);
  if (version === undefined) return { log, table: knownTable(RAW_NAME), decoder: undefined };
  return { log, table: knownTable(MYNEWT_NAME), decoder: mynewtDecoder(version) };
}

/** A table that norbridge knows by itself: `mynewt-log`, or `raw` for all other names. */
export function knownTable(name: string): Table {
  return name === MYNEWT_NAME ? builtIn(MYNEWT_NAME, mynewtColumns(MYNEWT_FIELDS)) : builtIn(RAW_NAME, rawColumns());
}

/** The table of a struct file. */
export function structTable({ name, sha256, struct }: StructFile): Table {
  const folder = `${name}@${sha256.slice(0, SHOWN_DIGITS)}`;
  return { name, folder, structSha256: sha256, columns: structColumns(struct) };
}

function builtIn(name: string, columns: Columns): Table {
  return { name, folder: `${name}@v${DECODER_VERSION}`, structSha256: "", columns };
}
