/** The events of a ledger in its database: added in the transaction of what they tell, read and proved. */
import { isoTime } from "../clock.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { ChainCheck, type EventKind, eventHash, type LedgerEvent, NO_HASH } from "./event-chain.ts";
import { type IdSource, newId } from "./ids.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";

/** What the body of an event may hold; a bigint is written as its digits. */
type BodyValue = string | number | bigint | boolean | null | undefined | readonly BodyValue[];

/** Kinds of events, as a record so that none is forgotten. */
const KINDS: Readonly<Record<EventKind, true>> = {
  ledger: true,
  recipe: true,
  pool: true,
  widened: true,
  joined: true,
  leased: true,
  "given-up": true,
  "session-begin": true,
  reserved: true,
  composed: true,
  exposed: true,
  issued: true,
  returned: true,
  burned: true,
  retired: true,
  "session-end": true,
};

export class EventLog {
  readonly #database: SqlDatabase;
  readonly #path: string;
  readonly #source: IdSource;

  constructor(database: SqlDatabase, path: string, source: IdSource) {
    this.#database = database;
    this.#path = path;
    this.#source = source;
  }

  /** Adds an event; only within a transaction. */
  add(kind: EventKind, body: Readonly<Record<string, BodyValue>>): void {
    const last = this.#database.get("select seq, hash from event order by seq desc limit 1");
    const seq = last === undefined ? 1 : Number(this.#database.whole(last, "seq")) + 1;
    const prev = last === undefined ? NO_HASH : this.#database.text(last, "hash");
    const text = JSON.stringify(body, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    const event = { seq, id: newId(this.#source), at: isoTime(this.#source.nowMs()), kind, body: text, prev };
    this.#database.run(
      "insert into event(seq, id, at, kind, body, prev, hash) values (?, ?, ?, ?, ?, ?, ?)",
      ...[event.seq, event.id, event.at, event.kind, event.body, event.prev, eventHash(event)],
    );
  }

  /** When the last event was, ISO 8601. */
  lastAt(): string | undefined {
    const last = this.#database.get("select at from event order by seq desc limit 1");
    return last === undefined ? undefined : this.#database.text(last, "at");
  }

  /** Events from `fromSeq` on. */
  *from(fromSeq: number): Generator<LedgerEvent> {
    for (const row of this.#database.each("select * from event where seq >= ? order by seq", fromSeq)) {
      const event = this.#eventOf(row);
      const { kind } = event;
      if (!isKind(kind))
        throw fileInvalid(this.#path, `event ${event.seq} is of a kind that this version does not know`);
      yield { ...event, kind };
    }
  }

  /** Body of the last event of a kind that belongs to a session. */
  lastOf(kind: EventKind, session: string): string | undefined {
    const sql =
      "select body from event where kind = ? and json_extract(body, '$.session') = ? order by seq desc limit 1";
    const row = this.#database.get(sql, kind, session);
    return row === undefined ? undefined : this.#database.text(row, "body");
  }

  /** The first fault of the chain. */
  verify(): string | undefined {
    const chain = new ChainCheck();
    for (const row of this.#database.each("select * from event order by seq")) {
      const problem = chain.next(this.#eventOf(row));
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #eventOf(row: SqlRow): Omit<LedgerEvent, "kind"> & { readonly kind: string } {
    const text = (column: string): string => this.#database.text(row, column);
    const seq = Number(this.#database.whole(row, "seq"));
    return {
      seq,
      id: text("id"),
      at: text("at"),
      kind: text("kind"),
      body: text("body"),
      prev: text("prev"),
      hash: text("hash"),
    };
  }
}

function isKind(kind: string): kind is EventKind {
  return Object.hasOwn(KINDS, kind);
}
