/**
 * SQLite as this program uses it: the one of Node.js where it has one without a flag (22.13 and later), else a package
 * with the same calls. Errors become sentences with the name of the ledger here.
 */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { cannotRead, cannotWrite, fileInvalid } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";

/** What a column holds or a parameter is. */
export type SqlValue = string | number | bigint | null | Uint8Array;
/** A row by its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A prepared statement. */
interface Statement {
  run(...values: SqlValue[]): unknown;
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  iterate(...values: SqlValue[]): Iterable<unknown>;
  setReadBigInts(enabled: boolean): void;
}

/** A connection, as `node:sqlite` and its copy have it. */
interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** How a connection is made. */
interface SqliteModule {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => Connection;
}

/** From here on two connections cannot lose commits in WAL mode (WAL-reset bug of 3.7.0 to 3.51.2). */
const SAFE_WAL_VERSION = [3, 51, 3] as const;
/** How long a connection waits for another one. */
const BUSY_MS = 5000;

/** How a database is opened. */
interface OpenDatabaseOptions {
  readonly readOnly?: boolean | undefined;
  /** How long it waits for another connection, milliseconds. */
  readonly busyMs?: number | undefined;
}

let loaded: Promise<SqliteModule> | undefined;

/** Loads SQLite once. Throws EINVAL if there is none. */
async function loadSqlite(): Promise<SqliteModule> {
  const own = quietly(() => process.getBuiltinModule("node:sqlite"));
  if (isSqlite(own)) return own;
  try {
    const other: unknown = await import("@photostructure/sqlite");
    if (isSqlite(other)) return other;
  } catch (error) {
    throw noSqlite(error);
  }
  throw noSqlite(undefined);
}

function noSqlite(cause: unknown): NorbridgeError {
  return new NorbridgeError("EINVAL", `there is no SQLite for Node.js ${process.version} on this machine`, {
    operation: "open ledger",
    hint: advice("Use Node.js 22.13 or later, or install norbridge with its optional packages."),
    cause,
  });
}

/** Node.js warns that its SQLite is new; the user of this program cannot do anything about that. */
function quietly(load: () => unknown): unknown {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isSqlite(value: unknown): value is SqliteModule {
  return (
    typeof value === "object" && value !== null && "DatabaseSync" in value && typeof value.DatabaseSync === "function"
  );
}

/** An open database. Every call throws a NorbridgeError that names the file. */
export class SqlDatabase {
  readonly #path: string;
  readonly #connection: Connection;
  readonly #isReadOnly: boolean;
  readonly #statements = new Map<string, Statement>();
  /** Version of SQLite, such as "3.53.0". */
  readonly version: string;
  #notes: readonly string[] = [];

  private constructor(path: string, connection: Connection, isReadOnly: boolean) {
    this.#path = path;
    this.#connection = connection;
    this.#isReadOnly = isReadOnly;
    this.version = this.text(this.one("select sqlite_version() as version"), "version");
  }

  /** Opens a file; it is made if it is not there, unless `readOnly`. Throws FILE_EXISTS, FILE_INVALID, EINVAL. */
  static async open(
    path: string,
    { readOnly = false, busyMs = BUSY_MS }: OpenDatabaseOptions = {},
  ): Promise<SqlDatabase> {
    loaded ??= loadSqlite();
    const { DatabaseSync } = await loaded;
    const connection = inWords(path, () => new DatabaseSync(path, { readOnly }));
    try {
      inWords(path, () => {
        connection.exec(`pragma busy_timeout = ${busyMs}`);
      });
      const database = new SqlDatabase(path, connection, readOnly);
      if (!readOnly) database.#makeDurable();
      database.exec("pragma foreign_keys = on");
      return database;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** What is committed is on the disk when the call returns. */
  #makeDurable(): void {
    const parts = this.version.split(".").map(Number);
    const newer =
      SAFE_WAL_VERSION.map((least, index) => (parts[index] ?? 0) - least).find((difference) => difference !== 0) ?? 0;
    const wanted = newer >= 0 ? "wal" : "delete";
    const got = this.#journalMode(wanted) === wanted ? wanted : this.#journalMode("delete");
    if (got === "delete" && wanted === "wal") {
      this.#notes = [`the folder of ${printable(this.#path)} has no shared memory: changes to the ledger are slower`];
    } else if (got !== wanted) {
      throw cannotWrite(this.#path, `the folder allows no journal that survives a power cut, only ${printable(got)}`, {
        hint: "Nothing was changed. Choose a folder on a disk of this computer.",
      });
    }
    // A rollback journal is durable when its removal is: that takes one more sync, of the folder.
    this.exec(`pragma synchronous = ${got === "wal" ? "full" : "extra"}`);
  }

  /** Sets the journal mode; returns the one that is in use, which may be another. */
  #journalMode(mode: string): string {
    return this.text(this.one(`pragma journal_mode = ${mode}`), "journal_mode");
  }

  /** Sentences for a person. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Statements without parameters. */
  exec(sql: string): void {
    inWords(this.#path, () => {
      this.#connection.exec(sql);
    });
  }

  /** One statement that returns nothing. */
  run(sql: string, ...values: readonly SqlValue[]): void {
    inWords(this.#path, () => this.#prepared(sql).run(...values));
  }

  /** The first row, or undefined. Whole numbers are bigints. */
  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined {
    return rowOrNone(inWords(this.#path, () => this.#prepared(sql).get(...values)));
  }

  /** A row that must be there. */
  one(sql: string, ...values: readonly SqlValue[]): SqlRow {
    const row = this.get(sql, ...values);
    if (row === undefined) throw fileInvalid(this.#path, "a row is missing that the ledger needs");
    return row;
  }

  /** All rows. */
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[] {
    const rows = inWords(this.#path, () => this.#prepared(sql).all(...values));
    return rows.map((row) => rowOrNone(row)).filter((row) => row !== undefined);
  }

  /** All rows, one after the other. */
  *each(sql: string, ...values: readonly SqlValue[]): Generator<SqlRow> {
    const rows = inWords(this.#path, () => this.#connection.prepare(sql).iterate(...values))[Symbol.iterator]();
    for (;;) {
      const next = inWords(this.#path, () => rows.next());
      if (next.done === true) return;
      const row = rowOrNone(next.value);
      if (row !== undefined) yield row;
    }
  }

  /** Runs `act` as one transaction that locks at its start; all of it is on the disk, or nothing. */
  transaction<T>(act: () => T): T {
    this.exec("begin immediate");
    try {
      const result = act();
      this.exec("commit");
      return result;
    } catch (error) {
      // After a failed write SQLite may have rolled back by itself.
      try {
        this.#connection.exec("rollback");
      } catch {
        // There is nothing to roll back.
      }
      throw error;
    }
  }

  /** A column that is text. */
  text(row: SqlRow, column: string): string {
    const value = row[column];
    if (typeof value === "string") return value;
    throw fileInvalid(this.#path, `the column ${column} is not text`);
  }

  /** A column that is text or null. */
  textOrNone(row: SqlRow, column: string): string | undefined {
    return row[column] === null ? undefined : this.text(row, column);
  }

  /** A column that is a whole number. */
  whole(row: SqlRow, column: string): bigint {
    const value = row[column];
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    throw fileInvalid(this.#path, `the column ${column} is not a whole number`);
  }

  /** Afterwards the file alone is the whole database, unless another connection is open. */
  close(): void {
    this.#statements.clear();
    try {
      // Closing alone leaves all commits in the file beside it on some builds: a copy of the file would lack them.
      if (!this.#isReadOnly) this.#connection.exec("pragma busy_timeout = 0; pragma wal_checkpoint(truncate)");
    } catch {
      // Another connection is open: the last one does it. What is committed is on the disk.
    }
    this.#connection.close();
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    statement.setReadBigInts(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function rowOrNone(value: unknown): SqlRow | undefined {
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

/** Result codes of SQLite, the lower 8 bits. */
const FULL = 13;
const BUSY = [5, 6];
const READ_ONLY = 8;
const IO_ERROR = 10;
const DAMAGED = 11;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NO_DATABASE = 26;

/** Whether an error is that of a constraint: a number or a chip that is in use already. */
export function isConflict(error: unknown): boolean {
  return error instanceof NorbridgeError && error.code === "EINVAL" && codeOf(error.cause) === CONSTRAINT;
}

function codeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** An error of SQLite as a sentence that says what it means for the ledger. */
function inWords<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw wordsOf(path, code, error);
  }
}

function wordsOf(path: string, code: number, cause: unknown): NorbridgeError {
  const stored = "Nothing of the last step was stored.";
  if (code === FULL)
    return cannotWrite(path, "no space is left on the disk", { hint: `${stored} Free some space.`, cause });
  if (code === READ_ONLY) {
    return cannotWrite(path, "the ledger or its folder is read-only", {
      hint: "Choose a folder that can be written.",
      cause,
    });
  }
  if (BUSY.includes(code)) {
    return new NorbridgeError("EBUSY", `the ledger ${printable(path)} is in use by another program`, {
      operation: "open ledger",
      hint: `${stored} Close the other program, or try again.`,
      cause,
    });
  }
  if (code === IO_ERROR)
    return cannotWrite(path, "the disk reports an error", { hint: `${stored} Check the disk.`, cause });
  if (code === CANNOT_OPEN) return cannotRead(path, new Error("the file or its folder cannot be opened", { cause }));
  if (code === NO_DATABASE) return fileInvalid(path, "is not a ledger", { hint: "Choose another file.", cause });
  if (code === DAMAGED) {
    return fileInvalid(path, "is damaged", {
      hint: "Do not use it any more. Restore it from a copy, and count later numbers as used.",
      cause,
    });
  }
  const reason = cause instanceof Error ? printable(cause.message) : `SQLite reports ${code}`;
  return new NorbridgeError("EINVAL", `the ledger ${printable(path)} refuses it: ${reason}`, {
    operation: "ledger",
    cause,
  });
}
