/** `norbridge dump`: the chip as a hex dump, while it is read. */
import { toHex } from "../../bytes.ts";
import { readFlash } from "../../jobs/read-flash.ts";
import { chipRange } from "../chip-range.ts";
import type { Outcome } from "../outcome.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { HexDump } from "../output/hex-dump.ts";
import type { Session } from "../session.ts";

export interface DumpRequest {
  readonly connection: ConnectionRequest;
  readonly offset: number;
  readonly lengthBytes: number | undefined;
}

export async function dump(request: DumpRequest, session: Session): Promise<Outcome> {
  session.endWithStdout();
  const { report } = session;
  return withDevice(session, request.connection, { willChange: false }, async ({ device, clock }) => {
    const range = chipRange(device.geometry, request.offset, request.lengthBytes, "dump");
    const rows = new HexDump(range.address);
    const done = await readFlash(
      device,
      range,
      async (address, data) => {
        report.text(rows.add(data));
        report.record("data", { address, lengthBytes: data.length, data: toHex(data) });
        // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
        if (clock === session.io.clock) await report.room(session.signal);
        // Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between.
        await clock.wait(0);
      },
      { clock, signal: session.signal },
      { fast: request.connection.care === "fast" },
    );
    report.text(rows.end());
    return {
      kind: "done",
      fields: { address: range.address, lengthBytes: range.lengthBytes, readBytes: done.readBytes },
    };
  });
}
