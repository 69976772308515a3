/** Which unit a chip is: unique ID, stored serial number, scan. What contradicts stops the unit. */
import { beforeAll, describe, expect, it } from "vitest";
import type { IdentityClues, Ledger } from "../../src/ledger/ledger.ts";
import { usableUid } from "../../src/ledger/unit-book.ts";
import { errorOf, ledgerFolder, openWithPool, RECIPE, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();
const UID_A = "d1d2d3d4d5d6d7d8";
const UID_B = "e1e2e3e4e5e6e7e8";
let ledger: Ledger;

async function make(serial: string, uid: string | undefined): Promise<void> {
  const { session } = await ledger.beginSession(sessionOf({ jedec: "1f8401", uid }));
  await ledger.reserve(session, { pool: "p", name: "serial", text: () => serial });
  await ledger.expose(session);
  await ledger.issue(session, { serial, contentSha256: SHA, values: [] });
}

beforeAll(async () => {
  ledger = await openWithPool(path("identity.sqlite"), 100n);
  await make("A", UID_A);
  await make("B", UID_B);
  await make("C", undefined);
  return () => ledger.close();
});

const JEDEC = { product: "P", jedec: "1f8401" };
const OTHER = "0102030405060708";

describe("a unit", () => {
  it.each<[string, Partial<IdentityClues>, string]>([
    ["without a clue", {}, "new"],
    ["with an unknown ID", { uid: OTHER }, "new"],
    ["with an ID of FF", { uid: "ffffffffffffffff" }, "new"],
    ["with a known ID", { uid: UID_A }, "known A by uid"],
    ["with a known ID in capitals", { uid: UID_A.toUpperCase() }, "known A by uid"],
    ["with the same ID on another kind of chip", { jedec: "ef4015", uid: UID_A }, "new"],
    ["with a stored serial, the chip has no ID", { stored: "C" }, "known C by stored"],
    ["with an ID now, that had none before", { stored: "C", uid: OTHER }, "known C by stored"],
    ["with a scan alone", { scanned: "C" }, "known C by scanned"],
    ["with a scan that is not known", { scanned: "Z" }, "new"],
    ["of another product", { product: "Q", scanned: "C" }, "new"],
    ["with all three", { uid: UID_A, stored: "A", scanned: "A" }, "known A by uid"],
    [
      "with the serial of another one",
      { uid: UID_A, stored: "B" },
      "holds the serial number B, and its unique ID belongs to A",
    ],
    ["with a copied serial", { uid: OTHER, stored: "B" }, "holds the serial number B of a unit with another chip"],
    [
      "with a serial that is not known",
      { uid: OTHER, stored: "Z" },
      "holds the serial number Z, which this ledger does not know",
    ],
    ["with an unknown serial and a known ID", { uid: UID_B, stored: "Z" }, "and its unique ID belongs to B"],
    ["with the label of another one", { uid: UID_A, scanned: "B" }, "B was scanned, and the chip is that of A"],
    ["with an unknown label on a known chip", { uid: UID_A, scanned: "Z" }, "Z was scanned, and the chip is that of A"],
    [
      "with the label of one with another chip",
      { uid: OTHER, scanned: "B" },
      "B was scanned, which is a unit with another chip",
    ],
  ])("%s", async (_name, clues, wanted) => {
    const identity = await ledger.identify({ ...JEDEC, ...clues });
    const text =
      identity.kind === "known"
        ? `known ${identity.serial} by ${identity.by}`
        : identity.kind === "new"
          ? "new"
          : identity.reason;
    expect(text).toContain(wanted);
  });

  it("that is seen again keeps its numbers and counts as rework", async () => {
    const again = await ledger.beginSession(sessionOf({ jedec: "1f8401", uid: UID_A }));
    expect(again.numbers.map(({ text }) => text)).toEqual(["A"]);
    expect(await errorOf(ledger.beginSession(sessionOf({ jedec: "1f8401", uid: UID_A })))).toContain("EBUSY");
    expect(await errorOf(ledger.beginSession(sessionOf({ stored: "A" })))).toContain("EBUSY");
    expect(await errorOf(ledger.issue(again.session, { serial: "B", contentSha256: SHA, values: [] }))).toContain(
      "the unit has the serial number A, not B",
    );
    await ledger.issue(again.session, { serial: "A", contentSha256: "c".repeat(64), values: [] });
    const [unit] = await ledger.units("A");
    expect(unit?.contentSha256).toBe("c".repeat(64));
    expect(unit?.sessions.map(({ isRework, outcome }) => [isRework, outcome])).toEqual([
      [false, "pass"],
      [true, "pass"],
    ]);
    expect(
      await errorOf(ledger.beginSession(sessionOf({ jedec: "1f8401", uid: UID_A, seenAgain: "refuse" }))),
    ).toContain("this is unit A, which is done already");
  });
});

it("refuses a serial number and a unique value twice", async () => {
  const done = { contentSha256: SHA, values: [{ name: "board", text: "B1", isUnique: true }] };
  const first = await ledger.beginSession(sessionOf());
  expect(await errorOf(ledger.issue(first.session, { ...done, serial: "A" }))).toContain(
    "another unit of P has the serial number A",
  );
  await ledger.issue(first.session, { ...done, serial: "D" });
  const second = await ledger.beginSession(sessionOf());
  expect(await errorOf(ledger.issue(second.session, { ...done, serial: "E" }))).toContain(
    "or one of its unique values",
  );
  await ledger.giveUp(second.session, { outcome: "abort", reason: "test", unused: "return" });
});

it("refuses a recipe whose revision had another content, and a pool with other numbers", async () => {
  expect(await errorOf(ledger.addRecipe({ ...RECIPE, sha256: "d".repeat(64) }))).toContain(
    "had another content before",
  );
  expect(await errorOf(ledger.beginSession(sessionOf({ recipe: { ...RECIPE, revision: 2 } })))).toContain(
    "is not in the ledger",
  );
  expect(await errorOf(ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 99n }))).toContain(
    "has the numbers 1 to 100",
  );
  await ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 100n });
});

it.each(["ffff", "0000", "a5a5a5", "", "0", "xy", undefined])("does not count %s as a unique ID", (uid) => {
  expect(usableUid(uid)).toBeUndefined();
});
