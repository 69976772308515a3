/**
 * UF2, the format of USB mass-storage bootloaders. Source: github.com/microsoft/uf2, README and utils/uf2families.json.
 *
 *   A file is a row of blocks of 512 bytes; numbers are little-endian, 4 bytes each.
 *   offset  field
 *   0       magic 0x0A324655 ("UF2\n")
 *   4       magic 0x9E5D5157
 *   8       flags: 0x1 not for the main flash, 0x1000 file container, 0x2000 family id present,
 *                  0x4000 MD5 present, 0x8000 extension tags present
 *   12      address of the payload
 *   16      payload bytes, 0..476 (256 by custom)
 *   20      number of this block, from 0
 *   24      number of blocks
 *   28      family id with flag 0x2000, else size of the file or 0
 *   32      payload, then extension tags or zeros, to 508
 *   508     magic 0x0AB16F30
 *
 *   vector: 55 46 32 0a 57 51 5d 9e 00 20 00 00 00 00 00 10 00 01 00 00 00 00 00 00 01 00 00 00 56 ff 8b e4 ...
 *           is block 0 of 1, 256 bytes at 0x10000000, for the RP2040
 *
 *   With flag 0x4000 the last 24 bytes before the end magic are about a region of the flash, length 0 for none:
 *   484     address of the region
 *   488     its bytes
 *   492     their MD5, 16 bytes
 */
import { latin1Text, toHex } from "../bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { NorbridgeError } from "../errors.ts";

/** Length of a block. */
export const BLOCK_BYTES = 512;
/** Offset of the payload in a block. */
export const PAYLOAD_AT = 32;
/** Bits of the flags. */
export const FLAG = {
  notMainFlash: 0x1,
  fileContainer: 0x1000,
  familyId: 0x2000,
  md5: 0x4000,
  extensionTags: 0x8000,
} as const;

const MAGIC_START_0 = 0x0a324655;
const MAGIC_START_1 = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const MAGIC_END_AT = 508;
/** The magic numbers at the start of a block, as characters. */
const FIRST_CHARACTERS = "UF2\n";
const START_CHARACTERS = "UF2\nWQ]\u009e";
const MD5_AT = 484;
const MAX_PAYLOAD_BYTES = 476;
const GIB_4 = 0x1_0000_0000;

/** A checksum that a block has of a region of the flash. */
export interface Md5Region {
  readonly address: number;
  readonly lengthBytes: number;
  /** 32 hex digits, lower case. */
  readonly md5: string;
}

/** One block. */
export interface Block {
  /** Position in the file, from 0: what messages count. */
  readonly index: number;
  readonly flags: number;
  readonly address: number;
  readonly payloadBytes: number;
  readonly blockNumber: number;
  readonly blockCount: number;
  readonly familyId: number | undefined;
  readonly md5: Md5Region | undefined;
  /** The whole block. */
  readonly bytes: Uint8Array;
}

/** Parses block `index`. Throws FILE_INVALID with its byte, its number and the reason. */
export function parseBlock(file: ByteSource, index: number, bytes: Uint8Array): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  if (magicCount(bytes) < 3) throw blockError(file, index, "is not a UF2 block (a magic number is wrong)");
  const flags = u32(8);
  const hasMd5 = (flags & FLAG.md5) !== 0;
  const block = {
    index,
    flags,
    address: u32(12),
    payloadBytes: u32(16),
    blockNumber: u32(20),
    blockCount: u32(24),
    familyId: (flags & FLAG.familyId) === 0 ? undefined : u32(28),
    md5: hasMd5 && u32(MD5_AT + 4) > 0 ? md5Region(bytes, u32) : undefined,
    bytes,
  };
  const mostBytes = hasMd5 ? MD5_AT - PAYLOAD_AT : MAX_PAYLOAD_BYTES;
  if (block.payloadBytes > mostBytes) {
    throw blockError(file, index, `declares ${block.payloadBytes} payload bytes, more than ${mostBytes}`);
  }
  if (block.blockNumber >= block.blockCount) {
    throw blockError(file, index, `declares number ${block.blockNumber} of ${block.blockCount}, counted from 0`);
  }
  if (block.address + block.payloadBytes > GIB_4) throw blockError(file, index, "exceeds 4 GiB");
  return block;
}

/** The bytes of a block whose payload is there; the rest is 0. */
export function encodeBlock({
  flags,
  address,
  payload,
  blockNumber,
  blockCount,
  familyId,
}: {
  readonly flags: number;
  readonly address: number;
  readonly payload: Uint8Array;
  readonly blockNumber: number;
  readonly blockCount: number;
  readonly familyId: number;
}): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const fields = [MAGIC_START_0, MAGIC_START_1, flags, address, payload.length, blockNumber, blockCount, familyId];
  fields.forEach((value, index) => view.setUint32(4 * index, value, true));
  bytes.set(payload, PAYLOAD_AT);
  view.setUint32(MAGIC_END_AT, MAGIC_END, true);
  return bytes;
}

/** Whether a file has UF2 blocks, also if some are damaged, or bytes are missing so that all that follow are moved. */
export function isUf2Like(file: ByteSource): boolean {
  const start = latin1Text(file.read(0, Math.min(4 * BLOCK_BYTES, file.lengthBytes)));
  const isCut = start.length > 1 && FIRST_CHARACTERS.startsWith(start);
  if (isCut || start.startsWith(FIRST_CHARACTERS) || start.includes(START_CHARACTERS)) return true;
  const blocks = Math.floor(file.lengthBytes / BLOCK_BYTES);
  return [...new Set([0, 1, blocks >> 1, blocks - 1])].some(
    (index) => index >= 0 && index < blocks && magicCount(file.read(index * BLOCK_BYTES, BLOCK_BYTES)) >= 2,
  );
}

/** An error of block `index` (from 0), as FILE_INVALID. */
export function blockError(file: ByteSource, index: number, reason: string): NorbridgeError {
  return fileInvalid(`${file.name}: byte ${index * BLOCK_BYTES}`, `block ${index + 1} ${reason}`);
}

/** How many of the three magic numbers are right. */
function magicCount(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const right = (offset: number, magic: number): number => Number(view.getUint32(offset, true) === magic);
  return right(0, MAGIC_START_0) + right(4, MAGIC_START_1) + right(MAGIC_END_AT, MAGIC_END);
}

function md5Region(bytes: Uint8Array, u32: (offset: number) => number): Md5Region {
  const md5 = toHex(bytes.subarray(MD5_AT + 8, MAGIC_END_AT));
  return { address: u32(MD5_AT), lengthBytes: u32(MD5_AT + 4), md5 };
}
