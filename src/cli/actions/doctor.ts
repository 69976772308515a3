/** `norbridge doctor`: what is wrong with the way to the chip, and what to do about it. Writes nothing to the chip. */
import { advice } from "../../advice.ts";
import { formatSize, printable } from "../../bytes.ts";
import type { Bridge } from "../../bridge/bridge.ts";
import { type Clock, withDeadline } from "../../clock.ts";
import { diagnose, type Finding } from "../../doctor/finding.ts";
import { checkHost } from "../../doctor/host-checks.ts";
import { udevRule } from "../../doctor/udev-rule.ts";
import { checkClocks, checkLengths, measureRate, soundClockHz } from "../../doctor/wire-checks.ts";
import { NorbridgeError } from "../../errors.ts";
import { openFlash } from "../../flash/open-flash.ts";
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import { machineNames } from "../../platform.ts";
import { usbDeviceOf } from "../../transport/usb-identity.ts";
import { withBridge } from "../../runner/with-bridge.ts";
import { portFromEnvironment } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { JsonFields, Outcome } from "../outcome.ts";
import { formatClock, formatSeconds } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import { packageVersion } from "../package-version.ts";
import { hintText } from "../remedy-text.ts";
import type { Session } from "../session.ts";
import { replaceFile } from "../../disk/replace-file.ts";

export interface DoctorRequest {
  readonly connection: ConnectionRequest;
  readonly reportFile: string | undefined;
}

/** All of it together; what does not answer by then is what is wrong. */
const TOTAL_US = 10_000_000;
/** Up to here an error is about what was typed, or about a replay. */
const USAGE_EXIT = 2;
/** A board that takes longer to answer has restarted when its port was opened. */
const RESTART_US = 1_000_000;

/** What is known of the way to the chip at the end. */
interface Advice {
  readonly board?: string;
  readonly protocol?: string;
  readonly chip?: string;
  readonly spiClockHz?: number;
  readonly readSeconds?: number;
  readonly writeSeconds?: number;
}

/** Prints the rule for the port that is named, or for the boards of norbridge's own firmware. Throws USAGE if this is no Linux. */
export async function printUdevRule(connection: ConnectionRequest, session: Session): Promise<Outcome> {
  if (session.io.platform !== "linux") {
    throw new NorbridgeError("USAGE", "udev rules are for Linux; this system needs none", {
      operation: "print the udev rule",
      hint: "`norbridge doctor` shows what is wrong with the port here.",
    });
  }
  const { port } = connection;
  const found = port?.kind === "serial" ? await usbDeviceOf(port.path) : undefined;
  const named = port?.kind === "usb" ? { identity: `${port.vendorId}:${port.productId}` } : found;
  const rule = udevRule(named === undefined ? [] : [named]);
  session.report.text(rule);
  return { kind: "done", fields: { rule } };
}

export async function doctor(request: DoctorRequest, session: Session): Promise<Outcome> {
  const { connection } = request;
  const findings: Finding[] = [];
  const path = serialPathOf(connection, session);
  if (path !== undefined) findings.push(...(await checkHost(path)));
  let advice: Advice = {};
  if (!findings.some(({ state }) => state === "fault")) {
    advice = await overBridge(connection, session, findings);
  }
  const diagnosis = diagnose(findings);
  const rows = findings.map(({ check, state, evidence }) => [MARKS[state], check, evidence].map(printable));
  session.report.text(alignedRows([...rows, ...adviceRows(advice)]));
  const fields = { findings: findings.map(fieldsOf), advice: { ...advice } };
  if (request.reportFile !== undefined) saveReport(request.reportFile, fields, session);
  if (diagnosis === undefined) return { kind: "done", summary: "nothing is wrong", fields: { ...fields, cause: null } };
  return {
    kind: "no",
    message: printable(`${diagnosis.cause} (${diagnosis.evidence})`),
    hint: printable(hintText(diagnosis.fix)),
    fields: { ...fields, ...diagnosis, fix: hintText(diagnosis.fix) },
  };
}

/** As JSON shows it: the fix is a text with the options and commands of this program. */
function fieldsOf({ fix, ...finding }: Finding): JsonFields {
  return fix === undefined ? finding : { ...finding, fix: hintText(fix) };
}

const MARKS = { ok: "ok", warning: "warn", fault: "WRONG", skipped: "-" } as const;

function serialPathOf({ port }: ConnectionRequest, session: Session): string | undefined {
  if (port?.kind === "serial") return port.path;
  const named = port === undefined ? portFromEnvironment(session.io.env["NORBRIDGE_PORT"]) : undefined;
  return named?.kind === "serial" ? named.path : undefined;
}

/** Opens the bridge, and looks at it and at the chip; what cannot be opened is a finding like any other. */
async function overBridge(connection: ConnectionRequest, session: Session, findings: Finding[]): Promise<Advice> {
  const { clock } = session.io;
  const startUs = clock.nowUs();
  try {
    const work = withBridge(session, connection, (bridge, bridgeClock, openedUs) =>
      overOpenBridge(bridge, bridgeClock, openedUs, findings),
    );
    const advice = await withDeadline(clock, work, TOTAL_US - (clock.nowUs() - startUs));
    if (advice !== "late") return advice;
    await session.leave().catch(() => undefined);
    findings.push(silence("nothing came to an end within 10 s"));
  } catch (error) {
    // A wrong option is no fault of the hardware.
    const isOurs = error instanceof NorbridgeError && error.exitCode > USAGE_EXIT;
    if (!isOurs || session.signal.aborted) throw error;
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
    cause: "the bridge does not answer",
    fix: advice("Unplug it, plug it in and try again; check which firmware it runs."),
  };
}

function checkOf({ code }: NorbridgeError): string {
  return code.startsWith("PORT_") ? "port" : code.startsWith("CHIP_") ? "chip" : "bridge";
}

function causeOf({ code }: NorbridgeError): string {
  const known: Partial<Record<string, string>> = {
    PORT_NOT_FOUND: "the port is not there",
    PORT_AMBIGUOUS: "several ports could be meant",
    PORT_DENIED: "this user may not open the port",
    PORT_BUSY: "another program has the port open",
    BRIDGE_SILENT: "the bridge does not answer",
    BRIDGE_PROTOCOL: "what answers is not a bridge, or its answers are damaged",
    BRIDGE_VERSION: "bridge and norbridge share no protocol version",
    BRIDGE_RESET: "the bridge restarts by itself",
    CHIP_MISSING: "no chip answers",
    CHIP_UNKNOWN: "the chip is not known",
    CHIP_AMBIGUOUS: "several chips could be meant",
  };
  return known[code] ?? "the way to the chip does not work";
}

async function overOpenBridge(bridge: Bridge, clock: Clock, openedUs: number, findings: Finding[]): Promise<Advice> {
  const { info } = bridge;
  const board = `${info.boardName} ${info.firmwareVersion}`.trim();
  const protocol = `${info.protocol} ${info.protocolVersion}`;
  const limits = `buffer ${formatSize(info.bufferBytes)}, up to ${formatSize(info.maxReceiveBytes)} an answer`;
  findings.push({ check: "bridge", state: "ok", evidence: `${board}, ${protocol}, ${limits}` });
  if (openedUs > RESTART_US) {
    const evidence = `it took ${formatSeconds(openedUs)} to answer: the board restarts when its port is opened`;
    findings.push({ check: "restart", state: "ok", evidence });
  }
  const { findings: clocks, trials } = await checkClocks(bridge, clock);
  findings.push(...clocks);
  const advice: Advice = { board, protocol };
  if (clocks.some(({ state }) => state === "fault")) return advice;
  findings.push(await checkLengths(bridge, clock));
  const isLimited = trials.some(({ wrong }) => wrong > 0);
  const spiClockHz = isLimited ? soundClockHz(trials) : undefined;
  const device = await openFlash(bridge, spiClockHz === undefined ? {} : { spiClockHz });
  findings.push({ check: "chip", state: "ok", evidence: `${device.identity.vendor} ${device.identity.name}`.trim() });
  const rate = await measureRate(bridge, clock);
  const { capacityBytes } = device.geometry;
  const readSeconds = capacityBytes / rate;
  return {
    ...advice,
    chip: device.identity.name,
    ...(device.spiClockHz === 0 ? {} : { spiClockHz: device.spiClockHz }),
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

function adviceRows({ spiClockHz, readSeconds, writeSeconds, chip }: Advice): string[][] {
  if (readSeconds === undefined || writeSeconds === undefined || chip === undefined) return [];
  const clock =
    spiClockHz === undefined ? "the bridge's own SPI clock" : `--spi-clock ${formatClock(spiClockHz).replace(" ", "")}`;
  const times = `all of it read in about ${formatSeconds(readSeconds * 1e6)}, written anew in about ${formatSeconds(writeSeconds * 1e6)}`;
  return [["", "advice", `${clock}; ${times}`]];
}

/** One file for a bug report: what was found, and what program and machine found it. No paths, no names of users. */
function saveReport(path: string, fields: JsonFields, session: Session): void {
  const bundle = {
    ...{ v: 1, type: "doctor-report", norbridge: packageVersion() },
    machine: machineNames(),
    ...fields,
  };
  replaceFile(path, new TextEncoder().encode(`${JSON.stringify(bundle, undefined, 2)}\n`));
  session.report.note(`the report is in ${printable(path)}`);
}
