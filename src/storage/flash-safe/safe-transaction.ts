/**
 * A commit of a safe: all items go to a fresh block, and its last header puts them in force. That header is programmed only after
 * the data and the other header were compared.
 */
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { concatBytes, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { programCompared, readsDifferently } from "../compared-programs.ts";
import type { StoreTurns } from "../store-turns.ts";
import { type BlockHeader, encodeHeader, encodeItem, LAST_KEY } from "./format.ts";
import type { FlashSafeOptions } from "./scan-blocks.ts";

const OLD_COMMIT_HINT = "The last commit is still in force. Check supply and wiring, then try again.";

/** What a commit has put in force. */
export interface TransactionEnd {
  readonly header: BlockHeader;
  readonly items: ReadonlyMap<number, Uint8Array>;
}

/** A commit in progress: items are programmed a segment at a time. */
export class SafeTransaction {
  readonly #region: FlashRegion;
  readonly #options: FlashSafeOptions;
  readonly #block: number;
  readonly #sequence: number;
  readonly #turns: StoreTurns;
  readonly #onEnd: (end: TransactionEnd | undefined) => void;
  readonly #items = new Map<number, Uint8Array>();
  /** What is not on the flash yet: less than a segment. */
  #buffer: Uint8Array = new Uint8Array();
  #programmedBytes = 0;
  /** CRC-32 of the data, for the headers. */
  #dataCrc = 0;
  /** Block check of the data, to compare it with the flash. */
  #dataCheck = 0;
  #isOpen = true;

  /** @internal Programs use `FlashSafe.open`. */
  constructor(
    region: FlashRegion,
    options: FlashSafeOptions,
    { block, sequence }: { readonly block: number; readonly sequence: number },
    turns: StoreTurns,
    onEnd: (end: TransactionEnd | undefined) => void,
  ) {
    this.#region = region;
    this.#options = options;
    this.#block = block;
    this.#sequence = sequence;
    this.#turns = turns;
    this.#onEnd = onEnd;
  }

  /**
   * Adds an item. Throws EINVAL for a key that cannot be one or is written already, ENOSPC if it does not fit: the transaction
   * stays open then, without it.
   */
  async write(key: number, data: Uint8Array): Promise<void> {
    // The caller may use his array again while this waits for its turn.
    const own = data.slice();
    return this.#turns.run("write item", () => this.#write(key, own));
  }

  async #write(key: number, data: Uint8Array): Promise<void> {
    this.#checkOpen();
    if (!Number.isInteger(key) || key < 0 || key > LAST_KEY) throw misuse(`${key} is not a key: use 0 to ${LAST_KEY}`);
    if (this.#items.has(key)) throw misuse(`key ${key} is already written in this transaction`);
    const { blockBytes, bufferBytes } = this.#options;
    const room = blockBytes - 2 * bufferBytes - this.#programmedBytes - this.#buffer.length;
    const bytes = encodeItem(key, data);
    if (bytes.length > room) {
      throw new NorbridgeError(
        "ENOSPC",
        `item ${key} needs ${formatSize(bytes.length)}, but a block has only ${formatSize(room)} left`,
        {
          operation: "write item",
          hint: "Delete items, or create a new safe with larger blocks.",
        },
      );
    }
    this.#items.set(key, data);
    const all = concatBytes([this.#buffer, bytes]);
    const whole = all.length - (all.length % bufferBytes);
    if (whole > 0) await this.#program(all.subarray(0, whole));
    this.#buffer = all.slice(whole);
  }

  /** Puts the items in force. Throws EIO if the flash did not take them: then the commit before stays in force. */
  commit(): Promise<void> {
    return this.#turns.run("commit", () => this.#commit());
  }

  async #commit(): Promise<void> {
    this.#checkOpen();
    try {
      const { blockBytes, bufferBytes } = this.#options;
      if (this.#buffer.length > 0) await this.#program(this.#buffer);
      const header: BlockHeader = {
        segmentCount: blockBytes / bufferBytes,
        bufferBytes,
        sequence: this.#sequence,
        itemCount: this.#items.size,
        dataBytes: this.#programmedBytes,
        dataCrc: this.#dataCrc,
      };
      const start = this.#block * blockBytes;
      this.#turns.changing();
      await this.#compareData(start + bufferBytes, start + blockBytes - bufferBytes, encodeHeader(header, "end"));
      const last = { offset: start, parts: [encodeHeader(header, "start")] };
      await programCompared(this.#region, [last], "commit", OLD_COMMIT_HINT);
      this.#end({ header, items: this.#items });
    } catch (error) {
      this.#end(undefined);
      throw error;
    }
  }

  /** Leaves everything as it was before. */
  abandon(): void {
    if (this.#isOpen) this.#end(undefined);
  }

  #end(end: TransactionEnd | undefined): void {
    this.#isOpen = false;
    this.#onEnd(end);
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw misuse("the transaction is no longer open");
  }

  /** Programs whole segments, or what is left at the end. */
  async #program(bytes: Uint8Array): Promise<void> {
    const { blockBytes, bufferBytes } = this.#options;
    const start = this.#block * blockBytes + bufferBytes + this.#programmedBytes;
    const ops: RegionOp[] = [];
    for (let at = 0; at < bytes.length; at += bufferBytes) {
      ops.push({ kind: "program", offset: start + at, data: bytes.slice(at, at + bufferBytes) });
    }
    this.#programmedBytes += bytes.length;
    this.#turns.changing();
    this.#dataCrc = crc32(bytes, this.#dataCrc);
    this.#dataCheck = blockCheck(bytes, this.#dataCheck);
    let left = ops.length;
    for await (const result of this.#region.run(ops)) left -= result.kind === "program" ? 1 : 0;
    if (left > 0) throw new NorbridgeError("BUG", "a program operation has no result", { operation: "write item" });
  }

  /** Compares the data, and programs the header at the end: alone it puts nothing in force. */
  async #compareData(dataOffset: number, endOffset: number, end: Uint8Array): Promise<void> {
    const lengthBytes = this.#programmedBytes;
    if (lengthBytes > 0 && (await this.#region.digest(dataOffset, lengthBytes)) !== this.#dataCheck) {
      throw readsDifferently(this.#region, { offset: dataOffset, lengthBytes }, "commit", OLD_COMMIT_HINT);
    }
    await programCompared(this.#region, [{ offset: endOffset, parts: [end] }], "commit", OLD_COMMIT_HINT);
  }
}

/** EINVAL for a call that makes no sense now. */
export function misuse(message: string, operation = "write item"): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation });
}
