/** `norbridge erase`: makes a range blank and preserves the bytes around it. */
import { checkInChip } from "../../jobs/target.ts";
import { type ByteRange, type FlashGeometry, wholeChip } from "../../../drivers/geometry.ts";
import { mergeNeighbours } from "../../../drivers/byte-ranges.ts";
import { formatRange } from "../../bytes.ts";
import type { EraseReport } from "../../jobs/erase-range.ts";
import type { Outcome } from "../program/outcome.ts";
import { openedForEach } from "../../runner/change-chip.ts";
import { runErase, type Watch } from "../../runner/change-jobs.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count, formatSeconds } from "../../runner/quantities.ts";
import type { JournalRequest } from "../../runner/journal-request.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { placeOf, prepareRegions } from "./layout-regions.ts";

export interface EraseRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip, or `regions`. */
  readonly range: ByteRange | undefined;
  readonly regions: RegionRequest | undefined;
  readonly journal: JournalRequest;
}

/** A range that was erased. */
interface Erased extends EraseReport {
  readonly range: ByteRange;
}

export async function erase(request: EraseRequest, session: Session): Promise<Outcome> {
  const { regions, range } = request;
  if (regions === undefined) {
    const { range: erased, ...report } = await eraseOne(request, range, session);
    const fields = { address: erased.address, lengthBytes: erased.lengthBytes, ...report };
    return { kind: "done", summary: summaryOf({ range: erased, ...report }), fields };
  }
  const regionsOn = await prepareRegions(regions, session, "erase");
  const ranges = await withDevice(session, request.connection, { willChange: false }, async ({ device }) =>
    mergeNeighbours(await regionsOn(device)),
  );
  const done: Erased[] = [];
  for (const one of ranges) done.push(await eraseOne(request, one, session));
  return {
    kind: "done",
    summary: done.map(summaryOf).join("; "),
    fields: { ...sumOf(done), ranges: ranges.map(placeOf) },
  };
}

async function eraseOne(
  { connection, journal }: EraseRequest,
  asked: ByteRange | undefined,
  session: Session,
): Promise<Erased> {
  const rangeOn = (geometry: FlashGeometry): ByteRange => {
    const range = asked ?? wholeChip(geometry);
    checkInChip(range, geometry, "erase");
    return range;
  };
  const chip = openedForEach(session, connection);
  const watch: Watch = (geometry, clock) => session.report.watch(geometry, clock);
  return runErase(chip, rangeOn, journal, session, watch);
}

function summaryOf({ range, erasedUnits, restoredBytes, durationUs }: Erased): string {
  const kept = restoredBytes === 0 ? "" : `, ${count(restoredBytes, "byte")} around it preserved`;
  return `erased ${formatRange(range)}: ${count(erasedUnits, "erase")}${kept}, ${formatSeconds(durationUs)}`;
}

/** Of all ranges together; `address` is that of the first. */
function sumOf(done: readonly Erased[]): EraseReport & ByteRange {
  const sum = (value: (one: Erased) => number): number => done.reduce((total, one) => total + value(one), 0);
  return {
    address: done[0]?.range.address ?? 0,
    lengthBytes: sum(({ range }) => range.lengthBytes),
    blankBytes: sum(({ blankBytes }) => blankBytes),
    erasedUnits: sum(({ erasedUnits }) => erasedUnits),
    erasedBytes: sum(({ erasedBytes }) => erasedBytes),
    restoredBytes: sum(({ restoredBytes }) => restoredBytes),
    verifiedBytes: sum(({ verifiedBytes }) => verifiedBytes),
    retriedUnits: sum(({ retriedUnits }) => retriedUnits),
    durationUs: sum(({ durationUs }) => durationUs),
  };
}
