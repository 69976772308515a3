/** Which serial ports there are, and which of them look like a bridge. */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { listSerial, type SerialPortDescription } from "./serial.ts";

export interface PortDescription extends SerialPortDescription {
  /** USB ids of boards and converters that bridges are made of. */
  readonly likelyBridge: boolean;
  /** What the USB ids say: "Raspberry Pi Pico", "FTDI FT232R". */
  readonly note?: string;
}

/** USB ids seen on boards that run bridge firmware, and on the converters in front of them. */
const KNOWN: Readonly<Record<string, string>> = {
  "2e8a:000a": "Raspberry Pi Pico",
  "2e8a:0005": "Raspberry Pi Pico (MicroPython)",
  "2341:0043": "Arduino Uno",
  "2341:0001": "Arduino Uno",
  "2341:0010": "Arduino Mega 2560",
  "2341:8036": "Arduino Leonardo",
  "0403:6001": "FTDI FT232R",
  "0403:6010": "FTDI FT2232",
  "0403:6014": "FTDI FT232H",
  "0403:6015": "FTDI FT-X",
  "10c4:ea60": "Silicon Labs CP210x",
  "1a86:7523": "WCH CH340",
  "1a86:55d4": "WCH CH9102",
  "0483:5740": "STM32 virtual COM port",
};

/** Lists the ports; throws PORT_NOT_FOUND with the reason where the system cannot say. */
export async function listPorts(): Promise<readonly PortDescription[]> {
  let ports: readonly SerialPortDescription[];
  try {
    ports = await listSerial();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const isUdev = text.includes("udevadm");
    throw new NorbridgeError(
      "PORT_NOT_FOUND",
      isUdev
        ? "serial ports cannot be listed: the program udevadm is missing here (usual in containers)"
        : `serial ports cannot be listed: ${printable(text)}`,
      { operation: "list ports", hint: "Name the port with --port; listing is not needed for that.", cause: error },
    );
  }
  return ports.map(describe).sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

function describe(listed: SerialPortDescription): PortDescription {
  // macOS lists the dial-in node, which waits for a carrier when it is opened; its call-out twin does not.
  const port = { ...listed, path: listed.path.replace(/^\/dev\/tty\./, "/dev/cu.") };
  const note = KNOWN[`${port.vendorId ?? ""}:${port.productId ?? ""}`];
  return note === undefined ? { ...port, likelyBridge: false } : { ...port, likelyBridge: true, note };
}

/** The one port that looks like a bridge. Throws PORT_NOT_FOUND for none and PORT_AMBIGUOUS for several. */
export async function findBridgePort(): Promise<string> {
  const ports = await listPorts();
  return theOne(
    ports.filter((port) => port.likelyBridge),
    "no port looks like a bridge",
    ports,
  );
}

/** The one port with these USB ids. */
export async function findUsbPort(vendorId: string, productId: string, serialNumber?: string): Promise<string> {
  const ports = await listPorts();
  const matches = ports.filter(
    (port) =>
      port.vendorId === vendorId &&
      port.productId === productId &&
      (serialNumber === undefined || port.serialNumber?.toLowerCase() === serialNumber.toLowerCase()),
  );
  const serial = serialNumber === undefined ? "" : ` and serial number ${printable(serialNumber)}`;
  return theOne(matches, `no port with USB id ${vendorId}:${productId}${serial}`, ports);
}

function theOne(matches: readonly PortDescription[], nothing: string, all: readonly PortDescription[]): string {
  const [first, ...others] = matches;
  const names = (ports: readonly PortDescription[]): string => ports.map((port) => printable(port.path)).join(", ");
  if (first === undefined) {
    const seen = all.length === 0 ? "there is no serial port at all" : `ports here: ${names(all)}`;
    throw new NorbridgeError("PORT_NOT_FOUND", `${nothing}; ${seen}`, {
      operation: "find port",
      hint: "Plug the bridge in, or name its port with --port. Without hardware try --port sim:AT25SF041.",
    });
  }
  if (others.length > 0) {
    throw new NorbridgeError("PORT_AMBIGUOUS", `several ports could be meant: ${names(matches)}`, {
      operation: "find port",
    });
  }
  return first.path;
}
