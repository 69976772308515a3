/** The supervisor's report: yield, times, failures and numbers, from the sessions of a ledger. Pure. */
import type { EndedSession, PoolAccount } from "../ledger/ledger.ts";
import type { StepTime } from "./step-times.ts";

/** Sessions that passed and failed under one name. */
interface Yield {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

/** The report as the page gets it; src/station-page/records.ts has the same fields. */
export interface Report {
  readonly units: number;
  readonly passed: number;
  readonly failed: number;
  /** Units whose first session passed. */
  readonly firstPass: number;
  readonly byHour: readonly Yield[];
  readonly bySlot: readonly (Yield & { readonly medianMs: number | undefined })[];
  readonly byBatch: readonly Yield[];
  readonly times: readonly StepTime[];
  readonly failures: readonly { readonly code: string; readonly count: number; readonly example: string }[];
  readonly places: readonly { readonly address: number; readonly lengthBytes: number; readonly count: number }[];
  readonly numbers: readonly NumberAccount[];
}

/** What became of the numbers of a pool. */
interface NumberAccount {
  readonly pool: string;
  readonly issued: number;
  readonly open: number;
  readonly burned: number;
  readonly returned: number;
  readonly retired: number;
  readonly left: string;
  readonly unexplained: number;
}

/** Failures are counted by pieces of this size: the smallest erase unit of most chips. */
const PLACE_BYTES = 4096;
const HOUR_CHARACTERS = "2026-12-01T14".length;

/** Sessions that passed or failed. The others were ended by the station or a person, and say nothing about units. */
function judged(sessions: readonly EndedSession[]): readonly EndedSession[] {
  return sessions.filter(({ outcome }) => outcome === "pass" || outcome === "fail");
}

/** Makes the report. `sessions` in the order of their start. */
export function reportOf(
  sessions: readonly EndedSession[],
  accounts: readonly PoolAccount[],
  times: readonly StepTime[],
): Report {
  const counted = judged(sessions);
  const failed = counted.filter(({ outcome }) => outcome === "fail");
  return {
    units: counted.length,
    passed: counted.length - failed.length,
    failed: failed.length,
    firstPass: firstPassOf(counted),
    byHour: yieldBy(counted, ({ endedAt = "" }) => `${endedAt.slice(0, HOUR_CHARACTERS)}:00:00.000Z`),
    bySlot: yieldBy(counted, ({ slot }) => slot)
      .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
      .map((row) => ({ ...row, medianMs: medianTime(counted.filter(({ slot }) => slot === row.name)) })),
    byBatch: yieldBy(counted, ({ recipe, revision }) => `${recipe} ${revision}`),
    times,
    failures: failuresOf(failed),
    places: placesOf(failed),
    numbers: accounts.map((account) => accountOf(account)),
  };
}

/** Units whose first session passed. A unit without serial number and unique ID is a new one each time. */
function firstPassOf(sessions: readonly EndedSession[]): number {
  const seen = new Set<string>();
  let passed = 0;
  for (const { session, jedec = "", uid, serial, outcome, isRework } of sessions) {
    const key = uid === undefined ? (serial ?? session) : `${jedec} ${uid}`;
    if (!seen.has(key) && !isRework && outcome === "pass") passed++;
    seen.add(key);
  }
  return passed;
}

function yieldBy(sessions: readonly EndedSession[], nameOf: (session: EndedSession) => string): readonly Yield[] {
  const rows = new Map<string, { passed: number; failed: number }>();
  for (const session of sessions) {
    const name = nameOf(session);
    const row = rows.get(name) ?? { passed: 0, failed: 0 };
    if (session.outcome === "pass") row.passed++;
    else row.failed++;
    rows.set(name, row);
  }
  return [...rows].map(([name, row]) => ({ name, ...row }));
}

/** Half of the units that passed took longer. */
function medianTime(sessions: readonly EndedSession[]): number | undefined {
  const times = sessions
    .filter(({ outcome }) => outcome === "pass")
    .map(({ startedAt, endedAt = "" }) => Date.parse(endedAt) - Date.parse(startedAt))
    .filter((time) => Number.isFinite(time))
    .toSorted((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

/** By the code that a reason begins with; the most frequent first. */
function failuresOf(failed: readonly EndedSession[]): Report["failures"] {
  const codes = new Map<string, { count: number; example: string }>();
  for (const { reason = "" } of failed) {
    const [, code = "OTHER", example = reason] = /^([A-Z][A-Z_]+): (.*)$/s.exec(reason) ?? [];
    const known = codes.get(code);
    if (known === undefined) codes.set(code, { count: 1, example });
    else known.count++;
  }
  return [...codes].map(([code, row]) => ({ code, ...row })).toSorted((a, b) => b.count - a.count);
}

/** The piece of the chip in which the first address of a reason is. */
function placesOf(failed: readonly EndedSession[]): Report["places"] {
  const counts = new Map<number, number>();
  for (const { reason = "" } of failed) {
    const [, digits] = /\b0x([0-9a-f]{6,8})\b/.exec(reason) ?? [];
    if (digits === undefined) continue;
    const address = Math.floor(Number.parseInt(digits, 16) / PLACE_BYTES) * PLACE_BYTES;
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([address, count]) => ({ address, lengthBytes: PLACE_BYTES, count }));
}

function accountOf({ pool, next, lines, unexplained }: PoolAccount): NumberAccount {
  const count = (...states: readonly string[]): number => lines.filter(({ state }) => states.includes(state)).length;
  const returned = count("returned");
  return {
    pool: pool.name,
    issued: count("issued"),
    open: count("reserved", "exposed"),
    burned: count("burned"),
    returned,
    retired: count("retired"),
    left: (pool.last - next + 1n + BigInt(returned)).toLocaleString("en"),
    unexplained: unexplained.length,
  };
}
