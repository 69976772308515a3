/** A pool that goes on while recipes change: wider, by another template, beside serial numbers that no pool gave. */
import { expect, it } from "vitest";
import type { HeldNumber, Ledger } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { errorOf, ledgerFolder, openWithPool, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();
const AS_SERIAL = { serialName: "serial" };

async function reserve(ledger: Ledger, text: (value: bigint) => string, pool = "p"): Promise<HeldNumber> {
  const { session } = await ledger.beginSession(sessionOf(AS_SERIAL));
  return ledger.reserve(session, { pool, name: "serial", text });
}

it("a pool grows above its last number, and is never made smaller or moved", async () => {
  const ledger = await openWithPool(path("grown.sqlite"), 1n);
  await reserve(ledger, String);
  expect(await errorOf(reserve(ledger, String))).toContain("ENOSPC");
  await ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 3n });
  await ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 3n });
  expect([(await reserve(ledger, String)).value, (await reserve(ledger, String)).value]).toEqual([2n, 3n]);
  expect(await errorOf(reserve(ledger, String))).toContain("ENOSPC");
  for (const other of [{ last: 2n }, { first: 2n }, { first: 0n, last: 9n }, { kind: "mac", last: 9n } as const]) {
    const call = ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 3n, ...other });
    expect(await errorOf(call)).toContain("the pool p has the numbers 1 to 3 (counter)");
  }
  const kinds: string[] = [];
  for await (const { kind, body } of ledger.events()) if (kind === "widened") kinds.push(body);
  expect(kinds).toEqual([expect.stringMatching(/^\{"pool":"p","first":"2","last":"3","block":"/)]);
  expect(await ledger.account("p")).toMatchObject({ pool: { last: 3n }, next: 4n, unexplained: [] });
  expect(await ledger.verify()).toBeUndefined();
  await ledger.close();
});

it("a pool of addresses does not grow into another one", async () => {
  const ledger = await openWithPool(path("addresses.sqlite"), 5n);
  await ledger.addPool({ name: "a", kind: "mac", first: 0n, last: 9n });
  await ledger.addPool({ name: "b", kind: "mac", first: 20n, last: 29n });
  await ledger.addPool({ name: "a", kind: "mac", first: 0n, last: 19n });
  const call = ledger.addPool({ name: "a", kind: "mac", first: 0n, last: 20n });
  expect(await errorOf(call)).toContain("the pool a has addresses of the pool b");
  await ledger.close();
});

it("a number whose text was given out by an earlier template is burned, and the next one is taken", async () => {
  const ledger = await openWithPool(path("template.sqlite"), 20n);
  // The text of the new template for 2 and 3 is the one of the old template for 1.
  await reserve(ledger, () => "A-23");
  const next = await reserve(ledger, (value) => (value < 4n ? "A-23" : `A-${value}`));
  expect([next.value, next.text]).toEqual([4n, "A-4"]);
  const { lines, unexplained } = await ledger.account("p");
  expect(lines.map(({ value, state, reason }) => [value, state, reason])).toEqual([
    [1n, "reserved", undefined],
    [2n, "burned", "its text A-23 is that of number 1"],
    [3n, "burned", "its text A-23 is that of number 1"],
    [4n, "reserved", undefined],
  ]);
  expect([unexplained, await ledger.verify()]).toEqual([[], undefined]);
  const [first] = await ledger.openSessions();
  await ledger.giveUp(first?.session ?? "", { outcome: "abort", reason: "stopped", unused: "return" });
  expect((await reserve(ledger, (value) => `B-${value}`)).value).toBe(1n);
  await ledger.close();
});

it("a text that no number can have is refused after a bounded search", async () => {
  const ledger = await openWithPool(path("same.sqlite"), 5000n);
  await reserve(ledger, () => "A");
  expect(await errorOf(reserve(ledger, () => "A"))).toContain("1000 numbers of the pool p in a row");
  // Nothing of the failed search stays.
  expect(await ledger.numbersLeft("p")).toBe(4999n);
  await ledger.close();
});

it("a serial number that was recorded without a pool is not given out by one", async () => {
  const ledger = await openWithPool(path("recorded.sqlite"), 5n);
  const { session } = await ledger.beginSession(sessionOf());
  await ledger.issue(session, { serial: "A-1", contentSha256: SHA, values: [] });
  const given = await reserve(ledger, (value) => `A-${value}`);
  expect([given.value, given.text]).toEqual([2n, "A-2"]);
  expect((await ledger.account("p")).lines[0]).toMatchObject({
    state: "burned",
    reason: "its text A-1 is the serial number of a unit",
  });
  // And the other way: what a pool has given to a session is not recorded for another unit.
  const other = await ledger.beginSession(sessionOf(AS_SERIAL));
  const call = ledger.issue(other.session, { serial: "A-2", contentSha256: SHA, values: [] });
  expect(await errorOf(call)).toMatch(/the serial number A-2 was given to the session/);
  await ledger.issue(other.session, { serial: "A-9", contentSha256: SHA, values: [] });
  expect(await ledger.verify()).toBeUndefined();
  await ledger.close();
});

it("a known unit has its values and the time at which it was made, whenever it comes again", async () => {
  const ledger = await openWithPool(path("made.sqlite"), 5n);
  const chip = { jedec: "1f8401", uid: "d1d2d3d4d5d6d7d8" };
  const first = await ledger.beginSession(sessionOf(chip));
  const values = [{ name: "board", text: "B1", isUnique: true }];
  await ledger.issue(first.session, { serial: "A", contentSha256: SHA, values });
  for (let visit = 0; visit < 2; visit++) {
    const again = await ledger.beginSession(sessionOf(chip));
    expect(again).toMatchObject({ values: [{ name: "board", text: "B1" }], madeAt: first.madeAt });
    await ledger.issue(again.session, { serial: "A", contentSha256: SHA, values: [] });
  }
  expect(first.madeAt).toMatch(/^2026-11-30T00:00:[0-9]{2}Z$/);
  const reopened = await openLedger(path("made.sqlite"), { programVersion: "test" });
  expect((await reopened.beginSession(sessionOf(chip))).madeAt).toBe(first.madeAt);
  await reopened.close();
  await ledger.close();
});
