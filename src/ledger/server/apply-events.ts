/** Events of a station on the server: stored as they are, and what they make of the numbers. */
import type { LedgerEvent } from "../event-chain.ts";
import { type NumberChange, numberChanges } from "./number-changes.ts";
import { type PgConnection, pgText, pgWhole } from "./pg-connection.ts";

/** Stores a run of events, within the transaction of the caller. Returns how many conflicts it made. */
export async function applyEvents(
  server: PgConnection,
  station: string,
  events: readonly LedgerEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const column = (key: keyof LedgerEvent): string[] => events.map((event) => String(event[key]));
  await server.query(
    `insert into norbridge.event(station, seq, id, at, kind, body, prev, hash)
     select $1, * from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
    [
      station,
      column("seq"),
      column("id"),
      column("at"),
      column("kind"),
      column("body"),
      column("prev"),
      column("hash"),
    ],
  );
  const changes = numberChanges(events);
  if (changes.length === 0) return 0;
  const taken = await storeNumbers(server, station, changes);
  const foreign = changes.filter((change) => !taken.has(keyOf(change)));
  const found = [
    ...foreign.map((change) => ({ change, what: `${named(change)} belongs to another station` })),
    ...(await outsideBlocks(server, station, changes)),
    ...(await sameTexts(server, changes)),
  ];
  for (const { change, what } of found) {
    await server.query(
      "insert into norbridge.conflict(station, seq, what) values ($1, $2, $3) on conflict do nothing",
      [station, change.seq, what],
    );
  }
  return found.length;
}

interface Conflict {
  readonly change: NumberChange;
  readonly what: string;
}

/** Keys of the numbers that are this station's. */
async function storeNumbers(
  server: PgConnection,
  station: string,
  changes: readonly NumberChange[],
): Promise<ReadonlySet<string>> {
  const list = (of: (change: NumberChange) => string): string[] => changes.map(of);
  const rows = await server.query(
    `insert into norbridge.number as old(pool, value, text, name, state, serial, reason, station)
     select pool, value, text, name, state, nullif(serial, ''), nullif(reason, ''), $8
       from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         as new(pool, value, text, name, state, serial, reason)
     on conflict (pool, value) do update set state = excluded.state, reason = excluded.reason,
       text = coalesce(nullif(excluded.text, ''), old.text), name = coalesce(nullif(excluded.name, ''), old.name),
       serial = coalesce(excluded.serial, old.serial)
     where old.station = excluded.station returning pool, value`,
    [
      list(({ pool }) => pool),
      list(({ value }) => String(value)),
      list(({ text }) => text),
      list(({ name }) => name ?? ""),
      list(({ state }) => state),
      list(({ serial }) => serial ?? ""),
      list(({ reason }) => reason ?? ""),
      station,
    ],
  );
  return new Set(rows.map((row) => `${pgText(row, "pool")} ${pgWhole(row, "value")}`));
}

/** Numbers that this station gave out and that are in no block of it. */
async function outsideBlocks(
  server: PgConnection,
  station: string,
  changes: readonly NumberChange[],
): Promise<readonly Conflict[]> {
  const rows = await server.query(
    `select pool, value from unnest($2::text[], $3::bigint[]) as one(pool, value) where not exists
       (select 1 from norbridge.block where block.pool = one.pool and value between lo and hi and station = $1)`,
    [station, changes.map(({ pool }) => pool), changes.map(({ value }) => value)],
  );
  return conflictsOf(rows, changes, "is in no block of this station");
}

/** Numbers whose text another number of the pool has. */
async function sameTexts(server: PgConnection, changes: readonly NumberChange[]): Promise<readonly Conflict[]> {
  const rows = await server.query(
    `select one.pool, one.value from unnest($1::text[], $2::bigint[]) as one(pool, value)
       join norbridge.number as own using(pool, value)
       join norbridge.number as twin on twin.pool = own.pool and twin.text = own.text and twin.value <> own.value`,
    [changes.map(({ pool }) => pool), changes.map(({ value }) => value)],
  );
  return conflictsOf(rows, changes, "has the text of another number");
}

function conflictsOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  changes: readonly NumberChange[],
  what: string,
): readonly Conflict[] {
  const keys = new Set(rows.map((row) => `${pgText(row, "pool")} ${pgWhole(row, "value")}`));
  return changes
    .filter((change) => keys.has(keyOf(change)))
    .map((change) => ({ change, what: `${named(change)} ${what}` }));
}

function keyOf({ pool, value }: NumberChange): string {
  return `${pool} ${value}`;
}

function named({ pool, value, text }: NumberChange): string {
  return `${value} of the pool ${pool} (${text})`;
}
