/**
 * Socket services, as QNX's flash filesystem has them: what brings a chip's array within reach, a window at a time. Here
 * the socket is a bridge; drivers above see windows and know neither.
 *
 * Options are one string, `window=64k,base=0x1000,size=256k,chip=AT25SF041,clock=8MHz`; each may be left out.
 */
import { type ByteRange, smallestEraseUnit } from "../../../drivers/geometry.ts";
import type { Bridge } from "../../bridge/bridge.ts";
import { formatAddress, parseSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../flash-device.ts";
import type { FlashRegion } from "../flash-region.ts";
import { openFlash } from "../open-flash.ts";
import { regionOf } from "../open-region.ts";

/** Which part of a chip belongs to a socket, and how to open it. */
export interface SocketOptions {
  /** Bytes that `page` brings within reach at a time; a multiple of the smallest erase block. */
  readonly windowBytes?: number | undefined;
  /** First address of the chip that belongs to the socket. */
  readonly baseAddress?: number | undefined;
  /** Bytes from there on; up to the end of the chip if left out. */
  readonly sizeBytes?: number | undefined;
  /** Name of the part, as for `openFlash`; found by its ID if left out. */
  readonly chip?: string | undefined;
  /** SPI clock, Hz; the fastest that chip and bridge allow if left out. */
  readonly spiClockHz?: number | undefined;
}

const WINDOW_BYTES = 64 * 1024;
const CLOCK = /^([0-9]+(?:\.[0-9]+)?)(k|M)Hz$/;

/** Reads an option string. Throws EINVAL that names the option and what it takes. */
export function parseSocketOptions(text: string): SocketOptions {
  const options: { -readonly [K in keyof SocketOptions]: SocketOptions[K] } = {};
  for (const word of text.split(",").filter((one) => one !== "")) {
    const equals = word.indexOf("=");
    const [name, value] = [word.slice(0, Math.max(0, equals)), word.slice(equals + 1)];
    switch (name) {
      case "window":
        options.windowBytes = sizeOf(word, value, 1);
        break;
      case "base":
        options.baseAddress = sizeOf(word, value, 0);
        break;
      case "size":
        options.sizeBytes = sizeOf(word, value, 1);
        break;
      case "chip":
        options.chip = value;
        break;
      case "clock":
        options.spiClockHz = clockOf(word, value);
        break;
      default:
        throw refuse(word, "options are window=, base=, size=, chip= and clock=");
    }
  }
  return options;
}

/** A chip that is within reach by windows. */
export class FlashSocket {
  /** The whole chip. */
  readonly device: FlashDevice;
  /** Bytes that `page` brings within reach at a time. */
  readonly windowBytes: number;
  /** The part of the chip that belongs to the socket. */
  readonly array: ByteRange;
  #isClosed = false;

  private constructor(device: FlashDevice, windowBytes: number, array: ByteRange) {
    this.device = device;
    this.windowBytes = windowBytes;
    this.array = array;
  }

  /**
   * Opens the chip behind a bridge. Throws EINVAL for options that make no sense with this chip, and what `openFlash`
   * throws; the bridge stays open then.
   */
  static async open(bridge: Bridge, options: SocketOptions | string = {}): Promise<FlashSocket> {
    const {
      windowBytes = WINDOW_BYTES,
      baseAddress = 0,
      sizeBytes,
      chip,
      spiClockHz,
    } = typeof options === "string" ? parseSocketOptions(options) : options;
    const device = await openFlash(bridge, {
      ...(chip === undefined ? {} : { chip }),
      ...(spiClockHz === undefined ? {} : { spiClockHz }),
    });
    return FlashSocket.on(device, { windowBytes, baseAddress, ...(sizeBytes === undefined ? {} : { sizeBytes }) });
  }

  /** On a device that is open already, whatever it is. Throws EINVAL. */
  static on(device: FlashDevice, options: SocketOptions = {}): FlashSocket {
    const { capacityBytes } = device.geometry;
    const { windowBytes = WINDOW_BYTES, baseAddress = 0 } = options;
    const sizeBytes = options.sizeBytes ?? capacityBytes - baseAddress;
    const eraseBytes = Math.max(...smallestEraseUnit(device.geometry).regions.map(({ unitBytes }) => unitBytes));
    if (baseAddress + sizeBytes > capacityBytes || sizeBytes <= 0) {
      throw refuse(`base=${baseAddress},size=${sizeBytes}`, `the chip has ${capacityBytes} bytes`);
    }
    if (windowBytes % eraseBytes !== 0 || baseAddress % eraseBytes !== 0 || sizeBytes % eraseBytes !== 0) {
      throw refuse(
        `window=${windowBytes},base=${baseAddress},size=${sizeBytes}`,
        `they must be multiples of the smallest erase block, ${eraseBytes} bytes`,
      );
    }
    return new FlashSocket(device, Math.min(windowBytes, sizeBytes), { address: baseAddress, lengthBytes: sizeBytes });
  }

  /**
   * The window that holds `offset`, counted from the start of the socket's array; offsets within the window count from its
   * own start. Throws ERANGE behind the end, ESHUTDOWN when closed.
   */
  page(offset: number): FlashRegion {
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
    const start = offset - (offset % this.windowBytes);
    const window = { address: address + start, lengthBytes: Math.min(this.windowBytes, lengthBytes - start) };
    return regionOf(this.device, window);
  }

  /** Whether the same chip still answers. Throws ESHUTDOWN when closed, and what the bridge throws. */
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

function sizeOf(word: string, value: string, least: number): number {
  const size = parseSize(value);
  if (size === undefined || size < least) throw refuse(word, "it takes a size such as 4096, 0x1000, 64k or 2M");
  return size;
}

function clockOf(word: string, value: string): number {
  const match = CLOCK.exec(value);
  const hertz = Number(match?.[1]) * (match?.[2] === "M" ? 1e6 : 1e3);
  if (match === null || !(hertz > 0)) throw refuse(word, "it takes a clock such as 8MHz or 500kHz");
  return Math.round(hertz);
}

function refuse(word: string, why: string): NorbridgeError {
  return new NorbridgeError("EINVAL", `socket option ${printable(word)}: ${why}`, { operation: "open socket" });
}
