/** The blocks of a file that is not inline: found backwards from the last one, then read forwards. */
import { formatAddress } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { ctzDataBytes, ctzDataOffset, ctzLastIndex, NO_BLOCK, trailingZeros } from "./format.ts";
import { u32 } from "../little-endian.ts";

/** Where the blocks of the file system lie. */
export interface BlockGrid {
  /** First byte of block 0, from the start of the region. */
  readonly offset: number;
  /** Size of a block, bytes. */
  readonly blockBytes: number;
  /** Number of blocks. */
  readonly blockCount: number;
}

/** The list as its file's entry has it. */
export interface CtzList {
  /** The last block. */
  readonly head: number;
  /** Length of the file, bytes. */
  readonly sizeBytes: number;
}

/**
 * The data of a list, in pieces of at most a block. All pointers are checked against each other before the first piece: each
 * block is named by several. Throws CHECK_FAILED if they disagree or lead outside. Memory: four bytes a block.
 */
export async function* readCtz(
  region: ReadableRegion,
  grid: BlockGrid,
  list: CtzList,
  name: string,
): AsyncGenerator<Uint8Array> {
  if (list.sizeBytes === 0) return;
  const blocks = await blocksOf(region, grid, list, name);
  yield* region.readMany(pieces(grid, list, blocks));
}

function* pieces(
  { offset, blockBytes }: BlockGrid,
  { sizeBytes }: CtzList,
  blocks: Uint32Array,
): Generator<OffsetRange> {
  let left = sizeBytes;
  for (const [index, block] of blocks.entries()) {
    const start = ctzDataOffset(index);
    const lengthBytes = Math.min(left, blockBytes - start);
    yield { offset: offset + block * blockBytes + start, lengthBytes };
    left -= lengthBytes;
  }
}

/** The blocks of the list, first one first. */
async function blocksOf(region: ReadableRegion, grid: BlockGrid, list: CtzList, name: string): Promise<Uint32Array> {
  const { offset, blockBytes, blockCount } = grid;
  const lastIndex = ctzLastIndex(list.sizeBytes, blockBytes);
  const damaged = (index: number, reason: string): NorbridgeError => {
    const lostBytes = Math.min(list.sizeBytes, ctzDataBytes(index + 1, blockBytes));
    const message = `${name} is damaged: ${reason}; its first ${lostBytes} of ${list.sizeBytes} bytes cannot be found`;
    return new NorbridgeError("CHECK_FAILED", message, {
      operation: "read littlefs",
      hint: "Nothing was written. The other files are not affected.",
    });
  };
  if (lastIndex >= blockCount) throw damaged(lastIndex, "it is longer than the file system");
  const blocks = new Uint32Array(lastIndex + 1).fill(NO_BLOCK);
  const isUsed = new Uint8Array(blockCount);
  blocks[lastIndex] = list.head;
  for (let index = lastIndex; index >= 0; index--) {
    const block = blocks[index] ?? NO_BLOCK;
    if (block >= blockCount) throw damaged(index, `its block ${index} is outside the file system`);
    if (block < 2 || isUsed[block] === 1) throw damaged(index, `its block ${index} is already used as another one`);
    isUsed[block] = 1;
    if (index === 0) break;
    const count = trailingZeros(index) + 1;
    const pointers = await region.read(offset + block * blockBytes, 4 * count);
    for (let skip = 0; skip < count; skip++) {
      const target = index - 2 ** skip;
      const pointer = u32(pointers, 4 * skip);
      const known = blocks[target] ?? NO_BLOCK;
      if (known !== NO_BLOCK && known !== pointer) {
        const where = formatAddress(offset + block * blockBytes);
        throw damaged(target, `the pointers to its block ${target} disagree (one is at ${where} of the region)`);
      }
      blocks[target] = pointer;
    }
  }
  return blocks;
}
