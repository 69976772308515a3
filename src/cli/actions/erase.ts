/** `norbridge erase`: makes a range blank and preserves the bytes around it. */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import { formatRange } from "../../bytes.ts";
import { checkInChip, wholeChip } from "../chip-range.ts";
import type { Outcome } from "../outcome.ts";
import { openedForEach } from "../../runner/change-chip.ts";
import { runErase, type Watch } from "../../runner/change-jobs.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count, formatSeconds } from "../../runner/quantities.ts";
import type { JournalRequest } from "../../runner/journal-request.ts";
import type { Session } from "../session.ts";

export interface EraseRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip. */
  readonly range: ByteRange | undefined;
  readonly journal: JournalRequest;
}

export async function erase(request: EraseRequest, session: Session): Promise<Outcome> {
  const { connection, journal } = request;
  const rangeOn = (geometry: FlashGeometry): ByteRange => {
    const range = request.range ?? wholeChip(geometry);
    checkInChip(geometry, range, "erase");
    return range;
  };
  const chip = openedForEach(session, connection);
  const watch: Watch = (geometry, clock) => session.report.watch(geometry, clock);
  const { range, ...report } = await runErase(chip, rangeOn, journal, session, watch);
  const kept = report.restoredBytes === 0 ? "" : `, ${count(report.restoredBytes, "byte")} around it preserved`;
  return {
    kind: "done",
    summary:
      `erased ${formatRange(range)}: ${count(report.erasedUnits, "erase")}${kept}, ` + formatSeconds(report.durationUs),
    fields: { address: range.address, lengthBytes: range.lengthBytes, ...report },
  };
}
