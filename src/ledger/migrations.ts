/**
 * The schema of a ledger as steps that are only ever added. A step that was released is never changed: its hash is in
 * the ledger.
 */
import { toHex } from "../bytes.ts";
import { hashOf } from "../node-hashes.ts";

/** One step. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const START = `
create table event(seq integer primary key, id text not null unique, at text not null, kind text not null,
  body text not null, prev text not null, hash text not null unique) strict;
create trigger event_is_kept before delete on event begin select raise(abort, 'events are never deleted'); end;
create trigger event_is_fixed before update on event begin select raise(abort, 'events are never changed'); end;

create table recipe(name text not null, revision integer not null, sha256 text not null, first_at text not null,
  primary key(name, revision)) strict, without rowid;

create table pool(pool text primary key, kind text not null check(kind in ('counter', 'mac')), first integer not null,
  last integer not null, check(first >= 0 and first <= last)) strict, without rowid;

create table block(block text primary key, pool text not null references pool, lo integer not null, hi integer not null,
  next integer not null, check(lo <= hi and next >= lo and next <= hi + 1)) strict, without rowid;

create table unit(unit text primary key, product text not null, serial text not null, made_at text not null,
  content_sha256 text not null, unique(product, serial)) strict, without rowid;
create table unit_value(unit text not null references unit, name text not null, value text not null,
  is_unique integer not null check(is_unique in (0, 1)), primary key(unit, name)) strict, without rowid;
create unique index unit_value_once on unit_value(name, value) where is_unique = 1;

create table chip(jedec text not null, uid text not null, unit text not null references unit, first_at text not null,
  primary key(jedec, uid)) strict, without rowid;

create table session(session text primary key, product text not null, recipe text not null, revision integer not null,
  slot text not null, operator text not null, serial_name text, jedec text, uid text, unit text references unit,
  is_rework integer not null check(is_rework in (0, 1)), started_at text not null, ended_at text,
  outcome text check(outcome in ('pass', 'fail', 'abort')), reason text,
  foreign key(recipe, revision) references recipe) strict, without rowid;
create unique index session_chip_once on session(jedec, uid) where ended_at is null and uid is not null;

create table number(pool text not null references pool, value integer not null, name text not null, text text not null,
  state text not null check(state in ('reserved', 'exposed', 'issued', 'burned', 'returned', 'retired')),
  session text references session, unit text references unit, reason text,
  primary key(pool, value), unique(pool, text),
  check(state not in ('issued', 'retired') or unit is not null),
  check(state not in ('reserved', 'exposed', 'issued') or session is not null),
  check(state not in ('burned', 'retired') or reason is not null)) strict, without rowid;
create index number_session on number(session);
create index number_unit on number(unit);
`;

const SERVER = `
create table server(one integer primary key check(one = 1), station text not null, name text not null,
  epoch integer not null, uploaded integer not null) strict;
create table wanted_block(block text primary key, pool text not null unique references pool, size integer not null,
  check(size > 0)) strict, without rowid;
`;

const PLACE = `
alter table server add column place text;
`;

/** All steps, in order. */
export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: "start", sql: START },
  { number: 2, name: "server", sql: SERVER },
  { number: 3, name: "place", sql: PLACE },
];

/** SHA-256 of a step's text, 64 hex digits. */
export function migrationHash({ sql }: Migration): string {
  return toHex(hashOf("sha256", new TextEncoder().encode(sql)));
}
