/** The supervisor's report and the answers about units: from a real ledger and a real store of extractions. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { storeUnitLog, UNIT_STRUCT } from "../../src/bench/extraction-cost.ts";
import { decodeExtraction } from "../../src/extract/decode-extraction.ts";
import { ExtractionStore } from "../../src/extract/extraction-store.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { hashOf } from "../../src/node-hashes.ts";
import { answerTo } from "../../src/station-server/record-reader.ts";
import type { Report } from "../../src/station-server/report.ts";
import { StepTimes } from "../../src/station-server/step-times.ts";
import type { LogRecords } from "../../src/station-server/unit-logs.ts";
import { parseStruct } from "../../src/storage/struct-record.ts";
import { toHex } from "../../src/bytes.ts";
import { ledgerFolder, openWithPool, sessionOf, SHA } from "../ledger/support.ts";
import { removeFolder } from "../support/remove-folder.ts";

const path = ledgerFolder();
const folder = mkdtempSync(join(tmpdir(), "norbridge-report-"));
afterAll(() => removeFolder(folder));

interface Turn {
  readonly slot: string;
  readonly uid: string;
  /** Undefined: the unit passes. */
  readonly reason?: string;
  readonly outcome?: "fail" | "abort";
}

/** One unit once in a slot. */
async function take(ledger: Ledger, { slot, uid, reason, outcome = "fail" }: Turn): Promise<void> {
  const jedec = "1f8401";
  const { session, numbers } = await ledger.beginSession(sessionOf({ slot, jedec, uid, serialName: "serial" }));
  const [held] = numbers;
  const number = held ?? (await ledger.reserve(session, { pool: "p", name: "serial", text: (value) => `SN-${value}` }));
  await ledger.expose(session);
  if (reason === undefined) await ledger.issue(session, { serial: number.text, contentSha256: SHA, values: [] });
  else await ledger.giveUp(session, { outcome, reason, unused: "burn" });
}

it("counts what the ledger holds: yield, first pass, failures by code and address, numbers", async () => {
  const ledger = await openWithPool(path("report.sqlite"), 20n);
  const [first, second, third, fourth] = ["01020304", "05060708", "090a0b0c", "0d0e0f10"] as const;
  await take(ledger, { slot: "A", uid: first });
  await take(ledger, { slot: "B", uid: second, reason: "VERIFY_MISMATCH: 12 bytes differ at 0x01f004..0x01f00f" });
  await take(ledger, { slot: "B", uid: second });
  await take(ledger, { slot: "B", uid: third, reason: "VERIFY_MISMATCH: 1 byte differs at 0x01f800" });
  await take(ledger, { slot: "A", uid: fourth, reason: "cut off before it was sent", outcome: "abort" });
  await take(ledger, { slot: "A", uid: fourth, reason: "no code at all" });
  await take(ledger, { slot: "A", uid: first });
  const times = new StepTimes();
  const report = (await answerTo({ kind: "report" }, { ledger, store: undefined, times })) as Report;
  expect(report).toMatchObject({ units: 6, passed: 3, failed: 3, firstPass: 1 });
  expect(report.bySlot).toMatchObject([
    { name: "A", passed: 2, failed: 1 },
    { name: "B", passed: 1, failed: 2 },
  ]);
  expect(report.bySlot.every(({ medianMs }) => (medianMs ?? 0) > 0)).toBe(true);
  expect(report.byBatch).toEqual([{ name: "r 1", passed: 3, failed: 3 }]);
  expect(report.byHour).toEqual([{ name: "2026-11-30T00:00:00.000Z", passed: 3, failed: 3 }]);
  expect(report.failures).toEqual([
    { code: "VERIFY_MISMATCH", count: 2, example: "12 bytes differ at 0x01f004..0x01f00f" },
    { code: "OTHER", count: 1, example: "no code at all" },
  ]);
  expect(report.places).toEqual([{ address: 0x1f000, lengthBytes: 4096, count: 2 }]);
  // Two units have a number; four were sent to chips that failed, and go to no other.
  expect(report.numbers).toMatchObject([{ pool: "p", issued: 2, open: 0, burned: 4, left: "14", unexplained: 0 }]);
  const { endedAt = "" } = (await ledger.endedSessions("", 1))[0]!;
  const since = (await answerTo({ kind: "report", since: endedAt }, { ledger, store: undefined, times })) as Report;
  expect(since).toMatchObject({ units: 1, passed: 1, firstPass: 0 });
  await ledger.close();
});

it("answers with a unit, its logs and a map of its chip; nothing in it is a bigint", async () => {
  const ledger = await openWithPool(path("units.sqlite"), 5n);
  const { session } = await ledger.beginSession(sessionOf({ product: "logger" }));
  await ledger.issue(session, { serial: "100003", contentSha256: SHA, values: [] });
  const store = new ExtractionStore(folder, "test");
  await storeUnitLog(store, 3, 300);
  const [extraction] = (await store.state()).extractions.values();
  const text = JSON.stringify(UNIT_STRUCT);
  const bytes = new TextEncoder().encode(text);
  const general = { name: "unit", sha256: toHex(hashOf("sha256", bytes)), bytes, struct: parseStruct(text, "unit") };
  store.structs.put(general);
  await decodeExtraction(store, extraction!, {
    structs: { general, byAddress: new Map() },
    hints: { recordBytes: undefined },
    before: [],
  });
  const sources = { ledger, store, times: new StepTimes() };
  const [unit] = JSON.parse(JSON.stringify(await answerTo({ kind: "units", serial: "100003" }, sources))) as {
    map: unknown[];
    logs: { extraction: string; name: string; records: number }[];
  }[];
  expect(unit?.logs).toMatchObject([{ name: "px-log-fs at 0x000000, unit", records: 300 }]);
  expect(unit?.map).toEqual([{ address: 0, lengthBytes: 4096, state: "programmed" }]);
  const name = unit?.logs[0]?.extraction ?? "";
  const log = JSON.parse(JSON.stringify(await answerTo({ kind: "log", extraction: name }, sources))) as LogRecords;
  expect(log.rows).toHaveLength(300);
  expect(log.columns.map((column) => column.name)).toEqual(
    expect.arrayContaining(["n", "time", "temperature", "battery", "state"]),
  );
  const time = log.columns.findIndex((column) => column.name === "time");
  expect(log.time).toBe(time);
  expect(log.rows[0]?.[time]).toBe(Date.UTC(2026, 0, 1) / 1000 + 3);
  for (const other of ["", "x", `${name}9`, name.replace("unit", "other"), "20260101T000000Z-00000000/unit/0"]) {
    expect(await answerTo({ kind: "log", extraction: other }, sources), other).toBeUndefined();
  }
  expect(await answerTo({ kind: "units", serial: "100004" }, sources)).toBeUndefined();
  await ledger.close();
});

it("takes the times of steps from units that passed, each unit by itself", () => {
  const times = new StepTimes();
  const at = (atMs: number, slot: string, phase: "contact" | "writing" | "recording" | "empty" | "pass"): void =>
    times.add({ atMs, kind: "slot", slot, phase, sentence: "" });
  const end = (atMs: number, slot: string, outcome: "pass" | "fail"): void =>
    times.add({ atMs, kind: "session-end", slot, outcome, isFirst: true, isRework: false });
  at(0, "A", "contact");
  at(200, "A", "writing");
  at(300, "B", "contact");
  at(5200, "A", "recording");
  end(5210, "A", "pass");
  at(5211, "A", "pass");
  // Taken out in the middle, and one that failed: neither counts.
  at(900, "B", "empty");
  at(6000, "B", "contact");
  end(99_000, "B", "fail");
  at(99_100, "B", "empty");
  at(100_000, "B", "contact");
  at(100_400, "B", "writing");
  end(103_400, "B", "pass");
  expect(times.report()).toEqual([
    { step: "contact", medianMs: 400, worstMs: 400 },
    { step: "write", medianMs: 5000, worstMs: 5000 },
    { step: "record", medianMs: 10, worstMs: 10 },
  ]);
});
