/** A pool as the server knows it: every number of all stations, and what cannot be explained. */
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { type PgConnection, type PgRow, pgText, pgWhole } from "./pg-connection.ts";

/** A number that a station gave out. */
export interface ServerNumber {
  readonly value: bigint;
  readonly text: string;
  readonly state: string;
  readonly station: string;
  /** Serial number of the unit that has it. */
  readonly serial: string | undefined;
  readonly reason: string | undefined;
}

/** A block of a station. */
export interface ServerBlock {
  readonly station: string;
  readonly lo: bigint;
  readonly hi: bigint;
  /** Numbers of it that were given out. */
  readonly used: bigint;
  /** The station gave it up: what was not used is used by no one. */
  readonly isClosed: boolean;
}

/** A pool over all stations. */
export interface ServerAccount {
  readonly first: bigint;
  readonly last: bigint;
  readonly blocks: readonly ServerBlock[];
  readonly numbers: readonly ServerNumber[];
  /** Numbers below the highest of their block that no event explains: there must be none. */
  readonly unexplained: readonly bigint[];
  /** What people have to look at, as sentences with the name of the station. */
  readonly conflicts: readonly string[];
}

/** Throws EINVAL for a pool that the server does not know; SERVER_FAILED. */
export async function serverAccount(server: PgConnection, pool: string): Promise<ServerAccount> {
  const [row] = await server.query("select first, last from norbridge.pool where pool = $1", [pool]);
  if (row === undefined) {
    throw new NorbridgeError("EINVAL", `the server knows no pool ${printable(pool)}`, { operation: "ledger account" });
  }
  const blocks = await server.query(
    `select name, lo, hi, block.closed_at is not null as closed,
       (select count(*) from norbridge.number where number.pool = block.pool and value between lo and hi) as used
     from norbridge.block join norbridge.station using(station) where pool = $1 order by lo`,
    [pool],
  );
  const numbers = await server.query(
    `select value, text, state, serial, reason, station.name as station
     from norbridge.number join norbridge.station using(station) where pool = $1 order by value`,
    [pool],
  );
  const gaps = await server.query(
    `select one.value from (select lo, (select max(value) from norbridge.number
         where number.pool = block.pool and value between lo and hi) as top from norbridge.block where pool = $1) as used
       cross join lateral generate_series(lo, top) as one(value)
     where not exists (select 1 from norbridge.number where number.pool = $1 and number.value = one.value) limit 1000`,
    [pool],
  );
  const conflicts = await server.query(
    "select name, what from norbridge.conflict join norbridge.station using(station) order by conflict",
  );
  return {
    first: pgWhole(row, "first"),
    last: pgWhole(row, "last"),
    blocks: blocks.map(blockOf),
    numbers: numbers.map(numberOf),
    unexplained: gaps.map((gap) => pgWhole(gap, "value")),
    conflicts: conflicts.map((one) => `${pgText(one, "name")}: ${pgText(one, "what")}`),
  };
}

function blockOf(row: PgRow): ServerBlock {
  return {
    station: pgText(row, "name"),
    lo: pgWhole(row, "lo"),
    hi: pgWhole(row, "hi"),
    used: pgWhole(row, "used"),
    isClosed: row["closed"] === true,
  };
}

function numberOf(row: PgRow): ServerNumber {
  const [text, state, station] = [pgText(row, "text"), pgText(row, "state"), pgText(row, "station")];
  const textOrNone = (column: string): string | undefined => (row[column] === null ? undefined : pgText(row, column));
  return {
    value: pgWhole(row, "value"),
    text,
    state,
    station,
    serial: textOrNone("serial"),
    reason: textOrNone("reason"),
  };
}
