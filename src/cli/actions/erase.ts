/** `norbridge erase`: makes a range blank and keeps what lies around it. */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import { formatRange } from "../../bytes.ts";
import { carryOnErase } from "../../jobs/carry-on.ts";
import { checkInChip, wholeChip } from "../chip-range.ts";
import type { Outcome } from "../outcome.ts";
import { changeChip } from "../../runner/change-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count, formatSeconds } from "../../runner/quantities.ts";
import { newJournal } from "../../runner/job-journal.ts";
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
  const source = newJournal(connection, journal, session, (geometry) => {
    const range = rangeOn(geometry);
    return { subject: { command: "erase", ...range }, touched: [range] };
  });
  return changeChip(session, connection, source, async ({ device, clock }, tools) => {
    const range = rangeOn(device.geometry);
    const report = await carryOnErase(
      device,
      range,
      tools.journal.held,
      { safe: tools.journal, onUnrestored: tools.onUnrestored },
      { clock, signal: session.signal, onEvent: session.report.watch(device.geometry, clock) },
    );
    const kept = report.restoredBytes === 0 ? "" : `, ${count(report.restoredBytes, "byte")} around it kept`;
    return {
      kind: "done",
      summary:
        `erased ${formatRange(range)}: ${count(report.erasedUnits, "erase")}${kept}, ` +
        formatSeconds(report.durationUs),
      fields: { address: range.address, lengthBytes: range.lengthBytes, ...report },
    };
  });
}
