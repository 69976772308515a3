/** `norbridge ledger ...`: numbers of units, given out and explained. */
import { join } from "node:path";
import { printable } from "../../bytes.ts";
import { stateFolders } from "../../disk/user-folders.ts";
import type { HeldNumber, Ledger, SessionSummary, StartedSession, UnitAccount } from "../../ledger/ledger.ts";
import { openLedger } from "../../ledger/sqlite-ledger.ts";
import { type CheckedRecipe, loadValidRecipe } from "../../recipe/load-recipe.ts";
import { numberText } from "../../recipe/unit-values.ts";
import { count } from "../../runner/quantities.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import { packageVersion } from "../program/package-version.ts";
import type { Session } from "../program/session.ts";

/** Which ledger. */
export interface LedgerFile {
  /** Undefined: the one of the user. */
  readonly ledger: string | undefined;
}

/** Opens the ledger, and closes it on every way out. */
export async function withLedger<T>(
  { ledger: file }: LedgerFile,
  session: Session,
  readOnly: boolean,
  act: (ledger: Ledger, path: string) => Promise<T>,
): Promise<T> {
  const path = file ?? join(stateFolders(session.env).current, "ledger.sqlite");
  const ledger = await openLedger(path, { readOnly, programVersion: packageVersion() });
  try {
    for (const note of ledger.notes) session.report.warn(note);
    return await act(ledger, path);
  } finally {
    await ledger.close();
  }
}

export interface TakeRequest extends LedgerFile {
  readonly recipe: string;
  readonly jedec: string | undefined;
  readonly uid: string | undefined;
  readonly stored: string | undefined;
  readonly slot: string;
  readonly operator: string;
}

export async function ledgerTake(request: TakeRequest, session: Session): Promise<Outcome> {
  const checked = await loadValidRecipe(request.recipe, session.signal);
  try {
    return await withLedger(request, session, false, async (ledger) => {
      const started = await begin(ledger, checked, request);
      const made = madeAt(checked, started);
      const added = await takeMissing(ledger, checked, started, made);
      const numbers = [...started.numbers, ...added];
      for (const { name, text, pool, value } of numbers) {
        session.report.record("number", { name, text, pool, value: String(value) });
      }
      session.report.text(
        alignedRows([["session", started.session], ...numbers.map(({ name, text }) => [name, printable(text)])]),
      );
      const { identity } = started;
      const also = added.length === 0 ? "" : `, and ${count(added.length, "number")} of this revision`;
      const summary =
        identity.kind === "known"
          ? `unit ${printable(identity.serial)} is known by its ${WORDS[identity.by]}: it keeps its numbers${also}`
          : `${count(numbers.length, "number")} taken, at ${made}`;
      const known = identity.kind === "known" ? { unit: identity.serial } : {};
      return { kind: "done", summary, fields: { session: started.session, made, numbers: numbers.length, ...known } };
    });
  } finally {
    await checked.close();
  }
}

const WORDS = { uid: "unique ID", stored: "stored serial number", scanned: "scanned serial number" } as const;

async function begin(ledger: Ledger, checked: CheckedRecipe, request: TakeRequest): Promise<StartedSession> {
  const { head } = checked.recipe;
  const recipe = { name: head.name, revision: head.revision, sha256: checked.sha256 };
  await ledger.addRecipe(recipe);
  for (const [name, { kind, first, last }] of checked.pools) await ledger.addPool({ name, kind, first, last });
  const { jedec, uid, stored, slot, operator } = request;
  const seenAgain = head.unit?.["seen-again"] ?? "keep";
  const serialName = head.unit?.serial ?? "serial";
  return ledger.beginSession({
    product: head.product,
    recipe,
    serialName,
    jedec,
    uid,
    stored,
    slot,
    operator,
    seenAgain,
  });
}

/** When the unit was made: as its record says, where a value of the recipe is that time. */
function madeAt({ recipe }: CheckedRecipe, { values, madeAt: byLedger }: StartedSession): string {
  const recorded = values.find(({ name }) => recipe.values.get(name)?.kind === "time");
  return recorded?.text ?? byLedger;
}

/**
 * Takes a number for every value of a pool that the unit has none for: a known unit may get new ones by a later
 * revision. They leave the program, so from here on they count as sent.
 */
async function takeMissing(
  ledger: Ledger,
  checked: CheckedRecipe,
  { session, identity, numbers: held }: StartedSession,
  made: string,
): Promise<readonly HeldNumber[]> {
  const numbers: HeldNumber[] = [];
  // A known unit has its serial number, also one that no pool gave.
  const has = new Set(held.map(({ name }) => name));
  if (identity.kind === "known") has.add(checked.serialName);
  try {
    for (const shape of checked.shapes.values()) {
      if (shape.value.kind !== "pool" || has.has(shape.name)) continue;
      const { pool } = shape.value.body;
      const text = (value: bigint): string => numberText(shape, value, Date.parse(made));
      numbers.push(await ledger.reserve(session, { pool, name: shape.name, text }));
    }
  } catch (error) {
    // Nothing of them has left the program. Where this fails as well, the first error is the one to report.
    const reason = error instanceof Error ? error.message : String(error);
    await ledger.giveUp(session, { outcome: "abort", reason, unused: "return" }).catch(() => undefined);
    throw error;
  }
  await ledger.expose(session);
  return numbers;
}

export interface IssueRequest extends LedgerFile {
  readonly session: string;
  readonly serial: string;
  readonly sha256: string;
  readonly values: ReadonlyMap<string, string>;
}

export async function ledgerIssue(request: IssueRequest, session: Session): Promise<Outcome> {
  return withLedger(request, session, false, async (ledger) => {
    const values = [...request.values].map(([name, text]) => ({ name, text, isUnique: false }));
    const { serial, sha256: contentSha256 } = request;
    await ledger.issue(request.session, { serial, contentSha256, values });
    const fields = { session: request.session, unit: serial, unitSha256: contentSha256 };
    return { kind: "done", summary: `recorded unit ${printable(serial)}`, fields };
  });
}

export interface BurnRequest extends LedgerFile {
  readonly session: string;
  readonly reason: string;
  readonly unused: "return" | "burn";
}

export async function ledgerBurn(
  { session: id, reason, unused, ...file }: BurnRequest,
  session: Session,
): Promise<Outcome> {
  return withLedger(file, session, false, async (ledger) => {
    await ledger.giveUp(id, { outcome: "fail", reason, unused });
    return { kind: "done", summary: `ended session ${printable(id)} without a unit`, fields: { session: id } };
  });
}

export async function ledgerUnit(
  { serial, product, ...file }: LedgerFile & { readonly serial: string; readonly product: string | undefined },
  session: Session,
): Promise<Outcome> {
  return withLedger(file, session, true, async (ledger) => {
    const units = await ledger.units(serial, product);
    for (const unit of units) {
      session.report.record("unit", unitFields(unit));
      session.report.text(alignedRows(unitRows(unit)));
    }
    const fields = { units: units.length };
    if (units.length > 0) return { kind: "done", fields };
    return { kind: "no", message: `there is no unit ${printable(serial)} in the ledger`, hint: "", fields };
  });
}

function unitFields({ numbers, values, chips, sessions, ...unit }: UnitAccount): JsonFields {
  return {
    ...unit,
    numbers: numbers.map(({ name, text, pool, value }) => ({ name, text, pool, value: String(value) })),
    values: values.map((one) => ({ ...one })),
    chips: chips.map((one) => ({ ...one })),
    sessions: sessions.map((one) => sessionFields(one)),
  };
}

function sessionFields(summary: SessionSummary): JsonFields {
  const { session, recipe, revision, slot, operator, startedAt, isRework } = summary;
  return {
    session,
    recipe,
    revision,
    slot,
    operator,
    startedAt,
    isRework,
    endedAt: summary.endedAt ?? null,
    outcome: summary.outcome ?? null,
    reason: summary.reason ?? null,
  };
}

function unitRows({
  product,
  serial,
  madeAt,
  contentSha256,
  numbers,
  values,
  chips,
  sessions,
}: UnitAccount): string[][] {
  return [
    ["unit", `${printable(serial)} (${printable(product)})`],
    ["made", madeAt],
    ["sha256", contentSha256],
    ...numbers.map(({ name, text, pool, value }) => [name, `${printable(text)} (${value} of ${printable(pool)})`]),
    ...values.map(({ name, text }) => [printable(name), printable(text)]),
    ...chips.map(({ jedec, uid }) => ["chip", `${jedec} ${uid}`]),
    ...sessions.map((one) => ["session", sessionText(one)]),
  ];
}

function sessionText({
  session,
  recipe,
  revision,
  slot,
  operator,
  startedAt,
  outcome,
  reason,
  isRework,
}: SessionSummary): string {
  const by = operator === "" ? "" : ` by ${printable(operator)}`;
  const end = outcome === undefined ? "open" : `${outcome}${reason === undefined ? "" : `: ${printable(reason)}`}`;
  return `${session}, ${startedAt}, slot ${printable(slot)}${by}, ${printable(recipe)} ${revision}${isRework ? ", rework" : ""}, ${end}`;
}

export async function ledgerAccount(
  { pool: name, ...file }: LedgerFile & { readonly pool: string },
  session: Session,
): Promise<Outcome> {
  session.endWithStdout();
  return withLedger(file, session, true, async (ledger) => {
    const { pool, next, lines, unexplained, free } = await ledger.account(name);
    for (const { value, text, state, serial, reason } of lines) {
      session.report.record("number", {
        pool: name,
        value: String(value),
        text,
        state,
        unit: serial ?? null,
        reason: reason ?? null,
      });
    }
    session.report.text(
      alignedRows(
        lines.map(({ value, text, state, serial, reason }) => [
          String(value),
          printable(text),
          state,
          printable(reason ?? serial ?? ""),
        ]),
      ),
    );
    const states = Object.fromEntries(
      NUMBER_STATE_NAMES.map((state) => [state, lines.filter((line) => line.state === state).length]),
    );
    const fields = {
      pool: name,
      first: String(pool.first),
      last: String(pool.last),
      next: String(next),
      free: String(free),
      ...states,
    };
    if (unexplained.length > 0) {
      const message = `${count(unexplained.length, "number")} of the pool ${printable(name)} cannot be explained, the first is ${unexplained[0] ?? 0n}`;
      return {
        kind: "no",
        message,
        hint: "Do not use this ledger any more, and keep a copy of it.",
        fields: { ...fields, unexplained: unexplained.length },
      };
    }
    const sums = NUMBER_STATE_NAMES.filter((state) => states[state] !== 0).map(
      (state) => `${states[state] ?? 0} ${state}`,
    );
    return { kind: "done", summary: [...sums, `${free} free`].join(", "), fields: { ...fields, unexplained: 0 } };
  });
}

/** States of a number, in the order in which an account sums them up. */
export const NUMBER_STATE_NAMES = ["reserved", "exposed", "issued", "burned", "returned", "retired"] as const;

export async function ledgerCheck(request: LedgerFile, session: Session): Promise<Outcome> {
  return withLedger(request, session, true, async (ledger, path) => {
    const problem = await ledger.verify();
    const open = await ledger.openSessions();
    for (const { numbers, ...one } of open) {
      const held = numbers.map(({ text, state }) => `${printable(text)} ${state}`).join(", ");
      session.report.record("session", {
        ...sessionFields(one),
        jedec: one.jedec ?? null,
        uid: one.uid ?? null,
        unit: one.serial ?? null,
        numbers: numbers.map(({ text, state }) => ({ text, state })),
      });
      session.report.text(`open: ${sessionText(one)}; ${held}\n`);
    }
    const pools = await ledger.pools();
    const fields = { pools: pools.length, openSessions: open.length };
    if (problem !== undefined) {
      const message = `${printable(path)} was changed by another program: ${printable(problem)}`;
      return { kind: "no", message, hint: "Do not use it any more, and keep a copy of it.", fields };
    }
    return {
      kind: "done",
      summary: `the ledger is undamaged: ${count(pools.length, "pool")}, ${count(open.length, "open session")}`,
      fields,
    };
  });
}

/** Lines that are written before the reader has its turn. */
const LINES_AT_ONCE = 256;

export async function ledgerExport(request: LedgerFile, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  session.endWithStdout();
  report.stdoutCarriesData();
  return withLedger(request, session, true, async (ledger) => {
    let lines = 0;
    for await (const event of ledger.events()) {
      report.record("event", { ...event });
      report.text(`${printable(JSON.stringify(event))}\n`);
      if (++lines % LINES_AT_ONCE === 0) await report.room(signal);
      if (signal.aborted) break;
    }
    return { kind: "done", summary: count(lines, "event"), fields: { events: lines } };
  });
}
