/** `norbridge doctor`: finds faults of port, bridge and wiring, and what to do about them. Writes nothing to the chip. */
import { printable } from "../../bytes.ts";
import { diagnose, type Finding } from "../../doctor/finding.ts";
import { udevRule } from "../../doctor/udev-rule.ts";
import { NorbridgeError } from "../../errors.ts";
import { machineNames } from "../../platform.ts";
import { usbDeviceOf } from "../../transport/usb-identity.ts";
import { examine } from "../../runner/examine.ts";
import type { ChainAdvice } from "../../runner/examine-bridge.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { formatClock, formatSeconds } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import { packageVersion } from "../program/package-version.ts";
import { hintText } from "../output/remedy-text.ts";
import type { Session } from "../program/session.ts";
import { replaceFile } from "../../disk/replace-file.ts";

export interface DoctorRequest {
  readonly connection: ConnectionRequest;
  readonly reportFile: string | undefined;
}

/** Prints the rule for the specified port, or for boards with norbridge firmware. Throws USAGE on other systems than Linux. */
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
  const { findings, advice } = await examine(connection, session);
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

function adviceRows({ spiClockHz, readSeconds, writeSeconds, chip }: ChainAdvice): string[][] {
  if (readSeconds === undefined || writeSeconds === undefined || chip === undefined) return [];
  const clock =
    spiClockHz === undefined ? "the bridge's own SPI clock" : `--spi-clock ${formatClock(spiClockHz).replace(" ", "")}`;
  const times = `a full read takes about ${formatSeconds(readSeconds * 1e6)}, a full write about ${formatSeconds(writeSeconds * 1e6)}`;
  return [["", "advice", `${clock}; ${times}`]];
}

/** One file for a bug report: the findings, program version and system. No paths, no names of users. */
function saveReport(path: string, fields: JsonFields, session: Session): void {
  const bundle = {
    v: 1,
    type: "doctor-report",
    norbridge: packageVersion(),
    machine: machineNames(),
    ...fields,
  };
  replaceFile(path, new TextEncoder().encode(`${JSON.stringify(bundle, undefined, 2)}\n`));
  session.report.note(`the report is in ${printable(path)}`);
}
