/** `norbridge station run`: units in slots until the batch is complete, or until Ctrl-C. */
import { dirname, join } from "node:path";
import { advice } from "../../advice.ts";
import { printable } from "../../bytes.ts";
import { isoTime, wallClockMs } from "../../clock.ts";
import { heldOrBusy, tryLockFile } from "../../disk/file-lock.ts";
import { stateFolders } from "../../disk/user-folders.ts";
import { NorbridgeError } from "../../errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { openLedger } from "../../ledger/sqlite-ledger.ts";
import { loadValidRecipe } from "../../recipe/load-recipe.ts";
import { approvalOf } from "../../recipe/lock.ts";
import { count } from "../../runner/quantities.ts";
import { whenAborted } from "../../runner/when-aborted.ts";
import type { SlotState, StationEvent, StationState } from "../../station/events.ts";
import { checkSlotPort } from "../../station/make-wires.ts";
import { forkSlot } from "../../station/process-channel.ts";
import { Station } from "../../station/station.ts";
import type { StationServer } from "../../station-server/station-server.ts";
import { packageVersion } from "../program/package-version.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";

export interface StationRunRequest {
  readonly recipe: string;
  /** Ports of the slots, in the order of their numbers. */
  readonly ports: readonly string[];
  /** Undefined: the quantity of the recipe, or until Ctrl-C. */
  readonly units: number | undefined;
  readonly station: string;
  readonly operator: string;
  /** Where the page of the station is served; undefined: nowhere. */
  readonly page: { readonly host: string; readonly port: number } | undefined;
  /** Undefined: that of the user. */
  readonly ledger: string | undefined;
}

export async function stationRun(request: StationRunRequest, session: Session): Promise<Outcome> {
  for (const port of request.ports) await checkSlotPort(port);
  const checked = await loadValidRecipe(request.recipe, session.signal);
  try {
    const approval = await approvalOf(checked, session.signal);
    const isReal = request.ports.some((port) => !port.startsWith("sim:"));
    if (approval.kind !== "approved" && isReal) throw notApproved(request.recipe);
    const path = request.ledger ?? join(stateFolders(session.env).current, "ledger.sqlite");
    const ledger = await openLedger(path, { programVersion: packageVersion() });
    // Two stations by one ledger would take each other's sessions for their own.
    const lock = heldOrBusy(tryLockFile(`${path}.station`), "the ledger");
    try {
      for (const note of ledger.notes) session.report.warn(note);
      const station = await Station.open({
        name: request.station,
        operator: request.operator,
        approvedBy: approval.kind === "approved" ? approval.lock.approvedBy : undefined,
        checked,
        ledger,
        slots: request.ports.map((port, index) => ({ slot: String(index + 1), port })),
        journals: join(dirname(path), "station-jobs"),
        target: request.units ?? checked.recipe.head.batch?.quantity,
        clock: session.clock,
        nowMs: wallClockMs,
        launch: forkSlot,
      });
      const page = await pageOf(station, ledger, request.page, session);
      try {
        return await follow(station, page !== undefined, session);
      } finally {
        await page?.close();
      }
    } finally {
      lock.release();
      await ledger.close();
    }
  } finally {
    await checked.close();
  }
}

/** Serves the page, if it was asked for. The station has ended if it cannot be served. */
async function pageOf(
  station: Station,
  ledger: Ledger,
  place: StationRunRequest["page"],
  { report }: Session,
): Promise<StationServer | undefined> {
  if (place === undefined) return undefined;
  try {
    const { isOwnComputer, newToken, serveStationPage } = await import("../../station-server/serve-page.ts");
    const token = isOwnComputer(place.host) ? undefined : newToken();
    const server = await serveStationPage({ station, ledger, store: undefined, ...place, token });
    report.announce(`the page is at ${server.url}`);
    return server;
  } catch (error) {
    await station.close();
    throw error;
  }
}

async function follow(station: Station, hasPage: boolean, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  const say = (event: StationEvent): void => {
    const line = lineOf(event, station.state());
    if (line !== undefined) report.announce(printable(line));
    if (event.kind !== "progress") report.record("station", fieldsOf(event, station.state()));
  };
  station.subscribe(say);
  for (const note of station.state().notes) report.note(printable(note));
  const isComplete = await Promise.race([station.batchDone().then(() => true), whenAborted(signal).then(() => false)]);
  if (isComplete && hasPage) {
    report.announce("the batch is complete; the page stays until Ctrl-C");
    await whenAborted(signal);
  }
  await station.close();
  const { passed, failed, aborted, rework, firstPass, firstTries } = station.state().batch;
  const fields = { passed, failed, aborted, rework, firstPass, firstTries };
  const summary = `${count(passed, "unit")} passed, ${failed} failed, ${aborted} not completed, ${rework} rework`;
  if (isComplete) return { kind: "done", summary, fields };
  throw new NorbridgeError("ECANCELED", `stopped: ${summary}`, {
    operation: "run station",
    hint: "Units that were interrupted are completed when they are inserted again.",
  });
}

/** One line for people; undefined for what changes too often. */
function lineOf(event: StationEvent, state: StationState): string | undefined {
  switch (event.kind) {
    case "slot": {
      const slot = slotOf(event, state);
      const serial = slot?.serial === undefined ? "" : ` ${slot.serial}`;
      const why =
        event.fault === undefined || event.fault === null ? "" : ` (${event.fault.code}: ${event.fault.cause})`;
      return `slot ${event.slot}: ${event.phase.toUpperCase()}${serial}: ${event.sentence}${why}`;
    }
    case "database":
      return `database: ${event.sentence}`;
    case "note":
      return `note: ${event.text}`;
    default:
      return undefined;
  }
}

function fieldsOf(
  event: StationEvent,
  state: StationState,
): Readonly<Record<string, string | number | boolean | null>> {
  const slot = slotOf(event, state);
  const fault = event.kind === "slot" ? event.fault : undefined;
  return {
    event: event.kind,
    at: isoTime(event.atMs),
    slot: slot?.slot ?? null,
    phase: event.kind === "slot" ? event.phase : null,
    unit: slot?.serial ?? null,
    chip: slot?.chip ?? null,
    uniqueId: slot?.uniqueId ?? null,
    outcome: event.kind === "session-end" ? event.outcome : null,
    rework: slot?.isRework ?? false,
    message:
      event.kind === "slot" || event.kind === "database" ? event.sentence : event.kind === "note" ? event.text : "",
    code: fault?.code ?? null,
    cause: fault?.cause ?? null,
    passed: state.batch.passed,
    failed: state.batch.failed,
  };
}

function slotOf(event: StationEvent, state: StationState): SlotState | undefined {
  return "slot" in event ? state.slots.find(({ slot }) => slot === event.slot) : undefined;
}

function notApproved(recipe: string): NorbridgeError {
  return new NorbridgeError("CHECK_FAILED", `the recipe ${printable(recipe)} is not approved in this state`, {
    operation: "run station",
    hint: advice("Nothing was changed. A supervisor approves it first.", "approve-recipe"),
  });
}
