/** The states of all numbers as the events tell them, to be compared with those of the tables. */
import type { LedgerEvent } from "./event-chain.ts";
import type { HeldNumber, NumberState } from "./ledger.ts";

/** State of a number after each kind of event that names it. */
export const NUMBER_STATES: Readonly<Partial<Record<LedgerEvent["kind"], NumberState>>> = {
  reserved: "reserved",
  exposed: "exposed",
  issued: "issued",
  returned: "returned",
  burned: "burned",
  retired: "retired",
};

/** Follows the events of a ledger. */
export class NumberReplay {
  readonly #states = new Map<string, NumberState>();

  /** Takes the next event. Returns a sentence if its body is none of this program's. */
  next({ kind, seq, body }: Pick<LedgerEvent, "kind" | "seq" | "body">): string | undefined {
    const state = NUMBER_STATES[kind];
    if (state === undefined) return undefined;
    const fields: unknown = JSON.parse(body);
    const numbers = numbersIn(fields);
    if (numbers === undefined) return `event ${seq} names no number`;
    for (const number of numbers) this.#states.set(number, state);
    return undefined;
  }

  /** The first difference to the numbers of the tables, as a sentence. */
  differs(numbers: readonly Pick<HeldNumber, "pool" | "value" | "state">[]): string | undefined {
    for (const { pool, value, state } of numbers) {
      const told = this.#states.get(`${pool} ${value}`);
      if (told !== state)
        return `${value} of the pool ${pool} is ${state}, and the events say ${told ?? "nothing of it"}`;
    }
    return numbers.length === this.#states.size ? undefined : "the events tell of a number that is not in the tables";
  }
}

/** "POOL VALUE" of every number that a body names. */
function numbersIn(fields: unknown): readonly string[] | undefined {
  if (typeof fields !== "object" || fields === null) return undefined;
  if ("numbers" in fields && Array.isArray(fields.numbers)) {
    return fields.numbers.map((one: unknown) => String(one).split(" ", 2).join(" "));
  }
  return "pool" in fields && "value" in fields ? [`${String(fields.pool)} ${String(fields.value)}`] : undefined;
}
