/** Which serial ports there are, and which of them look like a bridge. */
import { advice } from "../advice.ts";
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { SerialPortDescription } from "./serial-list.ts";
import { isLikelyBridge, isNorbridge, usbNote } from "./usb-boards.ts";
import { deviceOf, USB_SOURCES, usbDeviceOf, type UsbSources } from "./usb-identity.ts";

export interface PortDescription extends SerialPortDescription {
  /** The product's name on USB, if the system gives it. */
  readonly product?: string | undefined;
  /** USB ids of boards and converters that bridges are made of. */
  readonly likelyBridge: boolean;
  /** The device reports that it is norbridge's own firmware. Where the system gives no USB strings this is false. */
  readonly isNorbridge: boolean;
  /** What ids and strings say: "norbridge", "FTDI FT232R". */
  readonly note?: string | undefined;
}

/**
 * Lists the serial ports of this machine; opens none. Throws PORT_NOT_FOUND with the reason if the system cannot list
 * them.
 */
export function listPorts(): Promise<readonly PortDescription[]> {
  return listPortsOf(USB_SOURCES);
}

/** The same for a machine that is handed in. */
export async function listPortsOf(sources: UsbSources): Promise<readonly PortDescription[]> {
  let ports: readonly SerialPortDescription[];
  try {
    ports = await sources.list();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const isUdev = text.includes("udevadm");
    throw new NorbridgeError(
      "PORT_NOT_FOUND",
      isUdev
        ? "serial ports cannot be listed: the program udevadm is missing here (usual in containers)"
        : `serial ports cannot be listed: ${printable(text)}`,
      {
        operation: "list ports",
        hint: advice("Specify the port: that works without the list.", "set-port"),
        cause: error,
      },
    );
  }
  const described = await Promise.all(ports.map((port) => describe(port, sources)));
  return described.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

async function describe(port: SerialPortDescription, sources: UsbSources): Promise<PortDescription> {
  const listed = deviceOf(port);
  if (listed === undefined) return { ...port, likelyBridge: false, isNorbridge: false };
  // Only the files of Linux have the product's name.
  const { product = "" } = sources.platform === "linux" ? ((await usbDeviceOf(port.path, sources)) ?? {}) : {};
  const device = { ...listed, product };
  const note = usbNote(device);
  return {
    ...port,
    product: product === "" ? undefined : product,
    likelyBridge: isLikelyBridge(device),
    isNorbridge: isNorbridge(device),
    note,
  };
}

/** The one port that looks like a bridge. Throws PORT_NOT_FOUND for none and PORT_AMBIGUOUS for several. */
export async function findBridgePort(sources: UsbSources = USB_SOURCES): Promise<string> {
  const ports = await listPortsOf(sources);
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
  if (first === undefined) {
    const paths = all.map((port) => printable(port.path)).join(", ");
    const seen = all.length === 0 ? "this system has no serial port" : `ports here: ${paths}`;
    throw new NorbridgeError("PORT_NOT_FOUND", `${nothing}; ${seen}`, {
      operation: "find port",
      hint: advice("Plug the bridge in, or specify its port.", "set-port", "simulate-chip"),
    });
  }
  if (others.length > 0) {
    const named = matches.map(({ path, note }) => printable(note === undefined ? path : `${path} (${note})`));
    throw new NorbridgeError("PORT_AMBIGUOUS", `several ports match: ${named.join(", ")}`, {
      operation: "find port",
    });
  }
  return first.path;
}
