/**
 * The place of a serial port on the USB tree, as Linux names it: `3-1.4` is port 4 of the hub at port 1 of bus 3. It stays
 * when a port gets another name, and when the bridge there is exchanged.
 */
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";

const TTY_ROOT = "/sys/class/tty";
const DEVICE = /^[0-9]+-[0-9]+(?:\.[0-9]+)*$/;

/** A serial port on USB, and its place. */
export interface UsbPort {
  /** "/dev/ttyACM0". */
  readonly path: string;
  /** "3-1.4". */
  readonly usbPath: string;
}

/** All serial ports on USB with their places; none where the system has no such files. `root`: for tests. */
export async function usbPorts(root = TTY_ROOT): Promise<readonly UsbPort[]> {
  let names: readonly string[];
  try {
    names = await readdir(root);
  } catch {
    return [];
  }
  const found = await Promise.all(
    names
      .filter((name) => /^tty(?:ACM|USB)[0-9]+$/.test(name))
      .map(async (name) => {
        const usbPath = await placeOf(join(root, name, "device"));
        return usbPath === undefined ? [] : [{ path: join("/dev", name), usbPath }];
      }),
  );
  return found.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The port at a place now; undefined if none is there, or several are. */
export async function portAtUsbPath(usbPath: string, root?: string): Promise<string | undefined> {
  const [first, second] = (await usbPorts(root)).filter((port) => port.usbPath === usbPath);
  return second === undefined ? first?.path : undefined;
}

/** The last part of the path of a device that is a USB device: its interface is named `3-1.4:1.0`. */
async function placeOf(device: string): Promise<string | undefined> {
  try {
    return (await realpath(device)).split("/").findLast((part) => DEVICE.test(part));
  } catch {
    return undefined;
  }
}
