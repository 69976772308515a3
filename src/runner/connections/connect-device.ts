/** What a port stands for, where programs run in Node.js: a serial port, TCP, the simulator, a dump or a recording. */
import { parsePortSpec, type PortSpec } from "../../transport/port-spec.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { RunHost } from "../run-host.ts";
import type { Connection } from "./connection.ts";
import { connectImage } from "./image-connection.ts";
import { connectPort } from "./port-connection.ts";
import { connectReplay } from "./replay-connection.ts";
import { connectSimulation } from "./sim-connection.ts";

/** Opens what --port, NORBRIDGE_PORT or the one bridge that is plugged in stands for. */
export async function connectDevice(
  host: RunHost,
  request: ConnectionRequest,
  options: { readonly willChange: boolean },
): Promise<Connection> {
  const spec = request.port ?? portFromEnvironment(host.env["NORBRIDGE_PORT"]);
  if (spec?.kind === "sim") return connectSimulation(host, spec, request);
  if (spec?.kind === "image") return connectImage(host, spec, request, options);
  if (spec?.kind === "replay") return connectReplay(host, spec, request);
  return connectPort(host, spec, request);
}

/** What NORBRIDGE_PORT says; undefined if it says nothing. Throws USAGE. */
export function portFromEnvironment(text: string | undefined): PortSpec | undefined {
  return text === undefined || text === "" ? undefined : parsePortSpec(text);
}
