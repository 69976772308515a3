/**
 * Which USB device a serial port is, and which port a device has. Linux keeps that in files, which takes no other
 * program; elsewhere the list of ports knows. Whether the bytes are checked on their way depends on it, and under which
 * name a bridge comes back.
 */
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { hostPlatform, type Platform } from "../platform.ts";
import { callOutPath, listSerial, type SerialPortDescription } from "./serial-list.ts";
import type { UsbDevice } from "./usb-boards.ts";

/** Where answers come from; a test has its own. */
export interface UsbSources {
  readonly platform: Platform;
  /** The folder in which Linux lists its serial ports. */
  readonly ttyRoot: string;
  /** All ports there are. May reject. */
  readonly list: () => Promise<readonly SerialPortDescription[]>;
}

/** This machine's. */
export const USB_SOURCES: UsbSources = { platform: hostPlatform, ttyRoot: "/sys/class/tty", list: () => listSerial() };

/** The device at a port; undefined if the system does not report it. */
export async function usbDeviceOf(path: string, sources: UsbSources = USB_SOURCES): Promise<UsbDevice | undefined> {
  if (sources.platform === "linux") return usbDeviceInFiles(await withoutLinks(path), sources.ttyRoot);
  const name = plainName(path, sources.platform);
  const port = (await listed(sources)).find((other) => plainName(other.path, sources.platform) === name);
  return port === undefined ? undefined : deviceOf(port);
}

/** The port of this device now; undefined if it is not, has no number of its own, or is there twice. */
export async function findPortOf(device: UsbDevice, sources: UsbSources = USB_SOURCES): Promise<string | undefined> {
  if (device.serialNumber === "") return undefined;
  const ports = sources.platform === "linux" ? await portsInFiles(sources.ttyRoot) : await listedDevices(sources);
  const [first, second] = ports.filter(
    ([, other]) => other.identity === device.identity && other.serialNumber === device.serialNumber,
  );
  return first === undefined || second !== undefined ? undefined : first[0];
}

/** What a list of ports reports of the device at one; undefined for a port that is not on USB. */
export function deviceOf(port: SerialPortDescription): UsbDevice | undefined {
  const { vendorId, productId, serialNumber = "", manufacturer = "" } = port;
  if (vendorId === undefined || productId === undefined) return undefined;
  return { identity: `${vendorId}:${productId}`, serialNumber, manufacturer, product: "" };
}

async function listed({ list }: UsbSources): Promise<readonly SerialPortDescription[]> {
  try {
    return await list();
  } catch {
    // The identity is unknown then; the port may work all the same.
    return [];
  }
}

async function listedDevices(sources: UsbSources): Promise<readonly (readonly [string, UsbDevice])[]> {
  return (await listed(sources)).flatMap((port) => {
    const device = deviceOf(port);
    return device === undefined ? [] : [[port.path, device] as const];
  });
}

/** A port has more than one name: `\\.\COM7` and `com7` on Windows, two nodes on macOS. */
function plainName(path: string, platform: Platform): string {
  if (platform === "windows") return path.replace(/^[\\/]{2}[.?][\\/]/, "").toUpperCase();
  return platform === "macos" ? callOutPath(path) : path;
}

/** Many name a port by /dev/serial/by-id, which is a link. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

async function usbDeviceInFiles(path: string, root: string): Promise<UsbDevice | undefined> {
  try {
    // The port belongs to an interface, the interface to the device. Both steps there are links.
    const interfacePath = await realpath(join(root, basename(path), "device"));
    for (const up of ["..", "../.."]) {
      const read = (name: string): Promise<string | undefined> => textIn(join(interfacePath, up, name));
      const [vendor, product] = await Promise.all([read("idVendor"), read("idProduct")]);
      if (vendor === undefined || product === undefined) continue;
      const [serial = "", manufacturer = "", productName = ""] = await Promise.all(
        ["serial", "manufacturer", "product"].map(read),
      );
      const identity = `${vendor}:${product}`.toLowerCase();
      return { identity, serialNumber: serial, manufacturer, product: productName };
    }
  } catch {
    // Not USB, or a container without these files: the identity is unknown.
  }
  return undefined;
}

async function portsInFiles(root: string): Promise<readonly (readonly [string, UsbDevice])[]> {
  let names: readonly string[];
  try {
    names = (await readdir(root)).filter((name) => /^tty(ACM|USB)/.test(name));
  } catch {
    return [];
  }
  const ports = await Promise.all(names.map(async (name) => [name, await usbDeviceInFiles(name, root)] as const));
  return ports.flatMap(([name, device]) => (device === undefined ? [] : [[join("/dev", name), device] as const]));
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    return undefined;
  }
}
