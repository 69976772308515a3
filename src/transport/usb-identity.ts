/**
 * Which USB device a serial port is, as Linux keeps it in files: no other program and no native module is needed for it.
 * Whether the bytes are checked all the way hangs on it: a USB converter has a UART behind it, and nobody checks that.
 */
import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";

/** Chips that are a microcontroller with a USB port of its own; USB checks every packet. */
const OWN_USB: readonly RegExp[] = [
  // Raspberry Pi, Espressif, STMicroelectronics' virtual COM port, Arduino Due and other native ports.
  /^2e8a:/,
  /^303a:/,
  /^0483:5740$/,
  /^2341:003[de]$/,
];

/** "2e8a:000a" of the device behind a port; undefined where the system does not say. */
export async function usbIdentityOf(path: string, root = "/sys/class/tty"): Promise<string | undefined> {
  try {
    // The port belongs to an interface, the interface to the device. Both steps there are links.
    const interfacePath = await realpath(join(root, basename(path), "device"));
    for (const up of ["..", "../.."]) {
      const ids = await Promise.all(["idVendor", "idProduct"].map((name) => readId(join(interfacePath, up, name))));
      if (ids.every((id) => id !== undefined)) return ids.join(":");
    }
  } catch {
    // Not Linux, not USB, or a container without these files: nobody knows.
  }
  return undefined;
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
