/** `norbridge dump`: the chip as a hex dump, while it is read. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { toHex } from "../../bytes.ts";
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import { readFlash } from "../../jobs/read-flash.ts";
import { chipRange } from "./chip-range.ts";
import type { Outcome } from "../program/outcome.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { HexDump } from "../output/hex-dump.ts";
import type { RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { placeOf, prepareRanges } from "./layout-regions.ts";

export interface DumpRequest {
  readonly connection: ConnectionRequest;
  readonly offset: number;
  readonly lengthBytes: number | undefined;
  /** Instead of `offset` and `lengthBytes`. */
  readonly regions: RegionRequest | undefined;
}

export async function dump(request: DumpRequest, session: Session): Promise<Outcome> {
  session.endWithStdout();
  const { offset, lengthBytes, regions } = request;
  const rangesOn = await prepareRanges(regions, session, "dump", (geometry) =>
    chipRange(geometry, offset, lengthBytes, "dump"),
  );
  return withDevice(session, request.connection, { willChange: false }, async (connected) => {
    const ranges = await rangesOn(connected.device);
    let readBytes = 0;
    for (const range of ranges) readBytes += await dumpRange(range, request, connected, session);
    const [{ address }] = ranges;
    const places = regions === undefined ? {} : { ranges: ranges.map(placeOf) };
    return { kind: "done", fields: { address, lengthBytes: totalBytes(ranges), readBytes, ...places } };
  });
}

/** Prints a range; returns how many bytes were read. */
async function dumpRange(
  range: ByteRange,
  { connection }: DumpRequest,
  { device, clock }: Connected,
  { report, signal, io }: Session,
): Promise<number> {
  const rows = new HexDump(range.address);
  const { readBytes } = await readFlash(
    device,
    range,
    async (address, data) => {
      report.text(rows.add(data));
      report.record("data", { address, lengthBytes: data.length, data: toHex(data) });
      // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
      if (clock === io.clock) await report.room(signal);
      // Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between.
      await clock.wait(0);
    },
    { clock, signal },
    { fast: connection.care === "fast" },
  );
  report.text(rows.end());
  return readBytes;
}
