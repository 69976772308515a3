/** Every safe on a flash: blocks that begin with a valid header, and how far the commits go round. */
import { ringsOf } from "../circular-buffer/rings.ts";
import type { FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { type BlockHeader, decodeHeader, HEADER_BYTES } from "./format.ts";

/** Blocks that are remembered. */
const MAX_BLOCKS = 16_384;
const MIN_BLOCKS = 2;

/** A block that begins with a valid header. */
export interface SafeBlock {
  /** Bytes from the start of the flash. */
  readonly offset: number;
  readonly header: BlockHeader;
}

/** Finds safes in the pass. */
export function safeSniffer(shape: FlashShape): Sniffer {
  return new SafeSniffer(shape);
}

class SafeSniffer implements Sniffer {
  readonly #shape: FlashShape;
  readonly #blocks: SafeBlock[] = [];

  constructor(shape: FlashShape) {
    this.#shape = shape;
  }

  look(offset: number, block: Uint8Array): void {
    const { eraseBytes } = this.#shape;
    for (let at = (eraseBytes - (offset % eraseBytes)) % eraseBytes; at < block.length; at += eraseBytes) {
      if (block[at] !== 0x4e || at + HEADER_BYTES > block.length || this.#blocks.length >= MAX_BLOCKS) continue;
      const header = decodeHeader(block.subarray(at, at + HEADER_BYTES));
      if (header.kind === "header" && header.place === "start") this.#blocks.push({ offset: offset + at, header });
    }
  }

  conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    return Promise.resolve(safesAmong(region, this.#blocks));
  }
}

/** The safes that blocks make up, `blocks` in order of place. */
export function safesAmong(shape: FlashShape, blocks: readonly SafeBlock[]): readonly RegionFinding[] {
  const groups = new Map<string, SafeBlock[]>();
  for (const block of blocks) {
    const { segmentCount, bufferBytes } = block.header;
    const key = `${segmentCount} ${bufferBytes}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [block]);
    else group.push(block);
  }
  return [...groups.values()].flatMap((group) => safesOf(shape, group));
}

/** The safes of one size. */
function safesOf(
  { eraseBytes, lengthBytes }: Pick<FlashShape, "eraseBytes" | "lengthBytes">,
  blocks: readonly SafeBlock[],
): readonly RegionFinding[] {
  const [first] = blocks;
  const blockBytes = (first?.header.segmentCount ?? 0) * (first?.header.bufferBytes ?? 0);
  if (first === undefined || blockBytes === 0 || blockBytes % eraseBytes !== 0) return [];
  const starts = blocks.map(({ offset, header }) => ({ block: offset / eraseBytes, id: header.sequence % 0x10000 }));
  const { bufferBytes } = first.header;
  return ringsOf(starts, blockBytes / eraseBytes, blockBytes / eraseBytes).flatMap((ring) => {
    const offset = (ring.starts[0]?.block ?? 0) * eraseBytes;
    const used = ((ring.starts.at(-1)?.block ?? 0) + blockBytes / eraseBytes) * eraseBytes - offset;
    const wholeBytes = Math.max(used, MIN_BLOCKS * blockBytes);
    if (offset + wholeBytes > lengthBytes) return [];
    return [
      {
        layout: "safe",
        offset,
        lengthBytes: wholeBytes,
        certainty: ring.isClosed ? "certain" : "likely",
        why:
          `${ring.starts.length} ${ring.starts.length === 1 ? "block" : "blocks"} with a valid header and its CRC-32; ` +
          (ring.isClosed ? "the commits prove its ends" : "the commits do not prove where it ends"),
        proofs: 4 * ring.starts.length,
        facts: { blockBytes, bufferBytes, blocksInUse: ring.starts.length, ring: ring.isClosed ? "closed" : "open" },
      },
    ];
  });
}
