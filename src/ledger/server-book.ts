/** What a ledger keeps of its server: who this station is there, what was uploaded, and the blocks of numbers it may use. */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { EventLog } from "./event-log.ts";
import { type IdSource, newId } from "./ids.ts";
import type { NumberBlock, ServerMark, ServerSide, WantedBlock } from "./server-side.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";

export class ServerBook implements ServerSide {
  readonly #database: SqlDatabase;
  readonly #events: EventLog;
  readonly #source: IdSource;
  /** The computer and the file: a copy of the ledger is in another place. */
  readonly #place: string;

  constructor(database: SqlDatabase, events: EventLog, source: IdSource, place: string) {
    this.#database = database;
    this.#events = events;
    this.#source = source;
    this.#place = place;
  }

  /**
   * A ledger with a server gives out numbers only in the place where it joined: what it has left is also in every copy of
   * it, and without the server nothing else can notice that. Throws EINVAL in another place.
   */
  checkPlace(): void {
    const row = this.#database.get("select name, place from server");
    if (row === undefined) return;
    const place = this.#database.textOrNone(row, "place");
    // A ledger that joined before places were stored.
    if (place === undefined) this.#database.run("update server set place = ?", this.#place);
    if (place === undefined || place === this.#place) return;
    const name = printable(this.#database.text(row, "name"));
    throw wrong(
      `the ledger of the station ${name} was copied, moved or restored: another copy may give out the same numbers`,
      "Use the ledger that the station had before. If there is none, join as restored.",
    );
  }

  mark(): ServerMark | undefined {
    const row = this.#database.get("select * from server");
    if (row === undefined) return undefined;
    const whole = (column: string): number => Number(this.#database.whole(row, column));
    const text = (column: string): string => this.#database.text(row, column);
    return { station: text("station"), name: text("name"), epoch: whole("epoch"), uploadedSeq: whole("uploaded") };
  }

  join(name: string, { isRestored }: { readonly isRestored: boolean }): ServerMark {
    return this.#database.transaction(() => {
      const old = this.mark();
      if (old !== undefined && !isRestored) {
        if (old.name === name) return old;
        throw wrong(`this ledger belongs to the station ${printable(old.name)}, not to ${printable(name)}`);
      }
      if (isRestored) this.#giveUp("the ledger was restored from an old copy");
      const mark = { station: newId(this.#source), name, epoch: (old?.epoch ?? 0) + 1, uploadedSeq: 0 };
      this.#database.run("delete from server");
      this.#database.run("delete from wanted_block");
      const sql = "insert into server(one, station, name, epoch, uploaded, place) values (1, ?, ?, ?, 0, ?)";
      this.#database.run(sql, mark.station, name, mark.epoch, this.#place);
      this.#events.add("joined", { station: mark.station, name, epoch: mark.epoch });
      return mark;
    });
  }

  uploaded(seq: number): void {
    this.#database.run("update server set uploaded = ?", seq);
  }

  want(pool: string, size: bigint): WantedBlock {
    return this.#database.transaction(() => {
      const known = this.wanted().find((one) => one.pool === pool);
      if (known !== undefined) return known;
      const block = newId(this.#source);
      this.#database.run("insert into wanted_block(block, pool, size) values (?, ?, ?)", block, pool, size);
      return { block, pool, size };
    });
  }

  wanted(): readonly WantedBlock[] {
    return this.#database.all("select * from wanted_block order by block").map((row) => ({
      block: this.#database.text(row, "block"),
      pool: this.#database.text(row, "pool"),
      size: this.#database.whole(row, "size"),
    }));
  }

  addBlock({ block, pool, lo, hi }: Omit<NumberBlock, "next">): void {
    this.#database.transaction(() => {
      const known = this.#database.get("select block from block where block = ?", block);
      this.#database.run("delete from wanted_block where block = ?", block);
      if (known !== undefined) return;
      const overlap = this.#database.get(
        "select block from block where pool = ? and lo <= ? and hi >= ? limit 1",
        ...[pool, hi, lo],
      );
      if (overlap !== undefined) throw wrong(`the block ${lo} to ${hi} of the pool ${printable(pool)} is here already`);
      const sql = "insert into block(block, pool, lo, hi, next) values (?, ?, ?, ?, ?)";
      this.#database.run(sql, block, pool, lo, hi, lo);
      this.#events.add("leased", { pool, block, lo, hi });
    });
  }

  blocks(): readonly NumberBlock[] {
    return this.#database.all("select * from block order by pool, lo").map((row) => this.#block(row));
  }

  /**
   * Nothing that this copy has left is given out here any more. Its newer self may also have given out what was returned,
   * and sent what was reserved.
   */
  #giveUp(reason: string): void {
    this.#giveUpBlocks(reason);
    const named = (state: string): readonly string[] =>
      this.#database
        .all("select pool, value, text from number where state = ? order by pool, value", state)
        .map((row) => {
          const [pool, text] = [this.#database.text(row, "pool"), this.#database.text(row, "text")];
          return `${pool} ${this.#database.whole(row, "value")} ${text}`;
        });
    const [returned, reserved] = [named("returned"), named("reserved")];
    this.#database.run("update number set state = 'burned', reason = ? where state = 'returned'", reason);
    if (returned.length > 0) this.#events.add("burned", { numbers: returned, reason });
    this.#database.run("update number set state = 'exposed' where state = 'reserved'");
    if (reserved.length > 0) this.#events.add("exposed", { numbers: reserved, reason });
  }

  /** What was not given out is not given out here any more. */
  #giveUpBlocks(reason: string): void {
    for (const { block, pool, hi, next, lo } of this.blocks()) {
      if (next > hi) continue;
      // A block has at least one number: one that was never used goes as a whole.
      if (next === lo) this.#database.run("delete from block where block = ?", block);
      else this.#database.run("update block set hi = next - 1 where block = ?", block);
      this.#events.add("given-up", { pool, block, first: next, last: hi, reason });
    }
  }

  #block(row: SqlRow): NumberBlock {
    const whole = (column: string): bigint => this.#database.whole(row, column);
    const [block, pool] = [this.#database.text(row, "block"), this.#database.text(row, "pool")];
    return { block, pool, lo: whole("lo"), hi: whole("hi"), next: whole("next") };
  }
}

function wrong(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "ledger", hint });
}
