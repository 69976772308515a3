/**
 * What the error numbers of Windows mean for a serial port. The binding of serialport 13 spells five of them in words,
 * and the others as "Unknown error code N", after the step at which it failed: "Opening COM5", "Open (SetCommState)".
 * Numbers: System Error Codes, learn.microsoft.com/windows/win32/debug/system-error-codes; who meets them:
 * serialport/node-serialport issues 921, 1104, 1148, 1526, 1961.
 */
import { advice, type Advice } from "../advice.ts";
import type { ErrorCode } from "../errors.ts";

/** What a system error of a port stands for. */
export interface PortFault {
  readonly code: ErrorCode;
  /** Goes after the name of the port. */
  readonly message: string;
  /** Left out: that of the code. */
  readonly hint?: Advice | undefined;
}

const WORDS: readonly (readonly [RegExp, number])[] = [
  [/file not found/i, 2],
  [/access denied/i, 5],
  [/invalid handle/i, 6],
  [/parameter is incorrect/i, 87],
  [/operation aborted/i, 995],
];

const NO_PORT: PortFault = { code: "PORT_NOT_FOUND", message: "there is no such port" };
/**
 * Windows gives one error for a port that another process uses and for a lack of rights. The first is far more
 * frequent.
 */
const DENIED: PortFault = {
  code: "PORT_BUSY",
  message: "another program uses the port, or Windows does not let this user open it",
  hint: advice(
    "Close the other program (a terminal, an IDE monitor). If there is none, unplug the bridge and plug it in again.",
  ),
};
const HELD: PortFault = { code: "PORT_BUSY", message: "another program uses the port" };
const LATE: PortFault = {
  code: "BRIDGE_SILENT",
  message: "the device at this port does not respond to its driver",
  hint: advice(
    "A Bluetooth port does this if its device is off or out of range. Specify the port of the bridge, or unplug the bridge and plug it in again.",
    "list-ports",
    "set-port",
  ),
};
const LOST: PortFault = {
  code: "PORT_FAILED",
  message: "its driver has lost the device",
  hint: advice("Unplug the bridge, plug it in and try again. If that does not help, install its driver again."),
};
const RATE_REFUSED: PortFault = {
  code: "EINVAL",
  message: "the driver rejects these settings, most likely the baud rate",
  hint: advice("Use a lower baud rate.", "set-baud-rate"),
};
const RATE_FAILED: PortFault = {
  code: "PORT_FAILED",
  message: "its driver failed when the baud rate was set",
  hint: advice(
    "Use a lower baud rate. If that does not help, unplug the bridge, plug it in and try again.",
    "set-baud-rate",
  ),
};
const NO_SERIAL_PORT: PortFault = {
  code: "PORT_NOT_FOUND",
  message: "this is not a serial port",
  hint: advice("Specify another port.", "list-ports"),
};

const BY_NUMBER = new Map<number, PortFault>([
  ...faults(NO_PORT, 2, 3, 53, 55, 123, 161, 1168),
  ...faults(DENIED, 5),
  ...faults(HELD, 32, 33, 170, 2404),
  // Semaphore, wait and general time-out.
  ...faults(LATE, 121, 258, 1460),
  // Handle gone, not ready, bad command, general failure, no such device, device and I/O errors, aborted, not
  // connected, no resources, removed, buffer rejected.
  ...faults(LOST, 6, 21, 22, 31, 433, 483, 995, 1117, 1167, 1450, 1617, 1784),
  ...faults(RATE_REFUSED, 87),
  // A function that the driver does not have.
  ...faults(NO_SERIAL_PORT, 1, 50),
]);

/** What the text of an error reports, if it is one of the binding for Windows and its number is known. */
export function windowsFault(text: string): PortFault | undefined {
  const named = /unknown error code (\d+)\b/i.exec(text)?.[1];
  const number = named === undefined ? WORDS.find(([words]) => words.test(text))?.[1] : Number(named);
  if (number === undefined) return undefined;
  if (number === 31 && text.includes("SetCommState")) return RATE_FAILED;
  return BY_NUMBER.get(number);
}

function faults(fault: PortFault, ...numbers: readonly number[]): (readonly [number, PortFault])[] {
  return numbers.map((number) => [number, fault]);
}
