/** The schema of the server as steps that are only ever added, each with its SHA-256 on the server. */
import { printable } from "../../bytes.ts";
import { advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import { type Migration, migrationHash } from "../migrations.ts";
import { type PgConnection, pgText, pgWhole } from "./pg-connection.ts";

const START = `
create extension if not exists btree_gist;
create table norbridge.server(one int primary key default 1 check(one = 1), is_rebuilding boolean not null default false);
insert into norbridge.server default values;
create table norbridge.station(station uuid primary key, name text not null unique, epoch int not null,
  last_seq bigint not null, last_hash text not null, closed_at timestamptz, seen_at timestamptz not null default now());
create table norbridge.event(station uuid not null references norbridge.station, seq bigint not null, id uuid not null,
  at text not null, kind text not null, body text not null, prev text not null, hash text not null,
  received_at timestamptz not null default now(), primary key(station, seq));
create table norbridge.pool(pool text primary key, kind text not null check(kind in ('counter', 'mac')),
  first bigint not null, last bigint not null, check(first >= 0 and first <= last));
create table norbridge.block(block uuid primary key, pool text not null references norbridge.pool, lo bigint not null,
  hi bigint not null, station uuid not null references norbridge.station, leased_at timestamptz not null default now(),
  closed_at timestamptz, check(lo <= hi), exclude using gist(pool with =, int8range(lo, hi, '[]') with &&));
create table norbridge.number(pool text not null, value bigint not null, text text not null, name text not null,
  state text not null, station uuid not null references norbridge.station, serial text, reason text,
  primary key(pool, value));
create index number_text on norbridge.number(pool, text);
create table norbridge.conflict(conflict bigint generated always as identity primary key,
  station uuid not null references norbridge.station, seq bigint not null, what text not null,
  at timestamptz not null default now(), unique(station, seq, what));
`;

const STEPS: readonly Migration[] = [{ number: 1, name: "start", sql: START }];

/** Names the lock that stations hold while they change the schema; any fixed number does. */
const LOCK = 1_852_798_569;

/**
 * Makes the schema, or what is missing of it. Several stations may do it at once.
 *
 * @throws NorbridgeError EINVAL for a schema of a newer program, or with other steps; SERVER_FAILED.
 */
export async function migrateServer(server: PgConnection, programVersion: string): Promise<void> {
  await server.transaction(async () => {
    await server.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await server.exec("create schema if not exists norbridge");
    await server.exec(`create table if not exists norbridge.schema_version(n int primary key, name text not null,
      sha256 text not null, at timestamptz not null default now(), by_version text not null)`);
    const rows = await server.query("select n, sha256, by_version from norbridge.schema_version order by n");
    const done = new Map(rows.map((row) => [Number(pgWhole(row, "n")), row]));
    for (const [number, row] of done) {
      const step = STEPS.find((one) => one.number === number);
      if (step === undefined) throw refused(`is of a newer version, norbridge ${pgText(row, "by_version")}`);
      if (migrationHash(step) !== pgText(row, "sha256")) throw refused(`has another step ${number} of its schema`);
    }
    for (const step of STEPS.filter(({ number }) => !done.has(number))) {
      await server.exec(step.sql);
      const values = [step.number, step.name, migrationHash(step), programVersion];
      await server.query(
        "insert into norbridge.schema_version(n, name, sha256, by_version) values ($1, $2, $3, $4)",
        values,
      );
    }
  });
}

function refused(what: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `the schema of the server ${printable(what)}`, {
    operation: "ledger server",
    hint: advice("Nothing was changed. Update norbridge on this station."),
  });
}
