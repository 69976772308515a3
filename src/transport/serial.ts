/**
 * Serial ports by name. With serial-duplex.ts and serial-list.ts the only file that imports serialport, and only when a
 * port is opened or listed, since the import loads a native module.
 */
import { hostPlatform } from "../platform.ts";
import type { ByteDuplex } from "./byte-duplex.ts";
import { openAny } from "./serial-duplex.ts";
import { isCheckedUsb, isConverter, maxBaudRate } from "./usb-boards.ts";
import { usbDeviceOf } from "./usb-identity.ts";

/** How bytes of a serial port are delivered. */
export interface SerialOptions {
  /**
   * Bytes come in whole units of a native frame (default). False: as they come, for protocols whose answers may be one
   * byte long, and where it is not known yet which protocol is spoken.
   */
  readonly isFramed?: boolean | undefined;
}
/**
 * Opens a port by path. Throws PORT_NOT_FOUND, PORT_DENIED, PORT_BUSY or PORT_FAILED, EINVAL for a rate that the driver
 * rejects.
 */
export async function openSerial(path: string, baudRate: number, options: SerialOptions = {}): Promise<ByteDuplex> {
  const { SerialPort } = await import("serialport");
  const device = await usbDeviceOf(path);
  // hupcl false: a board that resets on DTR is not reset again when the port is closed.
  return openAny(() => new SerialPort({ path, baudRate, autoOpen: false, hupcl: false, lock: true }), path, {
    ...options,
    isChecked: isCheckedUsb(device),
    isConverter: isConverter(device),
    maxBaudRate: maxBaudRate(device),
    platform: hostPlatform,
  });
}

/**
 * Opens a path of serialport's mock binding (`isFramed: false` for a serprog bridge), where tests and CI keep their
 * simulated bridges.
 */
export async function openMockSerial(path: string, baudRate: number, options: SerialOptions = {}): Promise<ByteDuplex> {
  const { SerialPortMock } = await import("serialport");
  return openAny(() => new SerialPortMock({ path, baudRate, autoOpen: false, lock: true }), path, {
    ...options,
    isChecked: false,
    isConverter: false,
    platform: hostPlatform,
  });
}

/** What is known of a port beside its name. */
