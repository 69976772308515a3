/**
 * The ledger of one station and the server that it shares its pools with. The ledger of the station is the truth: events
 * are uploaded in their order, each once; numbers come in blocks that only one station has. A station whose ledger was
 * restored from an old copy is refused, since it would give out numbers again.
 */
import { advice } from "../../advice.ts";
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { type LedgerEvent, NO_HASH } from "../event-chain.ts";
import type { Ledger, PoolRequest } from "../ledger.ts";
import type { NumberBlock, ServerMark } from "../server-side.ts";
import { applyEvents } from "./apply-events.ts";
import { PgConnection, type PgOptions, pgText, pgWhole } from "./pg-connection.ts";
import { type ServerAccount, serverAccount } from "./server-account.ts";
import { migrateServer } from "./server-schema.ts";

/** Events in one transaction. */
const EVENTS_AT_ONCE = 500;

/** How a server is opened. */
export interface ServerOptions extends PgOptions {
  /** Version of this program, for the record of migrations. */
  readonly programVersion: string;
}

/** What an upload did. */
export interface SyncResult {
  /** Events that were sent. */
  readonly events: number;
  /** Numbers that another station has as well, or that are in no block of this one: people have to look at them. */
  readonly conflicts: number;
}

/** A connection to the server, for one ledger. */
export class ServerLedger {
  readonly #server: PgConnection;
  readonly #ledger: Ledger;

  private constructor(server: PgConnection, ledger: Ledger) {
    this.#server = server;
    this.#ledger = ledger;
  }

  /** Connects, and makes the schema if it is not there. Throws SERVER_FAILED, EINVAL. */
  static async open(url: string, ledger: Ledger, options: ServerOptions): Promise<ServerLedger> {
    const server = await PgConnection.open(url, options);
    try {
      await migrateServer(server, options.programVersion);
      return new ServerLedger(server, ledger);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** User, host and database of the server, without the password. */
  get place(): string {
    return this.#server.place;
  }

  /**
   * Makes this ledger one of a station with this name, and uploads what it has. `isRestored`: it is a copy of an older
   * state of that station's ledger; what it had left is given up, and the server closes the station as it was.
   *
   * @throws NorbridgeError EINVAL for a name that another ledger has, and for numbers that another station has.
   */
  async join(name: string, { isRestored }: { readonly isRestored: boolean }): Promise<SyncResult> {
    const other = await this.#stationNamed(name);
    const own = this.#ledger.server.mark();
    if (other !== undefined && other.station !== own?.station && !isRestored) {
      throw wrong(
        `the server knows another ledger as the station ${printable(name)}`,
        "Choose another name. If the ledger of this station was lost or restored, join as restored.",
      );
    }
    if (other === undefined && own !== undefined && own.uploadedSeq > 0 && !isRestored) throw unknownStation(name);
    const mark = this.#ledger.server.join(name, { isRestored });
    await this.#register(mark, isRestored ? other?.station : undefined);
    return this.sync();
  }

  /**
   * Makes the server know this station again, after its database was lost. Until `completeRebuild` it gives out no
   * numbers: it does not know yet which ones the other stations have. Throws EINVAL if the ledger has no server.
   */
  async rebuild(): Promise<SyncResult> {
    const mark = this.#mark();
    await this.#server.query(
      `update norbridge.server set is_rebuilding = true
       where not exists (select 1 from norbridge.station where station = $1)`,
      [mark.station],
    );
    await this.#register(mark, undefined);
    return this.sync();
  }

  /** All stations have uploaded their ledgers to a rebuilt server: it gives out numbers again. */
  async completeRebuild(): Promise<void> {
    await this.#server.query("update norbridge.server set is_rebuilding = false");
  }

  /** Names of the stations that the server knows, in order. */
  async stations(): Promise<readonly string[]> {
    const rows = await this.#server.query("select name from norbridge.station where closed_at is null order by name");
    return rows.map((row) => pgText(row, "name"));
  }

  /** Every number of a pool that a station gave out, and the blocks of all stations. Throws EINVAL for an unknown pool. */
  account(pool: string): Promise<ServerAccount> {
    return serverAccount(this.#server, pool);
  }

  /** Uploads the events that the server does not have. Throws EINVAL for a ledger that was restored from an old copy. */
  async sync(): Promise<SyncResult> {
    const mark = this.#mark();
    let [sent, conflicts] = [0, 0];
    for (;;) {
      const done = await this.#server.transaction(() => this.#upload(mark));
      this.#ledger.server.uploaded(done.lastSeq);
      sent += done.events;
      conflicts += done.conflicts;
      if (done.events < EVENTS_AT_ONCE) return { events: sent, conflicts };
    }
  }

  /**
   * Gets `size` more numbers of a pool, or what is left of it. The request has a UUID that is stored first: a response
   * that was lost is asked for again, and is the same block.
   *
   * @throws NorbridgeError ENOSPC if no number is left; EINVAL for an unknown pool; SERVER_FAILED.
   */
  async lease(pool: string, size: bigint): Promise<Omit<NumberBlock, "next">> {
    const request = await this.#poolRequest(pool);
    await this.sync();
    const mark = this.#mark();
    const want = this.#ledger.server.want(pool, size);
    const block = await this.#server.transaction(async () => {
      await this.#registerPool(request);
      await this.#refuseWhileRebuilding();
      return this.#leased(mark, want.block, request, want.size);
    });
    this.#ledger.server.addBlock(block);
    await this.sync();
    return block;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #mark(): ServerMark {
    const mark = this.#ledger.server.mark();
    if (mark === undefined) throw wrong("this ledger has no server", "Join the server first.");
    return mark;
  }

  async #refuseWhileRebuilding(): Promise<void> {
    const row = await this.#server.one("select is_rebuilding from norbridge.server");
    if (row["is_rebuilding"] !== true) return;
    throw wrong(
      "the server is being rebuilt, and may not know all numbers yet",
      "Upload the ledgers of all stations, then complete the rebuild.",
    );
  }

  async #stationNamed(name: string): Promise<{ readonly station: string } | undefined> {
    const [row] = await this.#server.query("select station from norbridge.station where name = $1", [name]);
    return row === undefined ? undefined : { station: pgText(row, "station") };
  }

  /** Station, pools and blocks, as one transaction. `before`: the station that this one continues. */
  async #register({ station, name, epoch }: ServerMark, before: string | undefined): Promise<void> {
    const pools = await Promise.all((await this.#ledger.pools()).map((pool) => this.#poolRequest(pool)));
    await this.#server.transaction(async () => {
      const common = before === undefined || before === station ? undefined : await this.#closeStation(before);
      await this.#server.query(
        `insert into norbridge.station(station, name, epoch, last_seq, last_hash) values ($1, $2, $3, $4, $5)
         on conflict (station) do nothing`,
        [station, name, epoch, common?.seq ?? 0, common?.hash ?? NO_HASH],
      );
      for (const pool of pools) await this.#registerPool(pool);
      for (const block of this.#ledger.server.blocks()) await this.#registerBlock(block, station, before);
    });
  }

  /** A station that is continued by another: its numbers are no one's any more. Returns its last event that is here too. */
  async #closeStation(station: string): Promise<Pick<LedgerEvent, "seq" | "hash"> | undefined> {
    await this.#server.query(
      `update norbridge.station set closed_at = now(), name = name || ' until ' || to_char(now(), 'YYYY-MM-DD HH24:MI:SS.US')
       where station = $1`,
      [station],
    );
    await this.#server.query("update norbridge.block set closed_at = now() where station = $1 and closed_at is null", [
      station,
    ]);
    let common: Pick<LedgerEvent, "seq" | "hash"> | undefined;
    const rows = await this.#server.query("select seq, hash from norbridge.event where station = $1 order by seq", [
      station,
    ]);
    const hashes = new Map(rows.map((row) => [Number(pgWhole(row, "seq")), pgText(row, "hash")]));
    for await (const { seq, hash } of this.#ledger.events()) {
      if (hashes.get(seq) !== hash) break;
      common = { seq, hash };
    }
    return common;
  }

  async #poolRequest(name: string): Promise<PoolRequest> {
    return (await this.#ledger.account(name)).pool;
  }

  async #registerPool({ name, kind, first, last }: PoolRequest): Promise<void> {
    await this.#server.query(
      "insert into norbridge.pool(pool, kind, first, last) values ($1, $2, $3, $4) on conflict (pool) do nothing",
      [name, kind, first, last],
    );
    const row = await this.#server.one("select * from norbridge.pool where pool = $1 for update", [name]);
    const known = pgWhole(row, "last");
    if (pgText(row, "kind") !== kind || pgWhole(row, "first") !== first) {
      throw wrong(
        `the pool ${printable(name)} has the numbers ${pgWhole(row, "first")} to ${pgWhole(row, "last")} (${pgText(row, "kind")}) on the server, not ${first} to ${last} (${kind})`,
        "Use the same recipe on all stations.",
      );
    }
    // A station with a newer recipe has widened it; one with an older recipe takes no number above its own last one.
    if (known < last) await this.#server.query("update norbridge.pool set last = $2 where pool = $1", [name, last]);
    if (kind !== "mac") return;
    const [twin] = await this.#server.query(
      "select pool from norbridge.pool where kind = 'mac' and pool <> $1 and first <= $2 and last >= $3 limit 1",
      [name, last, first],
    );
    if (twin !== undefined) {
      throw wrong(`the pool ${printable(name)} has addresses of the pool ${printable(pgText(twin, "pool"))}`);
    }
  }

  async #registerBlock(block: NumberBlock, station: string, before: string | undefined): Promise<void> {
    const { pool, lo, hi } = block;
    const [other] = await this.#server.query(
      `select block.block, block.station, name from norbridge.block join norbridge.station using(station)
       where pool = $1 and int8range(lo, hi, '[]') && int8range($2, $3, '[]') limit 1`,
      [pool, lo, hi],
    );
    if (other === undefined) {
      await this.#server.query(
        "insert into norbridge.block(block, pool, lo, hi, station) values ($1, $2, $3, $4, $5)",
        [block.block, pool, lo, hi, station],
      );
      return;
    }
    if ([station, before].includes(pgText(other, "station"))) return;
    const owner = printable(pgText(other, "name"));
    throw wrong(
      `the numbers ${lo} to ${hi} of the pool ${printable(pool)} are those of the station ${owner}`,
      "Nothing was changed on the server. Use another pool in this ledger, or join with an empty ledger.",
    );
  }

  /** The block of a request: the same one if it was given already, else the numbers above all others. */
  async #leased(
    { station }: ServerMark,
    block: string,
    { name, first, last }: PoolRequest,
    size: bigint,
  ): Promise<Omit<NumberBlock, "next">> {
    const [known] = await this.#server.query("select pool, lo, hi, station from norbridge.block where block = $1", [
      block,
    ]);
    if (known !== undefined && pgText(known, "station") === station) {
      return { block, pool: pgText(known, "pool"), lo: pgWhole(known, "lo"), hi: pgWhole(known, "hi") };
    }
    const row = await this.#server.one(
      "select coalesce(max(hi) + 1, $2::bigint) as lo from norbridge.block where pool = $1",
      [name, first],
    );
    const lo = pgWhole(row, "lo");
    if (lo > last) {
      throw new NorbridgeError("ENOSPC", `the server has no number of the pool ${printable(name)} left`, {
        operation: "lease",
        hint: advice("Nothing was changed. Add a pool with other numbers, and use it in a new revision of the recipe."),
      });
    }
    const hi = lo + size - 1n < last ? lo + size - 1n : last;
    const values = [block, name, lo, hi, station];
    await this.#server.query(
      "insert into norbridge.block(block, pool, lo, hi, station) values ($1, $2, $3, $4, $5)",
      values,
    );
    return { block, pool: name, lo, hi };
  }

  /** The next events, within a transaction. */
  async #upload({ station, name, epoch }: ServerMark): Promise<SyncResult & { readonly lastSeq: number }> {
    const [row] = await this.#server.query(
      "select last_seq, last_hash, epoch, closed_at is not null as closed from norbridge.station where station = $1 for update",
      [station],
    );
    if (row === undefined) throw unknownStation(name);
    const lastSeq = Number(pgWhole(row, "last_seq"));
    if (row["closed"] === true || pgWhole(row, "epoch") !== BigInt(epoch))
      throw restored(name, "another ledger continues it");
    const events: LedgerEvent[] = [];
    let isSameChain = lastSeq === 0;
    for await (const event of this.#ledger.events(Math.max(1, lastSeq))) {
      if (event.seq === lastSeq) isSameChain = event.hash === pgText(row, "last_hash");
      else events.push(event);
      if (events.length === EVENTS_AT_ONCE) break;
    }
    if (!isSameChain) throw restored(name, `the server has ${lastSeq} of its events, and they are not in this ledger`);
    const conflicts = await applyEvents(this.#server, station, events);
    const last = events.at(-1);
    if (last !== undefined) {
      await this.#server.query(
        "update norbridge.station set last_seq = $2, last_hash = $3, seen_at = now() where station = $1",
        [station, last.seq, last.hash],
      );
    }
    return { events: events.length, conflicts, lastSeq: last?.seq ?? lastSeq };
  }
}

function unknownStation(name: string): NorbridgeError {
  return wrong(
    `the server does not know the station ${printable(name)}`,
    "Check the database. If it was lost, rebuild it from the ledgers of all stations.",
  );
}

function restored(name: string, what: string): NorbridgeError {
  return wrong(
    `the ledger of the station ${printable(name)} was restored from an old copy: ${what}`,
    "Take no number from it: it could be on a unit already. Find the newer ledger, or join as restored.",
  );
}

function wrong(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "ledger server", hint });
}
