/**
 * Socket services, as QNX's flash filesystem has them: what brings a chip's array within reach, a window at a time. Here
 * the socket is a bridge; drivers above see windows and know neither.
 *
 * Options are one string, read by `socket-options.ts`.
 */
import { type ByteRange, type EraseUnit, smallestEraseUnit } from "../../../drivers/geometry.ts";
import type { Bridge } from "../../bridge/bridge.ts";
import { formatAddress } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../flash-device.ts";
import type { FlashRegion } from "../flash-region.ts";
import { openFlash } from "../open-flash.ts";
import { regionOf } from "../open-region.ts";
import { parseSocketOptions, refuseSocketOption, type SocketOptions } from "./socket-options.ts";

export { parseSocketOptions, type SocketOptions } from "./socket-options.ts";

const WINDOW_BYTES = 64 * 1024;

/** A window of a socket, and where in it the requested offset lies. */
export interface SocketPage extends FlashRegion {
  /** Where the requested offset lies, bytes from the start of the window. */
  readonly offsetInWindow: number;
  /** Bytes from there to the end of the window, or of the array if that comes first. */
  readonly restBytes: number;
}

/** A chip that is within reach by windows. */
export class FlashSocket {
  /** The whole chip. */
  readonly device: FlashDevice;
  /** Bytes that `page` brings within reach at a time. */
  readonly windowBytes: number;
  /** The part of the chip that belongs to the socket. */
  readonly array: ByteRange;
  /** What is erased at once: the unit that was specified, else the smallest one of the chip. */
  readonly eraseUnit: EraseUnit;
  #isClosed = false;

  private constructor(device: FlashDevice, windowBytes: number, array: ByteRange, eraseUnit: EraseUnit) {
    this.device = device;
    this.windowBytes = windowBytes;
    this.array = array;
    this.eraseUnit = eraseUnit;
  }

  /**
   * Opens the chip on a bridge. Throws EINVAL for options that make no sense with this chip, and what `openFlash`
   * throws; the bridge stays open then.
   */
  static async open(bridge: Bridge, options: SocketOptions | string = {}): Promise<FlashSocket> {
    const given = typeof options === "string" ? parseSocketOptions(options) : options;
    const { chip, spiClockHz } = given;
    const device = await openFlash(bridge, {
      chip,
      spiClockHz,
    });
    return FlashSocket.on(device, given);
  }

  /** On a device that is open already, whatever it is. Throws EINVAL. */
  static on(device: FlashDevice, options: SocketOptions = {}): FlashSocket {
    const { capacityBytes } = device.geometry;
    const { baseAddress = 0 } = options;
    const eraseUnit = unitOf(device, options.unitBytes);
    const eraseBytes = largestBlock(eraseUnit);
    const windowBytes = options.windowBytes ?? usualWindow(eraseBytes);
    const sizeBytes = options.sizeBytes ?? capacityBytes - baseAddress;
    checkNumbers({ windowBytes, baseAddress, sizeBytes });
    if (baseAddress + sizeBytes > capacityBytes || sizeBytes === 0) {
      throw refuseSocketOption(`base=${baseAddress},size=${sizeBytes}`, `the chip has ${capacityBytes} bytes`);
    }
    if (baseAddress % eraseBytes !== 0 || sizeBytes % eraseBytes !== 0) {
      throw refuseSocketOption(
        `base=${baseAddress},size=${sizeBytes}`,
        `both must be multiples of the erase block, ${eraseBytes} bytes`,
      );
    }
    if (!isPowerOfTwo(windowBytes / eraseBytes)) {
      const what = isPowerOfTwo(eraseBytes) ? "a power of two, at least" : "1, 2, 4, 8 ... times";
      throw refuseSocketOption(`window=${windowBytes}`, `it must be ${what} the erase block of ${eraseBytes} bytes`);
    }
    return new FlashSocket(device, windowBytes, { address: baseAddress, lengthBytes: sizeBytes }, eraseUnit);
  }

  /**
   * The window that holds `offset`, counted from the start of the socket's array; offsets within the window count from its
   * own start. `offsetInWindow` and `restBytes` are what f3s_page returns: the place of `offset`, and the size of the rest of
   * the window from there on. Throws ERANGE after the end, ESHUTDOWN when closed.
   */
  page(offset: number): SocketPage {
    this.#mustBeOpen("page");
    const { address, lengthBytes } = this.array;
    if (!Number.isInteger(offset) || offset < 0 || offset >= lengthBytes) {
      throw new NorbridgeError(
        "ERANGE",
        `page: ${formatAddress(offset)} is not within the socket's ${lengthBytes} bytes`,
        {
          operation: "page",
        },
      );
    }
    const offsetInWindow = offset % this.windowBytes;
    const start = offset - offsetInWindow;
    const window = { address: address + start, lengthBytes: Math.min(this.windowBytes, lengthBytes - start) };
    const restBytes = window.lengthBytes - offsetInWindow;
    return Object.assign(regionOf(this.device, window), { offsetInWindow, restBytes });
  }

  /** Whether the same chip still responds. Throws ESHUTDOWN when closed, and what the bridge throws. */
  async status(): Promise<"present" | "absent" | "changed"> {
    this.#mustBeOpen("status");
    try {
      await this.device.checkIdentity();
      return "present";
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      if (error.code === "CHIP_MISSING" || error.code === "ENODEV") return "absent";
      if (error.code === "CHIP_CHANGED") return "changed";
      throw error;
    }
  }

  /** Releases chip and bridge. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.device.close();
  }

  #mustBeOpen(operation: string): void {
    if (this.#isClosed) throw new NorbridgeError("ESHUTDOWN", `${operation}: the socket is closed`, { operation });
  }
}

/** The erase unit of blocks of `unitBytes`; the smallest unit if that is left out. Throws EINVAL. */
function unitOf({ geometry }: FlashDevice, unitBytes: number | undefined): EraseUnit {
  if (unitBytes === undefined) return smallestEraseUnit(geometry);
  const unit = geometry.eraseUnits.find(({ regions }) => regions.every((region) => region.unitBytes === unitBytes));
  if (unit !== undefined) return unit;
  const sizes = geometry.eraseUnits.map((one) => String(largestBlock(one))).join(", ");
  throw refuseSocketOption(`unit size ${unitBytes}`, `the chip erases blocks of ${sizes} bytes`);
}

function largestBlock({ regions }: EraseUnit): number {
  return Math.max(...regions.map(({ unitBytes }) => unitBytes));
}

/** The largest window of at most 64 KiB, or one erase block. */
function usualWindow(eraseBytes: number): number {
  let windowBytes = eraseBytes;
  while (windowBytes * 2 <= WINDOW_BYTES) windowBytes *= 2;
  return windowBytes;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && value >= 1;
}

function checkNumbers(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw refuseSocketOption(`${name}=${value}`, "it must be a whole number, 0 or more");
    }
  }
}
