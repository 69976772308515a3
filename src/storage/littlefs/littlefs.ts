/**
 * littlefs 2.0 and 2.1, read only: mounts, lists and reads files. It never hangs and never throws on bytes that a device or a
 * power cut left: what is damaged is an item beside the entries. The data of files has no checksum on flash.
 */
import { printableBytes, sameBytes } from "../../bytes.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { SteadyRegion } from "../recognise/steady-region.ts";
import { readCtz } from "./ctz-list.ts";
import { isEntry, PairReader } from "./pair-reader.ts";
import type { BlockPair, PairEntry, PairFlaw, PairState } from "./metadata-pair.ts";
import { NO_BLOCK, type Superblock, TAG } from "./format.ts";
import { u32 } from "../little-endian.ts";
import { readSuperblock } from "./superblock.ts";

/** A name for each step from the root; bytes of the device. */
export type LittleFsPath = readonly Uint8Array[];

/** A file or directory. */
export interface LittleFsEntry {
  /** What it is. */
  readonly kind: "file" | "directory";
  /** Where it is. */
  readonly path: LittleFsPath;
  /** Length of the file, bytes; 0 for a directory. */
  readonly sizeBytes: number;
  /** Where its data or content lies; for `read`. */
  readonly entry: PairEntry;
}

/** Something that cannot be read, or that a power cut left. */
export interface LittleFsDamage {
  /** Always "damage". */
  readonly kind: "damage";
  /** The directory or file that it concerns. */
  readonly path: LittleFsPath;
  /** First byte of the block, from the start of the region. */
  readonly offset: number;
  /** What is wrong, as the middle of a sentence. */
  readonly reason: string;
  /** False: a change that was cut, the state before it is complete. */
  readonly isLoss: boolean;
}

/** Where a file system lies, if it is known. */
export interface LittleFsOptions {
  /** First byte of block 0, from the start of the region; 0 if left out. */
  readonly offset?: number | undefined;
  /** Size of a block, bytes; from the superblock if left out. */
  readonly blockBytes?: number | undefined;
}

const ROOT: BlockPair = [0, 1];

/** A file system on a region. Reads only. */
export class LittleFs {
  /** The numbers of the superblock. */
  readonly superblock: Superblock;
  /** Blocks that the region holds: fewer than the superblock specifies if the region ends before. */
  readonly blockCount: number;
  readonly #region: ReadableRegion;
  readonly #offset: number;
  readonly #pairs: PairReader;
  #root: BlockPair = ROOT;
  #move: { readonly id: number; readonly pair: BlockPair } | undefined;
  readonly #mountDamage: LittleFsDamage[] = [];

  private constructor(region: ReadableRegion, offset: number, superblock: Superblock) {
    this.superblock = superblock;
    this.#region = region;
    this.#offset = offset;
    const { blockBytes, blockCount } = superblock;
    this.blockCount = Math.min(blockCount, Math.floor((region.lengthBytes - offset) / blockBytes));
    this.#pairs = new PairReader(new SteadyRegion(region), offset, blockBytes, this.blockCount);
  }

  /**
   * Reads the superblock and the list of all metadata pairs. Throws LAYOUT_MISMATCH if there is no valid superblock, or one of
   * a version that is not read.
   */
  static async mount(region: ReadableRegion, options: LittleFsOptions = {}): Promise<LittleFs> {
    const { offset = 0 } = options;
    const fs = new LittleFs(region, offset, await readSuperblock(new SteadyRegion(region), offset, options.blockBytes));
    await fs.#followTails();
    return fs;
  }

  /** Everything below `directory`, parents first, in the order of the device; without it all of the file system. */
  async *walk(directory?: LittleFsEntry): AsyncGenerator<LittleFsEntry | LittleFsDamage> {
    const seen = new Set<number>();
    if (directory === undefined) yield* this.#mountDamage;
    const start = directory === undefined ? this.#root : pairOf(directory.entry.struct);
    const open: { readonly path: LittleFsPath; readonly items: AsyncGenerator<LittleFsEntry | LittleFsDamage> }[] = [
      { path: directory?.path ?? [], items: this.#directory(start, directory?.path ?? [], seen) },
    ];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = await top.items.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      yield next.value;
      if (next.value.kind !== "directory") continue;
      const { path, entry } = next.value;
      open.push({ path, items: this.#directory(pairOf(entry.struct), path, seen) });
    }
  }

  /** The entry of this path, undefined if there is none; with the damage that was met on the way. The root has no entry. */
  async find(path: LittleFsPath): Promise<{ entry: LittleFsEntry | undefined; damage: readonly LittleFsDamage[] }> {
    const damage: LittleFsDamage[] = [...this.#mountDamage];
    let pair = this.#root;
    let found: LittleFsEntry | undefined;
    for (const [depth, name] of path.entries()) {
      if (depth > 0 && found?.kind !== "directory") return { entry: undefined, damage };
      if (found !== undefined) pair = pairOf(found.entry.struct);
      found = undefined;
      for await (const item of this.#directory(pair, path.slice(0, depth), new Set())) {
        if (item.kind === "damage") damage.push(item);
        else if (sameName(item.path.at(-1), name)) found ??= item;
      }
      if (found === undefined) return { entry: undefined, damage };
    }
    return { entry: found, damage };
  }

  /**
   * The bytes of a file in pieces of at most a block. Throws CHECK_FAILED before the first if its list of blocks is damaged, and
   * EIO for a block that does not read the same twice.
   */
  async *read(file: LittleFsEntry): AsyncGenerator<Uint8Array> {
    const { structType, struct } = file.entry;
    if (structType !== TAG.ctzStruct) {
      if (struct.length > 0) yield struct;
      return;
    }
    const list = { head: u32(struct, 0), sizeBytes: file.sizeBytes };
    const { blockBytes } = this.superblock;
    const name = printableBytes(file.path.at(-1) ?? new Uint8Array());
    yield* readCtz(this.#region, { offset: this.#offset, blockBytes, blockCount: this.blockCount }, list, name);
  }

  /** Entries of one directory over all its pairs. `seen` has the blocks of all directories so far. */
  async *#directory(
    first: BlockPair,
    path: LittleFsPath,
    seen: Set<number>,
  ): AsyncGenerator<LittleFsEntry | LittleFsDamage> {
    for (let pair: BlockPair | undefined = first; pair !== undefined; ) {
      const block = Math.min(...pair);
      if (seen.has(block)) {
        yield this.#damage(
          path,
          block,
          "the directory leads to a place that is already listed, what follows is lost",
          true,
        );
        return;
      }
      seen.add(block);
      const state: PairState | string = await this.#pairs.read(pair);
      if (typeof state === "string") {
        yield this.#damage(path, block, `${state}, its entries from here on are lost`, true);
        return;
      }
      if (state.flaw !== undefined) yield this.#flaw(path, state.flaw);
      yield* this.#entries(state, pair, path);
      pair = state.tail?.isHard === true ? state.tail.pair : undefined;
    }
  }

  *#entries(state: PairState, pair: BlockPair, path: LittleFsPath): Generator<LittleFsEntry | LittleFsDamage> {
    for (const [id, entry] of state.entries.entries()) {
      if (entry.nameType === TAG.superblock) continue;
      if (this.#move?.id === id && sharesBlock(this.#move.pair, pair)) continue;
      if (!isEntry(entry)) {
        yield this.#damage(path, state.block, `entry ${id} is not valid and not read`, true);
        continue;
      }
      const own = [...path, entry.name];
      if (entry.nameType === TAG.directory) yield { kind: "directory", path: own, sizeBytes: 0, entry };
      else yield { kind: "file", path: own, sizeBytes: fileSize(entry), entry };
    }
  }

  /** Walks the list of all pairs: finds the root and the move in progress. */
  async #followTails(): Promise<void> {
    const seen = new Set<number>();
    const move = [0, 0, 0];
    for (let pair: BlockPair | undefined = ROOT; pair !== undefined && !pair.includes(NO_BLOCK); ) {
      const block = Math.min(...pair);
      const state: PairState | string = seen.has(block)
        ? "the list of directories is a circle"
        : await this.#pairs.read(pair);
      if (typeof state === "string") {
        const reason = `${state}; an entry that was being moved may appear twice`;
        this.#mountDamage.push(this.#damage([], block, reason, true));
        return;
      }
      seen.add(block);
      if (state.entries[0]?.nameType === TAG.superblock) this.#root = pair;
      for (const [index, value] of state.move.entries()) move[index] = ((move[index] ?? 0) ^ value) >>> 0;
      pair = state.tail?.pair;
    }
    const [tag = 0, first = 0, second = 0] = move;
    if (((tag >>> 20) & 0x7ff) === TAG.remove) this.#move = { id: (tag >>> 10) & 0x3ff, pair: [first, second] };
  }

  #flaw(path: LittleFsPath, { block, reason, isLoss }: PairFlaw): LittleFsDamage {
    return this.#damage(path, block, reason, isLoss);
  }

  #damage(path: LittleFsPath, block: number, reason: string, isLoss: boolean): LittleFsDamage {
    const { blockBytes } = this.superblock;
    return { kind: "damage", path, offset: this.#offset + block * blockBytes, reason, isLoss };
  }
}

function pairOf(struct: Uint8Array): BlockPair {
  return [u32(struct, 0), u32(struct, 4)];
}

function fileSize({ structType, struct }: PairEntry): number {
  return structType === TAG.ctzStruct ? u32(struct, 4) : struct.length;
}

function sharesBlock(a: BlockPair, b: BlockPair): boolean {
  return a.some((block) => b.includes(block));
}

function sameName(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && sameBytes(a, b);
}
