/** Reads the metadata pairs of a file system, with a small memory of the last ones. */
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { TAG } from "./format.ts";
import { type BlockPair, type PairEntry, type PairState, readPair } from "./metadata-pair.ts";

/** Bytes of blocks that are kept at most. */
const KEPT_BYTES = 1024 * 1024;

/** The pairs of one file system. */
export class PairReader {
  readonly #region: ReadableRegion;
  readonly #offset: number;
  readonly #blockBytes: number;
  readonly #blockCount: number;
  readonly #kept = new Map<number, PairState>();
  readonly #mostKept: number;

  constructor(region: ReadableRegion, offset: number, blockBytes: number, blockCount: number) {
    this.#region = region;
    this.#offset = offset;
    this.#blockBytes = blockBytes;
    this.#blockCount = blockCount;
    this.#mostKept = Math.max(2, Math.floor(KEPT_BYTES / blockBytes));
  }

  /** The state of a pair, or what is wrong with it. */
  async read(pair: BlockPair): Promise<PairState | string> {
    const outside = pair.find((block) => block >= this.#blockCount);
    if (outside !== undefined) return `it leads to block ${outside}, outside the file system`;
    if (pair[0] === pair[1]) return `both its blocks are block ${pair[0]}`;
    const key = Math.min(...pair) * this.#blockCount + Math.max(...pair);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const read = (block: number, lengthBytes: number): Promise<Uint8Array> =>
      this.#region.read(this.#offset + block * this.#blockBytes, lengthBytes);
    const state = await readPair(pair, this.#blockBytes, read);
    if (state === undefined) return `neither block ${pair[0]} nor block ${pair[1]} holds a valid commit`;
    this.#keep(key, state);
    return state;
  }

  #keep(key: number, state: PairState): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= this.#mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, state);
  }
}

/** Whether an entry is complete: a directory with its pair, or a file with content, list or nothing. */
export function isEntry({ nameType, name, structType, struct }: PairEntry): boolean {
  if (name.length === 0) return false;
  if (nameType === TAG.directory) return structType === TAG.directoryStruct && struct.length === 8;
  if (nameType !== TAG.file) return false;
  if (structType === TAG.ctzStruct) return struct.length === 8;
  return structType === undefined || structType === TAG.inlineStruct;
}
