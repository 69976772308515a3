/**
 * What USB ids and strings report of a device: norbridge's own firmware, boards and converters that bridges are made
 * of.
 */

/** A USB device as the system describes it. What the system does not report is "". */
export interface UsbDevice {
  /** Vendor and product in lower case: "2e8a:000a". */
  readonly identity: string;
  /** The device's own number. On Windows it may be one that the system made up; it is the same at every plugging in. */
  readonly serialNumber: string;
  /** The manufacturer's name; Windows gives that of the driver's. */
  readonly manufacturer: string;
  /** The product's name; only Linux gives it. */
  readonly product: string;
}

/**
 * How norbridge's firmware for the Pico announces itself: ports/rp2040/usb-descriptors.c has the same, and a test reads
 * it out of the shipped image. Raspberry Pi lets any program with a serial port use this pair, so the strings decide.
 */
export const NORBRIDGE_USB = { identity: "2e8a:000a", manufacturer: "norbridge", product: "norbridge" } as const;

/** Firmware 1.0.0 had a pair that pid.codes keeps for trials, and the same strings. */
export const FORMER_IDENTITY = "1209:0001";

interface KnownUsb {
  readonly note: string;
  /**
   * Whether the USB port is the microcontroller's own: USB checks every packet then. Whole ids decide and not vendors:
   * the same vendors make converters. A UART that is treated as checked is misread without any error; a checked line
   * that is treated as a UART is only read twice.
   */
  readonly isOwnUsb: boolean;
  /** Whether bridge firmware is known to run on it, or on a board connected to it. */
  readonly isLikelyBridge: boolean;
}

const board = (note: string): KnownUsb => ({ note, isOwnUsb: true, isLikelyBridge: true });
const converter = (note: string): KnownUsb => ({ note, isOwnUsb: false, isLikelyBridge: true });
const checkedOnly = (note: string): KnownUsb => ({ note, isOwnUsb: true, isLikelyBridge: false });

/**
 * Not here: Raspberry Pi's Debug Probe (2e8a:0004, 2e8a:000c), Espressif's USB bridge (303a:1002) and what runs TinyUSB
 * there (303a:4001), and the programming port of the Arduino Due (2341:003d): each has a UART after it.
 *
 * Sources: raspberrypi/usb-pid (Readme.md), espressif/esp-usb-bridge (Kconfig), Arduino's boards.txt.
 */
const KNOWN: Readonly<Record<string, KnownUsb>> = {
  [NORBRIDGE_USB.identity]: board("Raspberry Pi Pico program"),
  "2e8a:0005": board("Raspberry Pi Pico (MicroPython)"),
  "2e8a:0009": checkedOnly("Raspberry Pi Pico 2 program"),
  "2e8a:000b": checkedOnly("Raspberry Pi Pico (CircuitPython)"),
  "303a:1001": checkedOnly("Espressif USB serial and JTAG"),
  "0483:5740": board("STM32 virtual COM port"),
  "2341:003e": checkedOnly("Arduino Due (native port)"),
  "2341:8036": board("Arduino Leonardo"),
  "2341:0043": converter("Arduino Uno"),
  "2341:0001": converter("Arduino Uno"),
  "2341:0010": converter("Arduino Mega 2560"),
  "2341:0042": converter("Arduino Mega 2560"),
  "2341:0243": converter("Arduino Uno"),
  "0403:6001": converter("FTDI FT232R"),
  "0403:6010": converter("FTDI FT2232"),
  "0403:6014": converter("FTDI FT232H"),
  "0403:6015": converter("FTDI FT-X"),
  "10c4:ea60": converter("Silicon Labs CP210x"),
  "1a86:7523": converter("WCH CH340"),
  "1a86:55d4": converter("WCH CH9102"),
};

/** Whether the device reports that it is norbridge's firmware. Where the system gives no strings this is false. */
export function isNorbridge({ manufacturer, product }: UsbDevice): boolean {
  return product === "" ? manufacturer === NORBRIDGE_USB.manufacturer : product === NORBRIDGE_USB.product;
}

/** Whether a bridge may be connected to this device. */
export function isLikelyBridge(device: UsbDevice): boolean {
  return isNorbridge(device) || KNOWN[device.identity]?.isLikelyBridge === true;
}

/**
 * Whether every byte to and from such a device is checked, as far as its id says. A board of this kind that passes its
 * bytes on to a UART has the same id: only its owner knows.
 */
export function isCheckedUsb(device: UsbDevice | undefined): boolean {
  return device !== undefined && (isNorbridge(device) || KNOWN[device.identity]?.isOwnUsb === true);
}

/** Vendors of nothing but converters: FTDI and Prolific. */
const CONVERTER_VENDORS = /^(0403|067b):/;

/**
 * Whether this device is known to have a UART. There DTR is a wire, which resets an Arduino when it is raised; on a
 * board with USB of its own DTR says that a program listens, and many boards send nothing without it.
 */
export function isConverter(device: UsbDevice | undefined): boolean {
  if (device === undefined) return false;
  return KNOWN[device.identity]?.isOwnUsb === false || CONVERTER_VENDORS.test(device.identity);
}

/**
 * Converters that take a faster rate and then lose bytes, with the rate, baud, up to which they lose none.
 *
 * 16U2 on Arduino's boards: its ring of 128 bytes is filled by an interrupt without a test for full, and emptied at some
 * 47,000 bytes a second (arduino/ArduinoCore-avr issue 424). CH340: reports of lost bytes above 500 kbaud differ
 * between boards (gnea/grbl issues 598, 608, 837).
 */
const MAX_BAUD: Readonly<Record<string, number>> = {
  "2341:0043": 250_000,
  "2341:0001": 250_000,
  "2341:0010": 250_000,
  "2341:0042": 250_000,
  "2341:0243": 250_000,
  "2a03:0043": 250_000,
  "2a03:0010": 250_000,
  "2a03:0042": 250_000,
  "1a86:7523": 500_000,
};

/** The fastest rate, baud, at which this converter is known to lose nothing; undefined if no limit is known. */
export function maxBaudRate(device: UsbDevice | undefined): number | undefined {
  return device === undefined ? undefined : MAX_BAUD[device.identity];
}

/** What the device is, for a list: "FTDI FT232R". Undefined for one that is not known. */
export function usbNote(device: UsbDevice): string | undefined {
  if (isNorbridge(device)) return device.identity === FORMER_IDENTITY ? "norbridge (older firmware)" : "norbridge";
  const note = KNOWN[device.identity]?.note;
  if (device.identity !== NORBRIDGE_USB.identity || note === undefined) return note;
  return device.product === "" ? `${note}, maybe norbridge` : `${note} "${device.product}"`;
}
