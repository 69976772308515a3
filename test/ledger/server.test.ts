/**
 * Several stations and a real PostgreSQL server: no number twice and none unexplained, whatever the network and the server
 * do; a ledger that was restored from an old copy, and a name that two stations use, are refused.
 */
import { copyFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { ServerLedger } from "../../src/ledger/server/server-ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { BadNetwork } from "../support/bad-network.ts";
import { effort } from "../support/effort.ts";
import { describeUnless } from "../support/needs.ts";
import { postgresMissing, usePostgres } from "../support/postgres.ts";
import { errorOf, ledgerFolder, RECIPE, seededSource, sessionOf } from "./support.ts";

const LIMITS = { connectMs: 2_000, statementMs: 2_000, callMs: 2_000 };
const POOL = { name: "p", kind: "counter", first: 1n, last: 100_000n } as const;

/** Opens a ledger of its own, with the pool but without numbers. */
async function stationLedger(file: string, seed: number): Promise<Ledger> {
  const ledger = await openLedger(file, { programVersion: "test", source: seededSource(seed) });
  await ledger.addRecipe(RECIPE);
  return ledger;
}

function serverOf(url: string, ledger: Ledger): Promise<ServerLedger> {
  return ServerLedger.open(url, ledger, { programVersion: "test", limits: LIMITS });
}

/** One call on a connection of its own, as commands do. */
async function once<T>(url: string, ledger: Ledger, act: (server: ServerLedger) => Promise<T>): Promise<T> {
  const server = await serverOf(url, ledger);
  try {
    return await act(server);
  } finally {
    await server.close();
  }
}

/** A unit from its number to its record, or given up. */
async function makeUnit(ledger: Ledger, random: Random): Promise<bigint> {
  const { session } = await ledger.beginSession(sessionOf({ serialName: "serial" }));
  const { value } = await ledger.reserve(session, { pool: "p", name: "serial", text: (one) => `A-${one}` });
  const end = random.pick(["issue", "issue", "issue", "burn", "return", "open"]);
  if (end === "return") {
    await ledger.giveUp(session, { outcome: "fail", reason: "no contact", unused: "return" });
    return value;
  }
  await ledger.expose(session);
  if (end === "issue") await ledger.issue(session, { serial: `A-${value}`, contentSha256: "b".repeat(64), values: [] });
  if (end === "burn") await ledger.giveUp(session, { outcome: "fail", reason: "defective", unused: "burn" });
  return value;
}

/** Joins, and has the pool without a block of its own. */
async function joined(url: string, ledger: Ledger, name: string): Promise<void> {
  await once(url, ledger, (server) => server.join(name, { isRestored: false }));
  await ledger.addPool(POOL);
}

describeUnless(postgresMissing)("several stations", () => {
  const postgres = usePostgres();
  const path = ledgerFolder();

  it("share a pool in blocks; the server explains every number of all of them", async () => {
    const url = postgres.database();
    const ledgers: Ledger[] = [];
    for (const name of ["a", "b", "c"]) {
      const ledger = await stationLedger(path(`share-${name}.sqlite`), name.charCodeAt(0));
      await joined(url, ledger, name);
      ledgers.push(ledger);
    }
    const random = createRandom("share");
    const given: bigint[] = [];
    for (let unit = 0; unit < 60; unit++) {
      const ledger = random.pick(ledgers);
      if ((await ledger.numbersLeft("p")) === 0n) await once(url, ledger, (server) => server.lease("p", 7n));
      given.push(await makeUnit(ledger, random));
    }
    for (const ledger of ledgers) await once(url, ledger, (server) => server.sync());
    const account = await once(url, ledgers[0]!, (server) => server.account("p"));
    expect(account.unexplained).toEqual([]);
    expect(account.conflicts).toEqual([]);
    const local = (await Promise.all(ledgers.map((ledger) => ledger.account("p")))).flatMap(({ lines }) => lines);
    expect(new Set(local.map(({ value }) => value)).size).toBe(local.length);
    expect(account.numbers.map(({ value, state, text }) => `${value} ${state} ${text}`)).toEqual(
      local.toSorted((a, b) => Number(a.value - b.value)).map(({ value, state, text }) => `${value} ${state} ${text}`),
    );
    for (const ledger of ledgers) expect(await ledger.verify()).toBeUndefined();
    for (const ledger of ledgers) await ledger.close();
  });

  it("give no number twice over connections that are cut and half-open at any time", { timeout: 120_000 }, async () => {
    const url = postgres.database();
    const network = await BadNetwork.before(postgres.port);
    const far = url.replace(String(postgres.port), String(network.port));
    const random = createRandom("bad network");
    const ledgers: Ledger[] = [];
    for (let index = 0; index < 8; index++) {
      const ledger = await stationLedger(path(`bad-${index}.sqlite`), index + 1);
      await joined(url, ledger, `station ${index}`);
      ledgers.push(ledger);
    }
    let failures = 0;
    // Also after a failure: if every station waits for a number, the network gets better again.
    const change = (): void => {
      // Most responses of the server are short: a cut falls anywhere in a call.
      network.cutAfterBytes = random.chance(0.5) ? random.intBelow(2500) : undefined;
      if (network.state === "cut") network.set("open");
      else if (random.chance(0.02)) network.set("cut");
    };
    const failed = (): void => {
      failures++;
      change();
    };
    const work = async (ledger: Ledger, own: Random): Promise<void> => {
      for (let unit = 0; unit < effort(5, 25); unit++) {
        while ((await ledger.numbersLeft("p")) === 0n) {
          await once(far, ledger, (server) => server.lease("p", 5n)).catch(failed);
        }
        await makeUnit(ledger, own);
        if (own.chance(0.2)) await once(far, ledger, (server) => server.sync()).catch(failed);
        change();
      }
    };
    await Promise.all(ledgers.map((ledger, index) => work(ledger, random.branch(String(index)))));
    Object.assign(network, { cutAfterBytes: undefined, state: "open" });
    const silent = await serverOf(far, ledgers[0]!);
    network.set("half-open");
    const late = "SERVER_FAILED the server of the ledger, test@127.0.0.1";
    expect(await errorOf(silent.sync())).toMatch(new RegExp(`^${late}.* did not respond within 2 s`));
    expect(await errorOf(silent.sync())).toMatch(new RegExp(`^${late}.* closed the connection`));
    expect(await errorOf(serverOf(far, ledgers[0]!))).toMatch(new RegExp(`^${late}.* did not respond within 2 s`));
    await silent.close();
    await network.close();
    expect(failures).toBeGreaterThan(10);
    for (const ledger of ledgers) await once(url, ledger, (server) => server.sync());
    const account = await once(url, ledgers[0]!, (server) => server.account("p"));
    expect([account.unexplained, account.conflicts]).toEqual([[], []]);
    const local = (await Promise.all(ledgers.map((ledger) => ledger.account("p")))).flatMap(({ lines }) => lines);
    expect(new Set(local.map(({ value }) => value)).size).toBe(local.length);
    expect(account.numbers).toHaveLength(local.length);
    for (const ledger of ledgers) await ledger.close();
  });

  it("work on without the server as long as they have numbers, and bring it up to date later", async () => {
    const url = postgres.database();
    const ledger = await stationLedger(path("away.sqlite"), 1);
    await joined(url, ledger, "away");
    await once(url, ledger, (server) => server.lease("p", 3n));
    await postgres.kill();
    const random = createRandom("away");
    for (let unit = 0; unit < 2; unit++) await makeUnit(ledger, random);
    expect(await errorOf(once(url, ledger, (server) => server.lease("p", 3n)))).toMatch(
      /^SERVER_FAILED .*ECONNREFUSED/,
    );
    const { session } = await ledger.beginSession(sessionOf());
    while ((await ledger.numbersLeft("p")) > 0n) await ledger.reserve(session, { pool: "p", name: "n", text: String });
    const none = ledger.reserve(session, { pool: "p", name: "n", text: String });
    expect(await errorOf(none)).toContain("ENOSPC the pool p has no number left");
    await postgres.start();
    expect((await once(url, ledger, (server) => server.sync())).events).toBeGreaterThan(4);
    expect((await once(url, ledger, (server) => server.sync())).events).toBe(0);
    await ledger.close();
  });

  it("whose ledger was restored from an old copy are refused, and can join as restored", async () => {
    const url = postgres.database();
    const file = path("old.sqlite");
    const ledger = await stationLedger(file, 1);
    await joined(url, ledger, "line 1");
    await once(url, ledger, (server) => server.lease("p", 10n));
    await ledger.close();
    copyFileSync(file, path("copy.sqlite"));
    const newer = await openLedger(file, { programVersion: "test", source: seededSource(2) });
    const random = createRandom("restored");
    const used = [await makeUnit(newer, random), await makeUnit(newer, random)];
    await once(url, newer, (server) => server.sync());
    await newer.close();
    const copy = await openLedger(path("copy.sqlite"), { programVersion: "test", source: seededSource(3) });
    const acts: ((one: ServerLedger) => Promise<unknown>)[] = [(one) => one.sync(), (one) => one.lease("p", 5n)];
    for (const act of acts) {
      expect(await errorOf(once(url, copy, act))).toMatch(
        /^EINVAL the ledger of the station line 1 was restored from an old copy/,
      );
    }
    await once(url, copy, (server) => server.join("line 1", { isRestored: true }));
    expect(await copy.numbersLeft("p")).toBe(0n);
    await once(url, copy, (server) => server.lease("p", 5n));
    const { session } = await copy.beginSession(sessionOf());
    const { value } = await copy.reserve(session, { pool: "p", name: "serial", text: (one) => `A-${one}` });
    expect(used).not.toContain(value);
    expect(value).toBeGreaterThan(10n);
    await once(url, copy, (server) => server.sync());
    const account = await once(url, copy, (server) => server.account("p"));
    expect([account.unexplained, account.conflicts]).toEqual([[], []]);
    // The newer ledger turns up: it is not the station any more.
    const late = await openLedger(file, { programVersion: "test", source: seededSource(4) });
    expect(await errorOf(once(url, late, (server) => server.sync()))).toContain("another ledger continues it");
    await late.close();
    expect(await copy.verify()).toBeUndefined();
    await copy.close();
  });

  it("whose ledger was copied give out no number in another place, also without the server", async () => {
    const url = postgres.database();
    const file = path("here.sqlite");
    const ledger = await stationLedger(file, 1);
    await joined(url, ledger, "line 2");
    await once(url, ledger, (server) => server.lease("p", 5n));
    const reserve = async (one: Ledger): Promise<{ readonly session: string; readonly value: bigint }> => {
      const { session } = await one.beginSession(sessionOf());
      const { value } = await one.reserve(session, { pool: "p", name: "serial", text: (number) => `A-${number}` });
      return { session, value };
    };
    // At the time of the copy 1 is returned and 2 reserved. The station gives out 1 again, and sends 2.
    const [one, two] = [await reserve(ledger), await reserve(ledger)];
    await ledger.giveUp(one.session, { outcome: "abort", reason: "no contact", unused: "return" });
    await ledger.close();
    copyFileSync(file, path("there.sqlite"));
    const here = await openLedger(file, { programVersion: "test", source: seededSource(2) });
    await here.expose(two.session);
    const given = [two.value, (await reserve(here)).value, (await reserve(here)).value];
    const there = await openLedger(path("there.sqlite"), { programVersion: "test", source: seededSource(3) });
    expect(await errorOf(reserve(there))).toContain("the ledger of the station line 2 was copied, moved or restored");
    await once(url, there, (server) => server.join("line 2", { isRestored: true }));
    await once(url, there, (server) => server.lease("p", 5n));
    await there.giveUp(two.session, { outcome: "abort", reason: "the station started again", unused: "return" });
    for (let unit = 0; unit < 4; unit++) expect(given).not.toContain((await reserve(there)).value);
    expect((await there.account("p")).lines.map(({ state }) => state).slice(0, 2)).toEqual(["burned", "burned"]);
    expect(await there.verify()).toBeUndefined();
    await Promise.all([here.close(), there.close()]);
  });

  it("of one name are refused; so are numbers that another station has, and another pool of the same name", async () => {
    const url = postgres.database();
    const first = await stationLedger(path("first.sqlite"), 1);
    await first.addPool(POOL);
    await once(url, first, (server) => server.join("one", { isRestored: false }));
    const twin = await stationLedger(path("twin.sqlite"), 2);
    expect(await errorOf(once(url, twin, (server) => server.join("one", { isRestored: false })))).toContain(
      "another ledger as the station one",
    );
    const own = await stationLedger(path("own.sqlite"), 3);
    await own.addPool(POOL);
    expect(await errorOf(once(url, own, (server) => server.join("two", { isRestored: false })))).toContain(
      "the numbers 1 to 100000 of the pool p are those of the station one",
    );
    const other = await stationLedger(path("other.sqlite"), 4);
    await once(url, other, (server) => server.join("three", { isRestored: false }));
    await other.addPool({ ...POOL, first: 2n });
    expect(await errorOf(once(url, other, (server) => server.lease("p", 1n)))).toContain(
      "on the server, not 2 to 100000",
    );
    for (const ledger of [first, twin, own, other]) await ledger.close();
  });

  it("widen a pool by a newer recipe; a station with the older one takes no number above its own last", async () => {
    const url = postgres.database();
    const [old, newer] = [await stationLedger(path("narrow.sqlite"), 1), await stationLedger(path("wide.sqlite"), 2)];
    for (const [ledger, name, last] of [
      [old, "old", 4n],
      [newer, "new", 9n],
    ] as const) {
      await once(url, ledger, (server) => server.join(name, { isRestored: false }));
      await ledger.addPool({ ...POOL, last });
    }
    expect(await once(url, old, (server) => server.lease("p", 3n))).toMatchObject({ lo: 1n, hi: 3n });
    expect(await once(url, newer, (server) => server.lease("p", 3n))).toMatchObject({ lo: 4n, hi: 6n });
    expect(await errorOf(once(url, old, (server) => server.lease("p", 3n)))).toMatch(
      /^ENOSPC .*no number of the pool p/,
    );
    expect(await once(url, newer, (server) => server.lease("p", 99n))).toMatchObject({ lo: 7n, hi: 9n });
    for (const ledger of [old, newer]) await ledger.close();
  });

  it("rebuild a lost server from their ledgers, before it gives out numbers again", async () => {
    const ledgers: Ledger[] = [];
    const [lost, url] = [postgres.database(), postgres.database()];
    const random = createRandom("rebuild");
    for (const name of ["a", "b"]) {
      const ledger = await stationLedger(path(`rebuild-${name}.sqlite`), name.charCodeAt(0));
      await joined(lost, ledger, name);
      await once(lost, ledger, (server) => server.lease("p", 4n));
      await makeUnit(ledger, random);
      await once(lost, ledger, (server) => server.sync());
      ledgers.push(ledger);
    }
    const [a, b] = [ledgers[0]!, ledgers[1]!];
    expect(await errorOf(once(url, a, (server) => server.sync()))).toContain("does not know the station a");
    expect(await errorOf(once(url, a, (server) => server.join("a", { isRestored: false })))).toContain("does not know");
    await once(url, a, (server) => server.rebuild());
    expect(await errorOf(once(url, a, (server) => server.lease("p", 4n)))).toContain("is being rebuilt");
    await once(url, b, (server) => server.rebuild());
    await once(url, b, (server) => server.completeRebuild());
    const { lo } = await once(url, a, (server) => server.lease("p", 4n));
    expect(lo).toBe(9n);
    const account = await once(url, a, (server) => server.account("p"));
    expect([account.unexplained, account.conflicts]).toEqual([[], []]);
    expect(account.numbers).toHaveLength(2);
    for (const ledger of ledgers) await ledger.close();
  });
});
