/** `norbridge blank-check`: is the chip, or a range of it, erased. */
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { formatRange } from "../../bytes.ts";
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import { blankCheck } from "../../jobs/blank-check.ts";
import type { Outcome } from "../program/outcome.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { placeOf, prepareRanges } from "./layout-regions.ts";
import { rangesText } from "./verify.ts";

export interface BlankCheckRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip, or `regions`. */
  readonly range: ByteRange | undefined;
  readonly regions: RegionRequest | undefined;
}

export async function blankCheckAction(request: BlankCheckRequest, session: Session): Promise<Outcome> {
  const rangesOn = await prepareRanges(
    request.regions,
    session,
    "blank check",
    (geometry) => request.range ?? wholeChip(geometry),
  );
  return withDevice(
    session,
    request.connection,
    { willChange: false, mayReconnect: true },
    async ({ device, clock }) => {
      const ranges = await rangesOn(device);
      const onEvent = session.report.watch(device.geometry, clock);
      const found: ByteRange[] = [];
      for (const range of ranges) {
        const { notBlank } = await blankCheck(device, range, { clock, signal: session.signal, onEvent });
        found.push(...notBlank);
      }
      const places = request.regions === undefined ? {} : { ranges: ranges.map(placeOf) };
      const fields = { address: ranges[0].address, lengthBytes: totalBytes(ranges), ...places };
      if (found.length === 0) return { kind: "done", summary: `blank: ${ranges.map(formatRange).join(", ")}`, fields };
      return {
        kind: "no",
        message: `not blank: ${rangesText(found)}`,
        hint: "`norbridge erase` makes it blank.",
        fields: { ...fields, notBlank: found.map(placeOf) },
      };
    },
  );
}
