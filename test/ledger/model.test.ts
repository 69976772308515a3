/** The ledger against a model of its rules, by seed; after every run its own proof, and the same after it was opened again. */
import { expect, it } from "vitest";
import type { Ledger, NumberState } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";
import { errorOf, ledgerFolder, openWithPool, seededSource, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();
const POOL = 12n;

interface ModelNumber {
  state: NumberState;
  session: string | undefined;
  serial: string | undefined;
}

/** What must be: written from the rules, and not from the code. */
class Model {
  readonly numbers = new Map<bigint, ModelNumber>();
  readonly open = new Map<string, { readonly uid: string; readonly unit: string | undefined }>();
  readonly units = new Map<string, string>();

  of(session: string): [bigint, ModelNumber][] {
    return [...this.numbers].filter(([, one]) => one.session === session);
  }

  /** The number that comes next; undefined if there is none. */
  next(): bigint | undefined {
    const returned = [...this.numbers].filter(([, { state }]) => state === "returned").map(([value]) => value);
    const lowest = returned.toSorted((a, b) => Number(a - b))[0];
    const fresh = BigInt(this.numbers.size) + 1n;
    return lowest ?? (fresh > POOL ? undefined : fresh);
  }
}

async function step(ledger: Ledger, model: Model, random: Random): Promise<void> {
  const session = model.open.size === 0 || random.chance(0.3) ? undefined : random.pick([...model.open.keys()]);
  if (session === undefined) return beginStep(ledger, model, random);
  const action = random.pick(["reserve", "expose", "issue", "giveUp", "retire"] as const);
  const own = model.of(session);
  switch (action) {
    case "reserve": {
      const wanted = model.next();
      const call = ledger.reserve(session, { pool: "p", name: `n${own.length}`, text: (value) => `T-${value}` });
      if (wanted === undefined) {
        expect(await errorOf(call)).toContain("ENOSPC the pool p has no number left");
        return;
      }
      expect((await call).value).toBe(wanted);
      model.numbers.set(wanted, { state: "reserved", session, serial: undefined });
      return;
    }
    case "expose":
      await ledger.expose(session);
      for (const [, one] of own) if (one.state === "reserved") one.state = "exposed";
      return;
    case "issue":
      return issueStep(ledger, model, session);
    case "giveUp": {
      const unused = random.pick(["return", "burn"] as const);
      await ledger.giveUp(session, { outcome: "fail", reason: "EIO", unused });
      for (const [, one] of own) {
        const isReturned = one.state === "reserved" && unused === "return";
        if (one.state === "issued" || one.state === "retired") continue;
        one.state = isReturned ? "returned" : "burned";
        if (isReturned) one.session = undefined;
      }
      model.open.delete(session);
      return;
    }
    case "retire": {
      const value = BigInt(1 + random.intBelow(Number(POOL)));
      const known = model.numbers.get(value);
      const call = ledger.retire("p", value, "exchanged");
      if (known?.state !== "issued") {
        expect(await errorOf(call)).toContain("is not issued");
        return;
      }
      await call;
      known.state = "retired";
    }
  }
}

async function beginStep(ledger: Ledger, model: Model, random: Random): Promise<void> {
  const uid = `01020304050607${random.intBelow(9)}0`;
  const call = ledger.beginSession(sessionOf({ jedec: "1f8401", uid }));
  const isOpen = [...model.open.values()].some((one) => one.uid === uid);
  if (isOpen) {
    expect(await errorOf(call)).toContain("EBUSY this chip is in the session");
    return;
  }
  const { session, identity } = await call;
  const unit = model.units.get(uid);
  expect(identity.kind).toBe(unit === undefined ? "new" : "known");
  model.open.set(session, { uid, unit });
}

async function issueStep(ledger: Ledger, model: Model, session: string): Promise<void> {
  const own = model.of(session);
  const opened = model.open.get(session);
  const serial = opened?.unit ?? `T-${own[0]?.[0] ?? session}`;
  const call = ledger.issue(session, { serial, contentSha256: SHA, values: [] });
  if (own.some(([, { state }]) => state === "reserved")) {
    expect(await errorOf(call)).toContain("was never noted as sent");
    return;
  }
  await call;
  for (const [, one] of own) if (one.state === "exposed") Object.assign(one, { state: "issued", serial });
  model.units.set(opened?.uid ?? "", serial);
  model.open.delete(session);
}

async function compare(ledger: Ledger, model: Model, what: string): Promise<void> {
  const { lines, unexplained } = await ledger.account("p");
  const expected = [...model.numbers].toSorted(([a], [b]) => Number(a - b));
  expect(
    lines.map(({ value, state, serial }) => [value, state, serial]),
    what,
  ).toEqual(expected.map(([value, { state, serial }]) => [value, state, serial]));
  expect(unexplained).toEqual([]);
  expect(await ledger.verify(), what).toBeUndefined();
  expect((await ledger.openSessions()).map(({ session }) => session).toSorted()).toEqual(
    [...model.open.keys()].toSorted(),
  );
}

it("keeps its rules, whatever is asked of it", async () => {
  for (let seed = 0; seed < effort(2, 100); seed++) {
    const random = createRandom(seed);
    const file = path(`model-${seed}.sqlite`);
    const model = new Model();
    let ledger = await openWithPool(file, POOL, seed);
    for (let count = 0; count < 40; count++) await step(ledger, model, random);
    await compare(ledger, model, `seed ${seed}`);
    await ledger.close();
    ledger = await openLedger(file, { programVersion: "test", source: seededSource(seed + 1000), readOnly: true });
    await compare(ledger, model, `seed ${seed}, opened again`);
    await ledger.close();
  }
});
