/**
 * Which USB device a serial port is, as Linux keeps it in files: no other program and no native module is needed for it.
 * Whether the bytes are checked all the way hangs on it: a USB converter has a UART behind it, and nobody checks that.
 */
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";

/** Chips that are a microcontroller with a USB port of its own; USB checks every packet. */
const OWN_USB: readonly RegExp[] = [
  // Raspberry Pi, Espressif, STMicroelectronics' virtual COM port, Arduino Due and other native ports.
  /^2e8a:/,
  /^303a:/,
  /^0483:5740$/,
  /^2341:003[de]$/,
];

/** Where Linux lists its serial ports. */
const TTY_ROOT = "/sys/class/tty";

export interface UsbDevice {
  /** Vendor and product: "2e8a:000a". */
  readonly identity: string;
  /** The device's own number, "" where it has none. */
  readonly serialNumber: string;
}

/** The device behind a port; undefined where the system does not say. */
export async function usbDeviceOf(path: string, root = TTY_ROOT): Promise<UsbDevice | undefined> {
  try {
    // The port belongs to an interface, the interface to the device. Both steps there are links.
    const interfacePath = await realpath(join(root, basename(path), "device"));
    for (const up of ["..", "../.."]) {
      const ids = await Promise.all(["idVendor", "idProduct"].map((name) => readId(join(interfacePath, up, name))));
      if (!ids.every((id) => id !== undefined)) continue;
      return { identity: ids.join(":"), serialNumber: (await readId(join(interfacePath, up, "serial"))) ?? "" };
    }
  } catch {
    // Not Linux, not USB, or a container without these files: nobody knows.
  }
  return undefined;
}

/** "2e8a:000a" of the device behind a port; undefined where the system does not say. */
export async function usbIdentityOf(path: string, root = TTY_ROOT): Promise<string | undefined> {
  return (await usbDeviceOf(path, root))?.identity;
}

/** The port behind which this device is now; undefined where it is not, has no number of its own, or is there twice. */
export async function findTtyOf(device: UsbDevice, root = TTY_ROOT): Promise<string | undefined> {
  if (device.serialNumber === "") return undefined;
  let names: readonly string[];
  try {
    names = (await readdir(root)).filter((name) => /^tty(ACM|USB)/.test(name));
  } catch {
    return undefined;
  }
  const devices = await Promise.all(names.map(async (name) => [name, await usbDeviceOf(name, root)] as const));
  const found = devices.filter(
    ([, other]) => other?.identity === device.identity && other.serialNumber === device.serialNumber,
  );
  const [first, second] = found;
  return first === undefined || second !== undefined ? undefined : join("/dev", first[0]);
}

async function readId(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim().toLowerCase();
  } catch {
    return undefined;
  }
}

/** Whether every byte to and from such a device is checked. */
export function isCheckedUsb(identity: string | undefined): boolean {
  return identity !== undefined && OWN_USB.some((pattern) => pattern.test(identity));
}
