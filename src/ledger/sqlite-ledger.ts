/** A ledger in one SQLite file, which is made if it is not there. */
import { dirname, resolve } from "node:path";
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { isoTime, machineRandom, wallClockMs } from "../clock.ts";
import { cannotWrite, fileInvalid, systemReason } from "../disk/file-problem.ts";
import { kindOf, makeFolder, nameCount } from "../disk/folder.ts";
import { networkFolderOf } from "../disk/network-folder.ts";
import { placeOfFile } from "../disk/place-of-file.ts";
import { NorbridgeError } from "../errors.ts";
import type { LedgerEvent } from "./event-chain.ts";
import { EventLog } from "./event-log.ts";
import { type IdSource, newId } from "./ids.ts";
import type {
  EndedSession,
  GiveUp,
  HeldNumber,
  Identity,
  IdentityClues,
  Ledger,
  NumberRequest,
  PoolAccount,
  PoolRequest,
  RecipeRevision,
  SessionRequest,
  OpenSession,
  StartedSession,
  UnitAccount,
  UnitPlan,
  UnitRecord,
} from "./ledger.ts";
import { migrate } from "./migrate.ts";
import { NumberBook } from "./number-book.ts";
import { NumberReplay } from "./replay.ts";
import { ServerBook } from "./server-book.ts";
import { isConflict, SqlDatabase, type SqlRow } from "./sql-database.ts";
import { UnitBook, usableUid } from "./unit-book.ts";

/** How a ledger is opened. */
export interface OpenLedgerOptions {
  /** Version of this program, for the record of migrations. */
  readonly programVersion: string;
  /** Only to read; the file must be there. */
  readonly readOnly?: boolean | undefined;
  /** Time and chance; the machine's if left out. */
  readonly source?: IdSource | undefined;
}

const MACHINE: IdSource = { nowMs: wallClockMs, random: machineRandom };

/**
 * Opens a ledger.
 *
 * @throws NorbridgeError FILE_INVALID for a file that is none, is damaged, or is of a newer version; FILE_EXISTS if it
 * cannot be written; EBUSY if another program does not let go of it; EINVAL if there is no SQLite.
 */
export async function openLedger(path: string, options: OpenLedgerOptions): Promise<Ledger> {
  const { readOnly = false, source = MACHINE, programVersion } = options;
  const kind = kindOf(path);
  if (kind === undefined) {
    if (readOnly) throw fileInvalid(path, "cannot be read: no such file or directory");
    try {
      makeFolder(dirname(path));
    } catch (error) {
      throw cannotWrite(path, systemReason(error), { cause: error });
    }
  } else if (kind !== "file" && kind !== "link") throw fileInvalid(path, "is not a regular file");
  // SQLite keeps what is new in a file named after the ledger: by two names it would give out a number twice.
  if (nameCount(path) > 1) {
    throw fileInvalid(path, "has more than one name (a hard link), so a number could be given out twice", {
      hint: "Remove the other names of the file.",
    });
  }
  // SQLite's locks do not reach between computers: two of them could take one number.
  const network = readOnly ? undefined : networkFolderOf(resolve(path));
  if (network !== undefined) {
    throw cannotWrite(
      path,
      `the ledger is in a network folder (${network}), where two computers could take one number`,
      {
        hint: "Choose a folder on a disk of this computer.",
      },
    );
  }
  // SQLite takes `:memory:` and names that start with `file:` for something else than a file: a whole path is one.
  const database = await SqlDatabase.open(resolve(path), { readOnly });
  try {
    const events = new EventLog(database, path, source);
    migrate(database, path, { readOnly, programVersion, at: isoTime(source.nowMs()), events });
    return new SqliteLedger(database, events, source, placeOfFile(resolve(path)));
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteLedger implements Ledger {
  readonly notes: readonly string[];
  readonly server: ServerBook;
  readonly #database: SqlDatabase;
  readonly #events: EventLog;
  readonly #source: IdSource;
  readonly #numbers: NumberBook;
  readonly #units: UnitBook;

  constructor(database: SqlDatabase, events: EventLog, source: IdSource, place: string) {
    this.#database = database;
    this.#events = events;
    this.#source = source;
    this.#numbers = new NumberBook(database, events);
    this.#units = new UnitBook(database);
    this.server = new ServerBook(database, events, source, place);
    const last = events.lastAt();
    const now = this.#now();
    const isBehind = last !== undefined && last > now;
    const clock = isBehind
      ? [`the clock says ${now}, and the last event of the ledger was at ${last}: check the clock`]
      : [];
    this.notes = [...database.notes, ...clock];
  }

  addRecipe({ name, revision, sha256 }: RecipeRevision): Promise<void> {
    return this.#change(() => {
      const known = this.#database.get("select sha256 from recipe where name = ? and revision = ?", name, revision);
      if (known !== undefined) {
        if (this.#database.text(known, "sha256") === sha256) return;
        throw wrong(
          `revision ${revision} of the recipe ${printable(name)} had another content before`,
          "Increase the revision of the recipe with every change.",
        );
      }
      const at = this.#now();
      this.#database.run(
        "insert into recipe(name, revision, sha256, first_at) values (?, ?, ?, ?)",
        name,
        revision,
        sha256,
        at,
      );
      this.#events.add("recipe", { name, revision, sha256 });
    });
  }

  addPool(pool: PoolRequest): Promise<void> {
    return this.#change(() => {
      // The numbers of a shared pool come in blocks from the server.
      this.#numbers.addPool(pool, this.server.mark() === undefined ? newId(this.#source) : undefined);
    });
  }

  identify(clues: IdentityClues): Promise<Identity> {
    return this.#read(() => this.#units.identify(clues));
  }

  beginSession(request: SessionRequest): Promise<StartedSession> {
    return this.#change(() => {
      const identity = this.#units.identify(request);
      if (identity.kind === "contradiction") throw wrong(identity.reason, "Set the unit aside and ask the supervisor.");
      const isKnown = identity.kind === "known";
      if (isKnown && request.seenAgain === "refuse") {
        throw wrong(`this is unit ${printable(identity.serial)}, which is done already`, "Take the unit out.");
      }
      const session = newId(this.#source);
      const uid = usableUid(request.uid);
      const { product, recipe, slot, operator, serialName } = request;
      const unit = isKnown ? identity.unit : undefined;
      this.#checkRecipe(recipe);
      this.#checkAlone(request.jedec, uid, unit);
      this.#insertSession({ session, product, recipe, slot, operator, serialName, jedec: request.jedec, uid, unit });
      this.#events.add("session-begin", {
        session,
        product,
        recipe: recipe.name,
        revision: recipe.revision,
        slot,
        operator,
        jedec: request.jedec,
        uid,
        unit,
      });
      const madeAt = `${(isKnown ? this.#units.madeAt(identity.unit) : this.#startOf(session)).slice(0, 19)}Z`;
      if (!isKnown) return { session, identity, numbers: [], values: [], madeAt };
      const [numbers, values] = [this.#numbers.ofUnit(identity.unit), this.#units.valuesOf(identity.unit)];
      return { session, identity, numbers, values, madeAt };
    });
  }

  reserve(session: string, request: NumberRequest): Promise<HeldNumber> {
    return this.#change(() => {
      this.#open(session);
      this.server.checkPlace();
      return this.#numbers.reserve(session, request);
    });
  }

  expose(session: string, plan?: UnitPlan): Promise<void> {
    return this.#change(() => {
      this.#open(session);
      if (plan !== undefined) {
        const values = plan.texts.map(({ name, text }) => `${name}=${text}`);
        this.#events.add("composed", { session, contentSha256: plan.contentSha256, values });
      }
      this.#numbers.expose(session);
    });
  }

  issue(session: string, record: UnitRecord): Promise<void> {
    return this.#change(() => {
      const row = this.#open(session);
      const known = this.#database.textOrNone(row, "unit");
      if (known === undefined) this.#checkReservedSerial(session, row, record.serial);
      else this.#checkSerial(known, record.serial);
      const unit = known ?? newId(this.#source);
      const at = this.#now();
      const product = this.#database.text(row, "product");
      try {
        this.#units.record(unit, product, record, at);
      } catch (error) {
        if (!isConflict(error)) throw error;
        throw wrong(
          `another unit of ${printable(product)} has the serial number ${printable(record.serial)}, or one of its unique values`,
        );
      }
      const numbers = this.#numbers.issue(session, unit);
      const uid = this.#database.textOrNone(row, "uid");
      this.#units.addChip(unit, this.#database.textOrNone(row, "jedec") ?? "", uid, at);
      this.#events.add("issued", {
        session,
        unit,
        serial: record.serial,
        contentSha256: record.contentSha256,
        numbers: numbers.map(({ pool, value, text }) => `${pool} ${value} ${text}`),
        values: record.values.map(({ name, text }) => `${name}=${text}`),
      });
      this.#end(session, "pass", undefined, unit);
    });
  }

  giveUp(session: string, how: GiveUp): Promise<void> {
    return this.#change(() => {
      this.#open(session);
      this.#numbers.release(session, how);
      this.#end(session, how.outcome, how.reason, undefined);
    });
  }

  retire(pool: string, value: bigint, reason: string): Promise<void> {
    return this.#change(() => {
      this.#numbers.retire(pool, value, reason);
    });
  }

  openSessions(): Promise<readonly OpenSession[]> {
    return this.#read(() =>
      this.#units.sessions("ended_at is null").map((one) => {
        const { session } = one;
        const numbers = this.#numbers.ofSession(session);
        return { ...one, ...this.#units.chipOfSession(session), numbers, plan: this.#planOf(session) };
      }),
    );
  }

  endedSessions(since: string, most: number): Promise<readonly EndedSession[]> {
    return this.#read(() => this.#units.ended(since, most));
  }

  units(serial: string, product?: string): Promise<readonly UnitAccount[]> {
    return this.#read(() => this.#units.accounts(serial, product, (unit) => this.#numbers.ofUnit(unit)));
  }

  account(pool: string): Promise<PoolAccount> {
    return this.#read(() => this.#account(pool));
  }

  numbersLeft(pool: string): Promise<bigint> {
    return this.#read(() => this.#numbers.left(pool));
  }

  pools(): Promise<readonly string[]> {
    return this.#read(() => this.#numbers.pools());
  }

  async *events(fromSeq = 1): AsyncGenerator<LedgerEvent> {
    for (const event of this.#events.from(fromSeq)) yield await Promise.resolve(event);
  }

  verify(): Promise<string | undefined> {
    return this.#read(() => {
      const broken = this.#events.verify();
      if (broken !== undefined) return broken;
      const replay = new NumberReplay();
      for (const event of this.#events.from(1)) {
        const problem = replay.next(event);
        if (problem !== undefined) return problem;
      }
      return replay.differs(this.#numbers.pools().flatMap((pool) => this.#account(pool).lines));
    });
  }

  close(): Promise<void> {
    return this.#read(() => {
      this.#database.close();
    });
  }

  /** A throw becomes a rejection. */
  #read<T>(act: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(act());
    });
  }

  #change<T>(act: () => T): Promise<T> {
    return this.#read(() => this.#database.transaction(act));
  }

  #account(name: string): PoolAccount {
    return this.#numbers.account(name, (pool) => this.server.blocks().filter((one) => one.pool === pool));
  }

  #planOf(session: string): UnitPlan | undefined {
    const body = this.#events.lastOf("composed", session);
    return body === undefined ? undefined : readPlan(JSON.parse(body));
  }

  #now(): string {
    return isoTime(this.#source.nowMs());
  }

  /** The row of a session that is open. */
  #open(session: string): SqlRow {
    const row = this.#database.get("select * from session where session = ?", session);
    if (row === undefined) throw wrong(`there is no session ${printable(session)}`);
    if (row["ended_at"] !== null) throw wrong(`the session ${printable(session)} has ended`);
    return row;
  }

  #end(session: string, outcome: string, reason: string | undefined, unit: string | undefined): void {
    const sql = "update session set ended_at = ?, outcome = ?, reason = ?, unit = coalesce(?, unit) where session = ?";
    this.#database.run(sql, this.#now(), outcome, reason ?? null, unit ?? null, session);
    this.#events.add("session-end", { session, outcome, reason });
  }

  #insertSession({ session, product, recipe, slot, operator, serialName, jedec, uid, unit }: NewSession): void {
    this.#database.run(
      `insert into session(session, product, recipe, revision, slot, operator, serial_name, jedec, uid, unit,
         is_rework, started_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[session, product, recipe.name, recipe.revision, slot, operator, serialName ?? null],
      ...[jedec ?? null, uid ?? null, unit ?? null],
      ...[unit === undefined ? 0 : 1, this.#now()],
    );
  }

  /** A unit keeps its serial number. */
  #checkSerial(unit: string, serial: string): void {
    const own = this.#database.text(this.#database.one("select serial from unit where unit = ?", unit), "serial");
    if (own !== serial) throw wrong(`the unit has the serial number ${printable(own)}, not ${printable(serial)}`);
  }

  /** The serial number of a session that has one of a pool. */
  #checkReservedSerial(session: string, row: SqlRow, serial: string): void {
    const name = this.#database.textOrNone(row, "serial_name");
    const own = this.#numbers.ofSession(session).find((one) => one.name === name);
    if (own === undefined) {
      const owner = this.#numbers.sessionOfSerial(this.#database.text(row, "product"), serial);
      if (owner === undefined || owner === session) return;
      throw wrong(`the serial number ${printable(serial)} was given to the session ${printable(owner)}`);
    }
    if (own.text === serial) return;
    throw wrong(`the session has the serial number ${printable(own.text)}, not ${printable(serial)}`);
  }

  #startOf(session: string): string {
    const row = this.#database.one("select started_at from session where session = ?", session);
    return this.#database.text(row, "started_at");
  }

  #checkRecipe({ name, revision, sha256 }: RecipeRevision): void {
    const known = this.#database.get("select sha256 from recipe where name = ? and revision = ?", name, revision);
    const what = `the recipe ${printable(name)}, revision ${revision},`;
    if (known === undefined) throw wrong(`${what} is not in the ledger`);
    if (this.#database.text(known, "sha256") !== sha256) throw wrong(`${what} has another content than before`);
  }

  /** A chip, and a unit, is in one open session only. */
  #checkAlone(jedec: string | undefined, uid: string | undefined, unit: string | undefined): void {
    const sql = `select session from session where ended_at is null
      and ((uid is not null and uid = ? and coalesce(jedec, '') = ?) or (unit is not null and unit = ?)) limit 1`;
    const open = this.#database.get(sql, uid ?? null, jedec ?? "", unit ?? null);
    if (open === undefined) return;
    const message = `this chip is in the session ${this.#database.text(open, "session")}, which is still open`;
    throw new NorbridgeError("EBUSY", message, {
      operation: "begin session",
      hint: advice("Complete that session first, or give it up."),
    });
  }
}

interface NewSession {
  readonly session: string;
  readonly product: string;
  readonly recipe: RecipeRevision;
  readonly slot: string;
  readonly operator: string;
  readonly serialName: string | undefined;
  readonly jedec: string | undefined;
  readonly uid: string | undefined;
  readonly unit: string | undefined;
}

/** A plan from the body of its event. */
function readPlan(body: unknown): UnitPlan | undefined {
  if (typeof body !== "object" || body === null || !("contentSha256" in body) || !("values" in body)) return undefined;
  if (typeof body.contentSha256 !== "string" || !Array.isArray(body.values)) return undefined;
  const texts = body.values.map((one: unknown) => {
    const [, name = "", text = ""] = /^([^=]*)=(.*)$/s.exec(String(one)) ?? [];
    return { name, text };
  });
  return { contentSha256: body.contentSha256, texts };
}

function wrong(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "ledger", hint });
}
