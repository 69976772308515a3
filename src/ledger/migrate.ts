/** Brings a ledger to the schema of this program. Forward only; a ledger that is ahead is refused. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { EventLog } from "./event-log.ts";
import { type Migration, migrationHash, MIGRATIONS } from "./migrations.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** What a migration needs to know. */
export interface MigrateRequest {
  readonly readOnly: boolean;
  readonly programVersion: string;
  /** Time, ISO 8601. */
  readonly at: string;
  readonly events: EventLog;
  /** The steps; those of this program if left out. */
  readonly migrations?: readonly Migration[] | undefined;
}

const VERSIONS = `create table if not exists schema_version(n integer primary key, name text not null, sha256 text not null,
  at text not null, by_version text not null) strict`;

/** Throws FILE_INVALID for a ledger of a newer program, for one whose steps are others, and for a database that is none. */
export function migrate(database: SqlDatabase, path: string, request: MigrateRequest): void {
  const { readOnly, migrations = MIGRATIONS } = request;
  // Before anything is locked: a ledger that is up to date is only read.
  if (isComplete(database, path, migrations)) return;
  if (readOnly)
    throw fileInvalid(path, "is not a ledger, or is of an older version", { hint: "Open it once to write." });
  database.transaction(() => {
    // Another process may have been faster.
    if (isComplete(database, path, migrations)) return;
    database.exec(VERSIONS);
    const done = versionsIn(database);
    for (const step of migrations.filter(({ number }) => !done.has(number))) {
      database.exec(step.sql);
      const { number, name } = step;
      const values = [number, name, migrationHash(step), request.at, request.programVersion];
      database.run("insert into schema_version(n, name, sha256, at, by_version) values (?, ?, ?, ?, ?)", ...values);
      request.events.add("ledger", { schema: number, name, sha256: migrationHash(step), by: request.programVersion });
    }
  });
}

function isComplete(database: SqlDatabase, path: string, migrations: readonly Migration[]): boolean {
  const tables = database
    .all("select name from sqlite_schema where type = 'table'")
    .map((row) => database.text(row, "name"));
  if (tables.length === 0) return false;
  if (!tables.includes("schema_version")) throw fileInvalid(path, "is a database of another program");
  const done = versionsIn(database);
  for (const [number, { sha256, by }] of done) {
    const step = migrations.find((one) => one.number === number);
    if (step === undefined) {
      throw fileInvalid(
        path,
        `is of a newer version: its schema has step ${number}, made by norbridge ${printable(by)}`,
        {
          hint: advice("Nothing was changed. Update norbridge on this machine."),
        },
      );
    }
    if (migrationHash(step) !== sha256)
      throw fileInvalid(path, `has another step ${number} of its schema than this program`);
  }
  return migrations.every(({ number }) => done.has(number));
}

function versionsIn(database: SqlDatabase): ReadonlyMap<number, { readonly sha256: string; readonly by: string }> {
  const rows = database.all("select n, sha256, by_version from schema_version");
  return new Map(
    rows.map((row) => {
      const entry = { sha256: database.text(row, "sha256"), by: database.text(row, "by_version") };
      return [Number(database.whole(row, "n")), entry];
    }),
  );
}
