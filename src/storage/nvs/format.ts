/** Zephyr NVS as bytes: geometry, allocation table entries, data with its CRC. Pure. The layout is in FORMAT.md. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { concatBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import { crc8Of } from "../crc8.ts";

/** Options of a Zephyr NVS: none of them is on the flash. */
export interface NvsOptions {
  /** Size of a sector, bytes: a multiple of the erase block, at most 65536. */
  readonly sectorBytes: number;
  /** Write block of the device: 1, 2, 4, 8, 16 or 32 bytes. */
  readonly alignBytes: number;
  /** Whether the device was built with NVS_DATA_CRC: 4 bytes after each item's data. */
  readonly hasDataCrc: boolean;
  /** Places of the region that may be erased, whatever they hold. Else only sectors that are blank or of this store. */
  readonly overwrite?: readonly OffsetRange[] | undefined;
}

/** An allocation table entry (ATE) occupies 8 bytes, or one write block. */
export const ATE_BYTES = 8;
/** Id of the entries that close a sector and that end a collection. */
export const MARKER_ID = 0xffff;
/** Largest id of an item that is written here: deleting 0xffff would look like the end of a collection. */
export const MAX_KEY = 0xfffe;
const CRC_BYTES = 4;
/** Devices copy items in pieces of at most this size. */
const COPY_BYTES = 32;
export const MAX_SECTOR_BYTES = 0x10000;

/** What follows from the options and the region. */
export interface NvsGeometry extends NvsOptions {
  readonly sectorCount: number;
  readonly erasedByte: number;
  /** Size of an entry with its padding. */
  readonly ateBytes: number;
  /** Place of the entry that closes a sector, from the start of the sector. */
  readonly closePlace: number;
  /** Place of the first entry. */
  readonly firstPlace: number;
  /** Bytes of check value after each item's data: 0 or 4. */
  readonly crcBytes: number;
  /** Largest data of an item. */
  readonly maxItemBytes: number;
}

/** Throws EINVAL for options that no device has, or that do not fit the region. */
export function geometryOf(
  region: { readonly lengthBytes: number; readonly eraseBytes: number; readonly erasedByte: number },
  { sectorBytes, alignBytes, hasDataCrc }: NvsOptions,
): NvsGeometry {
  const invalid = (message: string): NorbridgeError => new NorbridgeError("EINVAL", message, { operation: "open NVS" });
  if (![1, 2, 4, 8, 16, 32].includes(alignBytes))
    throw invalid(`a write block of NVS has 1 to 32 bytes, not ${alignBytes}`);
  const ateBytes = Math.max(ATE_BYTES, alignBytes);
  if (!Number.isSafeInteger(sectorBytes) || sectorBytes < 8 * ateBytes || sectorBytes > MAX_SECTOR_BYTES) {
    throw invalid(`a sector of NVS has ${8 * ateBytes} to 65536 bytes, not ${sectorBytes}`);
  }
  if (sectorBytes % region.eraseBytes !== 0 || sectorBytes % ateBytes !== 0) {
    throw invalid(`a sector of ${sectorBytes} bytes is not a whole number of erase blocks of ${region.eraseBytes}`);
  }
  const sectorCount = region.lengthBytes / sectorBytes;
  if (!Number.isInteger(sectorCount) || sectorCount < 2 || sectorCount > 0xffff) {
    throw invalid(`${region.lengthBytes} bytes are not 2 or more whole sectors of ${sectorBytes} bytes`);
  }
  const crcBytes = hasDataCrc ? CRC_BYTES : 0;
  return {
    sectorBytes,
    alignBytes,
    hasDataCrc,
    sectorCount,
    erasedByte: region.erasedByte,
    ateBytes,
    closePlace: sectorBytes - ateBytes,
    firstPlace: sectorBytes - 2 * ateBytes,
    crcBytes,
    maxItemBytes: Math.min(sectorBytes - 4 * ateBytes, MAX_SECTOR_BYTES - 1) - crcBytes,
  };
}

/** `length` rounded up to the write block. */
export function aligned({ alignBytes }: Pick<NvsOptions, "alignBytes">, length: number): number {
  return Math.ceil(length / alignBytes) * alignBytes;
}

/** An entry, without its check byte. */
export interface Ate {
  readonly id: number;
  /** Start of the data, from the start of the sector. Of a close entry: place of the sector's last entry. */
  readonly offset: number;
  /** Data with its CRC, bytes; 0 for a deleted item and for markers. */
  readonly length: number;
}

/** An entry as it stands on the flash, padded to its place. */
export function encodeAte({ id, offset, length }: Ate, { ateBytes, erasedByte }: NvsGeometry): Uint8Array {
  const bytes = new Uint8Array(ateBytes).fill(erasedByte);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id, true);
  view.setUint16(2, offset, true);
  view.setUint16(4, length, true);
  bytes[6] = 0xff;
  bytes[7] = crc8Of(bytes, 0, 7);
  return bytes;
}

/** Whether the check byte of the entry at `bytes[at]` is erased: a cut before it can leave an entry that looks valid. */
export function hasErasedCheck(
  bytes: Uint8Array,
  at: number,
  { erasedByte }: Pick<NvsGeometry, "erasedByte">,
): boolean {
  return bytes[at + 7] === erasedByte;
}

/** Reads the entry at `bytes[at]`; undefined if its check byte does not match. */
export function decodeAte(bytes: Uint8Array, at: number): Ate | undefined {
  if (crc8Of(bytes, at, at + 7) !== bytes[at + 7]) return undefined;
  const word = (index: number): number => (bytes[at + index] ?? 0) | ((bytes[at + index + 1] ?? 0) << 8);
  return { id: word(0), offset: word(2), length: word(4) };
}

/** The bytes of an item as an entry counts them: the data, then its CRC if there is one. */
export function encodeItem(data: Uint8Array, { hasDataCrc }: NvsGeometry): Uint8Array {
  if (!hasDataCrc) return data;
  const check = new Uint8Array(CRC_BYTES);
  new DataView(check.buffer).setUint32(0, crc32(data), true);
  return concatBytes([data, check]);
}

/** The data of a stored item, and what speaks against it. */
export function decodeItem(
  stored: Uint8Array,
  { hasDataCrc }: NvsGeometry,
): { readonly data: Uint8Array; readonly damage: string | undefined } {
  if (!hasDataCrc) return { data: stored, damage: undefined };
  if (stored.length < CRC_BYTES) return { data: new Uint8Array(), damage: "it is shorter than its CRC-32" };
  const data = stored.subarray(0, stored.length - CRC_BYTES);
  const check = new DataView(stored.buffer, stored.byteOffset + data.length, CRC_BYTES).getUint32(0, true);
  return { data, damage: crc32(data) === check ? undefined : "its CRC-32 does not match" };
}

/** The programs of a device that writes an item: whole write blocks of the data, then the rest with its CRC in the same way. */
export function savedPieces(data: Uint8Array, geometry: NvsGeometry): readonly Uint8Array[] {
  const all = encodeItem(data, geometry);
  if (!geometry.hasDataCrc) return blockPieces(all, geometry);
  const whole = data.length - (data.length % geometry.alignBytes);
  return [all.subarray(0, whole), ...blockPieces(all.subarray(whole), geometry)].filter(({ length }) => length > 0);
}

/** The programs of a device that copies an item into another sector. `stored` is the data with its CRC. */
export function copiedPieces(stored: Uint8Array, geometry: NvsGeometry): readonly Uint8Array[] {
  const step = COPY_BYTES - (COPY_BYTES % geometry.alignBytes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stored.length; at += step) {
    pieces.push(...blockPieces(stored.subarray(at, at + step), geometry));
  }
  return pieces;
}

/** Whole write blocks in one program, and the rest padded with erased bytes in another. */
function blockPieces(bytes: Uint8Array, { alignBytes, erasedByte }: NvsGeometry): readonly Uint8Array[] {
  const whole = bytes.length - (bytes.length % alignBytes);
  const pieces = whole === 0 ? [] : [bytes.subarray(0, whole)];
  if (whole < bytes.length) {
    const last = new Uint8Array(alignBytes).fill(erasedByte);
    last.set(bytes.subarray(whole));
    pieces.push(last);
  }
  return pieces;
}
