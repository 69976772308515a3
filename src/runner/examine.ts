/** Looks at the whole way to a chip, from the machine's files over bridge and wires. Writes nothing to the chip. */
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { formatSize } from "../bytes.ts";
import { type Clock, withDeadline } from "../clock.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkHost } from "../doctor/host-checks.ts";
import { checkClocks, checkLengths, measureRate, soundClockHz } from "../doctor/wire-checks.ts";
import { NorbridgeError } from "../errors.ts";
import type { ChipState } from "../flash/leave-states.ts";
import { listeningChip } from "../flash/listening-chip.ts";
import { openFlash } from "../flash/open-flash.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { formatSeconds } from "./quantities.ts";
import type { RunHost } from "./run-host.ts";
import { withBridge } from "./with-bridge.ts";
import { portFromEnvironment } from "./with-chip.ts";

/** All of it together; what does not answer by then is what is wrong. */
const TOTAL_US = 10_000_000;
/** Up to here an error is about what was typed, or about a replay. */
const USAGE_EXIT = 2;
/** A board that takes longer to answer has restarted when its port was opened. */
const RESTART_US = 1_000_000;

/** What is known of the way to the chip at the end. What is missing could not be found out. */
export interface ChainAdvice {
  /** Name and firmware version of the board. */
  readonly board?: string | undefined;
  /** Protocol and its version. */
  readonly protocol?: string | undefined;
  /** Name of the chip. */
  readonly chip?: string | undefined;
  /** SPI clock that works, Hz. */
  readonly spiClockHz?: number | undefined;
  /** Estimate for reading the whole chip, seconds. */
  readonly readSeconds?: number | undefined;
  /** Estimate for writing the whole chip, seconds. */
  readonly writeSeconds?: number | undefined;
}

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
      overOpenBridge(bridge, bridgeClock, openedUs, findings),
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

/** Nothing waits here for the end of a long erase: that the chip is busy is what there is to say. */
const BUSY_LIMIT_MS = 2_000;

function stateFinding({ text, remains }: ChipState): Finding {
  const fix = remains
    ? "Lift the protection of the chip before a write."
    : "norbridge has ended it. If it comes back, hold the processor of the target in reset: its firmware uses the chip.";
  return {
    ...{ check: "state", state: "warning", evidence: text },
    cause: "the chip was left in a state in which it ignores commands or takes them otherwise",
    fix: advice(fix),
  };
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

async function overOpenBridge(
  bridge: Bridge,
  clock: Clock,
  openedUs: number,
  findings: Finding[],
): Promise<ChainAdvice> {
  const { info } = bridge;
  const board = `${info.boardName} ${info.firmwareVersion}`.trim();
  const protocol = `${info.protocol} ${info.protocolVersion}`;
  const limits = `buffer ${formatSize(info.bufferBytes)}, up to ${formatSize(info.maxReceiveBytes)} per response`;
  findings.push({ check: "bridge", state: "ok", evidence: `${board}, ${protocol}, ${limits}` });
  if (openedUs > RESTART_US) {
    const evidence = `it took ${formatSeconds(openedUs)} to respond: the board restarts when its port is opened`;
    findings.push({ check: "restart", state: "ok", evidence });
  }
  const early = await listeningChip(bridge, { limitMs: BUSY_LIMIT_MS });
  const { findings: clocks, trials } = await checkClocks(bridge, clock);
  findings.push(...clocks);
  const advice: ChainAdvice = { board, protocol };
  if (clocks.some(({ state }) => state === "fault")) return advice;
  findings.push(await checkLengths(bridge, clock));
  const isLimited = trials.some(({ wrong }) => wrong > 0);
  const spiClockHz = isLimited ? soundClockHz(trials) : undefined;
  const device = await openFlash(bridge, {
    busyLimitMs: BUSY_LIMIT_MS,
    spiClockHz,
  });
  findings.push(...[...early.states, ...device.states].map(stateFinding));
  findings.push({ check: "chip", state: "ok", evidence: `${device.identity.vendor} ${device.identity.name}`.trim() });
  const rate = await measureRate(bridge, clock);
  const { capacityBytes } = device.geometry;
  const readSeconds = capacityBytes / rate;
  return {
    ...advice,
    chip: device.identity.name,
    spiClockHz: device.spiClockHz === 0 ? undefined : device.spiClockHz,
    readSeconds,
    writeSeconds: Math.max(readSeconds, chipSeconds(device.geometry)),
  };
}

/** Programming every page and erasing every block, by typical times. */
function chipSeconds({ capacityBytes, pageBytes, programTypicalUs, eraseUnits }: FlashGeometry): number {
  const programUs = (capacityBytes / pageBytes) * programTypicalUs;
  const eraseUs = Math.min(
    ...eraseUnits.map(({ regions }) => regions.reduce((sum, { count, typicalUs }) => sum + count * typicalUs, 0)),
  );
  return (programUs + eraseUs) / 1e6;
}
