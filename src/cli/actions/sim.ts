/** `norbridge sim`: a simulated bridge and chip on TCP, until Ctrl-C. */
import { printable } from "../../bytes.ts";
import { MAX_VIOLATIONS } from "../../sim/most-violations.ts";
import { parseSimParameters } from "../../sim/sim-parameters.ts";
import { serveSimulation } from "../../sim/sim-server.ts";
import type { Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { whenAborted } from "../../runner/when-aborted.ts";
import type { Session } from "../program/session.ts";

export interface SimRequest {
  readonly chip: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly listen: { readonly host: string; readonly port: number };
  /** How long a client may be silent before another one replaces it, microseconds; undefined: the server's default. */
  readonly idleUs: number | undefined;
  readonly isRealtime: boolean;
}

export async function sim(request: SimRequest, session: Session): Promise<Outcome> {
  const server = await serveSimulation({
    params: parseSimParameters(request.chip, request.settings),
    host: request.listen.host,
    port: request.listen.port,
    realtime: request.isRealtime,
    clock: session.io.clock,
    idleUs: request.idleUs,
    note: (message) => session.report.note(message),
  });
  session.leaving = () => server.close();
  session.report.waitsFor(undefined);
  const { host, port } = server.address;
  const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  session.report.record("listening", { host, port });
  if (!isLoopback(host)) {
    session.report.warn(`${printable(host)} is reachable from other machines: any client can read and change the chip`);
  }
  session.report.announce(`listening on ${printable(place)}`);
  try {
    await Promise.race([server.closed, whenAborted(session.signal)]);
  } finally {
    await server.close();
    session.leaving = undefined;
  }
  const broken = brokenRules(server.simulation.violations);
  const words = Object.entries(broken).map(([rule, times]) => `${rule} (${count(times, "time")})`);
  const more = server.simulation.violations.length >= MAX_VIOLATIONS ? ", and more that were not counted" : "";
  if (words.length > 0)
    session.report.warn(`the simulated chip and bridge saw broken rules: ${words.join(", ")}${more}`);
  return { kind: "done", fields: { host, port, brokenRules: broken } };
}

function isLoopback(host: string): boolean {
  return host === "::1" || host === "localhost" || host.startsWith("127.") || host.startsWith("::ffff:127.");
}

/** How often the clients broke each rule. */
function brokenRules(violations: readonly { readonly rule: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of violations) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}
