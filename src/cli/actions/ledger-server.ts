/** `norbridge ledger join, sync, lease, rebuild-server` and `account --server`: one ledger and the server of several stations. */
import { printable } from "../../bytes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { ServerAccount } from "../../ledger/server/server-account.ts";
import { ServerLedger, type SyncResult } from "../../ledger/server/server-ledger.ts";
import { count } from "../../runner/quantities.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import { packageVersion } from "../program/package-version.ts";
import type { Session } from "../program/session.ts";
import { type LedgerFile, NUMBER_STATE_NAMES, withLedger } from "./ledger.ts";

/** A ledger and its server. */
export interface ServerRequest extends LedgerFile {
  /** URL of the server. */
  readonly server: string;
}

/** Opens both, and closes both on every way out. */
async function withServer<T>(
  { server: url, ...file }: ServerRequest,
  session: Session,
  readOnly: boolean,
  act: (server: ServerLedger, ledger: Ledger) => Promise<T>,
): Promise<T> {
  return withLedger(file, session, readOnly, async (ledger) => {
    session.report.waitsFor("the server of the ledger");
    const server = await ServerLedger.open(url, ledger, { programVersion: packageVersion() });
    try {
      return await act(server, ledger);
    } finally {
      await server.close();
    }
  });
}

export async function ledgerJoin(
  { station, isRestored, ...request }: ServerRequest & { readonly station: string; readonly isRestored: boolean },
  session: Session,
): Promise<Outcome> {
  return withServer(request, session, false, async (server) => {
    const result = await server.join(station, { isRestored });
    const what = `this ledger is the station ${printable(station)} of ${server.place}`;
    return synced(result, what, { station }, session);
  });
}

export async function ledgerSync(request: ServerRequest, session: Session): Promise<Outcome> {
  return withServer(request, session, false, async (server) =>
    synced(await server.sync(), `${server.place} is up to date`, {}, session),
  );
}

export async function ledgerLease(
  { pool, size, ...request }: ServerRequest & { readonly pool: string; readonly size: number },
  session: Session,
): Promise<Outcome> {
  return withServer(request, session, false, async (server, ledger) => {
    const { lo, hi } = await server.lease(pool, BigInt(size));
    const left = await ledger.numbersLeft(pool);
    const fields = { pool, first: String(lo), last: String(hi), left: String(left) };
    return { kind: "done", summary: `numbers ${lo} to ${hi} of ${printable(pool)}, ${left} left here`, fields };
  });
}

export async function ledgerRebuildServer(
  { isComplete, ...request }: ServerRequest & { readonly isComplete: boolean },
  session: Session,
): Promise<Outcome> {
  return withServer(request, session, false, async (server) => {
    const result = await server.rebuild();
    if (isComplete) await server.completeRebuild();
    const stations = await server.stations();
    const names = stations.map(printable).join(", ");
    const what = isComplete
      ? `the server gives out numbers again; it knows ${names}`
      : `the server knows ${names}, and gives out no numbers until the rebuild is complete`;
    return synced(result, what, { stations, complete: isComplete }, session);
  });
}

function synced({ events, conflicts }: SyncResult, what: string, more: JsonFields, { report }: Session): Outcome {
  const fields = { ...more, events, conflicts };
  if (conflicts > 0) {
    report.warn(
      `${count(conflicts, "number")} in conflict with another station: \`norbridge ledger account POOL --server URL\``,
    );
  }
  return { kind: "done", summary: `${what}; ${count(events, "event")} uploaded`, fields };
}

export async function ledgerServerAccount(
  { pool, ...request }: ServerRequest & { readonly pool: string },
  session: Session,
): Promise<Outcome> {
  session.endWithStdout();
  return withServer(request, session, true, async (server) => {
    const account = await server.account(pool);
    printAccount(pool, account, session);
    const { first, last, blocks, numbers, unexplained, conflicts } = account;
    const highest = blocks.reduce((top, { hi }) => (hi > top ? hi : top), first - 1n);
    const states = Object.fromEntries(
      NUMBER_STATE_NAMES.map((state) => [state, numbers.filter((one) => one.state === state).length]),
    );
    const fields = {
      ...{ pool, first: String(first), last: String(last), next: String(highest + 1n), free: String(last - highest) },
      ...states,
      ...{ blocks: blocks.length, unexplained: unexplained.length, conflicts: conflicts.length },
    };
    const faults = unexplained.length + conflicts.length;
    if (faults > 0) {
      const message = `the pool ${printable(pool)} has ${count(unexplained.length, "number")} that cannot be explained, and ${count(conflicts.length, "conflict")}`;
      return {
        kind: "no",
        message,
        hint: "Keep a copy of all ledgers, and compare the units that have these numbers.",
        fields,
      };
    }
    const sums = Object.entries(states).flatMap(([state, sum]) => (sum === 0 ? [] : [`${sum} ${state}`]));
    const summary = [...sums, count(blocks.length, "block"), `${last - highest} in no block`].join(", ");
    return { kind: "done", summary, fields };
  });
}

function printAccount(pool: string, { blocks, numbers, conflicts }: ServerAccount, { report }: Session): void {
  for (const { value, text, state, serial, reason, station } of numbers) {
    const named = { pool, value: String(value), text, state, station };
    report.record("number", { ...named, unit: serial ?? null, reason: reason ?? null });
  }
  report.text(
    alignedRows(
      numbers.map(({ value, text, state, serial, reason, station }) => [
        ...[String(value), printable(text), state, printable(station), printable(reason ?? serial ?? "")],
      ]),
    ),
  );
  for (const { station, lo, hi, used, isClosed } of blocks) {
    report.record("block", {
      ...{ pool, station, first: String(lo), last: String(hi), used: String(used), closed: isClosed },
    });
    const end = isClosed ? ", given up" : "";
    report.text(`block ${lo} to ${hi}: ${printable(station)}, ${used} of ${hi - lo + 1n} given out${end}\n`);
  }
  for (const what of conflicts) report.warn(`conflict: ${printable(what)}`);
}
