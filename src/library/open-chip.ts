/** From a port, as a person types it, to a chip that a program can use. */
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
  notValid,
} from "../checks.ts";
import { NorbridgeError } from "../errors.ts";
import { type ConnectionRequest, connectionWords } from "../runner/connection-request.ts";
import type { JournalRequest } from "../runner/journal-request.ts";
import { ChipLink } from "../runner/with-chip.ts";
import { parsePortSpec, type PortSpec } from "../transport/port-spec.ts";
import { Chip } from "./chip.ts";
import { ChipSession } from "./chip-session.ts";
import { LibraryHost } from "./library-host.ts";
import type { ChipNote, HostOptions } from "./program-host.ts";

/** Whether write and erase keep a journal on the disk, and where. */
export interface JournalOptions {
  /** Folder of the journals; default: the user's folder for state, where `norbridge jobs` looks too. */
  readonly folder?: string | undefined;
  /** Keep what is replaced as well, so that the job can be undone; default false. */
  readonly keepOld?: boolean | undefined;
}

/** How to open a chip. All of it may be left out. */
export interface OpenChipOptions extends HostOptions {
  /** Protocol of the bridge; default "auto": the native one first, then serprog. */
  readonly protocol?: ProtocolChoice | undefined;
  /** Line rate of a serial port, baud, 1 or more; default: 115,200, and faster if the bridge offers it. */
  readonly baudRate?: number | undefined;
  /** SPI clock, Hz, 1 or more; default: the fastest that chip and bridge allow. It is lowered if the wires do not bear it. */
  readonly spiClockHz?: number | undefined;
  /** Name of the part ("AT25SF041"); default: identified by what the chip returns. It must fit that. */
  readonly chip?: string | undefined;
  /** Path of a file that describes a part which the catalogue does not have. Neither `chip` nor `sizeBytes` goes with it. */
  readonly chipFile?: string | undefined;
  /** Size of the chip, bytes, if its SFDP area and the catalogue name two. */
  readonly sizeBytes?: number | undefined;
  /** Read everything twice and compare; default: on an unchecked link. */
  readonly readsTwice?: boolean | undefined;
  /** Whether the link to a serprog board is checked all the way to the bridge; default: as the port reports. */
  readonly isChecked?: boolean | undefined;
  /** Lift the chip's protection before each write and erase, and restore it after it; default false: EROFS if protected. */
  readonly unprotect?: boolean | undefined;
  /** Refuse whatever would change the chip, by EROFS; default false. A dump is then opened for reading only. */
  readonly readOnly?: boolean | undefined;
  /**
   * The journal of write and erase: what a crash needs to continue or to restore. Default: true for a real port, false for a
   * simulated one, a dump and a recording. False: bytes around the written range are lost if the program dies between erase
   * and program.
   */
  readonly journal?: boolean | JournalOptions | undefined;
  /** Path of a new file that everything on the link is recorded in. */
  readonly record?: string | undefined;
  /** Aborts the opening, by ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

const OPEN = "open chip";

/**
 * Opens a chip: port, session with the bridge, and identification. Close it with `close()`, or by `await using`.
 *
 * @param port `/dev/ttyACM0`, `COM7`, `usb:VID:PID[:SERIAL]`, `tcp://HOST:PORT`, `sim:CHIP[?key=value&...]`,
 * `image:FILE[?key=value&...]`, `replay:FILE`, `replay-steps:FILE`; left out: the one bridge that is plugged in.
 * @param options see there; each has a default.
 * @throws NorbridgeError USAGE for a port of no known form; EINVAL or ERANGE for an option; PORT_*, BRIDGE_*, CHIP_* for what
 * cannot be opened; FILE_INVALID for a dump, a recording or a chip file; FILE_EXISTS for a recording that is there already;
 * ECANCELED.
 */
export async function openChip(port?: string, options: OpenChipOptions = {}): Promise<Chip> {
  checkOptions(options);
  const spec = port === undefined ? undefined : parsePortSpec(checkText(port, "port", OPEN));
  const notes: ChipNote[] = [];
  let isOpening = true;
  const host = new LibraryHost({
    ...options,
    onNote(note) {
      if (isOpening) notes.push(note);
      options.onNote?.(note);
    },
  });
  host.signal = options.signal ?? host.signal;
  const request = requestOf(port, spec, options);
  const isReadOnly = options.readOnly === true;
  const link = await ChipLink.open(host, request, { willChange: !isReadOnly });
  const session = new ChipSession(link, host, { request, isReadOnly, journal: journalOf(options.journal) });
  isOpening = false;
  return new Chip(session, notes);
}

function requestOf(port: string | undefined, spec: PortSpec | undefined, options: OpenChipOptions): ConnectionRequest {
  const { protocol, baudRate, spiClockHz, chip, chipFile, sizeBytes, readsTwice, isChecked } = options;
  const care = readsTwice === undefined ? undefined : readsTwice ? "paranoid" : "fast";
  const given = { protocol, baudRate, spiClockHz, chip, chipFile, chipSizeBytes: sizeBytes, care, isChecked } as const;
  return {
    ...given,
    port: spec,
    words: connectionWords({ ...given, port }),
    protocol: protocol ?? "auto",
    unprotect: options.unprotect === true,
    recordFile: options.record,
  };
}

function journalOf(journal: OpenChipOptions["journal"]): JournalRequest {
  const { folder, keepOld } = typeof journal === "object" ? journal : {};
  return { folder, isOff: journal === false, keepsOld: keepOld === true };
}

function checkOptions(options: OpenChipOptions): void {
  checkObject(options, "options", OPEN);
  const { chip, chipFile, sizeBytes, onNote, clock, random } = options;
  for (const name of ["baudRate", "spiClockHz", "sizeBytes"] as const) {
    ifGiven(options[name], (value) => checkWhole(value, name, OPEN, 1));
  }
  for (const name of ["chip", "chipFile", "record"] as const) {
    ifGiven(options[name], (value) => checkText(value, name, OPEN, 1));
  }
  for (const name of ["readsTwice", "isChecked", "unprotect", "readOnly"] as const) {
    ifGiven(options[name], (value) => checkFlag(value, name, OPEN));
  }
  ifGiven(options.protocol, (value) => checkChoice(value, "protocol", OPEN, ["auto", "native", "serprog"]));
  checkCallback(onNote, "onNote", OPEN);
  checkCallback(random, "random", OPEN);
  ifGiven(clock, (value) => checkMethods(value, "clock", OPEN, ["nowUs", "wait"]));
  checkSignal(options.signal, "signal", OPEN);
  checkJournal(options.journal);
  if (chipFile !== undefined && (chip !== undefined || sizeBytes !== undefined)) {
    throw new NorbridgeError("EINVAL", `${OPEN}: chipFile cannot be used with chip or sizeBytes`, { operation: OPEN });
  }
}

function checkJournal(journal: unknown): void {
  if (journal === undefined || typeof journal === "boolean") return;
  if (typeof journal !== "object") throw notValid(OPEN, "journal", "true, false or an object", journal);
  const { folder, keepOld } = checkObject(journal, "journal", OPEN);
  ifGiven(folder, (value) => checkText(value, "journal.folder", OPEN, 1));
  ifGiven(keepOld, (value) => checkFlag(value, "journal.keepOld", OPEN));
}
