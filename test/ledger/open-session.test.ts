/** What a station finds of a session that was cut off: its chip, its numbers and what was about to be sent. */
import { describe, expect, it } from "vitest";
import { ledgerFolder, openWithPool, sessionOf, SHA } from "./support.ts";

const path = ledgerFolder();
const CHIP = { jedec: "1f8401", uid: "d1d2d3d4d5d6d7d8" };
const TEXTS = [
  { name: "serial", text: "A=1\n" },
  { name: "made", text: "2026-03-01T12:00:00Z" },
];

describe("an open session", () => {
  it("has its chip, and what was about to be sent with every value", async () => {
    const ledger = await openWithPool(path("plan.sqlite"), 10n);
    const { session } = await ledger.beginSession(sessionOf(CHIP));
    await ledger.reserve(session, { pool: "p", name: "serial", text: () => "A=1\n" });
    expect(await ledger.openSessions()).toMatchObject([{ ...CHIP, serial: undefined, plan: undefined }]);
    await ledger.expose(session, { contentSha256: SHA, texts: TEXTS });
    expect(await ledger.openSessions()).toMatchObject([
      { session, plan: { contentSha256: SHA, texts: TEXTS }, numbers: [{ state: "exposed" }] },
    ]);
    await ledger.issue(session, { serial: "A=1\n", contentSha256: SHA, values: [] });
    expect(await ledger.openSessions()).toEqual([]);
    await ledger.beginSession(sessionOf(CHIP));
    expect(await ledger.openSessions()).toMatchObject([{ serial: "A=1\n", plan: undefined, numbers: [] }]);
    expect(await ledger.verify()).toBeUndefined();
    await ledger.close();
  });

  it("leaves numbers: those never given out, and those given back", async () => {
    const ledger = await openWithPool(path("left.sqlite"), 10n);
    const sessions = [];
    for (const name of ["A", "B", "C"]) {
      const { session } = await ledger.beginSession(sessionOf());
      await ledger.reserve(session, { pool: "p", name: "serial", text: () => name });
      sessions.push(session);
    }
    expect(await ledger.numbersLeft("p")).toBe(7n);
    const [a = "", b = ""] = sessions;
    await ledger.giveUp(a, { outcome: "abort", reason: "stopped", unused: "return" });
    await ledger.expose(b);
    await ledger.giveUp(b, { outcome: "fail", reason: "EIO", unused: "return" });
    expect(await ledger.numbersLeft("p")).toBe(8n);
    await expect(ledger.numbersLeft("q")).rejects.toThrow("no pool q");
    await ledger.close();
  });
});

describe("a serial number on the chip", () => {
  it("is nobody's if it was burned", async () => {
    const ledger = await openWithPool(path("burned.sqlite"), 10n);
    const { session } = await ledger.beginSession(sessionOf(CHIP));
    await ledger.reserve(session, { pool: "p", name: "serial", text: () => "A" });
    await ledger.expose(session);
    const clues = { product: "P", ...CHIP, stored: "A" };
    expect((await ledger.identify(clues)).kind).toBe("contradiction");
    await ledger.giveUp(session, { outcome: "fail", reason: "EIO", unused: "burn" });
    expect((await ledger.identify(clues)).kind).toBe("new");
    expect((await ledger.identify({ ...clues, product: "Q" })).kind).toBe("contradiction");
    await ledger.close();
  });
});
