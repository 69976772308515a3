/** Looks at the whole way to a chip, from the machine's files over bridge and wires. Writes nothing to the chip. */
import { advice } from "../advice.ts";
import { withDeadline } from "../clock.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkHost } from "../doctor/host-checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { type ChainAdvice, examineBridge } from "./examine-bridge.ts";
import type { RunHost } from "./run-host.ts";
import { withBridge } from "./with-bridge.ts";
import { portFromEnvironment } from "./connections/connect-device.ts";

/** All of it together; what does not answer by then is what is wrong. */
const TOTAL_US = 10_000_000;
/** Up to here an error is about what was typed, or about a replay. */
const USAGE_EXIT = 2;
/** Who looks, and how the port is released in a hurry. */
export type ExaminingHost = RunHost & { leave(): Promise<void> };

/**
 * What was found, in the order of the checks, and what follows from it. Throws what is not a fault of the hardware:
 * USAGE, EINVAL.
 */
export async function examine(
  connection: ConnectionRequest,
  host: ExaminingHost,
): Promise<{ readonly findings: readonly Finding[]; readonly advice: ChainAdvice }> {
  const findings: Finding[] = [];
  const path = serialPathOf(connection, host);
  if (path !== undefined) findings.push(...(await checkHost(path)));
  if (findings.some(({ state }) => state === "fault")) return { findings, advice: {} };
  return { findings, advice: await overBridge(connection, host, findings) };
}

function serialPathOf({ port }: ConnectionRequest, { env }: RunHost): string | undefined {
  if (port?.kind === "serial") return port.path;
  const named = port === undefined ? portFromEnvironment(env["NORBRIDGE_PORT"]) : undefined;
  return named?.kind === "serial" ? named.path : undefined;
}

/** Opens the bridge, and looks at it and at the chip; what cannot be opened is a finding like any other. */
async function overBridge(
  connection: ConnectionRequest,
  host: ExaminingHost,
  findings: Finding[],
): Promise<ChainAdvice> {
  const { clock } = host;
  const startUs = clock.nowUs();
  try {
    const work = withBridge(host, connection, (bridge, bridgeClock, openedUs) =>
      examineBridge(bridge, bridgeClock, openedUs, findings),
    );
    const advice = await withDeadline(clock, work, TOTAL_US - (clock.nowUs() - startUs));
    if (advice !== "late") return advice;
    await host.leave().catch(() => undefined);
    findings.push(silence("no result within 10 s"));
  } catch (error) {
    // A wrong option is not a fault of the hardware.
    const isOurs = error instanceof NorbridgeError && error.exitCode > USAGE_EXIT;
    if (!isOurs || host.signal.aborted) throw error;
    findings.push({
      ...{ check: checkOf(error), state: "fault", evidence: error.message },
      cause: causeOf(error),
      fix: error.advice,
    });
  }
  return {};
}

function silence(evidence: string): Finding {
  return {
    ...{ check: "bridge", state: "fault", evidence },
    cause: "the bridge does not respond",
    fix: advice("Unplug it, plug it in and try again; check which firmware it runs."),
  };
}

function checkOf({ code }: NorbridgeError): string {
  if (code === "EBUSY") return "chip";
  return code.startsWith("PORT_") ? "port" : code.startsWith("CHIP_") ? "chip" : "bridge";
}

function causeOf({ code }: NorbridgeError): string {
  const known: Partial<Record<string, string>> = {
    PORT_NOT_FOUND: "the port does not exist",
    PORT_AMBIGUOUS: "several ports match",
    PORT_DENIED: "this user may not open the port",
    PORT_BUSY: "another program has the port open",
    PORT_FAILED: "the port does not work",
    BRIDGE_SILENT: "the bridge does not respond",
    BRIDGE_PROTOCOL: "the device is not a bridge, or its responses are damaged",
    BRIDGE_VERSION: "bridge and norbridge share no protocol version",
    BRIDGE_RESET: "the bridge restarts by itself",
    EBUSY: "the chip is busy or in a state that it does not leave",
    CHIP_MISSING: "no chip responds",
    CHIP_UNKNOWN: "the chip is unknown",
    CHIP_AMBIGUOUS: "several parts match",
  };
  return known[code] ?? "the connection to the chip does not work";
}
