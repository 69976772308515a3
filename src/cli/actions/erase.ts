/** `norbridge erase`: makes a range blank and keeps what lies around it. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatRange } from "../../bytes.ts";
import { eraseRange } from "../../jobs/erase-range.ts";
import { checkInChip, wholeChip } from "../chip-range.ts";
import type { Outcome } from "../outcome.ts";
import { withDevice } from "../connect.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import { count, formatSeconds } from "../output/quantities.ts";
import { withJournal } from "../job-journal.ts";
import type { JournalRequest } from "../journal-request.ts";
import { saveRescueFiles } from "../rescue.ts";
import type { Session } from "../session.ts";

export interface EraseRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip. */
  readonly range: ByteRange | undefined;
  readonly journal: JournalRequest;
}

export async function erase(request: EraseRequest, session: Session): Promise<Outcome> {
  return withDevice(session, request.connection, { willChange: true }, async ({ device, clock }) => {
    const range = request.range ?? wholeChip(device.geometry);
    checkInChip(device.geometry, range, "erase");
    const job = {
      keepOutside: true as const,
      onUnrestored: (pieces: readonly { readonly address: number; readonly data: Uint8Array }[]) =>
        saveRescueFiles(session.io.cwd, pieces, request.connection.words),
    };
    const record = { command: "erase" as const, ...range };
    const report = await withJournal(device, request.connection, request.journal, session, record, (safe) =>
      eraseRange(
        device,
        range,
        { ...job, ...(safe === undefined ? {} : { safe }) },
        { clock, signal: session.signal, onEvent: session.report.watch(device.geometry, clock) },
      ),
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
