/** The numbers of a ledger: every change of state, in the transaction of the caller. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { EventLog } from "./event-log.ts";
import type {
  AccountLine,
  GiveUp,
  HeldNumber,
  NumberRequest,
  NumberState,
  PoolAccount,
  PoolRequest,
} from "./ledger.ts";
import type { NumberBlock } from "./server-side.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";

const MOST = 2n ** 63n - 1n;
const STATES: readonly NumberState[] = ["reserved", "exposed", "issued", "burned", "returned", "retired"];
/** Most that an account lists as unexplained: one is too many. */
const MAX_UNEXPLAINED = 1000;
/** Most numbers that one call burns because their texts are in use. */
const MAX_SKIPPED = 1000;

export class NumberBook {
  readonly #database: SqlDatabase;
  readonly #events: EventLog;

  constructor(database: SqlDatabase, events: EventLog) {
    this.#database = database;
    this.#events = events;
  }

  /** Makes a pool, with one block for this station if it has no server; nothing if it is there already. */
  addPool(pool: PoolRequest, block: string | undefined): void {
    const { name, kind, first, last } = pool;
    if (first < 0n || first > last || last >= MOST) throw wrong(`the pool ${printable(name)} has no valid numbers`);
    const known = this.#pool(name);
    if (known !== undefined) {
      this.#widen(known, pool, block);
      return;
    }
    if (kind === "mac") this.#refuseSameAddresses(pool);
    this.#database.run("insert into pool(pool, kind, first, last) values (?, ?, ?, ?)", name, kind, first, last);
    if (block !== undefined) this.#addBlock(block, name, first, last);
    this.#events.add("pool", { pool: name, kind, first, last, block });
  }

  /** A pool may only grow, and only above its last number: what it gave out stays as it is. */
  #widen(known: PoolRequest, pool: PoolRequest, block: string | undefined): void {
    const { name, kind, first, last } = pool;
    if (known.kind !== kind || known.first !== first || known.last > last) {
      throw wrong(
        `the pool ${printable(name)} has the numbers ${known.first} to ${known.last} (${known.kind}), not ${first} to ${last} (${kind})`,
        "A pool can only be given a higher last number. For others, use another name.",
      );
    }
    if (known.last === last) return;
    if (kind === "mac") this.#refuseSameAddresses(pool);
    const added = known.last + 1n;
    this.#database.run("update pool set last = ? where pool = ?", last, name);
    if (block !== undefined) this.#addBlock(block, name, added, last);
    this.#events.add("widened", { pool: name, first: added, last, block });
  }

  #addBlock(block: string, pool: string, lo: bigint, hi: bigint): void {
    this.#database.run("insert into block(block, pool, lo, hi, next) values (?, ?, ?, ?, ?)", block, pool, lo, hi, lo);
  }

  /** An address exists once in the world, whatever its pool is called. */
  #refuseSameAddresses({ name, first, last }: PoolRequest): void {
    const sql = "select pool from pool where kind = 'mac' and first <= ? and last >= ? and pool <> ? limit 1";
    const other = this.#database.get(sql, last, first, name);
    if (other === undefined) return;
    const owner = printable(this.#database.text(other, "pool"));
    throw wrong(`the pool ${printable(name)} has addresses of the pool ${owner}`, `Use the pool ${owner} for them.`);
  }

  /** Takes the lowest returned number, else the next one of the block. */
  reserve(session: string, request: NumberRequest): HeldNumber {
    const { pool, name } = request;
    if (this.#pool(pool) === undefined) throw unknownPool(pool);
    for (let skipped = 0; skipped < MAX_SKIPPED; skipped++) {
      const value = this.#lowestReturned(pool) ?? this.#nextOfBlock(pool);
      const text = request.text(value);
      this.#refuseSameText(session, pool, text);
      const owner = this.#ownerOfText(session, request, value, text);
      if (owner === undefined) {
        this.#put({ pool, value, name, text, state: "reserved" }, session, undefined);
        this.#events.add("reserved", { session, pool, value, name, text });
        return { pool, value, name, text, state: "reserved" };
      }
      // The template was changed: this number can never have its text, and the pool goes on after it.
      const mark = `${text} (${value})`;
      this.#put({ pool, value, name, text: mark, state: "burned" }, session, owner);
      this.#events.add("burned", { session, numbers: [`${pool} ${value} ${mark}`], reason: owner });
    }
    throw wrong(
      `${MAX_SKIPPED} numbers of the pool ${printable(pool)} in a row have texts that were given out before`,
      "Change the template of the recipe, so that it makes other texts than before.",
    );
  }

  #put({ pool, value, name, text, state }: HeldNumber, session: string, reason: string | undefined): void {
    this.#database.run(
      `insert into number(pool, value, name, text, state, session, reason) values (?, ?, ?, ?, ?, ?, ?)
       on conflict(pool, value) do update set name = excluded.name, text = excluded.text, state = excluded.state,
         session = excluded.session, reason = excluded.reason where state = 'returned'`,
      ...[pool, value, name, text, state, session, reason ?? null],
    );
  }

  /** Why a number cannot have its text: another number or a unit has it. Undefined: it can. */
  #ownerOfText(session: string, { pool, name }: NumberRequest, value: bigint, text: string): string | undefined {
    const sql = "select value from number where pool = ? and text = ? and value <> ?";
    const other = this.#database.get(sql, pool, text, value);
    if (other !== undefined) return `its text ${text} is that of number ${this.#database.whole(other, "value")}`;
    const unit = this.#database.get(
      `select serial from unit join session on session.session = ? and session.product = unit.product
         where unit.serial = ? and coalesce(session.serial_name, ?) = ?`,
      ...[session, text, name, name],
    );
    return unit === undefined ? undefined : `its text ${text} is the serial number of a unit`;
  }

  /** The session of a product that was given a text as its serial number, and did not put it on a unit. */
  sessionOfSerial(product: string, text: string): string | undefined {
    const row = this.#database.get(
      `select session from number join session using(session) where number.text = ? and session.product = ?
         and number.state <> 'issued' and number.name = coalesce(session.serial_name, number.name) limit 1`,
      ...[text, product],
    );
    return row === undefined ? undefined : this.#database.text(row, "session");
  }

  /** Two pools of a product must not give out one text: a pool that replaces another starts above it. */
  #refuseSameText(session: string, pool: string, text: string): void {
    const twin = this.#database.get(
      `select number.pool as pool from number join session using(session) where number.text = ? and number.pool <> ?
         and session.product = (select product from session where session = ?) limit 1`,
      ...[text, pool, session],
    );
    if (twin === undefined) return;
    const owner = printable(this.#database.text(twin, "pool"));
    throw wrong(`${printable(text)} was already given out by the pool ${owner}`, "Use a pool that starts above it.");
  }

  /** The numbers of a session, in the order of their names. */
  ofSession(session: string): readonly HeldNumber[] {
    return this.#database
      .all("select * from number where session = ? order by name, pool, value", session)
      .map((row) => this.#held(row));
  }

  /** The numbers that a unit has. */
  ofUnit(unit: string): readonly HeldNumber[] {
    const sql = "select * from number where unit = ? and state = 'issued' order by name, pool, value";
    return this.#database.all(sql, unit).map((row) => this.#held(row));
  }

  /** What is reserved is exposed from now on. */
  expose(session: string): void {
    const numbers = this.ofSession(session).filter(({ state }) => state === "reserved");
    if (numbers.length === 0) return;
    this.#database.run("update number set state = 'exposed' where session = ? and state = 'reserved'", session);
    this.#events.add("exposed", { session, numbers: namesOf(numbers) });
  }

  /** What is exposed belongs to the unit. Throws EINVAL if a number was not exposed. */
  issue(session: string, unit: string): readonly HeldNumber[] {
    const numbers = this.ofSession(session);
    const [unsent] = numbers.filter(({ state }) => state === "reserved");
    if (unsent !== undefined) throw wrong(`${printable(unsent.text)} was never noted as sent, so no unit can have it`);
    this.#database.run(
      "update number set state = 'issued', unit = ? where session = ? and state = 'exposed'",
      unit,
      session,
    );
    return numbers.filter(({ state }) => state === "exposed");
  }

  /** Gives back or burns what a session has. */
  release(session: string, { reason, unused }: GiveUp): void {
    const numbers = this.ofSession(session);
    const kept = unused === "return" ? numbers.filter(({ state }) => state === "reserved") : [];
    const lost = numbers.filter((one) => (one.state === "reserved" || one.state === "exposed") && !kept.includes(one));
    for (const { pool, value } of kept) {
      this.#database.run(
        "update number set state = 'returned', session = null where pool = ? and value = ?",
        pool,
        value,
      );
    }
    for (const { pool, value } of lost) {
      this.#database.run(
        "update number set state = 'burned', reason = ? where pool = ? and value = ?",
        reason,
        pool,
        value,
      );
    }
    if (kept.length > 0) this.#events.add("returned", { session, numbers: namesOf(kept), reason });
    if (lost.length > 0) this.#events.add("burned", { session, numbers: namesOf(lost), reason });
  }

  retire(pool: string, value: bigint, reason: string): void {
    const row = this.#database.get("select * from number where pool = ? and value = ?", pool, value);
    if (row === undefined || this.#held(row).state !== "issued") {
      throw wrong(`${value} of the pool ${printable(pool)} is not issued, so it cannot be retired`);
    }
    this.#database.run(
      "update number set state = 'retired', reason = ? where pool = ? and value = ?",
      reason,
      pool,
      value,
    );
    this.#events.add("retired", { pool, value, unit: this.#database.textOrNone(row, "unit"), reason });
  }

  pools(): readonly string[] {
    return this.#database.all("select pool from pool order by pool").map((row) => this.#database.text(row, "pool"));
  }

  account(name: string, blocksOf: (pool: string) => readonly NumberBlock[]): PoolAccount {
    const pool = this.#pool(name);
    if (pool === undefined) throw unknownPool(name);
    const blocks = blocksOf(name);
    const next = blocks.reduce((highest, one) => (one.next > highest ? one.next : highest), pool.first);
    const rows = this.#database.all(
      "select number.*, unit.serial as serial from number left join unit using(unit) where pool = ? order by value",
      name,
    );
    const lines = rows.map((row) => this.#line(row));
    const unexplained = blocks.flatMap(({ lo, next: end }) => gapsOf(lo, end, lines)).slice(0, MAX_UNEXPLAINED);
    const free = blocks.reduce((sum, { hi, next: end }) => sum + hi + 1n - end, 0n);
    return { pool, next, blocks, lines, unexplained, free };
  }

  left(name: string): bigint {
    if (this.#pool(name) === undefined) throw unknownPool(name);
    const free = this.#database.one("select coalesce(sum(hi - next + 1), 0) as free from block where pool = ?", name);
    const sql = "select count(*) as returned from number where pool = ? and state = 'returned'";
    const back = this.#database.one(sql, name);
    return this.#database.whole(free, "free") + this.#database.whole(back, "returned");
  }

  #pool(name: string): PoolRequest | undefined {
    const row = this.#database.get("select * from pool where pool = ?", name);
    if (row === undefined) return undefined;
    const kind = this.#database.text(row, "kind") === "mac" ? "mac" : "counter";
    return { name, kind, first: this.#database.whole(row, "first"), last: this.#database.whole(row, "last") };
  }

  #lowestReturned(pool: string): bigint | undefined {
    const sql = "select value from number where pool = ? and state = 'returned' order by value limit 1";
    const row = this.#database.get(sql, pool);
    return row === undefined ? undefined : this.#database.whole(row, "value");
  }

  #nextOfBlock(pool: string): bigint {
    const row = this.#database.get(
      "select block, next from block where pool = ? and next <= hi order by lo limit 1",
      pool,
    );
    if (row === undefined) {
      throw new NorbridgeError("ENOSPC", `the pool ${printable(pool)} has no number left`, {
        operation: "reserve",
        hint: advice("Nothing was changed. Add a pool with other numbers, and use it in a new revision of the recipe."),
      });
    }
    this.#database.run("update block set next = next + 1 where block = ?", this.#database.text(row, "block"));
    return this.#database.whole(row, "next");
  }

  #held(row: SqlRow): HeldNumber {
    const text = (column: string): string => this.#database.text(row, column);
    const state = STATES.find((one) => one === row["state"]) ?? "burned";
    return {
      pool: text("pool"),
      value: this.#database.whole(row, "value"),
      name: text("name"),
      text: text("text"),
      state,
    };
  }

  #line(row: SqlRow): AccountLine {
    const [serial, session, reason] = ["serial", "session", "reason"].map((one) => this.#database.textOrNone(row, one));
    return { ...this.#held(row), serial, session, reason };
  }
}

/** Numbers from `first` to before `next` without a line. */
function gapsOf(first: bigint, next: bigint, lines: readonly AccountLine[]): readonly bigint[] {
  const gaps: bigint[] = [];
  let wanted = first;
  const within = lines.map((line) => line.value).filter((value) => value >= first && value < next);
  for (const value of [...within, next]) {
    for (; wanted < value && gaps.length < MAX_UNEXPLAINED; wanted++) gaps.push(wanted);
    wanted = value + 1n;
  }
  return gaps;
}

function namesOf(numbers: readonly HeldNumber[]): readonly string[] {
  return numbers.map(({ pool, value, text }) => `${pool} ${value} ${text}`);
}

function unknownPool(name: string): NorbridgeError {
  return wrong(`there is no pool ${printable(name)} in the ledger`);
}

function wrong(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "ledger", hint });
}
