/** The lamp of the database: each call of the ledger says whether it is there. */
import { NorbridgeError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { DatabaseLamp } from "./events.ts";

/** What sessions use of a ledger. */
export type SessionLedger = Pick<
  Ledger,
  "identify" | "openSessions" | "beginSession" | "reserve" | "expose" | "issue" | "giveUp" | "units"
>;

const OK: DatabaseLamp = { state: "ok", sentence: "The database is ready." };

/** The same ledger; `report` hears of each change of the lamp. */
export function withLamp(ledger: SessionLedger, report: (lamp: DatabaseLamp) => void): SessionLedger {
  let shown = OK.sentence;
  const say = (lamp: DatabaseLamp): void => {
    if (lamp.sentence === shown) return;
    shown = lamp.sentence;
    report(lamp);
  };
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      say(OK);
      return result;
    } catch (error) {
      if (isAway(error)) say({ state: "away", sentence: `Results cannot be stored: ${error.message}.` });
      throw error;
    }
  };
  return {
    identify: (clues) => watched(ledger.identify(clues)),
    openSessions: () => watched(ledger.openSessions()),
    beginSession: (request) => watched(ledger.beginSession(request)),
    reserve: (session, request) => watched(ledger.reserve(session, request)),
    expose: (session, plan) => watched(ledger.expose(session, plan)),
    issue: (session, unit) => watched(ledger.issue(session, unit)),
    giveUp: (session, how) => watched(ledger.giveUp(session, how)),
    units: (serial, product) => watched(ledger.units(serial, product)),
  };
}

/** What the ledger says of a unit or a pool is no fault of the database. */
function isAway(error: unknown): error is NorbridgeError {
  if (!(error instanceof NorbridgeError)) return false;
  return error.category === "file" || (error.code === "EBUSY" && error.operation === "open ledger");
}
