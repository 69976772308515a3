/** From the connection options to a bridge alone, and back to a closed port. */
import type { Bridge } from "../bridge/bridge.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { portFromEnvironment } from "./connections/connect-device.ts";
import { portWire } from "./connections/port-connection.ts";
import { openReplay } from "./connections/replay-connection.ts";
import { simWire } from "./connections/sim-connection.ts";
import { bridgeOn, type Wire } from "./connections/wire.ts";
import { recording } from "./recording-file.ts";
import type { RunHost } from "./run-host.ts";

/**
 * Opens the bridge alone, whatever chip is on it or none, and closes it on every way out. `job` hears how long opening
 * took, microseconds. Throws PORT_*, BRIDGE_*.
 */
export async function withBridge<T>(
  host: RunHost,
  request: ConnectionRequest,
  job: (bridge: Bridge, clock: Clock, openedUs: number) => Promise<T>,
): Promise<T> {
  const spec = request.port ?? portFromEnvironment(host.env["NORBRIDGE_PORT"]);
  if (spec?.kind === "image") {
    throw new NorbridgeError("USAGE", "an image file has no bridge", { operation: "connect" });
  }
  const { openBridge } = await import("../bridge/open-bridge.ts");
  const onWire = (wire: Wire): Promise<T> =>
    wire.run(async () => {
      const { clock } = wire;
      host.report.waitsFor("the bridge");
      const startUs = clock.nowUs();
      const bridge = await bridgeOn(wire, host, request, { staySlow: false }, openBridge);
      try {
        return await job(bridge, clock, clock.nowUs() - startUs);
      } finally {
        await bridge.close();
      }
    });
  if (spec?.kind === "replay") {
    await recording(host, request);
    const replayed = await openReplay(host, spec);
    if (replayed.level === "bytes") return onWire(replayed.wire);
    return replayed.run(() => job(replayed.bridge, host.clock, 0));
  }
  if (spec?.kind === "sim") {
    const wire = await simWire(host, spec, request);
    try {
      return await onWire(wire);
    } finally {
      wire.simulation.release();
    }
  }
  const wire = await portWire(host, spec, request);
  host.leaving = () => wire.duplex.close();
  try {
    return await onWire(wire);
  } finally {
    host.leaving = undefined;
  }
}
