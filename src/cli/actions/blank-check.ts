/** `norbridge blank-check`: is the chip, or a range of it, erased. */
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { formatRange } from "../../bytes.ts";
import { blankCheck } from "../../jobs/blank-check.ts";
import type { Outcome } from "../outcome.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { Session } from "../session.ts";
import { rangesText } from "./verify.ts";

export interface BlankCheckRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip. */
  readonly range: ByteRange | undefined;
}

export async function blankCheckAction(request: BlankCheckRequest, session: Session): Promise<Outcome> {
  return withDevice(
    session,
    request.connection,
    { willChange: false, mayReconnect: true },
    async ({ device, clock }) => {
      const range = request.range ?? wholeChip(device.geometry);
      const onEvent = session.report.watch(device.geometry, clock);
      const report = await blankCheck(device, range, { clock, signal: session.signal, onEvent });
      const place = { address: range.address, lengthBytes: range.lengthBytes };
      if (report.blank) return { kind: "done", summary: `blank: ${formatRange(range)}`, fields: place };
      const notBlank = report.notBlank.map(({ address, lengthBytes }) => ({ address, lengthBytes }));
      return {
        kind: "no",
        message: `not blank: ${rangesText(report.notBlank)}`,
        hint: "`norbridge erase` makes it blank.",
        fields: { ...place, notBlank },
      };
    },
  );
}
