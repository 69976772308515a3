/**
 * A store of items by key that changes as a whole, after eCos's Flash Safe (CYGPKG_FLASHSAFE): a commit writes all items to a
 * fresh block, and only two valid headers put it in force.
 *
 * What always holds: the last commit is readable until the next one is whole; reading changes nothing; the header that puts a
 * block in force is programmed only after its data and its other header were compared.
 */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { Turns } from "../../turns.ts";
import { StoreTurns } from "../store-turns.ts";
import { type BlockHeader, decodeItems, isNewer, itemBytes } from "./format.ts";
import { foreignBlocksOf, type OwnSafe, refuseForeignBlocks, refuseForeignRegion } from "./own-blocks.ts";
import { misuse, SafeTransaction, type TransactionEnd } from "./safe-transaction.ts";
import { type BlockState, checkOptions, type FlashSafeOptions, newestBlock, scanBlocks } from "./scan-blocks.ts";

export { SafeTransaction } from "./safe-transaction.ts";
export type { FlashSafeOptions } from "./scan-blocks.ts";

/** Where a safe stands. Blocks are counted from the start of the region. */
export interface FlashSafeInfo {
  /** Undefined: nothing was ever committed. */
  readonly activeBlock: number | undefined;
  /** Number of the last commit; undefined if nothing was ever committed. */
  readonly sequence: number | undefined;
  /** Blocks with a complete commit, the current one included. */
  readonly committedBlocks: readonly number[];
  /** Blocks that hold a commit that is damaged; `damage` has the reasons. */
  readonly damagedBlocks: readonly number[];
  /** Bytes that a commit could hold beside the items in force. */
  readonly freeBytes: number;
}

const NO_ITEMS: ReadonlyMap<number, Uint8Array> = new Map();

/**
 * A store of items by key that changes as a whole, after eCos's Flash Safe. `mount` opens one, `format` makes one,
 * `open` starts a change.
 *
 * A commit writes all items to a free block, and only two valid headers make it current. Whenever the power fails, the
 * last commit or the one before it is readable. Calls that change the flash run one after the other.
 */
export class FlashSafe {
  readonly #region: FlashRegion;
  readonly #options: FlashSafeOptions;
  readonly #turns: StoreTurns;
  readonly #updates = new Turns();
  #states: BlockState[];
  #active: number | undefined;
  #items: ReadonlyMap<number, Uint8Array>;
  #transaction: SafeTransaction | undefined;
  /** Blocks that this object has erased: whatever they hold is of the safe. */
  readonly #erased = new Set<number>();

  private constructor(
    region: FlashRegion,
    options: FlashSafeOptions,
    states: readonly BlockState[],
    turns: StoreTurns,
  ) {
    this.#region = region;
    this.#options = options;
    this.#turns = turns;
    this.#states = [...states];
    this.#items = NO_ITEMS;
  }

  /**
   * Opens a safe; reads only. A block whose data is damaged is passed over and reported. Throws EINVAL for options that the
   * region cannot have, LAYOUT_MISMATCH for a safe of another version or of other sizes.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed
   * the region since it was opened, every change throws EBUSY until it is opened again.
   */
  static async mount(region: FlashRegion, options: FlashSafeOptions): Promise<FlashSafe> {
    checkOptions(region, options);
    const turns = StoreTurns.on(region, "a safe");
    const safe = new FlashSafe(region, options, await scanBlocks(region, options), turns);
    await safe.#loadNewest();
    return safe;
  }

  /**
   * Erases the region and starts an empty safe, committed. Throws EINVAL as `mount`, LAYOUT_MISMATCH for a region that
   * is neither blank nor an older safe, unless `overwrite` names what else it holds; nothing is changed then.
   */
  static async format(region: FlashRegion, options: FlashSafeOptions): Promise<FlashSafe> {
    checkOptions(region, options);
    const turns = StoreTurns.on(region, "a new safe");
    await turns.run("format safe", async () => {
      await refuseForeignRegion(region, options, "format safe");
      turns.changing();
      await region.erase(0, region.lengthBytes);
    });
    const safe = await FlashSafe.mount(region, options);
    const transaction = await safe.open();
    await transaction.commit();
    return safe;
  }

  /** Whether nothing was ever committed, or nothing of it is left. */
  get isNew(): boolean {
    return this.#active === undefined;
  }

  /** Which block is current, and the state of the others. Reads nothing from the flash. */
  get info(): FlashSafeInfo {
    const blocksOf = (kind: BlockState["kind"]): number[] =>
      this.#states.flatMap((state, block) => (state.kind === kind ? [block] : []));
    const used = [...this.#items.values()].reduce((sum, { length }) => sum + itemBytes(length), 0);
    return {
      activeBlock: this.#active,
      sequence: this.#headerOf(this.#active)?.sequence,
      committedBlocks: blocksOf("committed"),
      damagedBlocks: blocksOf("damaged"),
      freeBytes: this.#room - used,
    };
  }

  /** Why each damaged block is not used. */
  damage(): readonly {
    /** Block, counted from the start of the region, from 0. */
    readonly block: number;
    /** What is wrong with it, in words. */
    readonly reason: string;
  }[] {
    return this.#states.flatMap((state, block) => (state.kind === "damaged" ? [{ block, reason: state.reason }] : []));
  }

  /** Blocks that are neither blank nor of this safe, nor named as `overwrite`: a writer must not come upon them. Reads only. */
  async foreignBlocks(): Promise<readonly number[]> {
    await this.#turns.settled();
    return foreignBlocksOf(this.#own());
  }

  /** Throws LAYOUT_MISMATCH if the region holds a block that belongs to another. Reads only. */
  async refuseUnlessOwn(operation: string): Promise<void> {
    await refuseForeignBlocks(this.#own(), await this.foreignBlocks(), operation);
  }

  /** The safe as what decides about ownership sees it. */
  #own(): OwnSafe {
    return { region: this.#region, options: this.#options, states: this.#states, active: this.#active };
  }

  /** Keys of the items in force, in the order in which they were written. */
  keys(): readonly number[] {
    return [...this.#items.keys()];
  }

  /** Length of an item in force, bytes; undefined if there is none. */
  lengthOf(key: number): number | undefined {
    return this.#items.get(key)?.length;
  }

  /**
   * A copy of an item in force, or of a part of it; undefined if there is none. `offset` and `lengthBytes` are cut to
   * the item: at its end the copy is empty. Throws EINVAL for numbers that are not whole, or negative.
   */
  read(
    key: number,
    part: {
      /** Bytes from the start of the item; default 0. */
      readonly offset?: number | undefined;
      /** Bytes at most; default up to the end. */
      readonly lengthBytes?: number | undefined;
    } = {},
  ): Uint8Array | undefined {
    const { offset = 0, lengthBytes = Number.MAX_SAFE_INTEGER } = part;
    for (const number of [offset, lengthBytes]) {
      if (!Number.isSafeInteger(number) || number < 0) throw misuse(`${number} is not a number of bytes`, "read item");
    }
    return this.#items.get(key)?.slice(offset, Math.min(offset + lengthBytes, Number.MAX_SAFE_INTEGER));
  }

  /**
   * Copies the first bytes of an item in force to `target`, as many as it has room for, and returns how many; undefined
   * if there is none. As the read call of the original does.
   */
  readInto(key: number, target: Uint8Array): number | undefined {
    const data = this.#items.get(key)?.subarray(0, target.length);
    if (data !== undefined) target.set(data);
    return data?.length;
  }

  /**
   * Begins a commit: erases the block that is to hold it, also if it reads erased, since a cut erase can read so and not
   * hold. Throws EINVAL if one is open already, LAYOUT_MISMATCH if the block belongs to another, EIO if it is not erased then.
   */
  open(): Promise<SafeTransaction> {
    return this.#turns.run("open safe", () => this.#open());
  }

  /** Runs a call that opens a transaction and ends it, when those before it have ended theirs. */
  inTurn<T>(call: () => Promise<T>): Promise<T> {
    return this.#updates.run(call);
  }

  async #open(): Promise<SafeTransaction> {
    if (this.#transaction !== undefined) throw misuse("a transaction is already open: commit or abandon it first");
    const block = this.#nextBlock();
    const { blockBytes } = this.#options;
    const offset = block * blockBytes;
    if (this.#states[block]?.kind === "open" && !this.#erased.has(block)) {
      const foreign = await foreignBlocksOf(this.#own(), true);
      await refuseForeignBlocks(this.#own(), foreign.includes(block) ? foreign : [], "open safe");
    }
    this.#states[block] = { kind: "open" };
    this.#erased.add(block);
    let digest: number | undefined;
    this.#turns.changing();
    for await (const result of this.#region.run([
      { kind: "erase", offset, lengthBytes: blockBytes },
      { kind: "digest", offset, lengthBytes: blockBytes },
    ])) {
      if (result.kind === "digest") digest = result.check;
    }
    const range = { address: this.#region.address + offset, lengthBytes: blockBytes };
    if (digest !== blockCheckOfFill(0xff, blockBytes)) {
      throw new NorbridgeError("EIO", `${formatRange(range)} is not blank after it was erased`, {
        operation: "open safe",
        range,
      });
    }
    const place = { block, sequence: this.#nextSequence() };
    const transaction = new SafeTransaction(this.#region, this.#options, place, this.#turns.within(), (end) => {
      this.#ended(block, end);
    });
    this.#transaction = transaction;
    return transaction;
  }

  get #room(): number {
    return this.#options.blockBytes - 2 * this.#options.bufferBytes;
  }

  #headerOf(block: number | undefined): BlockHeader | undefined {
    const state = block === undefined ? undefined : this.#states[block];
    return state?.kind === "open" ? undefined : state?.header;
  }

  #ended(block: number, end: TransactionEnd | undefined): void {
    this.#transaction = undefined;
    if (end === undefined) return;
    this.#states[block] = { kind: "committed", header: end.header };
    this.#active = block;
    this.#items = end.items;
  }

  /** The newest block whose items add up; others are damaged. */
  async #loadNewest(): Promise<void> {
    const { blockBytes, bufferBytes } = this.#options;
    for (;;) {
      const block = newestBlock(this.#states);
      const header = this.#headerOf(block);
      this.#active = block;
      this.#items = NO_ITEMS;
      if (block === undefined || header === undefined) return;
      const data =
        header.dataBytes === 0
          ? new Uint8Array()
          : await this.#region.read(block * blockBytes + bufferBytes, header.dataBytes);
      const items = crc32(data) === header.dataCrc ? decodeItems(data, header.itemCount) : undefined;
      if (items !== undefined) {
        this.#items = items;
        return;
      }
      this.#states[block] = { kind: "damaged", header, reason: "its items are inconsistent" };
    }
  }

  /** Round robin from the active one; a block that is not committed counts as older than any. */
  #nextBlock(): number {
    const count = this.#states.length;
    const active = this.#active;
    if (active === undefined) return 0;
    const others = Array.from({ length: count - 1 }, (_, index) => (active + 1 + index) % count);
    const open = others.find((block) => this.#states[block]?.kind !== "committed");
    if (open !== undefined) return open;
    return others.reduce((oldest, block) => {
      const a = this.#headerOf(block)?.sequence ?? 0;
      const b = this.#headerOf(oldest)?.sequence ?? 0;
      return isNewer(b, a) ? block : oldest;
    });
  }

  /** One more than any that stands in a header: a block that is damaged now may read well another day. */
  #nextSequence(): number {
    let newest: number | undefined;
    for (const block of this.#states.keys()) {
      const sequence = this.#headerOf(block)?.sequence;
      if (sequence !== undefined && (newest === undefined || isNewer(sequence, newest))) newest = sequence;
    }
    return newest === undefined ? 1 : (newest + 1) >>> 0;
  }
}
