/**
 * What the operating system says when a port cannot be opened, as an error of ours. serialport's errors carry no code,
 * so the texts are read here and nowhere else; the table in the test holds samples from each system.
 */
import { advice, type Advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { type ErrorCode, NorbridgeError } from "../errors.ts";

interface Pattern {
  readonly text: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: Advice;
}

const PATTERNS: readonly Pattern[] = [
  {
    text: /no such file|file not found|cannot find|does not exist|ENOENT|ENXIO|no such device|unknown error code (2|3)\b/i,
    code: "PORT_NOT_FOUND",
    message: "there is no such port",
  },
  {
    text: /permission denied|EACCES|EPERM|operation not permitted/i,
    code: "PORT_DENIED",
    message: "permission denied",
  },
  // Windows gives one error for a port that somebody else holds and for a lack of rights. The first is by far more frequent.
  {
    text: /access denied|unknown error code 32\b/i,
    code: "PORT_BUSY",
    message: "another program holds the port, or Windows does not let this user open it",
    hint: advice(
      "Close the other program (a terminal, an IDE monitor). If there is none, unplug the bridge and plug it in again.",
    ),
  },
  // A function the driver has not, bad command, general failure, semaphore time-out, no such device, not connected, removed.
  {
    text: /unknown error code (1|22|31|121|433|1167|1617)\b|device not configured/i,
    code: "PORT_NOT_FOUND",
    message: "the device does not respond to its driver, or was unplugged",
    hint: advice("Unplug the bridge, plug it in and try again."),
  },
  {
    text: /parameter is incorrect/i,
    code: "EINVAL",
    message: "the driver rejects these settings, most likely the baud rate",
    hint: advice("Use a lower baud rate.", "set-baud-rate"),
  },
  {
    text: /cannot lock port|resource (temporarily unavailable|busy)|EBUSY|EAGAIN|port is (not )?locked|already open/i,
    code: "PORT_BUSY",
    message: "another program holds the port",
  },
  {
    text: /inappropriate ioctl|ENOTTY|not a (tty|typewriter)|is a directory|EISDIR|invalid argument/i,
    code: "PORT_NOT_FOUND",
    message: "this is not a serial port",
    hint: advice("Name another port.", "list-ports"),
  },
  {
    text: /ECONNREFUSED/,
    code: "PORT_NOT_FOUND",
    message: "no server accepts connections there",
    hint: advice("Start the server of the bridge first."),
  },
  { text: /ENOTFOUND|EAI_AGAIN/, code: "PORT_NOT_FOUND", message: "this host name is unknown" },
  { text: /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, code: "PORT_NOT_FOUND", message: "the host cannot be reached" },
];

/** An error of ours for whatever opening `name` threw. */
export function portError(name: string, cause: unknown): NorbridgeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  // Not the name: a path may look like an error. Node's own errors have a code, now and then without any text.
  const words = `${systemCodeOf(cause)} ${text.replaceAll(name, "")}`;
  const pattern = PATTERNS.find((candidate) => candidate.text.test(words));
  if (pattern === undefined) {
    return new NorbridgeError("PORT_NOT_FOUND", `${printable(name)} cannot be opened: ${printable(text)}`, {
      operation: "open port",
      cause,
    });
  }
  return new NorbridgeError(pattern.code, `${printable(name)}: ${pattern.message}`, {
    operation: "open port",
    cause,
    ...(pattern.hint === undefined ? {} : { hint: pattern.hint }),
  });
}

function systemCodeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
