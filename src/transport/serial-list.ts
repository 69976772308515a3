/**
 * The serial ports that the system knows of, by the library serialport. Imported only when ports are listed: see
 * serial.ts.
 */
import { hostPlatform, type Platform } from "../platform.ts";

/** What serialport knows of a port; every field but the path may be missing. */
export interface SerialPortDescription {
  /** Name of the port: "/dev/ttyACM0", "COM7". */
  readonly path: string;
  /**
   * Manufacturer as the USB device or the driver reports it. It may contain control characters.
   */
  readonly manufacturer?: string | undefined;
  /** Serial number of the USB device, as the system reports it. */
  readonly serialNumber?: string | undefined;
  /** Four hex digits in lower case. */
  readonly vendorId?: string | undefined;
  /** USB product ID, four hex digits in lower case. */
  readonly productId?: string | undefined;
}

/** Lists ports. Rejects with what the system said; `udevadm` may be missing in a container. */
export async function listSerial(platform: Platform = hostPlatform): Promise<readonly SerialPortDescription[]> {
  const { SerialPort } = await import("serialport");
  const ports = await SerialPort.list();
  return ports.map((port) => ({
    path: platform === "macos" ? callOutPath(port.path) : port.path,
    manufacturer: port.manufacturer,
    serialNumber: port.serialNumber,
    vendorId: port.vendorId === undefined ? undefined : port.vendorId.toLowerCase(),
    productId: port.productId === undefined ? undefined : port.productId.toLowerCase(),
  }));
}

/** macOS lists the dial-in node, which waits for a carrier when it is opened; its call-out twin does not. */
export function callOutPath(path: string): string {
  return path.replace(/^\/dev\/tty\./, "/dev/cu.");
}
