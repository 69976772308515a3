/** Ways in which a number could be given out twice, or to the wrong unit, although each step by itself is right. */
import { copyFileSync, linkSync, symlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { errorOf, ledgerFolder, openWithPool, RECIPE, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();
const UID = "d1d2d3d4d5d6d7d8";

it("a closed ledger is whole in its one file: a copy of it goes on where it ended", async () => {
  const ledger = await openWithPool(path("whole.sqlite"), 5n);
  const { session } = await ledger.beginSession(sessionOf());
  await ledger.reserve(session, { pool: "p", name: "serial", text: String });
  await ledger.close();
  copyFileSync(path("whole.sqlite"), path("copy.sqlite"));
  const copy = await openLedger(path("copy.sqlite"), { programVersion: "test" });
  expect(await copy.verify()).toBeUndefined();
  const { session: next } = await copy.beginSession(sessionOf());
  expect((await copy.reserve(next, { pool: "p", name: "serial", text: String })).value).toBe(2n);
  await copy.close();
});

it("a ledger with two names is refused: each name would have changes of its own", async () => {
  await (await openWithPool(path("first.sqlite"), 5n)).close();
  linkSync(path("first.sqlite"), path("second.sqlite"));
  for (const name of ["first.sqlite", "second.sqlite"]) {
    expect(await errorOf(openLedger(path(name), { programVersion: "test" }))).toContain("more than one name");
  }
});

it.runIf(process.platform !== "win32")("a symbolic link leads to the same ledger", async () => {
  const ledger = await openWithPool(path("target.sqlite"), 5n);
  symlinkSync(path("target.sqlite"), path("link.sqlite"));
  const linked = await openLedger(path("link.sqlite"), { programVersion: "test" });
  const taken: bigint[] = [];
  for (const one of [ledger, linked, ledger]) {
    const { session } = await one.beginSession(sessionOf());
    taken.push((await one.reserve(session, { pool: "p", name: "serial", text: String })).value);
  }
  expect(taken).toEqual([1n, 2n, 3n]);
  await linked.close();
  await ledger.close();
});

it("pools of addresses must not overlap", async () => {
  const ledger = await openWithPool(path("addresses.sqlite"), 5n);
  const block = { kind: "mac", first: 0x70b3d5123000n, last: 0x70b3d5123fffn } as const;
  await ledger.addPool({ name: "a", ...block });
  const whole = ledger.addPool({ name: "b", kind: "mac", first: 0x70b3d5000000n, last: 0x70b3d5ffffffn });
  expect(await errorOf(whole)).toContain("the pool b has addresses of the pool a");
  await ledger.addPool({ name: "a", ...block });
  await ledger.addPool({ name: "next", kind: "mac", first: 0x70b3d5124000n, last: 0x70b3d5124fffn });
  await ledger.close();
});

it("a pool that replaces another cannot give out its serial numbers again", async () => {
  const ledger = await openWithPool(path("wider.sqlite"), 5n);
  await ledger.addPool({ name: "wider", kind: "counter", first: 1n, last: 99n });
  const text = (value: bigint): string => `A-${value}`;
  const { session } = await ledger.beginSession(sessionOf());
  await ledger.reserve(session, { pool: "p", name: "serial", text });
  const { session: next } = await ledger.beginSession(sessionOf());
  const twice = ledger.reserve(next, { pool: "wider", name: "serial", text });
  expect(await errorOf(twice)).toContain("A-1 was already given out by the pool p");
  const { session: other } = await ledger.beginSession(sessionOf({ product: "Q" }));
  expect((await ledger.reserve(other, { pool: "wider", name: "serial", text })).text).toBe("A-1");
  await ledger.close();
});

it("a unit is recorded by the serial number of its session, and by no other", async () => {
  const ledger = await openWithPool(path("issue.sqlite"), 5n);
  const { session } = await ledger.beginSession(sessionOf({ serialName: "serial" }));
  await ledger.reserve(session, { pool: "p", name: "serial", text: (value) => `A-${value}` });
  await ledger.expose(session);
  const unit = { contentSha256: SHA, values: [] };
  expect(await errorOf(ledger.issue(session, { serial: "A-2", ...unit }))).toContain("serial number A-1, not A-2");
  await ledger.issue(session, { serial: "A-1", ...unit });
  await ledger.close();
});

it("the chip of a unit of another product stops the session", async () => {
  const ledger = await openWithPool(path("product.sqlite"), 5n);
  const chip = { jedec: "1f8401", uid: UID, recipe: RECIPE };
  const { session } = await ledger.beginSession(sessionOf(chip));
  await ledger.issue(session, { serial: "A", contentSha256: SHA, values: [] });
  const other = ledger.beginSession(sessionOf({ ...chip, product: "Q" }));
  expect(await errorOf(other)).toContain("the chip is that of unit A (P), and the recipe makes Q");
  await ledger.close();
});
