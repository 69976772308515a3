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
 * Several families in one file are several images, each with its own numbering; one of them must be chosen.
 */
import { concatBytes, formatAddress, sameBytes } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";

const BLOCK_BYTES = 512;
const MAGIC_START_0 = 0x0a324655;
const MAGIC_START_1 = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const FLAG = { notMainFlash: 0x1, fileContainer: 0x1000, familyId: 0x2000, extensionTags: 0x8000 } as const;
const PAYLOAD_AT = 32;
const MAX_PAYLOAD_BYTES = 476;
const ENCODED_PAYLOAD_BYTES = 256;
const MAX_FILE_BYTES = 1024 ** 3;
/** A universal image has a handful; the limit bounds the memory for block numbers. */
const MAX_FAMILIES = 16;
const WINDOW_BLOCKS = 128;
const GIB_4 = 0x1_0000_0000;

const RP2_ABSOLUTE = 0xe48bff57;
const FAMILY_NAMES: ReadonlyMap<number, string> = new Map([
  [0xe48bff56, "RP2040"],
  [RP2_ABSOLUTE, "RP2xxx absolute"],
  [0xe48bff58, "RP2xxx data"],
  [0xe48bff59, "RP2350 Arm secure"],
  [0xe48bff5a, "RP2350 RISC-V"],
  [0xe48bff5b, "RP2350 Arm non-secure"],
  [0x68ed2b88, "SAMD21"],
  [0x55114460, "SAMD51"],
  [0xada52840, "nRF52840"],
  [0xbfdd4eee, "ESP32-S2"],
  [0x57755a57, "STM32F4"],
]);

interface Block {
  /** Position in the file, from 0: what messages count. */
  readonly index: number;
  readonly flags: number;
  readonly address: number;
  readonly payloadBytes: number;
  readonly blockNumber: number;
  readonly blockCount: number;
  readonly familyId: number | undefined;
  readonly bytes: Uint8Array;
}

/** The blocks of one family. */
interface Family {
  readonly id: number | undefined;
  readonly blockCount: number;
  /** By block number: index in the file + 1, 0 where not yet seen. */
  readonly seenAt: Uint32Array;
  readonly blockIndexes: number[];
  readonly addresses: number[];
  readonly lengths: number[];
  skippedBlocks: number;
}

/**
 * Reads a whole file; payloads stay in it until they are wanted. Throws FILE_INVALID with file, byte, block and reason.
 *
 * @param familyId takes only this family's blocks; needed where a file has several.
 */
export function decodeUf2(file: ByteSource, familyId?: number): DecodedImage {
  const families = scanFamilies(file);
  for (const family of families) checkComplete(file, family);
  const family = chooseFamily(file, families, familyId);
  const origin = { name: file.name, describe: (index: number) => `block ${index + 1}` };
  const pieces = collectPieces(origin, (add) =>
    family.blockIndexes.forEach((index, i) =>
      add(family.addresses[i] ?? 0, index * BLOCK_BYTES + PAYLOAD_AT, family.lengths[i] ?? 0, index),
    ),
  );
  const notes = family.id === undefined ? [] : [`UF2 family ${familyName(family.id)}`];
  if (family.skippedBlocks > 0) notes.push(`${family.skippedBlocks} UF2 blocks are not for the main flash: skipped`);
  return { pieces, bytes: file, notes };
}

function scanFamilies(file: ByteSource): readonly Family[] {
  if (file.lengthBytes === 0) throw fileInvalid(file.name, "the file is empty");
  if (file.lengthBytes > MAX_FILE_BYTES) throw fileInvalid(file.name, "is larger than 1 GiB, the maximum");
  if (file.lengthBytes % BLOCK_BYTES !== 0) {
    throw fileInvalid(file.name, `is ${file.lengthBytes} bytes long, not a multiple of 512; it may be truncated`);
  }
  const fileBlocks = file.lengthBytes / BLOCK_BYTES;
  const families = new Map<number | undefined, Family>();
  for (let first = 0; first < fileBlocks; first += WINDOW_BLOCKS) {
    const window = file.read(first * BLOCK_BYTES, Math.min(WINDOW_BLOCKS, fileBlocks - first) * BLOCK_BYTES);
    for (let start = 0; start < window.length; start += BLOCK_BYTES) {
      const block = parseBlock(file, first + start / BLOCK_BYTES, window.subarray(start, start + BLOCK_BYTES));
      if (!isErrataBlock(block)) takeBlock(file, families, block, fileBlocks);
    }
  }
  return [...families.values()];
}

function parseBlock(file: ByteSource, index: number, bytes: Uint8Array): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  if (u32(0) !== MAGIC_START_0 || u32(4) !== MAGIC_START_1 || u32(508) !== MAGIC_END) {
    throw blockError(file, index, "is not a UF2 block (a magic number is wrong)");
  }
  const flags = u32(8);
  const block = {
    index,
    flags,
    address: u32(12),
    payloadBytes: u32(16),
    blockNumber: u32(20),
    blockCount: u32(24),
    familyId: (flags & FLAG.familyId) === 0 ? undefined : u32(28),
    bytes,
  };
  if (block.payloadBytes > MAX_PAYLOAD_BYTES) {
    throw blockError(file, index, `declares ${block.payloadBytes} payload bytes, more than ${MAX_PAYLOAD_BYTES}`);
  }
  if (block.blockNumber >= block.blockCount) {
    throw blockError(file, index, `declares number ${block.blockNumber} of ${block.blockCount}, counted from 0`);
  }
  if (block.address + block.payloadBytes > GIB_4) throw blockError(file, index, "exceeds 4 GiB");
  return block;
}

/**
 * The block that pico-sdk puts before RP2350 images against erratum E10: family "absolute", number 0 of 2, all 0xEF. It
 * carries nothing and its second half never comes (picotool, `check_abs_block`).
 */
function isErrataBlock(block: Block): boolean {
  return (
    (block.flags & ~FLAG.extensionTags) === FLAG.familyId &&
    block.familyId === RP2_ABSOLUTE &&
    block.blockNumber === 0 &&
    block.blockCount === 2 &&
    block.payloadBytes === 256 &&
    block.bytes.subarray(PAYLOAD_AT, PAYLOAD_AT + 256).every((byte) => byte === 0xef)
  );
}

function takeBlock(
  file: ByteSource,
  families: Map<number | undefined, Family>,
  block: Block,
  fileBlocks: number,
): void {
  const family = families.get(block.familyId) ?? newFamily(file, families, block, fileBlocks);
  if (block.blockCount !== family.blockCount) {
    const counts = `${block.blockCount} blocks, earlier blocks ${family.blockCount}`;
    throw blockError(file, block.index, `declares ${counts}`);
  }
  const seenAt = family.seenAt[block.blockNumber] ?? 0;
  if (seenAt !== 0) {
    if (sameBytes(file.read((seenAt - 1) * BLOCK_BYTES, BLOCK_BYTES), block.bytes)) return;
    throw blockError(file, block.index, `has the same number as block ${seenAt} but different contents`);
  }
  family.seenAt[block.blockNumber] = block.index + 1;
  if ((block.flags & (FLAG.notMainFlash | FLAG.fileContainer)) !== 0) {
    family.skippedBlocks++;
    return;
  }
  family.blockIndexes.push(block.index);
  family.addresses.push(block.address);
  family.lengths.push(block.payloadBytes);
}

function newFamily(
  file: ByteSource,
  families: Map<number | undefined, Family>,
  block: Block,
  fileBlocks: number,
): Family {
  if (families.size >= MAX_FAMILIES) throw blockError(file, block.index, `starts family ${MAX_FAMILIES + 1}: too many`);
  if (block.blockCount > fileBlocks) {
    const counts = `${block.blockCount} blocks, the file has ${fileBlocks}; it may be truncated`;
    throw blockError(file, block.index, `declares ${counts}`);
  }
  const family: Family = {
    id: block.familyId,
    blockCount: block.blockCount,
    seenAt: new Uint32Array(block.blockCount),
    blockIndexes: [],
    addresses: [],
    lengths: [],
    skippedBlocks: 0,
  };
  families.set(block.familyId, family);
  return family;
}

function checkComplete(file: ByteSource, family: Family): void {
  const missing = family.seenAt.indexOf(0);
  if (missing < 0) return;
  const ofFamily = family.id === undefined ? "" : ` of family ${familyName(family.id)}`;
  throw fileInvalid(file.name, `block number ${missing} of ${family.blockCount}${ofFamily} is missing`);
}

function chooseFamily(file: ByteSource, families: readonly Family[], familyId: number | undefined): Family {
  const candidates = families.filter((family) => familyId === undefined || family.id === familyId);
  const [family, second] = candidates;
  const held = families.map((each) => (each.id === undefined ? "one without id" : familyName(each.id))).join(", ");
  if (family === undefined) {
    if (familyId === undefined) throw fileInvalid(file.name, "holds no data");
    throw fileInvalid(file.name, `holds no data for family ${familyName(familyId)}, only for: ${held}`);
  }
  if (second !== undefined) {
    const hint = "Use a file made for one family.";
    throw fileInvalid(file.name, `holds images for several families: ${held}`, { hint });
  }
  return family;
}

function blockError(file: ByteSource, index: number, reason: string): NorbridgeError {
  return fileInvalid(`${file.name}: byte ${index * BLOCK_BYTES}`, `block ${index + 1} ${reason}`);
}

function familyName(id: number): string {
  const name = FAMILY_NAMES.get(id);
  const hex = `0x${id.toString(16).padStart(8, "0")}`;
  return name === undefined ? hex : `${hex} (${name})`;
}

/** What a UF2 file must know before its first block. */
export interface Uf2EncoderOptions {
  /** First address that `data` will be called with, as it stands in the file. */
  readonly address: number;
  /** All bytes that will come: each block says how many blocks there are. They come without gaps. */
  readonly lengthBytes: number;
  /** Default: none. */
  readonly familyId?: number | undefined;
}

/** Blocks of up to 256 bytes that end at multiples of 256. Throws EINVAL for data that differs from the options. */
export function uf2Encoder(options: Uf2EncoderOptions): ImageEncoder {
  const end = options.address + options.lengthBytes;
  if (end > GIB_4) throw invalidOutput(`UF2 cannot express addresses past 4 GiB (${formatAddress(end)})`);
  const blockCount = Math.ceil(end / ENCODED_PAYLOAD_BYTES) - Math.floor(options.address / ENCODED_PAYLOAD_BYTES);
  let nextAddress = options.address;
  let blockNumber = 0;
  let pending: Uint8Array = new Uint8Array(0);
  return {
    data(address, bytes) {
      if (address !== nextAddress || address + bytes.length > end) {
        throw invalidOutput(`UF2 data at ${formatAddress(address)} does not continue at ${formatAddress(nextAddress)}`);
      }
      nextAddress += bytes.length;
      const ready = concatBytes([pending, bytes]);
      const start = nextAddress - ready.length;
      const blocks: Uint8Array[] = [];
      let done = 0;
      while (done < ready.length) {
        const at = start + done;
        const lengthBytes = Math.min(ENCODED_PAYLOAD_BYTES - (at % ENCODED_PAYLOAD_BYTES), end - at);
        if (done + lengthBytes > ready.length) break;
        const payload = ready.subarray(done, done + lengthBytes);
        blocks.push(encodeBlock(at, payload, blockNumber, blockCount, options.familyId));
        blockNumber++;
        done += lengthBytes;
      }
      pending = ready.slice(done);
      return joinBlocks(blocks);
    },
    end() {
      if (nextAddress !== end) throw invalidOutput(`UF2 data ends at ${formatAddress(nextAddress)}, too early`);
      return new Uint8Array(0);
    },
  };
}

function encodeBlock(
  address: number,
  payload: Uint8Array,
  blockNumber: number,
  blockCount: number,
  familyId: number | undefined,
): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const flags = familyId === undefined ? 0 : FLAG.familyId;
  [MAGIC_START_0, MAGIC_START_1, flags, address, payload.length, blockNumber, blockCount, familyId ?? 0].forEach(
    (value, index) => view.setUint32(4 * index, value, true),
  );
  bytes.set(payload, PAYLOAD_AT);
  view.setUint32(508, MAGIC_END, true);
  return bytes;
}

function joinBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(blocks.length * BLOCK_BYTES);
  blocks.forEach((block, index) => all.set(block, index * BLOCK_BYTES));
  return all;
}

function invalidOutput(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "write image", hint: "Use the format hex or bin." });
}
