/** From the connection options to a bridge alone, and back to a closed port. */
import type { Bridge } from "../bridge/bridge.ts";
import type { Clock } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { PortSpec } from "../transport/port-spec.ts";
import { bridgeOptionsOf, type ConnectionRequest } from "./connection-request.ts";
import { partedError } from "./connections/replay-connection.ts";
import { recording } from "./recording-file.ts";
import type { RunHost } from "./run-host.ts";
import { portFromEnvironment } from "./connections/connect-device.ts";

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
  const { protocol } = request;
  const onDuplex = async (duplex: ByteDuplex, clock: Clock, random: () => number): Promise<T> => {
    host.report.waitsFor("the bridge");
    const startUs = clock.nowUs();
    const opening = await openBridge(duplex, { ...bridgeOptionsOf(request), clock, random });
    const bridge = host.recorder?.wrapBridge(opening) ?? opening;
    try {
      return await job(bridge, clock, clock.nowUs() - startUs);
    } finally {
      await bridge.close();
    }
  };
  const record = await recording(host, request);
  const drawn = (draw: () => number): (() => number) => host.recorder?.random(draw) ?? draw;
  if (spec?.kind === "replay") return overReplay(host, spec, job, onDuplex);
  if (spec?.kind === "sim") {
    const [{ openSimulation }, { parseSimParameters }] = await Promise.all([
      import("../sim/sim-port.ts"),
      import("../sim/sim-parameters.ts"),
    ]);
    const simulation = await openSimulation(parseSimParameters(spec.chip, spec.settings));
    const { clock, duplex } = simulation;
    try {
      return await simulation.run(() => onDuplex(record(duplex, clock), clock, drawn(host.random)));
    } finally {
      simulation.release();
    }
  }
  const { openPort } = await import("../transport/open-port.ts");
  const duplex = await openPort(spec, { isFramed: protocol === "native", baudRate: request.baudRate });
  const { clock, random } = host;
  host.leaving = () => duplex.close();
  try {
    return await onDuplex(record(duplex, clock), clock, drawn(random));
  } finally {
    host.leaving = undefined;
  }
}

/** A recording in place of a port. Throws CHECK_FAILED if the program sends something else than it did then. */
async function overReplay<T>(
  host: RunHost,
  spec: PortSpec & { readonly kind: "replay" },
  job: (bridge: Bridge, clock: Clock, openedUs: number) => Promise<T>,
  onDuplex: (duplex: ByteDuplex, clock: Clock, random: () => number) => Promise<T>,
): Promise<T> {
  const [{ readRecording }, { createReplay }, { replayedBridge }] = await Promise.all([
    import("./read-recording.ts"),
    import("../recording/replay.ts"),
    import("../recording/replayed-bridge.ts"),
  ]);
  const recorded = await readRecording(spec.path, host.signal);
  if (spec.level === "steps") return job(replayedBridge(recorded), host.clock, 0);
  const replay = createReplay(recorded);
  try {
    return await replay.clock.run(() => onDuplex(replay.open(), replay.clock, () => replay.random()));
  } catch (error) {
    throw partedError(replay.divergence, error) ?? error;
  }
}
