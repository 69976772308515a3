/** Bytes of Mynewt's FCB2: directory entries and checks. Pure. FORMAT.md has the byte map and its source. */
import { alignUp, crc8 } from "../circular-buffer/format.ts";

/** Bytes of a directory entry without padding. */
const DIRECTORY_BYTES = 6;
const CHECK_BYTES = 2;
const ERASED = 0xff;

/** Alignments that devices have; each must be tried, since none is stored. */
export const FCB2_ALIGNMENTS = [1, 2, 4, 8, 16, 32] as const;

/** Where directory entry `number` (from 1) begins in a sector. */
export function directoryOffset(sectorBytes: number, number: number, alignBytes: number): number {
  return sectorBytes - number * alignUp(DIRECTORY_BYTES, alignBytes);
}

/** What a directory entry contains; undefined if the directory ends. */
export type DirectoryEntry =
  | { readonly kind: "entry"; readonly offset: number; readonly length: number }
  | { readonly kind: "wrong" };

/** Reads the directory entry at `at`. */
export function decodeDirectory(bytes: Uint8Array, at: number): DirectoryEntry | undefined {
  const entry = bytes.subarray(at, at + DIRECTORY_BYTES);
  if (entry.length < DIRECTORY_BYTES || entry.every((byte) => byte === ERASED)) return undefined;
  if (crc8(entry.subarray(0, 5)) !== entry[5]) return { kind: "wrong" };
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  return { kind: "entry", offset: (view.getUint8(0) << 16) | view.getUint16(1), length: view.getUint16(3) };
}

/** Bytes that data takes, with its check value and all alignment. */
export function storedBytes(length: number, alignBytes: number): number {
  return alignUp(length, alignBytes) + alignUp(CHECK_BYTES, alignBytes);
}

/** Whether the check value after the data is right. */
export function isChecked(bytes: Uint8Array, offset: number, length: number, alignBytes: number): boolean {
  const at = offset + alignUp(length, alignBytes);
  const stored = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return at + CHECK_BYTES <= bytes.length && crc16(bytes.subarray(offset, offset + length)) === stored;
}

const CRC16_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let value = index << 8;
  for (let bit = 0; bit < 8; bit++) value = (value & 0x8000) === 0 ? value << 1 : (value << 1) ^ 0x1021;
  return value & 0xffff;
});

/** CRC-16, polynomial 1021, start FFFF, not reflected: "123456789" gives 29B1. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC16_TABLE[(crc >> 8) ^ byte] ?? 0)) & 0xffff;
  return crc;
}
