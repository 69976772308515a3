/** Finds and checks the superblock: the size of a block is in it, and is needed to find its second copy. */
import { advice } from "../../advice.ts";
import { formatAddress, formatSize, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import {
  decodeSuperblock,
  decodeTag,
  MIN_BLOCK_BYTES,
  MAGIC,
  MAGIC_OFFSET,
  MAX_BLOCK_BYTES,
  SUPERBLOCK_BYTES,
  type Superblock,
  TAG,
  u32BigEndian,
} from "./format.ts";
import { u32 } from "../little-endian.ts";
import { readPair } from "./metadata-pair.ts";

/** Bytes of a block in which its superblock entry is looked for without its CRC. */
export const HEAD_BYTES = 512;
const OPERATION = "read littlefs";
/** Where littlefs 1 keeps the magic in its superblock blocks. */
export const V1_MAGIC_OFFSET = 40;
/** Where littlefs 1 keeps its version. */
const V1_VERSION_OFFSET = 36;

/**
 * The superblock of the file system that begins at `offset`. Throws LAYOUT_MISMATCH if there is none whose CRC is right, or if
 * its version or numbers are not ones that are read.
 */
export async function readSuperblock(
  region: ReadableRegion,
  offset: number,
  blockBytes: number | undefined,
): Promise<Superblock> {
  const reasons: string[] = [];
  for await (const candidate of candidates(region, offset, blockBytes)) {
    const found = await superblockOf(region, offset, candidate);
    if (typeof found !== "string") return found;
    if (!reasons.includes(found)) reasons.push(found);
  }
  throw mismatch(reasons[0] ?? `there is no littlefs at ${formatAddress(offset)} of the region`);
}

/** Block sizes to try: the one that the first block says, then the usual ones if its second block has the magic. */
async function* candidates(region: ReadableRegion, offset: number, told: number | undefined): AsyncGenerator<number> {
  if (told !== undefined) {
    yield told;
    return;
  }
  const head = await readHead(region, offset);
  if (isVersion1(head)) throw mismatch("this is littlefs 1.x, which has another layout; only 2.0 and 2.1 are read");
  const first = headSuperblock(head);
  if (first !== undefined) yield first.blockBytes;
  for (let blockBytes = MIN_BLOCK_BYTES; blockBytes <= MAX_BLOCK_BYTES; blockBytes *= 2) {
    if (offset + 2 * blockBytes > region.lengthBytes) return;
    const second = headSuperblock(await readHead(region, offset + blockBytes));
    if (second?.blockBytes === blockBytes) yield blockBytes;
  }
}

/** The first bytes of a block. */
export async function readHead(region: ReadableRegion, offset: number): Promise<Uint8Array> {
  return region.read(offset, Math.max(0, Math.min(HEAD_BYTES, region.lengthBytes - offset)));
}

/** The superblock as the first tags of a block have it, their CRC unchecked; undefined if there is none. */
export function headSuperblock(head: Uint8Array): Superblock | undefined {
  if (!sameBytes(head.subarray(MAGIC_OFFSET, MAGIC_OFFSET + MAGIC.length), MAGIC)) return undefined;
  let previous = 0xffffffff;
  for (let at = 4; at + 4 <= head.length; ) {
    const raw = (u32BigEndian(head, at) ^ previous) >>> 0;
    if (raw >= 0x80000000) return undefined;
    const tag = decodeTag(raw, at + 4);
    const end = tag.offset + tag.lengthBytes;
    if (tag.type === TAG.inlineStruct && tag.id === 0 && tag.lengthBytes >= SUPERBLOCK_BYTES && end <= head.length) {
      return decodeSuperblock(head.subarray(tag.offset, end));
    }
    previous = raw;
    at = end;
  }
  return undefined;
}

/** Whether a block is a superblock block of littlefs 1, by its magic and version. */
export function isVersion1(head: Uint8Array): boolean {
  const magic = head.subarray(V1_MAGIC_OFFSET, V1_MAGIC_OFFSET + MAGIC.length);
  return sameBytes(magic, MAGIC) && u32(head, V1_VERSION_OFFSET) >>> 16 === 1;
}

/** The superblock that the pair of this block size holds, or why there is none. */
async function superblockOf(region: ReadableRegion, offset: number, blockBytes: number): Promise<Superblock | string> {
  if (blockBytes < MIN_BLOCK_BYTES || blockBytes > MAX_BLOCK_BYTES) {
    return `the superblock says blocks of ${formatSize(blockBytes)}, which is not read`;
  }
  if (offset + 2 * blockBytes > region.lengthBytes) return "the region is shorter than two blocks of the file system";
  const read = (block: number, lengthBytes: number): Promise<Uint8Array> =>
    region.read(offset + block * blockBytes, lengthBytes);
  const state = await readPair([0, 1], blockBytes, read);
  if (state === undefined) return "neither copy of the superblock is whole: the format was cut, or both are damaged";
  const [entry] = state.entries;
  if (entry?.nameType !== TAG.superblock || !sameBytes(entry.name, MAGIC) || entry.struct.length < SUPERBLOCK_BYTES) {
    return "the first two blocks hold no superblock";
  }
  const superblock = decodeSuperblock(entry.struct);
  const { majorVersion, minorVersion } = superblock;
  if (majorVersion !== 2 || minorVersion > 1) {
    return `this is littlefs ${majorVersion}.${minorVersion}; only 2.0 and 2.1 are read`;
  }
  if (superblock.blockBytes !== blockBytes) return `the superblock says blocks of ${formatSize(superblock.blockBytes)}`;
  return superblock.blockCount < 2 ? "the superblock says fewer than two blocks" : superblock;
}

function mismatch(message: string): NorbridgeError {
  const hint = advice("Check where the file system is.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation: OPERATION, hint });
}
