/** The checks of `norbridge doctor`, for programs. */
import type { Advice } from "../advice.ts";
import type { ProtocolChoice } from "../bridge/open-bridge.ts";
import {
  checkCallback,
  checkChoice,
  checkFlag,
  checkMethods,
  checkObject,
  checkSignal,
  checkText,
  checkWhole,
  ifGiven,
} from "../checks.ts";
import { diagnose, type Finding } from "../doctor/finding.ts";
import { NorbridgeError } from "../errors.ts";
import { connectionWords } from "../runner/connection-request.ts";
import { examine } from "../runner/examine.ts";
import type { ChainAdvice } from "../runner/examine-bridge.ts";
import { whenAborted } from "../runner/when-aborted.ts";
import { parsePortSpec } from "../transport/port-spec.ts";
import { LibraryHost } from "./library-host.ts";
import type { HostOptions } from "./program-host.ts";

/** How to reach the bridge that is examined. All of it may be left out. */
export interface DoctorOptions extends HostOptions {
  /** Protocol of the bridge; default "auto": the native one first, then serprog. */
  readonly protocol?: ProtocolChoice | undefined;
  /** Line rate of a serial port, baud, 1 or more; default: 115,200, and faster if the bridge offers it. */
  readonly baudRate?: number | undefined;
  /** Whether the link to a serprog board is checked all the way to the bridge; default: as the port reports. */
  readonly isChecked?: boolean | undefined;
  /** Aborts the checks, by ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

/** What the doctor found. */
export interface DoctorReport {
  /** In the order of the checks: machine, port, bridge, wires, chip. */
  readonly findings: readonly Finding[];
  /** What to repair first, a sentence without a full stop; undefined if nothing is wrong. */
  readonly cause: string | undefined;
  /** What to do about the cause; undefined if nothing is wrong. */
  readonly fix: Advice | undefined;
  /** What is known of board and chip, an SPI clock that works, and how long the chip takes. */
  readonly advice: ChainAdvice;
}

const OPERATION = "doctor";

/**
 * Examines machine, port, bridge, wires and chip in at most ten seconds, and returns what is wrong. A port that cannot be opened
 * or a chip that does not respond is a finding, not an error. Writes nothing to the chip.
 *
 * @param port as for `openChip`; an image file has no bridge, and is refused.
 * @throws NorbridgeError USAGE for a port of no known form or an image file; EINVAL or ERANGE for an option; ECANCELED.
 */
export async function runDoctor(port?: string, options: DoctorOptions = {}): Promise<DoctorReport> {
  checkOptions(options);
  const spec = port === undefined ? undefined : parsePortSpec(checkText(port, "port", OPERATION));
  const host = new LibraryHost(options);
  host.signal = options.signal ?? host.signal;
  const { protocol, baudRate, isChecked } = options;
  const given = { protocol, baudRate, isChecked, spiClockHz: undefined, chip: undefined, chipFile: undefined };
  const request = {
    ...given,
    port: spec,
    words: connectionWords({ ...given, port }),
    protocol: protocol ?? ("auto" as const),
    chipSizeBytes: undefined,
    care: undefined,
    unprotect: false,
    recordFile: undefined,
  };
  const examining = examine(request, host);
  const examined = await Promise.race([examining, whenAborted(host.signal)]);
  if (examined === "aborted") {
    examining.catch(() => undefined);
    await host.leave().catch(() => undefined);
    const cause: unknown = host.signal.reason;
    throw new NorbridgeError("ECANCELED", `${OPERATION}: cancelled`, { operation: OPERATION, cause });
  }
  const { findings, advice } = examined;
  const diagnosis = diagnose(findings);
  return { findings, cause: diagnosis?.cause, fix: diagnosis?.fix, advice };
}

function checkOptions(options: DoctorOptions): void {
  checkObject(options, "options", OPERATION);
  const { protocol, baudRate, isChecked, signal, onNote, clock, random } = options;
  ifGiven(protocol, (value) => checkChoice(value, "protocol", OPERATION, ["auto", "native", "serprog"]));
  ifGiven(baudRate, (value) => checkWhole(value, "baudRate", OPERATION, 1));
  ifGiven(isChecked, (value) => checkFlag(value, "isChecked", OPERATION));
  checkSignal(signal, "signal", OPERATION);
  checkCallback(onNote, "onNote", OPERATION);
  checkCallback(random, "random", OPERATION);
  ifGiven(clock, (value) => checkMethods(value, "clock", OPERATION, ["nowUs", "wait"]));
}
