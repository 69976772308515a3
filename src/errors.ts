/**
 * The one error class and the one table of codes. What failed, where, and what to do now.
 *
 * What a chip or a link really answers (busy, protected, damaged frame) is a value until a border makes it an error;
 * only then does it become a `NorbridgeError` with a code of this table.
 */
import type { ByteRange } from "../drivers/geometry.ts";

interface ErrorKind {
  /** Exit code of the command line. */
  readonly exitCode: number;
  /** What the code means, one line; ends up in the documents. */
  readonly meaning: string;
  /** What to do when the place that raised it knows nothing better. */
  readonly hint: string;
}

/**
 * Every code with its exit code and default hint. The codes are a promise to scripts: they may be added, never renamed.
 * EIO to ECANCELED keep the names and meaning of QNX's flash filesystem (f3s).
 */
export const ERROR_TABLE = {
  CHECK_FAILED: {
    exitCode: 1,
    meaning: "The check says no: differs, not blank, nothing found",
    hint: "Nothing was changed.",
  },
  USAGE: { exitCode: 2, meaning: "The command line is wrong", hint: "Run the command with --help." },
  EINVAL: { exitCode: 2, meaning: "An argument is not valid", hint: "Check the values you gave." },
  ERANGE: {
    exitCode: 2,
    meaning: "An address or length lies outside of the chip",
    hint: "Compare with the size that `norbridge info` shows.",
  },
  PORT_NOT_FOUND: {
    exitCode: 3,
    meaning: "No such port, or no bridge found",
    hint: "Run `norbridge list` to see the ports, then name one with --port.",
  },
  PORT_AMBIGUOUS: { exitCode: 3, meaning: "More than one port could be meant", hint: "Name one with --port." },
  PORT_DENIED: {
    exitCode: 4,
    meaning: "No permission to open the port",
    hint: "On Linux, join the group that owns the device (often dialout) and log in again.",
  },
  PORT_BUSY: {
    exitCode: 4,
    meaning: "The port is in use by another program",
    hint: "Close the other program (a terminal, an IDE monitor) and try again.",
  },
  BRIDGE_SILENT: {
    exitCode: 5,
    meaning: "The bridge does not answer",
    hint: "Check cable, port and baud rate; unplug the bridge, plug it in and try again.",
  },
  BRIDGE_PROTOCOL: {
    exitCode: 5,
    meaning: "What answers breaks the protocol or is not a bridge",
    hint: "Check that the port is the bridge's, and that nothing else uses it.",
  },
  BRIDGE_VERSION: {
    exitCode: 5,
    meaning: "Bridge and norbridge share no protocol version",
    hint: "Update the older of the two.",
  },
  BRIDGE_RESET: {
    exitCode: 5,
    meaning: "The bridge restarted in the middle of a job",
    hint: "Check its supply and cable, then run the command again.",
  },
  LINK_SLIPPED: {
    exitCode: 5,
    meaning: "Bytes were lost or doubled on a line that nobody checks, in the middle of a change",
    hint: "Lower --baud, use a shorter cable, check ground; then run the command again: what is right is skipped.",
  },
  ESHUTDOWN: { exitCode: 5, meaning: "The port or bridge was already closed", hint: "Open it again." },
  CHIP_UNKNOWN: {
    exitCode: 6,
    meaning: "A chip answers, but nobody knows its identification",
    hint: "Name the part with --chip if you know it.",
  },
  CHIP_AMBIGUOUS: {
    exitCode: 6,
    meaning: "Several parts share this identification and differ in what the job needs",
    hint: "Name the part with --chip.",
  },
  CHIP_MISSING: {
    exitCode: 6,
    meaning: "No chip answers",
    hint: "Check supply, ground, chip select and the MISO wire; WP# and HOLD# must be high.",
  },
  CHIP_CHANGED: {
    exitCode: 6,
    meaning: "The chip is not the one the job began with",
    hint: "Put the first chip back, or start again.",
  },
  ENODEV: { exitCode: 6, meaning: "The chip is gone", hint: "Check the clip or socket, then run the command again." },
  EROFS: {
    exitCode: 7,
    meaning: "The range is protected against program and erase",
    hint: "Nothing was changed. Check the WP# pin and the chip's protection bits.",
  },
  EIO: {
    exitCode: 8,
    meaning: "Erase, program or verify failed; the block is usable after erasing",
    hint: "Check supply voltage and wiring, lower --spi-clock, then run the command again.",
  },
  EFAULT: {
    exitCode: 8,
    meaning: "Erase, program or verify failed for good",
    hint: "The chip has a defect in this block; replace it.",
  },
  ENOSPC: {
    exitCode: 8,
    meaning: "The log or store on the chip has no room left",
    hint: "Make room: rotate or clear the log, or delete entries.",
  },
  EBUSY: { exitCode: 8, meaning: "The chip stays busy", hint: "Power-cycle the chip and try again." },
  EAGAIN: { exitCode: 8, meaning: "The chip is still erasing", hint: "Wait and try again." },
  FILE_INVALID: {
    exitCode: 9,
    meaning: "An input file or configuration is invalid or cannot be read",
    hint: "Nothing was changed. Correct the file.",
  },
  LAYOUT_MISMATCH: {
    exitCode: 9,
    meaning: "The region does not hold what it should: another layout, other settings, or no data of this kind",
    hint: "Nothing was changed. Check --range and the options of the layout.",
  },
  FILE_EXISTS: { exitCode: 9, meaning: "An output file cannot be written", hint: "Choose another name or place." },
  INTERRUPTED: {
    exitCode: 10,
    meaning: "Interrupted after changes; can be resumed",
    hint: "Run the same command again: what is already right is skipped.",
  },
  INTERRUPTED_FINAL: {
    exitCode: 11,
    meaning: "Interrupted after changes; cannot be resumed by itself",
    hint: "Follow the message: some bytes have to be put back by hand.",
  },
  BUG: { exitCode: 70, meaning: "A bug in norbridge", hint: "Please report it with the text above." },
  ECANCELED: { exitCode: 130, meaning: "Cancelled before any change", hint: "Nothing was changed." },
} as const satisfies Record<string, ErrorKind>;

/** Stable code of an error, as `--json` shows it. */
export type ErrorCode = keyof typeof ERROR_TABLE;

export interface NorbridgeErrorOptions {
  /** What was being done: "write", "open port", "erase". */
  readonly operation: string;
  /** Where on the chip, if it has a place. */
  readonly range?: ByteRange;
  /** What a person can do now; the table's hint if left out. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The only error that leaves the library on purpose; anything else is a bug. */
export class NorbridgeError extends Error {
  readonly code: ErrorCode;
  readonly operation: string;
  readonly range: ByteRange | undefined;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: NorbridgeErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "NorbridgeError";
    this.code = code;
    this.operation = options.operation;
    this.range = options.range;
    this.hint = options.hint ?? ERROR_TABLE[code].hint;
  }

  /** Exit code of the command line for this error. */
  get exitCode(): number {
    return ERROR_TABLE[this.code].exitCode;
  }
}
