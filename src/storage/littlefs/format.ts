/** The bytes of littlefs 2.0 and 2.1: tags, types and the superblock. Pure; see FORMAT.md. */
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { u32 } from "../little-endian.ts";

/** The name of the superblock entry, and what lies at `MAGIC_OFFSET` of both superblock blocks. */
export const MAGIC = Uint8Array.from("littlefs", (character) => character.charCodeAt(0));
/** From the start of a superblock block, after the revision and one tag. */
export const MAGIC_OFFSET = 8;
/** The tag before the magic as it is on flash: type 0FF, id 0, 8 bytes. */
export const MAGIC_TAG = Uint8Array.of(0xf0, 0x0f, 0xff, 0xf7);
/** A pointer to no block. */
export const NO_BLOCK = 0xffffffff;
/** The id of tags that belong to no entry. */
export const NO_ID = 0x3ff;
/** The length field of a tag that deletes. */
const DELETED = 0x3ff;
/** Smallest block of the format, bytes. */
export const MIN_BLOCK_BYTES = 128;
/** Largest block that is read, bytes: the largest erase block of serial NAND is half of it. */
export const MAX_BLOCK_BYTES = 1024 * 1024;

/** Types of tags, 11 bits. */
export const TAG = {
  file: 0x001,
  directory: 0x002,
  superblock: 0x0ff,
  directoryStruct: 0x200,
  inlineStruct: 0x201,
  ctzStruct: 0x202,
  create: 0x401,
  remove: 0x4ff,
  fcrc: 0x5ff,
  softTail: 0x600,
  hardTail: 0x601,
  moveState: 0x7ff,
} as const;

/** A decoded tag and where its data lies. */
export interface Tag {
  /** 11 bits: the kind in the top 3. */
  readonly type: number;
  /** Entry that it belongs to, or `NO_ID`. */
  readonly id: number;
  /** First byte of its data, from the start of the block. */
  readonly offset: number;
  /** Length of its data, bytes; 0 for a tag that deletes. */
  readonly lengthBytes: number;
}

/** Decodes a tag whose data begins at `offset`. Bit 31 of `raw` is clear. */
export function decodeTag(raw: number, offset: number): Tag {
  const length = raw & 0x3ff;
  return {
    type: (raw >>> 20) & 0x7ff,
    id: (raw >>> 10) & 0x3ff,
    offset,
    lengthBytes: length === DELETED ? 0 : length,
  };
}

/** Whether a tag ends a commit: type 500 or 501. */
export function isCommitEnd({ type }: Tag): boolean {
  return (type & 0x700) === 0x500 && type !== TAG.fcrc;
}

/** CRC-32 of littlefs: start ffffffff, no final XOR. */
export function lfsCrc(bytes: Uint8Array, previous = 0xffffffff): number {
  return ~crc32(bytes, ~previous) >>> 0;
}

/** Big-endian 32 bits; the caller knows that they are there. */
export function u32BigEndian(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

/** The numbers of the superblock. */
export interface Superblock {
  /** Upper half of the version; 2 is read. */
  readonly majorVersion: number;
  /** Lower half of the version; 0 and 1 are read. */
  readonly minorVersion: number;
  /** Size of a block, bytes. */
  readonly blockBytes: number;
  /** Number of blocks. */
  readonly blockCount: number;
  /** Longest name, bytes. */
  readonly nameMaxBytes: number;
  /** Largest file, bytes. */
  readonly fileMaxBytes: number;
}

/** Length of the struct of the superblock entry, bytes. */
export const SUPERBLOCK_BYTES = 24;

/** Decodes the struct of the superblock entry. */
export function decodeSuperblock(bytes: Uint8Array): Superblock {
  const version = u32(bytes, 0);
  return {
    majorVersion: version >>> 16,
    minorVersion: version & 0xffff,
    blockBytes: u32(bytes, 4),
    blockCount: u32(bytes, 8),
    nameMaxBytes: u32(bytes, 12),
    fileMaxBytes: u32(bytes, 16),
  };
}

/** Where the data of block `index` of a CTZ list begins: after its pointers. */
export function ctzDataOffset(index: number): number {
  return index === 0 ? 0 : 4 * (trailingZeros(index) + 1);
}

/** Index of the block of a CTZ list that holds the last of `sizeBytes` bytes; `sizeBytes` is 1 or more. */
export function ctzLastIndex(sizeBytes: number, blockBytes: number): number {
  const last = sizeBytes - 1;
  const payload = blockBytes - 8;
  const estimate = Math.floor(last / payload);
  return estimate === 0 ? 0 : Math.floor((last - 4 * (onesIn(estimate - 1) + 2)) / payload);
}

/** Bytes of data that the first `count` blocks of a CTZ list hold; `count` is 1 or more. */
export function ctzDataBytes(count: number, blockBytes: number): number {
  return count * blockBytes - 4 * (2 * (count - 1) - onesIn(count - 1));
}

/** Number of zero bits below the lowest one; `value` is 1 or more. */
export function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
}

function onesIn(value: number): number {
  let ones = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
