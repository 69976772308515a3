/** The file of a ledger: what is refused, what is noticed, and what an error says. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { networkFolderOf, networkType } from "../../src/disk/network-folder.ts";
import { EventLog } from "../../src/ledger/event-log.ts";
import { newId } from "../../src/ledger/ids.ts";
import { migrate } from "../../src/ledger/migrate.ts";
import { migrationHash, MIGRATIONS } from "../../src/ledger/migrations.ts";
import { SqlDatabase } from "../../src/ledger/sql-database.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { errorOf, ledgerFolder, openWithPool, seededSource, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();

/** A ledger with one unit, closed. */
async function madeLedger(name: string): Promise<string> {
  const file = path(name);
  const ledger = await openWithPool(file, 10n);
  const { session } = await ledger.beginSession(sessionOf());
  await ledger.reserve(session, { pool: "p", name: "serial", text: (value) => `T-${value}` });
  await ledger.expose(session);
  await ledger.issue(session, { serial: "T-1", contentSha256: SHA, values: [] });
  await ledger.close();
  return file;
}

/** What a ledger says of itself after a change by another program. */
async function afterSql(name: string, sql: string): Promise<string | undefined> {
  const file = await madeLedger(name);
  const database = await SqlDatabase.open(file);
  database.exec(sql);
  database.close();
  const ledger = await openLedger(file, { programVersion: "test", source: seededSource(9) });
  const problem = await ledger.verify();
  await ledger.close();
  return problem;
}

describe("the proof", () => {
  const FREE = "drop trigger event_is_fixed; drop trigger event_is_kept;";

  it.each([
    ["nothing", "select 1", undefined],
    [
      "an event that was changed",
      `${FREE} update event set body = replace(body, 'T-1', 'T-2') where seq = ${MIGRATIONS.length + 4}`,
      `event ${MIGRATIONS.length + 4} was changed`,
    ],
    ["a time that was changed", `${FREE} update event set at = '2020' where seq = 2`, "event 2 was changed"],
    ["an event that is gone", `${FREE} delete from event where seq = 4`, "event 4 is missing"],
    [
      "a number that was freed",
      "update number set state = 'returned'",
      "1 of the pool p is returned, and the events say issued",
    ],
    ["a number that is gone", "delete from number", "the events tell of a number that is not in the tables"],
  ])("notices %s", async (what, sql, problem) => {
    expect(await afterSql(`${what.replaceAll(" ", "-")}.sqlite`, sql)).toBe(problem);
  });

  it("is not needed for what the database itself refuses", async () => {
    await expect(afterSql("kept.sqlite", "delete from event")).rejects.toThrow("events are never deleted");
    await expect(afterSql("fixed.sqlite", "update event set body = '{}'")).rejects.toThrow("events are never changed");
    await expect(afterSql("foreign.sqlite", "insert into block values ('b', 'none', 1, 2, 1)")).rejects.toThrow(
      "FOREIGN KEY",
    );
    await expect(afterSql("strict.sqlite", "update number set value = 'x'")).rejects.toThrow(
      "TEXT value in INTEGER column",
    );
  });

  it("finds numbers without an explanation", async () => {
    const file = await madeLedger("gap.sqlite");
    const database = await SqlDatabase.open(file);
    database.exec("update block set next = 4");
    database.close();
    const ledger = await openLedger(file, { programVersion: "test", readOnly: true });
    expect((await ledger.account("p")).unexplained).toEqual([2n, 3n]);
    await ledger.close();
  });
});

describe("opening", () => {
  const open = (file: string, readOnly = false): Promise<unknown> =>
    openLedger(file, { programVersion: "test", readOnly });

  it("refuses what is no ledger", async () => {
    writeFileSync(path("text.sqlite"), "this is a text of some length, and no database at all".repeat(20));
    expect(await errorOf(open(path("text.sqlite")))).toMatch(/^FILE_INVALID .*text\.sqlite: is not a ledger/);
    mkdirSync(path("folder.sqlite"));
    expect(await errorOf(open(path("folder.sqlite")))).toContain("is not a regular file");
    expect(await errorOf(open(path("none.sqlite"), true))).toContain("no such file or directory");
    expect(existsSync(path("none.sqlite"))).toBe(false);
    const other = await SqlDatabase.open(path("other.sqlite"));
    other.exec("create table a(b)");
    other.close();
    expect(await errorOf(open(path("other.sqlite")))).toContain("is a database of another program");
    expect(await errorOf(open(path("text.sqlite/inside.sqlite")))).toMatch(/^FILE_(?:EXISTS|INVALID)/);
  });

  it("refuses a ledger of a newer version, and one whose schema is another", async () => {
    const file = await madeLedger("newer.sqlite");
    const database = await SqlDatabase.open(file);
    database.exec("insert into schema_version values (9, 'later', 'x', '2030', '9.9.9')");
    database.close();
    expect(await errorOf(open(file))).toContain(
      "is of a newer version: its schema has step 9, made by norbridge 9.9.9",
    );
    const changed = await madeLedger("changed.sqlite");
    const again = await SqlDatabase.open(changed);
    again.exec("update schema_version set sha256 = 'x'");
    again.close();
    expect(await errorOf(open(changed))).toContain("has another step 1 of its schema");
  });

  it("brings an older ledger forward, once, and notes it as an event", async () => {
    const file = await madeLedger("older.sqlite");
    const database = await SqlDatabase.open(file);
    const events = new EventLog(database, file, seededSource(3));
    const later = { number: 9, name: "later", sql: "create table later(a integer) strict" };
    const request = { readOnly: false, programVersion: "2", at: "2030", events, migrations: [...MIGRATIONS, later] };
    expect(() => {
      migrate(database, file, { ...request, readOnly: true });
    }).toThrow("is of an older version");
    migrate(database, file, request);
    migrate(database, file, request);
    expect([...events.from(1)].filter(({ kind }) => kind === "ledger")).toHaveLength(MIGRATIONS.length + 1);
    expect(events.verify()).toBeUndefined();
    database.close();
    expect(await errorOf(open(file))).toContain("is of a newer version");
  });

  it("notes a clock that was set back", async () => {
    const file = await madeLedger("clock.sqlite");
    const ledger = await openLedger(file, { programVersion: "test", source: { nowMs: () => 0, random: () => 1 } });
    expect(ledger.notes).toEqual([
      expect.stringMatching(/^the clock says 1970-01-01T00:00:00\.000Z, and the last event .* check the clock$/),
    ]);
    await ledger.close();
  });

  it("does not change a released step of the schema", () => {
    expect(MIGRATIONS.map(migrationHash)).toEqual([
      "f315ec21f750b1453e5e95dc6e9ce3dbf5c1e23c84fafc808e09935c042c0b8f",
      "c02728628f9720a8b15fb943a4b788db5c6c7be95807ef3dac938cd65b611fe6",
      "44c572370a5878746d0ecda62195e85ebe44db36ff775afde5feef620ba74a53",
    ]);
  });
});

describe("a disk", () => {
  it("that is full stores nothing of a step, and the ledger works on when there is room", async () => {
    const database = await SqlDatabase.open(path("full.sqlite"));
    database.exec("create table a(b text) strict; pragma max_page_count = 3");
    const fill = (): void => {
      database.transaction(() => {
        for (let count = 0; count < 100; count++) database.run("insert into a values (?)", "x".repeat(1000));
      });
    };
    expect(fill).toThrow("no space is left on the disk");
    expect(database.all("select * from a")).toEqual([]);
    database.exec("pragma max_page_count = 1000");
    fill();
    expect(database.all("select * from a")).toHaveLength(100);
    database.close();
  });

  it("without shared memory gets a rollback journal and a note; one that keeps no journal is refused", async () => {
    // These file systems of SQLite are what a folder without shared memory, and a file in memory, are to it.
    const database = await SqlDatabase.open(`file:${path("dotfile.sqlite")}?vfs=unix-dotfile`);
    expect(database.notes).toEqual([expect.stringContaining("has no shared memory: changes to the ledger are slower")]);
    expect(database.one("pragma journal_mode")).toEqual({ journal_mode: "delete" });
    expect(database.one("pragma synchronous")).toEqual({ synchronous: 3n });
    database.close();
    await expect(SqlDatabase.open(":memory:")).rejects.toThrow(
      "the folder allows no journal that survives a power cut",
    );
  });

  it("of another computer is recognised", () => {
    expect([0x6969, 0xff534d42 | 0, 0xfe534d42, 0xef53, 0x01021994].map(networkType)).toEqual([
      ...["NFS", "SMB", "SMB"],
      ...[undefined, undefined],
    ]);
    expect(networkFolderOf(String.raw`\\server\share\a.sqlite`, "windows")).toBe("SMB");
    expect(networkFolderOf(String.raw`\\?\UNC\server\share\a.sqlite`, "windows")).toBe("SMB");
    expect(networkFolderOf(String.raw`\\?\C:\a.sqlite`, "windows")).toBeUndefined();
    expect(networkFolderOf(String.raw`C:\a.sqlite`, "windows")).toBeUndefined();
    expect(networkFolderOf(path("a.sqlite"), "linux")).toBeUndefined();
  });

  it("that is read-only is said", async () => {
    const file = await madeLedger("readonly.sqlite");
    const ledger = await openLedger(file, { programVersion: "test", readOnly: true });
    expect(await errorOf(ledger.addPool({ name: "q", kind: "mac", first: 1n, last: 2n }))).toMatch(
      /^FILE_EXISTS .*the ledger or its folder is read-only/,
    );
    expect((await ledger.account("p")).lines).toHaveLength(1);
    await ledger.close();
  });

  it("that another program uses is waited for, and then said", async () => {
    const file = await madeLedger("busy.sqlite");
    const [one, two] = [await SqlDatabase.open(file), await SqlDatabase.open(file, { busyMs: 0 })];
    one.transaction(() => {
      expect(() => two.transaction(() => 1)).toThrow("is in use by another program");
    });
    expect(two.transaction(() => 1)).toBe(1);
    one.close();
    two.close();
  });
});

it("works as two connections at once", async () => {
  const file = path("two.sqlite");
  const [one, two] = [await openWithPool(file, 40n, 1), await openWithPool(file, 40n, 2)];
  const take = async (ledger: typeof one): Promise<bigint[]> => {
    const { session } = await ledger.beginSession(sessionOf());
    const values: bigint[] = [];
    for (let count = 0; count < 20; count++) {
      values.push((await ledger.reserve(session, { pool: "p", name: "n", text: (value) => `T-${value}` })).value);
    }
    return values;
  };
  const all = (await Promise.all([take(one), take(two)])).flat();
  expect(new Set(all).size).toBe(40);
  expect(await errorOf(take(one))).toContain("ENOSPC");
  expect(await two.verify()).toBeUndefined();
  await one.close();
  await two.close();
});

it("makes IDs that sort by time and are UUIDs of version 7", () => {
  const source = seededSource(5);
  const ids = Array.from({ length: 50 }, () => newId(source));
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
