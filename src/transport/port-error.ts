/**
 * What the operating system reports when a port cannot be opened, as an error of ours. serialport's errors carry no
 * code, so the texts are read here and nowhere else; the table in the test holds samples from each system.
 */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { type PortFault, windowsFault } from "./windows-errors.ts";

interface Pattern extends PortFault {
  readonly text: RegExp;
}

const PATTERNS: readonly Pattern[] = [
  {
    text: /no such file|cannot find|does not exist|ENOENT/i,
    code: "PORT_NOT_FOUND",
    message: "there is no such port",
  },
  {
    text: /permission denied|EACCES|EPERM|operation not permitted/i,
    code: "PORT_DENIED",
    message: "permission denied",
  },
  // ENXIO and ENODEV, on Linux and as macOS words them: the node is there, and its device is not.
  {
    text: /no such device|ENXIO|ENODEV|device not configured|operation not supported by device/i,
    code: "PORT_FAILED",
    message: "this port has no device: it was unplugged, or has no driver",
    hint: advice("Unplug the bridge, plug it in and try again.", "list-ports"),
  },
  {
    text: /input\/output error|\bEIO\b/i,
    code: "PORT_FAILED",
    message: "the device of this port does not work, or was unplugged",
    hint: advice(
      "Unplug the bridge, plug it in and try again. If there is no bridge, specify another port.",
      "list-ports",
    ),
  },
  {
    text: /invalid argument.*(custom baud|IOSSIOSPEED)|baud rate of \d+ is not supported/i,
    code: "EINVAL",
    message: "the driver rejects this baud rate",
    hint: advice("Use a lower baud rate.", "set-baud-rate"),
  },
  {
    text: /cannot lock port|resource (temporarily unavailable|busy)|EBUSY|EAGAIN|port is (not )?locked|already open/i,
    code: "PORT_BUSY",
    message: "another program uses the port",
  },
  {
    text: /inappropriate ioctl|ENOTTY|not a (tty|typewriter)|is a directory|EISDIR|invalid argument/i,
    code: "PORT_NOT_FOUND",
    message: "this is not a serial port",
    hint: advice("Specify another port.", "list-ports"),
  },
  {
    text: /ECONNREFUSED/,
    code: "PORT_NOT_FOUND",
    message: "no server accepts connections there",
    hint: advice("Start the server of the bridge first."),
  },
  {
    text: /ECONNRESET|ECONNABORTED|EPIPE/,
    code: "PORT_FAILED",
    message: "the server closed the connection",
    hint: advice("Check the server of the bridge."),
  },
  { text: /ENOTFOUND|EAI_AGAIN/, code: "PORT_NOT_FOUND", message: "this host name is unknown" },
  { text: /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, code: "PORT_NOT_FOUND", message: "the host cannot be reached" },
];

/** An error of ours for whatever opening `name` threw. */
export function portError(name: string, cause: unknown): NorbridgeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  // Not the name: a path may look like an error. Node's own errors have a code, now and then without any text.
  const words = `${systemCodeOf(cause)} ${text.replaceAll(name, "")}`;
  const fault: PortFault | undefined = windowsFault(words) ?? PATTERNS.find((candidate) => candidate.text.test(words));
  if (fault === undefined) {
    return new NorbridgeError("PORT_FAILED", `${printable(name)} cannot be opened: ${printable(text)}`, {
      operation: "open port",
      cause,
    });
  }
  return new NorbridgeError(fault.code, `${printable(name)}: ${fault.message}`, {
    operation: "open port",
    cause,
    hint: fault.hint,
  });
}

function systemCodeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}
