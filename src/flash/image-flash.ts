/**
 * A dump as if it were the chip: `image:FILE?chip=NAME` or `image:FILE?pageBytes=256&eraseBytes=4096&eraseValue=0xff`.
 * Opened for reading it never changes the file. The only file of this room that touches the disk.
 */
import type { FileHandle } from "node:fs/promises";
import { descriptorByName, refusalByName } from "../../drivers/catalog/catalog.ts";
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { formatSize, parseSize, printable } from "../bytes.ts";
import { type FileLock, heldOrBusy, lockFile } from "../disk/file-lock.ts";
import { openRegularHandle } from "../disk/regular-file.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "./flash-device.ts";
import { StoredFlash } from "./stored-flash.ts";

const SETTINGS = ["chip", "pageBytes", "eraseBytes", "eraseValue"] as const;
/** What 32-bit addresses reach. */
const MAX_BYTES = 2 ** 32;
const DEFAULT_PAGE_BYTES = 256;
const DEFAULT_ERASE_BYTES = 4096;
/** A file is done at once; planning still wants a cost, and this makes an erase more costly than a program. */
const NOMINAL_ERASE_US = 1000;
const NOMINAL_PROGRAM_US = 10;

const SIZES_INSTEAD = "Without a name, specify pageBytes and eraseBytes.";

interface Shape {
  readonly name: string;
  readonly vendor: string;
  geometryFor(fileBytes: number): FlashGeometry | undefined;
  /** What the file's size must be, for messages. */
  readonly wants: string;
}

/**
 * Opens the file. Throws USAGE for a setting that is not known or makes no sense, FILE_INVALID if the file cannot be
 * opened, is not a plain file, or has the wrong size, PORT_BUSY if it is to be written and another program writes it.
 */
export async function openImageFlash(
  path: string,
  settings: ReadonlyMap<string, string>,
  options: { readonly writable: boolean },
): Promise<FlashDevice> {
  const shape = readShape(settings);
  const file = await openRegularHandle(path, options.writable);
  let lock: FileLock | undefined;
  try {
    // One who only reads takes the file as it is; of those who write there is one.
    if (options.writable) lock = heldOrBusy(await lockFile(path), `the image file ${printable(path)}`);
    const stat = await file.stat();
    if (stat.size > MAX_BYTES) throw invalid(`${printable(path)} holds ${formatSize(stat.size)}, more than any flash`);
    const geometry = shape.geometryFor(stat.size);
    if (geometry === undefined)
      throw invalid(`${printable(path)} holds ${formatSize(stat.size)}, expected ${shape.wants}`);
    return new StoredFlash(
      geometry,
      { name: shape.name, vendor: shape.vendor, jedecId: "" },
      fileStore(file, path, lock),
    );
  } catch (error) {
    lock?.release();
    await file.close();
    throw error;
  }
}

/** `lock`: ours while the file may be written; undefined if it is only read. */
function fileStore(
  file: FileHandle,
  path: string,
  lock: FileLock | undefined,
): ConstructorParameters<typeof StoredFlash>[2] {
  let isOpen = true;
  return {
    async read({ address, lengthBytes }) {
      const bytes = new Uint8Array(lengthBytes);
      for (let done = 0; done < lengthBytes; ) {
        const { bytesRead } = await file.read(bytes, done, lengthBytes - done, address + done);
        if (bytesRead === 0) throw invalid(`${printable(path)} became shorter while it was read`);
        done += bytesRead;
      }
      return bytes;
    },
    async write(address, data) {
      if (lock === undefined) {
        const message = `${printable(path)} was opened for reading only`;
        throw new NorbridgeError("EROFS", message, { operation: "write image file" });
      }
      for (let done = 0; done < data.length; ) {
        done += (await file.write(data, done, data.length - done, address + done)).bytesWritten;
      }
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      try {
        if (lock !== undefined) await file.sync();
      } finally {
        await file.close();
        lock?.release();
      }
    },
  };
}

function readShape(settings: ReadonlyMap<string, string>): Shape {
  for (const name of settings.keys()) {
    if (SETTINGS.some((known) => known === name)) continue;
    throw usage(`no setting is named "${printable(name)}"`, `Available: ${SETTINGS.join(", ")}.`);
  }
  const chip = settings.get("chip");
  const pageBytes = sizeOf(settings, "pageBytes", DEFAULT_PAGE_BYTES);
  if (chip !== undefined) return chipShape(chip, settings.has("pageBytes") ? pageBytes : undefined);
  const eraseBytes = sizeOf(settings, "eraseBytes", DEFAULT_ERASE_BYTES);
  const erasedByte = parseSize(settings.get("eraseValue") ?? "0xff");
  if (erasedByte === undefined || erasedByte > 0xff) throw usage("eraseValue: expected a byte, such as 0xff");
  if (eraseBytes % pageBytes !== 0) throw usage(`eraseBytes=${eraseBytes} is not a multiple of pageBytes=${pageBytes}`);
  return {
    name: "image",
    vendor: "",
    wants: `a multiple of eraseBytes=${eraseBytes}`,
    geometryFor: (fileBytes) =>
      fileBytes === 0 || fileBytes % eraseBytes !== 0
        ? undefined
        : plainGeometry(fileBytes, pageBytes, eraseBytes, erasedByte),
  };
}

function chipShape(name: string, pageBytes: number | undefined): Shape {
  const part = descriptorByName(name, pageBytes === undefined ? {} : { pageBytes });
  if (part === undefined) {
    const refusal = refusalByName(name);
    if (refusal !== undefined) throw usage(`${refusal.name} has no known geometry: ${refusal.reason}`, SIZES_INSTEAD);
    throw usage(
      `no chip is named "${printable(name)}"`,
      `Names are those of datasheets, such as W25Q128JV. ${SIZES_INSTEAD}`,
    );
  }
  const { geometry, vendor } = part;
  return {
    name: part.name,
    vendor,
    wants: `${formatSize(geometry.capacityBytes)}, the size of ${part.name}`,
    geometryFor: (fileBytes) => (fileBytes === geometry.capacityBytes ? geometry : undefined),
  };
}

function plainGeometry(
  capacityBytes: number,
  pageBytes: number,
  eraseBytes: number,
  erasedByte: number,
): FlashGeometry {
  const times = { typicalUs: NOMINAL_ERASE_US, maximumUs: NOMINAL_ERASE_US };
  return {
    capacityBytes,
    pageBytes,
    erasedByte,
    eraseUnits: [
      {
        name: `${formatSize(eraseBytes)} sector`,
        regions: [{ address: 0, unitBytes: eraseBytes, count: capacityBytes / eraseBytes, ...times }],
      },
    ],
    programTypicalUs: NOMINAL_PROGRAM_US,
    programMaximumUs: NOMINAL_PROGRAM_US,
  };
}

function sizeOf(settings: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const text = settings.get(name);
  const size = text === undefined ? otherwise : parseSize(text);
  if (size === undefined || size === 0) throw usage(`${name}: expected a size, such as 4096 or 4k`);
  return size;
}

function usage(message: string, hint?: string): NorbridgeError {
  const operation = "read the settings of an image port";
  return new NorbridgeError("USAGE", message, { operation, hint });
}

function invalid(message: string): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", message, { operation: "open image file" });
}
