/** Opening a chip on a duplex that the program brings: a port of a browser, a socket, a simulator. Needs no Node.js. */
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
import type { ProtocolChoice } from "../bridge/open-bridge.ts";
import { NorbridgeError } from "../errors.ts";
import type { JournalShelf } from "../journal/journal-shelf.ts";
import { type JournalStore, storeShelf } from "../journal/store-shelf.ts";
import { Recorder } from "../recording/recorder.ts";
import { type ConnectionRequest, connectionWords } from "../runner/connection-request.ts";
import type { Connection, ReopenOptions } from "../runner/connections/connection.ts";
import { connectDuplex, untilBack } from "../runner/connections/duplex-connection.ts";
import { ChipLink } from "../runner/with-chip.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import { ChipBase } from "./chip-base.ts";
import { ChipSession } from "./chip-session.ts";
import type { ImageFiles } from "./image-input.ts";
import { type ChipNote, type HostOptions, ProgramHost } from "./program-host.ts";

/** How to open a chip on a duplex. All of it may be left out. */
export interface OpenChipOnOptions extends HostOptions {
  /** Protocol of the bridge; default "auto": the native one first, then serprog. */
  readonly protocol?: ProtocolChoice | undefined;
  /** SPI clock, Hz, 1 or more; default: the fastest that chip and bridge allow. It is lowered if the wires do not bear it. */
  readonly spiClockHz?: number | undefined;
  /** Name of the part ("AT25SF041"); default: identified by what the chip returns. It must fit that. */
  readonly chip?: string | undefined;
  /** Size of the chip, bytes, if its SFDP area and the catalogue name two. */
  readonly sizeBytes?: number | undefined;
  /** Read everything twice and compare; default: on an unchecked link. */
  readonly readsTwice?: boolean | undefined;
  /** Whether the link to a serprog board is checked all the way to the bridge; default: as the duplex reports. */
  readonly isChecked?: boolean | undefined;
  /** Lift the chip's protection before each write and erase, and restore it after it; default false: EROFS if protected. */
  readonly unprotect?: boolean | undefined;
  /** Refuse whatever would change the chip, by EROFS; default false. */
  readonly readOnly?: boolean | undefined;
  /** Raise the line rate of a UART as far as bridge and line bear it; default true. */
  readonly climb?: boolean | undefined;
  /** Keeps the journals of write and erase; default: none, so bytes around the range are lost if the program dies. */
  readonly journals?: JournalStore | undefined;
  /** Keep what is replaced in the journal as well, so that a job can be undone; default false. */
  readonly keepOld?: boolean | undefined;
  /**
   * Opens the same port again after the link was lost: then a job in progress continues on it. Throws PORT_* while it is not
   * there; it is called again for ten seconds.
   */
  readonly reopen?: (() => Promise<ByteDuplex>) | undefined;
  /** Called with each piece of a recording of the whole session, as text; a file of all of them can be replayed. */
  readonly onRecord?: ((text: string) => void) | undefined;
  /** Aborts the opening, by ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

const OPEN = "open chip";
/** Without journals there is no job to resume. */
const NO_STORE: JournalStore = { list: () => Promise.resolve([]), open: () => Promise.resolve(undefined) };

/**
 * Opens the chip behind a duplex: session with the bridge, and identification. Close it with `close()`, or by `await using`;
 * that closes the duplex too. If opening fails, the duplex is closed.
 *
 * @param duplex bytes to the bridge and back; not yet read from.
 * @param options see there; each has a default.
 * @throws NorbridgeError EINVAL or ERANGE for an option; BRIDGE_* and CHIP_* for what cannot be opened; ECANCELED.
 */
export async function openChipOn(duplex: ByteDuplex, options: OpenChipOnOptions = {}): Promise<ChipBase> {
  checkMethods(duplex, "duplex", OPEN, ["write", "setBaudRate", "close"]);
  checkOptions(options);
  const notes: ChipNote[] = [];
  let isOpening = true;
  const hostOptions = {
    ...options,
    onNote(note: ChipNote) {
      if (isOpening) notes.push(note);
      options.onNote?.(note);
    },
  };
  const host = new DuplexHost(duplex, hostOptions);
  const request = requestOf(duplex, options);
  const isReadOnly = options.readOnly === true;
  const link = await ChipLink.open(host, request, { willChange: !isReadOnly });
  const journal = { folder: undefined, isOff: options.journals === undefined, keepsOld: options.keepOld === true };
  const session = new ChipSession(link, host, { request, isReadOnly, journal });
  isOpening = false;
  return new ChipBase(session, notes);
}

/** A program that has neither files nor an environment: only the duplex that it brought. */
class DuplexHost extends ProgramHost {
  readonly env = {};
  readonly files: ImageFiles | undefined = undefined;
  #next: ByteDuplex | undefined;
  readonly #options: OpenChipOnOptions;

  constructor(duplex: ByteDuplex, options: OpenChipOnOptions) {
    super(options);
    this.#next = duplex;
    this.#options = options;
    this.signal = options.signal ?? this.signal;
    const { onRecord } = options;
    if (onRecord === undefined) return;
    this.recorder = new Recorder(["info"], (text) => {
      try {
        onRecord(text);
        return true;
      } catch {
        // The job does not end by it.
        return false;
      }
    });
  }

  connect(request: ConnectionRequest): Promise<Connection> {
    return this.#connect(request, { staySlow: this.#options.climb === false });
  }

  journals(): JournalShelf {
    return storeShelf(this.#options.journals ?? NO_STORE, this.random);
  }

  async #connect(request: ConnectionRequest, how: ReopenOptions): Promise<Connection> {
    const { reopen } = this.#options;
    const duplex = this.#next ?? (await reopen?.());
    this.#next = undefined;
    if (duplex === undefined) {
      throw new NorbridgeError("PORT_NOT_FOUND", "the link was lost, and cannot be opened again", { operation: OPEN });
    }
    const wrapped = this.recorder?.wrap(duplex, this.clock) ?? duplex;
    const again = (next: ReopenOptions): Promise<Connection> => {
      const staySlow = next.staySlow || this.#options.climb === false;
      return untilBack(this, () => this.#connect(request, { ...next, staySlow }));
    };
    const place = { part: undefined, reopen: reopen === undefined ? undefined : again };
    return connectDuplex(this, wrapped, request, how, place);
  }
}

function requestOf(duplex: ByteDuplex, options: OpenChipOnOptions): ConnectionRequest {
  const { protocol, spiClockHz, chip, sizeBytes, readsTwice, isChecked } = options;
  const care = readsTwice === undefined ? undefined : readsTwice ? "paranoid" : "fast";
  const given = { protocol, spiClockHz, chip, chipSizeBytes: sizeBytes, care, isChecked } as const;
  return {
    ...given,
    ...{ port: undefined, baudRate: undefined, chipFile: undefined, recordFile: undefined },
    words: connectionWords({ ...given, port: duplex.name }),
    protocol: protocol ?? "auto",
    unprotect: options.unprotect === true,
  };
}

function checkOptions(options: OpenChipOnOptions): void {
  checkObject(options, "options", OPEN);
  const { chip, clock, journals, protocol } = options;
  for (const name of ["spiClockHz", "sizeBytes"] as const) {
    ifGiven(options[name], (value) => checkWhole(value, name, OPEN, 1));
  }
  for (const name of ["readsTwice", "isChecked", "unprotect", "readOnly", "climb", "keepOld"] as const) {
    ifGiven(options[name], (value) => checkFlag(value, name, OPEN));
  }
  for (const name of ["onNote", "random", "reopen", "onRecord"] as const) checkCallback(options[name], name, OPEN);
  ifGiven(chip, (value) => checkText(value, "chip", OPEN, 1));
  ifGiven(protocol, (value) => checkChoice(value, "protocol", OPEN, ["auto", "native", "serprog"]));
  ifGiven(clock, (value) => checkMethods(value, "clock", OPEN, ["nowUs", "wait"]));
  ifGiven(journals, (value) => checkMethods(value, "journals", OPEN, ["list", "open"]));
  checkSignal(options.signal, "signal", OPEN);
}
