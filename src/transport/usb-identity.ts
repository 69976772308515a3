/**
 * Which USB device a serial port is, as Linux keeps it in files: no other program and no native module is needed for it.
 * Whether the bytes are checked all the way hangs on it: a USB converter has a UART behind it, and nobody checks that.
 */
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * Ids under which a microcontroller's own USB port is seen; USB checks every packet. Whole ids and not vendors: the same
 * vendors make converters, and a UART that is taken for checked is read wrongly without a word, while a checked line that
 * is taken for a UART is only read twice. Not here, for that reason: Raspberry Pi's Debug Probe (2e8a:0004, 2e8a:000c),
 * Espressif's USB bridge (303a:1002) and what runs TinyUSB (303a:4001), as their UART bridge does, the programming port of
 * the Arduino Due (2341:003d), and every converter (FTDI, CP210x, CH340, PL2303).
 *
 * Sources: raspberrypi/usb-pid (Readme.md), espressif/esp-usb-bridge (Kconfig), Arduino's boards.txt.
 */
const OWN_USB: ReadonlySet<string> = new Set([
  // Raspberry Pi: MicroPython, Pico SDK on RP2350 and RP2040, CircuitPython.
  "2e8a:0005",
  "2e8a:0009",
  "2e8a:000a",
  "2e8a:000b",
  // Espressif: the USB serial and JTAG unit of the chip itself.
  "303a:1001",
  // STMicroelectronics' virtual COM port.
  "0483:5740",
  // Arduino Due (native port), Leonardo.
  "2341:003e",
  "2341:8036",
]);

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

/**
 * Whether every byte to and from such a device ("2e8a:000a") is checked, as far as its id says. A board of this kind that
 * passes its bytes on to a UART has the same id: only its owner knows.
 */
export function isCheckedUsb(identity: string | undefined): boolean {
  return identity !== undefined && OWN_USB.has(identity);
}
