/** What a run of events makes of the numbers that they name: the last state of each. Pure. */
import type { LedgerEvent } from "../event-chain.ts";
import { NUMBER_STATES } from "../replay.ts";
import type { NumberState } from "../ledger.ts";

/** The last that a run of events says of a number. */
export interface NumberChange {
  readonly pool: string;
  readonly value: bigint;
  readonly text: string;
  /** Name of the value in the recipe, if an event told it. */
  readonly name: string | undefined;
  readonly state: NumberState;
  /** Serial number of the unit that has it. */
  readonly serial: string | undefined;
  readonly reason: string | undefined;
  /** The last event that names it. */
  readonly seq: number;
}

/** The changes of a run of events, by pool and number. Bodies that name no number are passed over. */
export function numberChanges(events: readonly LedgerEvent[]): readonly NumberChange[] {
  const changes = new Map<string, NumberChange>();
  for (const { seq, kind, body } of events) {
    const state = NUMBER_STATES[kind];
    if (state === undefined) continue;
    const fields: unknown = JSON.parse(body);
    const [serial, reason, name] = ["serial", "reason", "name"].map((one) => textIn(fields, one));
    for (const { pool, value, text } of numbersIn(fields)) {
      const key = `${pool} ${value}`;
      const before = changes.get(key);
      changes.set(key, {
        pool,
        value,
        text: text ?? before?.text ?? "",
        name: kind === "reserved" ? name : before?.name,
        state,
        serial: kind === "issued" ? serial : before?.serial,
        reason,
        seq,
      });
    }
  }
  return [...changes.values()];
}

interface Named {
  readonly pool: string;
  readonly value: bigint;
  readonly text: string | undefined;
}

/** Numbers stand alone, or as a list of "POOL VALUE TEXT". */
function numbersIn(fields: unknown): readonly Named[] {
  if (typeof fields !== "object" || fields === null) return [];
  if ("numbers" in fields && Array.isArray(fields.numbers)) {
    return fields.numbers.flatMap((one: unknown) => {
      const [, pool, value, text] = /^(\S+) (\d+) (.*)$/s.exec(String(one)) ?? [];
      return pool === undefined || value === undefined ? [] : [{ pool, value: BigInt(value), text }];
    });
  }
  const [pool, value] = [textIn(fields, "pool"), textIn(fields, "value")];
  if (pool === undefined || value === undefined || !/^\d+$/.test(value)) return [];
  return [{ pool, value: BigInt(value), text: textIn(fields, "text") }];
}

function textIn(fields: unknown, name: string): string | undefined {
  if (typeof fields !== "object" || fields === null) return undefined;
  const value: unknown = Object.entries(fields).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : undefined;
}
