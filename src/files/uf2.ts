/**
 * UF2 in: from blocks (uf2-block.ts) to an image.
 *
 * Several families in one file are several images, each with its own numbering; one of them must be chosen. The blocks
 * of a family may come in several runs, each numbered from 0 and complete, as esptool writes one for each file and as
 * joined files have them.
 */
import { advice } from "../advice.ts";
import { formatRange, sameBytes, toHex } from "../bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { collectPieces, type DecodedImage, isHeld, readPieces } from "./segment-builder.ts";
import { type Block, blockError, BLOCK_BYTES, FLAG, type Md5Region, parseBlock, PAYLOAD_AT } from "./uf2-block.ts";
import { newHash } from "../hashes/hashes.ts";
import { familyText } from "./uf2-families.ts";

const MAX_FILE_BYTES = 1024 ** 3;
/** A universal image has a handful; the limit bounds the memory for block numbers. */
const MAX_FAMILIES = 16;
const WINDOW_BLOCKS = 128;
const HASHED_CHUNK_BYTES = 64 * 1024;
/** Regions with checksums may overlap, but not so that hashing them takes too long. */
const MAX_HASHED = 4;
const RP2_ABSOLUTE = 0xe48bff57;

/** Blocks that are numbered together. */
interface Run {
  readonly blockCount: number;
  /** By block number: index in the file + 1, 0 while not seen. */
  readonly seenAt: Uint32Array;
  missing: number;
}

/** The blocks of one family. */
interface Family {
  readonly id: number | undefined;
  /** The one in progress; those before it were complete. */
  run: Run;
  runs: number;
  readonly blockIndexes: number[];
  readonly addresses: number[];
  readonly lengths: number[];
  /** Checksums by their own text, each once. */
  readonly regions: Map<string, Md5Region>;
  skippedBlocks: number;
}

/**
 * Reads a whole file; payloads stay in it until they are wanted. Throws FILE_INVALID with file, byte, block and reason.
 *
 * @param familyId takes only this family's blocks; needed if a file has several.
 */
export function decodeUf2(file: ByteSource, familyId?: number): DecodedImage {
  const families = scanFamilies(file);
  for (const family of families) checkComplete(file, family);
  const family = chooseFamily(file, families, familyId);
  const origin = { name: file.name, describe: (index: number) => `block ${index + 1}` };
  const pieces = collectPieces(origin, (add) => {
    family.blockIndexes.forEach((index, i) => {
      add(family.addresses[i] ?? 0, index * BLOCK_BYTES + PAYLOAD_AT, family.lengths[i] ?? 0, index);
    });
  });
  const decoded = { pieces, bytes: file, notes: notesOf(family) };
  checkRegions(decoded, [...family.regions.values()]);
  return decoded;
}

function notesOf({ id, runs, skippedBlocks }: Family): readonly string[] {
  const notes = id === undefined ? [] : [`UF2 family ${familyText(id)}`];
  if (runs > 1) notes.push(`the UF2 file has ${runs} images of this family, which are used together`);
  if (skippedBlocks > 0) notes.push(`${skippedBlocks} UF2 blocks are not for the main flash: skipped`);
  return notes;
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
  if (!isNewBlock(file, family, block, fileBlocks)) return;
  family.run.seenAt[block.blockNumber] = block.index + 1;
  family.run.missing--;
  if ((block.flags & (FLAG.notMainFlash | FLAG.fileContainer)) !== 0) {
    family.skippedBlocks++;
    return;
  }
  family.blockIndexes.push(block.index);
  family.addresses.push(block.address);
  family.lengths.push(block.payloadBytes);
  if (block.md5 !== undefined) family.regions.set(JSON.stringify(block.md5), block.md5);
}

/** False for a copy of a block. Starts the next run of the family if the one in progress is complete and this is number 0. */
function isNewBlock(file: ByteSource, family: Family, block: Block, fileBlocks: number): boolean {
  const { run } = family;
  const isSameCount = block.blockCount === run.blockCount;
  const seenAt = isSameCount ? (run.seenAt[block.blockNumber] ?? 0) : 0;
  if (isSameCount && seenAt === 0) return true;
  if (seenAt !== 0 && sameBytes(file.read((seenAt - 1) * BLOCK_BYTES, BLOCK_BYTES), block.bytes)) return false;
  if (run.missing === 0 && block.blockNumber === 0) {
    family.run = newRun(file, block, fileBlocks);
    family.runs++;
    return true;
  }
  if (seenAt !== 0) {
    throw blockError(file, block.index, `has the same number as block ${seenAt} but different contents`);
  }
  const counts = `${block.blockCount} blocks, earlier blocks ${run.blockCount}`;
  throw blockError(file, block.index, `declares ${counts}`);
}

function newFamily(
  file: ByteSource,
  families: Map<number | undefined, Family>,
  block: Block,
  fileBlocks: number,
): Family {
  if (families.size >= MAX_FAMILIES) throw blockError(file, block.index, `starts family ${MAX_FAMILIES + 1}: too many`);
  const family: Family = {
    id: block.familyId,
    run: newRun(file, block, fileBlocks),
    runs: 1,
    blockIndexes: [],
    addresses: [],
    lengths: [],
    regions: new Map(),
    skippedBlocks: 0,
  };
  families.set(block.familyId, family);
  return family;
}

function newRun(file: ByteSource, { index, blockCount }: Block, fileBlocks: number): Run {
  if (blockCount > fileBlocks) {
    const counts = `${blockCount} blocks, the file has ${fileBlocks}; it may be truncated`;
    throw blockError(file, index, `declares ${counts}`);
  }
  return { blockCount, seenAt: new Uint32Array(blockCount), missing: blockCount };
}

function checkComplete(file: ByteSource, { id, run }: Family): void {
  if (run.missing === 0) return;
  const missing = run.seenAt.indexOf(0);
  const ofFamily = id === undefined ? "" : ` of family ${familyText(id)}`;
  throw fileInvalid(file.name, `block number ${missing} of ${run.blockCount}${ofFamily} is missing`);
}

function chooseFamily(file: ByteSource, families: readonly Family[], familyId: number | undefined): Family {
  const held = families.map(({ id }) => (id === undefined ? "one without ID" : familyText(id))).join(", ");
  const candidates = families.filter(({ id }) => familyId === undefined || id === familyId);
  const [family, second] = candidates.filter(({ blockIndexes }) => blockIndexes.length > 0);
  if (second !== undefined) {
    throw fileInvalid(file.name, `holds images for several families: ${held}`, {
      hint: advice("Nothing was changed. Specify one of the families.", "set-family"),
    });
  }
  if (family !== undefined) return family;
  if (candidates.length === 0 && familyId !== undefined && families.length > 0) {
    throw fileInvalid(file.name, `holds no data for family ${familyText(familyId)}, only for: ${held}`, {
      hint: advice("Nothing was changed. Specify another family.", "set-family"),
    });
  }
  const skipped = candidates.reduce((sum, { skippedBlocks }) => sum + skippedBlocks, 0);
  if (skipped === 0) throw fileInvalid(file.name, "holds no data");
  const reason = "they are parts of files (flag 0x1000) or not for the main flash (flag 0x1)";
  throw fileInvalid(
    file.name,
    `holds no data for the flash: of its ${skipped} blocks all are skipped, since ${reason}`,
  );
}

/** Compares the regions that the image has completely with their checksums. */
function checkRegions({ pieces, bytes }: DecodedImage, regions: readonly Md5Region[]): void {
  const covered = regions.filter((region) => isHeld(pieces, region));
  const sum = covered.reduce((total, { lengthBytes }) => total + lengthBytes, 0);
  if (sum > MAX_HASHED * pieces.totalBytes) throw fileInvalid(bytes.name, "has too many overlapping checksums");
  for (const region of covered) {
    const hash = newHash("md5");
    for (let done = 0; done < region.lengthBytes; done += HASHED_CHUNK_BYTES) {
      const lengthBytes = Math.min(HASHED_CHUNK_BYTES, region.lengthBytes - done);
      hash.update(readPieces(pieces, bytes, { address: region.address + done, lengthBytes }));
    }
    if (toHex(hash.digest()) === region.md5) continue;
    throw fileInvalid(bytes.name, `the MD5 checksum of ${formatRange(region)} does not match its bytes`);
  }
}
