/**
 * The error class and the table of codes: what failed, where, and what to do now.
 *
 * What a chip or a link returns (busy, protected, damaged frame) stays a value until it leaves the engine or a person
 * has to act. Only then does it become a `NorbridgeError` with a code of this table.
 */
import type { ByteRange } from "../drivers/geometry.ts";
import type { Advice, Remedy } from "./advice.ts";

/**
 * What failed.
 *
 * - `data`: what is on the chip is not what was expected there.
 * - `usage`: an argument.
 * - `port`: the port of the host.
 * - `bridge`: the bridge as it is; a new connection finds the same.
 * - `link`: the connection to the bridge.
 * - `sync`: an unchecked link lost bytes during a change; host and bridge are synchronised again.
 * - `identity`: it is not known which chip this is.
 * - `contact`: the chip does not respond, or another one does.
 * - `cells`: erase, program or verify.
 * - `busy`: the chip does not become ready.
 * - `protection`: the chip ignores programs and erases of the range.
 * - `server`: the server of several stations.
 * - `space`: a log or store is full.
 * - `file`: a file of the host.
 * - `canceled`: the caller ended the job before any change.
 * - `interruption`: the job ended after a change and can be resumed; its `cause` is what ended it.
 * - `loss`: the same, and bytes of the chip are only in memory.
 * - `bug`: norbridge itself.
 */
export type ErrorCategory =
  | "data"
  | "usage"
  | "port"
  | "bridge"
  | "link"
  | "sync"
  | "identity"
  | "contact"
  | "cells"
  | "busy"
  | "protection"
  | "space"
  | "server"
  | "file"
  | "canceled"
  | "interruption"
  | "loss"
  | "bug";

/** What one error code stands for. */
export interface ErrorKind {
  /** Exit code of the command line, 1 to 130. */
  readonly exitCode: number;
  /** What failed, by which code decides what to do next; `error-groups.ts` has the groups of them. */
  readonly category: ErrorCategory;
  /** What the code means, one line; copied into the documents. */
  readonly meaning: string;
  /** What to do if the place that raised it gives no better advice. */
  readonly hint: string;
}

/** Stable code of an error, as `--json` shows it. `ERROR_TABLE` has the meaning of each. Codes may be added, never renamed. */
export type ErrorCode =
  | "CHECK_FAILED"
  | "USAGE"
  | "EINVAL"
  | "ERANGE"
  | "PORT_NOT_FOUND"
  | "PORT_AMBIGUOUS"
  | "PORT_DENIED"
  | "PORT_BUSY"
  | "PORT_FAILED"
  | "BRIDGE_SILENT"
  | "BRIDGE_PROTOCOL"
  | "BRIDGE_VERSION"
  | "BRIDGE_RESET"
  | "LINK_SLIPPED"
  | "ESHUTDOWN"
  | "CHIP_UNKNOWN"
  | "CHIP_AMBIGUOUS"
  | "CHIP_MISSING"
  | "CHIP_CHANGED"
  | "ENODEV"
  | "EROFS"
  | "EIO"
  | "EFAULT"
  | "ENOSPC"
  | "EBUSY"
  | "EAGAIN"
  | "FILE_INVALID"
  | "LAYOUT_MISMATCH"
  | "SERVER_FAILED"
  | "FILE_EXISTS"
  | "INTERRUPTED"
  | "INTERRUPTED_FINAL"
  | "BUG"
  | "ECANCELED";

/**
 * Every code with its exit code, its meaning and its default hint. Scripts rely on the codes.
 * EIO to ECANCELED keep the names and meaning of QNX's flash filesystem (f3s).
 */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorKind>> = {
  CHECK_FAILED: {
    exitCode: 1,
    category: "data",
    meaning: "The check failed: data differs, is not blank, or was not found",
    hint: "Nothing was changed.",
  },
  USAGE: {
    exitCode: 2,
    category: "usage",
    meaning: "The command line is wrong",
    hint: "Correct the command line.",
  },
  EINVAL: {
    exitCode: 2,
    category: "usage",
    meaning: "An argument is not valid",
    hint: "Check the values.",
  },
  ERANGE: {
    exitCode: 2,
    category: "usage",
    meaning: "An address or length is outside the chip",
    hint: "Compare the range with the size of the chip.",
  },
  PORT_NOT_FOUND: {
    exitCode: 3,
    category: "port",
    meaning: "The port does not exist, or no bridge was found",
    hint: "Connect the bridge and check the name of the port.",
  },
  PORT_AMBIGUOUS: {
    exitCode: 3,
    category: "port",
    meaning: "More than one port looks like a bridge",
    hint: "Select one of them.",
  },
  PORT_DENIED: {
    exitCode: 4,
    category: "port",
    meaning: "No permission to open the port",
    hint: "On Linux, join the group that owns the device (often dialout) and log in again.",
  },
  PORT_BUSY: {
    exitCode: 4,
    category: "port",
    meaning: "Another program uses the port",
    hint: "Close the other program (a terminal, an IDE monitor) and try again.",
  },
  PORT_FAILED: {
    exitCode: 5,
    category: "port",
    meaning: "The port exists, but its driver or device does not work",
    hint: "Unplug the bridge, plug it in and try again.",
  },
  BRIDGE_SILENT: {
    exitCode: 5,
    category: "link",
    meaning: "The bridge does not respond",
    hint: "Check the cable, the port and the baud rate. Unplug the bridge, plug it in and try again.",
  },
  BRIDGE_PROTOCOL: {
    exitCode: 5,
    category: "link",
    meaning: "The response violates the protocol, or the device is not a bridge",
    hint: "Check that this is the port of the bridge and that no other program uses it.",
  },
  BRIDGE_VERSION: {
    exitCode: 5,
    category: "bridge",
    meaning: "The bridge and norbridge have no protocol version in common",
    hint: "Update the older of the two.",
  },
  BRIDGE_RESET: {
    exitCode: 5,
    category: "link",
    meaning: "The bridge restarted during a job",
    hint: "Check its supply and cable, then try again.",
  },
  LINK_SLIPPED: {
    exitCode: 5,
    category: "sync",
    meaning: "Bytes were lost or duplicated on an unchecked link during a change",
    hint: "Lower the baud rate, use a shorter cable and check ground. Then repeat: data that already matches is skipped.",
  },
  ESHUTDOWN: {
    exitCode: 5,
    category: "link",
    meaning: "The port or bridge was already closed",
    hint: "Open it again.",
  },
  CHIP_UNKNOWN: {
    exitCode: 6,
    category: "identity",
    meaning: "A chip responds, but its ID is unknown",
    hint: "Describe the chip in a chip file.",
  },
  CHIP_AMBIGUOUS: {
    exitCode: 6,
    category: "identity",
    meaning: "Several parts share this ID and differ in something the job needs",
    hint: "Specify the part.",
  },
  CHIP_MISSING: {
    exitCode: 6,
    category: "contact",
    meaning: "No chip responds",
    hint: "Check supply, ground, chip select and the MISO wire. WP# and HOLD# must be high. A chip that was left in QPI responds after its power was cut.",
  },
  CHIP_CHANGED: {
    exitCode: 6,
    category: "contact",
    meaning: "The chip is not the one that the job started with",
    hint: "Connect the first chip again, or start the job again.",
  },
  ENODEV: {
    exitCode: 6,
    category: "contact",
    meaning: "The chip no longer responds",
    hint: "Check the clip or socket, then try again.",
  },
  EROFS: {
    exitCode: 7,
    category: "protection",
    meaning: "The range is protected against program and erase",
    hint: "Nothing was changed. Check the WP# pin and the chip's protection bits.",
  },
  EIO: {
    exitCode: 8,
    category: "cells",
    meaning: "Erase, program or verify failed; the block is usable after an erase",
    hint: "Check the supply voltage and the wiring, lower the SPI clock, then try again.",
  },
  EFAULT: {
    exitCode: 8,
    category: "cells",
    meaning: "Erase, program or verify failed permanently",
    hint: "This block of the chip is defective. Replace the chip.",
  },
  ENOSPC: {
    exitCode: 8,
    category: "space",
    meaning: "The log or store on the chip is full",
    hint: "Free some space: rotate or clear the log, or delete entries.",
  },
  EBUSY: {
    exitCode: 8,
    category: "busy",
    meaning: "The chip stays busy",
    hint: "Power-cycle the chip and try again.",
  },
  EAGAIN: {
    exitCode: 8,
    category: "busy",
    meaning: "The chip is still erasing",
    hint: "Wait and try again.",
  },
  FILE_INVALID: {
    exitCode: 9,
    category: "file",
    meaning: "An input file or configuration is invalid or cannot be read",
    hint: "Nothing was changed. Correct the file.",
  },
  LAYOUT_MISMATCH: {
    exitCode: 9,
    category: "data",
    meaning: "The region does not hold what was expected: another layout, other settings, or no data of this kind",
    hint: "Nothing was changed. Check the range and the layout.",
  },
  SERVER_FAILED: {
    exitCode: 5,
    category: "server",
    meaning: "The server of several stations does not respond, or refuses the request",
    hint: "Check the network and the server.",
  },
  FILE_EXISTS: {
    exitCode: 9,
    category: "file",
    meaning: "An output file cannot be written",
    hint: "Choose another name or folder.",
  },
  INTERRUPTED: {
    exitCode: 10,
    category: "interruption",
    meaning: "Interrupted after changes; can be resumed",
    hint: "Repeat the command: data that already matches is skipped.",
  },
  INTERRUPTED_FINAL: {
    exitCode: 11,
    category: "loss",
    meaning: "Interrupted after changes; needs manual recovery",
    hint: "Follow the message: some bytes must be restored by hand.",
  },
  BUG: {
    exitCode: 70,
    category: "bug",
    meaning: "A bug in norbridge",
    hint: "Please report it with the text above.",
  },
  ECANCELED: {
    exitCode: 130,
    category: "canceled",
    meaning: "Cancelled before any change",
    hint: "Nothing was changed.",
  },
};

/** What the hints of the table speak of. */
const REMEDIES: Readonly<Partial<Record<ErrorCode, readonly Remedy[]>>> = {
  USAGE: ["show-usage"],
  ERANGE: ["show-chip"],
  PORT_NOT_FOUND: ["list-ports", "set-port"],
  PORT_AMBIGUOUS: ["set-port"],
  BRIDGE_SILENT: ["set-baud-rate"],
  LINK_SLIPPED: ["set-baud-rate"],
  CHIP_UNKNOWN: ["set-chip-description"],
  CHIP_AMBIGUOUS: ["set-part"],
  CHIP_MISSING: ["check-wiring"],
  EROFS: ["show-protection"],
  EIO: ["check-wiring", "set-spi-clock"],
  LAYOUT_MISMATCH: ["set-region"],
};

/** What goes with a `NorbridgeError` besides its code and message. */
export interface NorbridgeErrorOptions {
  /** What was being done: "write", "open port", "erase". */
  readonly operation: string;
  /** Where on the chip, if there is such a place. */
  readonly range?: ByteRange | undefined;
  /** What a person can do now, in words that name no command-line option; the table's hint and remedies by default. */
  readonly hint?: string | Advice | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** The only error that the library throws on purpose; anything else is a bug. */
export class NorbridgeError extends Error {
  /** Stable code; `ERROR_TABLE` has its meaning. */
  readonly code: ErrorCode;
  /** What was being done: "write", "open port", "erase". */
  readonly operation: string;
  /** Place on the chip, in bytes, if there is one. */
  readonly range: ByteRange | undefined;
  /** What a person can do now. Names no option or command of the command line. */
  readonly hint: string;
  /** What the hint speaks of, for programs that can offer it. */
  readonly remedies: readonly Remedy[];

  constructor(code: ErrorCode, message: string, options: NorbridgeErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "NorbridgeError";
    this.code = code;
    this.operation = options.operation;
    this.range = options.range;
    const { hint = { text: ERROR_TABLE[code].hint, remedies: REMEDIES[code] ?? [] } } = options;
    this.hint = typeof hint === "string" ? hint : hint.text;
    this.remedies = typeof hint === "string" ? [] : hint.remedies;
  }

  /** Hint and remedies together, for an error that wraps this one. */
  get advice(): Advice {
    return { text: this.hint, remedies: this.remedies };
  }

  /** What failed. */
  get category(): ErrorCategory {
    return ERROR_TABLE[this.code].category;
  }

  /** Exit code of the command line for this error. */
  get exitCode(): number {
    return ERROR_TABLE[this.code].exitCode;
  }
}
