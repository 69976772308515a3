/** The units of a ledger: which unit a chip is, what it has, and the sessions that it was in. */
import { printable } from "../bytes.ts";
import type {
  EndedSession,
  HeldNumber,
  Identity,
  IdentityClues,
  OpenSession,
  SessionSummary,
  UnitAccount,
  UnitRecord,
} from "./ledger.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";

/** A unique ID that can be one: hex, and not the same byte again and again, which is what a chip without one returns. */
export function usableUid(uid: string | undefined): string | undefined {
  const text = uid?.toLowerCase();
  if (text === undefined || !/^(?:[0-9a-f]{2})+$/.test(text)) return undefined;
  return /^(..)\1*$/.test(text) ? undefined : text;
}

interface FoundUnit {
  readonly unit: string;
  readonly product: string;
  readonly serial: string;
}

export class UnitBook {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** The ladder: unique ID, stored serial, scan. What contradicts the step before stops the unit. */
  identify(clues: IdentityClues): Identity {
    const uid = usableUid(clues.uid);
    const byUid = uid === undefined ? undefined : this.#byChip(clues.jedec ?? "", uid);
    const byStored = clues.stored === undefined ? undefined : this.#bySerial(clues.product, clues.stored);
    // A number that was burned is no unit's: the chip was in a session that failed.
    const isOfNobody =
      clues.stored !== undefined && byStored === undefined && this.#isBurned(clues.product, clues.stored);
    const byScan = clues.scanned === undefined ? undefined : this.#bySerial(clues.product, clues.scanned);
    const stored = printable(clues.stored ?? "");
    if (byUid !== undefined && byUid.product !== clues.product) {
      const unit = `${printable(byUid.serial)} (${printable(byUid.product)})`;
      return stop(`the chip is that of unit ${unit}, and the recipe makes ${printable(clues.product)}`);
    }
    if (clues.stored !== undefined && byStored === undefined && !isOfNobody) {
      const owner = byUid === undefined ? "" : `, and its unique ID belongs to ${printable(byUid.serial)}`;
      return stop(`the chip holds the serial number ${stored}, which this ledger does not know${owner}`);
    }
    if (byUid !== undefined && byStored !== undefined && byUid.unit !== byStored.unit) {
      return stop(
        `the chip holds the serial number ${stored}, and its unique ID belongs to ${printable(byUid.serial)}`,
      );
    }
    if (byStored !== undefined && byUid === undefined && uid !== undefined && this.#hasChip(byStored.unit)) {
      return stop(
        `the chip holds the serial number ${stored} of a unit with another chip: it was copied, or the chip was exchanged`,
      );
    }
    const found = byUid ?? byStored;
    if (found !== undefined && clues.scanned !== undefined && clues.scanned !== found.serial) {
      return stop(`${printable(clues.scanned)} was scanned, and the chip is that of ${printable(found.serial)}`);
    }
    if (byUid !== undefined) return known(byUid, "uid");
    if (byStored !== undefined) return known(byStored, "stored");
    if (byScan === undefined) return { kind: "new" };
    if (uid !== undefined && this.#hasChip(byScan.unit)) {
      return stop(`${printable(byScan.serial)} was scanned, which is a unit with another chip`);
    }
    return known(byScan, "scanned");
  }

  /** Adds a unit, or what a rework changed of it. */
  record(unit: string, product: string, { serial, contentSha256, values }: UnitRecord, at: string): void {
    this.#database.run(
      `insert into unit(unit, product, serial, made_at, content_sha256) values (?, ?, ?, ?, ?)
       on conflict(unit) do update set content_sha256 = excluded.content_sha256`,
      ...[unit, product, serial, at, contentSha256],
    );
    for (const { name, text, isUnique } of values) {
      this.#database.run(
        `insert into unit_value(unit, name, value, is_unique) values (?, ?, ?, ?)
         on conflict(unit, name) do update set value = excluded.value, is_unique = excluded.is_unique`,
        ...[unit, name, text, isUnique ? 1 : 0],
      );
    }
  }

  /** The chip of a unit, if it has a unique ID. */
  addChip(unit: string, jedec: string, uid: string | undefined, at: string): void {
    if (uid === undefined) return;
    const sql = "insert into chip(jedec, uid, unit, first_at) values (?, ?, ?, ?) on conflict(jedec, uid) do nothing";
    this.#database.run(sql, jedec, uid, unit, at);
  }

  /** Units with a serial number. */
  accounts(
    serial: string,
    product: string | undefined,
    numbersOf: (unit: string) => readonly HeldNumber[],
  ): readonly UnitAccount[] {
    const rows = this.#database.all("select * from unit where serial = ? order by product", serial);
    return rows
      .filter((row) => product === undefined || row["product"] === product)
      .map((row) => this.#account(row, numbersOf));
  }

  /** Values of a unit besides its numbers, by name. */
  valuesOf(unit: string): readonly { readonly name: string; readonly text: string }[] {
    return this.#database
      .all("select name, value from unit_value where unit = ? order by name", unit)
      .map((row) => ({ name: this.#database.text(row, "name"), text: this.#database.text(row, "value") }));
  }

  /** When the session began that made a unit, ISO 8601. */
  madeAt(unit: string): string {
    const sql = "select min(started_at) as at from session where unit = ? and is_rework = 0";
    return this.#database.text(this.#database.one(sql, unit), "at");
  }

  /** Sessions that match a condition, oldest first. */
  sessions(condition: "ended_at is null" | "unit = ?", ...values: readonly string[]): readonly SessionSummary[] {
    return this.#database
      .all(`select * from session where ${condition} order by started_at, session`, ...values)
      .map((row) => this.#session(row));
  }

  /** Sessions that ended at a time or later, oldest first; the newest `most` of them. */
  ended(since: string, most: number): readonly EndedSession[] {
    const sql = `select session.*, unit.serial as serial from session left join unit using(unit)
      where ended_at >= ? order by started_at desc, session desc limit ?`;
    return this.#database
      .all(sql, since, most)
      .map((row) => {
        const [jedec, uid, serial] = ["jedec", "uid", "serial"].map((one) => this.#database.textOrNone(row, one));
        return { ...this.#session(row), jedec, uid, serial };
      })
      .toReversed();
  }

  /** The chip of a session, and the unit that it was known as. */
  chipOfSession(session: string): Pick<OpenSession, "jedec" | "uid" | "serial"> {
    const sql = "select jedec, uid, serial from session left join unit using(unit) where session = ?";
    const row = this.#database.one(sql, session);
    const [jedec, uid, serial] = ["jedec", "uid", "serial"].map((one) => this.#database.textOrNone(row, one));
    return { jedec, uid, serial };
  }

  #account(row: SqlRow, numbersOf: (unit: string) => readonly HeldNumber[]): UnitAccount {
    const text = (column: string): string => this.#database.text(row, column);
    const unit = text("unit");
    const chips = this.#database.all("select jedec, uid from chip where unit = ? order by first_at", unit);
    return {
      unit,
      product: text("product"),
      serial: text("serial"),
      madeAt: text("made_at"),
      contentSha256: text("content_sha256"),
      numbers: numbersOf(unit),
      values: this.valuesOf(unit),
      chips: chips.map((one) => ({ jedec: this.#database.text(one, "jedec"), uid: this.#database.text(one, "uid") })),
      sessions: this.sessions("unit = ?", unit),
    };
  }

  #session(row: SqlRow): SessionSummary {
    const text = (column: string): string => this.#database.text(row, column);
    return {
      session: text("session"),
      recipe: text("recipe"),
      revision: Number(this.#database.whole(row, "revision")),
      slot: text("slot"),
      operator: text("operator"),
      startedAt: text("started_at"),
      endedAt: this.#database.textOrNone(row, "ended_at"),
      outcome: this.#database.textOrNone(row, "outcome"),
      reason: this.#database.textOrNone(row, "reason"),
      isRework: this.#database.whole(row, "is_rework") === 1n,
    };
  }

  #byChip(jedec: string, uid: string): FoundUnit | undefined {
    const sql = "select unit.unit as unit, product, serial from chip join unit using(unit) where jedec = ? and uid = ?";
    return this.#found(this.#database.get(sql, jedec, uid));
  }

  #bySerial(product: string, serial: string): FoundUnit | undefined {
    return this.#found(
      this.#database.get("select unit, product, serial from unit where product = ? and serial = ?", product, serial),
    );
  }

  #found(row: SqlRow | undefined): FoundUnit | undefined {
    if (row === undefined) return undefined;
    const text = (column: string): string => this.#database.text(row, column);
    return { unit: text("unit"), product: text("product"), serial: text("serial") };
  }

  #isBurned(product: string, text: string): boolean {
    const sql = `select 1 as one from number join session using(session)
      where number.text = ? and number.state = 'burned' and product = ? limit 1`;
    return this.#database.get(sql, text, product) !== undefined;
  }

  #hasChip(unit: string): boolean {
    return this.#database.get("select 1 as one from chip where unit = ? limit 1", unit) !== undefined;
  }
}

function known({ unit, serial }: FoundUnit, by: "uid" | "stored" | "scanned"): Identity {
  return { kind: "known", unit, serial, by };
}

function stop(reason: string): Identity {
  return { kind: "contradiction", reason };
}
