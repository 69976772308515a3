/** Answers what a page asks about records: from the ledger, and from the store of extractions if there is one. */
import type { ExtractionStore } from "../extract/extraction-store.ts";
import type { EndedSession, HeldNumber, Ledger, PoolAccount, UnitAccount } from "../ledger/ledger.ts";
import type { RecordQuestion } from "./face.ts";
import { reportOf } from "./report.ts";
import type { StepTimes } from "./step-times.ts";
import { logsOfUnit, mapOfUnit, recordsOf } from "./unit-logs.ts";

/** Where records are. */
export interface RecordSources {
  readonly ledger: Pick<Ledger, "endedSessions" | "units" | "pools" | "account">;
  readonly store: ExtractionStore | undefined;
  readonly times: StepTimes;
}

/** Before the first session of any ledger. */
const START = "1970-01-01T00:00:00.000Z";
/** More than a line makes in a month; the oldest are left out. */
const MOST_SESSIONS = 200_000;

/** The answer, which JSON can hold; undefined if there is no such thing. Throws what ledger and store throw. */
export async function answerTo(question: RecordQuestion, { ledger, store, times }: RecordSources): Promise<unknown> {
  switch (question.kind) {
    case "report": {
      const sessions: readonly EndedSession[] = await ledger.endedSessions(question.since ?? START, MOST_SESSIONS);
      const accounts: PoolAccount[] = [];
      for (const pool of await ledger.pools()) accounts.push(await ledger.account(pool));
      return reportOf(sessions, accounts, times.report());
    }
    case "units": {
      const units = await ledger.units(question.serial);
      if (units.length === 0) return undefined;
      return await Promise.all(units.map((unit) => unitOf(unit, store)));
    }
    case "log":
      return store === undefined ? undefined : await recordsOf(store, question.extraction);
  }
}

async function unitOf(unit: UnitAccount, store: ExtractionStore | undefined): Promise<unknown> {
  const { serial, product } = unit;
  return {
    ...unit,
    numbers: unit.numbers.map(({ pool, name, text, state }: HeldNumber) => ({ pool, name, text, state })),
    map: store === undefined ? [] : await mapOfUnit(store, serial, product),
    logs: store === undefined ? [] : await logsOfUnit(store, serial, product),
  };
}
