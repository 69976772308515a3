/**
 * Zephyr's Stream Flash on a region: data goes through a buffer to flash that is erased page by page as it arrives. On healthy
 * flash the programs and erases are those of a device, in its order; all of one `write` go in one stream.
 *
 * What always holds: a page is erased only before the stream's first byte reaches it, never below that; what `bytesWritten`
 * counts is on the flash and was compared; nothing outside of the stream is erased.
 */
import { blockCheck, blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { advice } from "../../advice.ts";
import { concatBytes, formatRange, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange, RegionOp } from "../../flash/flash-region.ts";
import { readsDifferently } from "../compared-programs.ts";
import { StoreTurns } from "../store-turns.ts";
import type { ImageIdentity, ProgressStore } from "./progress-store.ts";
import { refuseRecognised } from "./stream-target.ts";

/** Where a stream goes, and in which pieces. All sizes are bytes. */
export interface StreamFlashOptions {
  /** Where the stream begins in the region; a multiple of the write block. */
  readonly offset: number;
  /** Room for the stream, a multiple of the write block; 0: to the end of the region. */
  readonly sizeBytes: number;
  /** Bytes of one program; a multiple of the write block, at most a page. */
  readonly bufferBytes: number;
  /** What is erased at once; the region's erase block if left out. */
  readonly pageBytes?: number | undefined;
  /** Write block of the device; 1 if left out. */
  readonly writeBlockBytes?: number | undefined;
  /**
   * Is given every buffer as it reads back from the flash, and where. What it throws stops the write: that buffer does not
   * count as written and stays buffered, and the data after it is not taken. The next `write` or flush offers the buffer again,
   * read again; what is on the flash already is not programmed twice.
   */
  readonly onWritten?: ((data: Uint8Array, offset: number) => void | Promise<void>) | undefined;
  /**
   * Places of the region that may be erased, whatever they hold. A page outside of them in which a log, a store or
   * files are recognised is not erased: LAYOUT_MISMATCH. Images, and data that is not recognised, are what a stream
   * replaces.
   */
  readonly overwrite?: readonly OffsetRange[] | undefined;
}

/**
 * Zephyr's Stream Flash on a region: data goes through a buffer to flash that is erased page by page as it arrives.
 * `init` starts one.
 *
 * A page is erased only before the first byte of the stream reaches it. What `bytesWritten` counts is on the flash and
 * was compared. Nothing outside of the stream is erased.
 */
export class StreamFlash {
  readonly #region: FlashRegion;
  readonly #start: number;
  readonly #sizeBytes: number;
  readonly #bufferBytes: number;
  readonly #pageBytes: number;
  readonly #writeBlockBytes: number;
  readonly #onWritten: StreamFlashOptions["onWritten"];
  readonly #overwrite: readonly OffsetRange[] | undefined;
  readonly #turns: StoreTurns;
  #bytesWritten = 0;
  #buffer: Uint8Array = new Uint8Array();
  /** Up to here, counted in the region, pages are erased or hold the stream. */
  #frontier: number;
  /** Why nothing more can be written; undefined while it can. */
  #ended: string | undefined;
  /** Bytes of the buffer that are on the flash already: `onWritten` has refused them. */
  #refusedBytes = 0;
  /** Start of the page that was erased last, from the start of the region. */
  #lastErasedPage: number | undefined;
  /** Pages that `erasePage` has erased and the stream has not reached. */
  readonly #erasedAhead = new Set<number>();

  private constructor(region: FlashRegion, options: StreamFlashOptions) {
    this.#region = region;
    this.#start = options.offset;
    this.#sizeBytes = options.sizeBytes === 0 ? region.lengthBytes - options.offset : options.sizeBytes;
    this.#bufferBytes = options.bufferBytes;
    this.#pageBytes = options.pageBytes ?? region.eraseBytes;
    this.#writeBlockBytes = options.writeBlockBytes ?? 1;
    this.#onWritten = options.onWritten;
    this.#overwrite = options.overwrite;
    this.#frontier = options.offset;
    this.#turns = StoreTurns.on(region, "a stream", { offset: this.#start, lengthBytes: this.#sizeBytes });
  }

  /** Starts a stream; touches nothing. Throws EINVAL for options that make no sense, ERANGE for a place outside the region. */
  static init(region: FlashRegion, options: StreamFlashOptions): StreamFlash {
    checkOptions(region, options);
    return new StreamFlash(region, options);
  }

  /** Bytes on the flash, without what is buffered and without padding. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Bytes that wait for a full buffer or a flush. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** Room of the stream. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Start of the page that this stream erased last, bytes from the start of the region; undefined before the first. */
  get lastErasedPage(): number | undefined {
    return this.#lastErasedPage;
  }

  /**
   * Takes data; every full buffer goes to the flash, and with `flush` the rest as well, padded to the write block: that
   * ends the stream, unless nothing had to be padded. Throws ENOSPC if it does not fit (nothing is taken then), EINVAL
   * after the end, EIO if the flash did not take it, LAYOUT_MISMATCH before a page of another store is erased, and what
   * `onWritten` throws: then `bytesWritten` + `buffered` bytes were taken in all, and the same stream can be tried
   * again.
   */
  async write(data: Uint8Array, { flush = false }: { readonly flush?: boolean | undefined } = {}): Promise<void> {
    // The caller may use his array again while this waits for its turn.
    const own = data.slice();
    return this.#turns.run("stream", () => this.#write(own, flush));
  }

  async #write(data: Uint8Array, flush: boolean): Promise<void> {
    if (this.#ended !== undefined) throw refuse(this.#ended);
    // A write block is programmed once: nothing can be put in place of its padding.
    if (data.length > 0 && this.#refusedBytes % this.#writeBlockBytes !== 0) {
      throw refuse("the last flush was padded and then refused: flush again without new data");
    }
    const total = this.#bytesWritten + this.#buffer.length + data.length;
    if (total > this.#sizeBytes) {
      throw new NorbridgeError(
        "ENOSPC",
        `the stream holds at most ${formatSize(this.#sizeBytes)}; with this data it has ${formatSize(total)}`,
        {
          operation: "stream",
          hint: advice("Use a larger region.", "set-region"),
        },
      );
    }
    const all = concatBytes([this.#buffer, data]);
    const whole = flush ? all.length : all.length - (all.length % this.#bufferBytes);
    if (whole > 0) await this.#store(all.subarray(0, whole));
    this.#buffer = all.slice(whole);
  }

  /**
   * Erases the page that holds `offset` (counted in the region) ahead of the stream, unless it is the page that was erased
   * last. The stream does not erase it again when it arrives there. A page that the stream has erased for itself is left; one
   * that it has filled is refused with EINVAL. Throws ERANGE outside of the stream.
   */
  erasePage(offset: number): Promise<void> {
    const isNeeded = (): boolean => this.#pageToErase(offset) !== undefined;
    return this.#turns.run("erase page", () => this.#erasePage(this.#pageToErase(offset)), isNeeded);
  }

  /** The page that holds `offset`; undefined if it is not to be erased. */
  #pageToErase(offset: number): number | undefined {
    if (!Number.isSafeInteger(offset)) throw refuse(`erase page: ${offset} is not an offset`);
    if (offset < this.#start || offset >= this.#start + this.#sizeBytes) {
      throw new NorbridgeError("ERANGE", `offset ${offset} is outside the stream`, { operation: "erase page" });
    }
    const page = offset - (offset % this.#pageBytes);
    if (page === this.#lastErasedPage) return undefined;
    const end = page + this.#pageBytes;
    if (end <= this.#frontier && end > this.#start + this.#bytesWritten) return undefined;
    if (page < this.#frontier) throw refuse("the page holds data of this stream and was not erased");
    return page;
  }

  async #erasePage(page: number | undefined): Promise<void> {
    if (page === undefined) return;
    await refuseRecognised(this.#region, [{ offset: page, lengthBytes: this.#pageBytes }], this.#overwrite);
    this.#turns.changing();
    await this.#region.erase(page, this.#pageBytes);
    this.#lastErasedPage = page;
    this.#erasedAhead.add(page);
  }

  /**
   * Goes on where `store` says; call it right after `init`, then write from `bytesWritten` of the source on. What lies behind
   * that place in its page must be blank; where it is not (a run ended between writing and saving) the stream goes back to the
   * start of the page, and `store` is updated before anything is erased. Throws LAYOUT_MISMATCH for the progress of another
   * image, or one that does not fit.
   */
  loadProgress(store: ProgressStore, image?: ImageIdentity): Promise<void> {
    return this.#turns.run("load progress", () => this.#loadProgress(store, image));
  }

  async #loadProgress(store: ProgressStore, image: ImageIdentity | undefined): Promise<void> {
    const saved = await store.load();
    if (saved === undefined || saved.bytesWritten < this.#bytesWritten) return;
    checkImage(saved.image, image);
    const { bytesWritten } = saved;
    if (bytesWritten > this.#sizeBytes || (image !== undefined && bytesWritten > image.lengthBytes)) {
      throw mismatch(`the progress of ${formatSize(bytesWritten)} is larger than the stream`);
    }
    const at = this.#start + bytesWritten;
    const pageEnd = Math.ceil(at / this.#pageBytes) * this.#pageBytes;
    if (at === pageEnd || (await this.#isBlank(at, pageEnd - at))) {
      this.#bytesWritten = bytesWritten;
      this.#frontier = Math.max(this.#frontier, pageEnd);
      return;
    }
    const pageStart = pageEnd - this.#pageBytes;
    if (pageStart < this.#start) throw this.#foreignPage(pageStart);
    await store.save({ ...saved, bytesWritten: pageStart - this.#start });
    this.#bytesWritten = pageStart - this.#start;
    this.#frontier = pageStart;
  }

  /** Keeps how far the stream is. */
  async saveProgress(store: ProgressStore, image?: ImageIdentity): Promise<void> {
    await this.#turns.settled();
    const bytesWritten = this.#bytesWritten;
    await store.save(image === undefined ? { bytesWritten } : { bytesWritten, image });
  }

  /** Block check of what is on the flash so far. */
  async digestWritten(): Promise<number> {
    await this.#turns.settled();
    return this.#bytesWritten === 0 ? 0 : this.#region.digest(this.#start, this.#bytesWritten);
  }

  /** Programs buffer by buffer, each page erased before its first byte. */
  async #store(bytes: Uint8Array): Promise<void> {
    await this.#prepareFirstPage(bytes.length);
    await this.#refuseOthers(bytes);
    this.#ended = "a write to this stream failed: open it again and load its progress";
    this.#turns.changing();
    if (this.#onWritten === undefined) await this.#storeAtOnce(bytes);
    else await this.#storeShown(bytes, this.#onWritten);
    const isPadded = bytes.length % this.#writeBlockBytes !== 0;
    this.#ended = isPadded ? "the stream has ended: the last flush was padded to the write block" : undefined;
  }

  /** Pages that these bytes reach first must not be those of another. What holds a part of them already was written before. */
  async #refuseOthers(bytes: Uint8Array): Promise<void> {
    const from = this.#start + this.#bytesWritten;
    const pages: OffsetRange[] = [];
    for (let page = this.#frontier; page < from + bytes.length; page += this.#pageBytes) {
      if (!this.#erasedAhead.has(page)) pages.push({ offset: page, lengthBytes: this.#pageBytes });
    }
    await refuseRecognised(this.#region, pages, this.#overwrite, { offset: from, bytes });
  }

  /** All buffers in one stream of operations, and one comparison. */
  async #storeAtOnce(bytes: Uint8Array): Promise<void> {
    const from = this.#start + this.#bytesWritten;
    const ops: RegionOp[] = [];
    for (let at = 0; at < bytes.length; at += this.#bufferBytes) {
      const piece = bytes.subarray(at, at + this.#bufferBytes);
      ops.push(...this.#eraseFor(from + at + piece.length));
      ops.push({ kind: "program", offset: from + at, data: this.#padded(piece) });
    }
    ops.push({ kind: "digest", offset: from, lengthBytes: bytes.length });
    await this.#runCompared(ops, from, bytes);
    this.#bytesWritten += bytes.length;
  }

  /** Each buffer is read back and shown before the next is programmed. */
  async #storeShown(bytes: Uint8Array, show: NonNullable<StreamFlashOptions["onWritten"]>): Promise<void> {
    const from = this.#start + this.#bytesWritten;
    for (let at = 0; at < bytes.length; at += this.#bufferBytes) {
      const piece = bytes.subarray(at, at + this.#bufferBytes);
      const offset = from + at;
      const ops: RegionOp[] = [...this.#eraseFor(offset + piece.length)];
      const stored = this.#refusedBytes;
      if (stored < piece.length) {
        ops.push({ kind: "program", offset: offset + stored, data: this.#padded(piece.subarray(stored)) });
      }
      const data = await this.#readBack(ops, offset, piece);
      try {
        await show(data, offset);
      } catch (error) {
        this.#buffer = piece.slice();
        this.#refusedBytes = piece.length;
        this.#ended = undefined;
        throw error;
      }
      this.#refusedBytes = 0;
      this.#bytesWritten += piece.length;
    }
  }

  /** Erases of the pages up to the one with the byte before `end`. */
  *#eraseFor(end: number): Generator<RegionOp> {
    while (this.#frontier < end) {
      const page = this.#frontier - (this.#frontier % this.#pageBytes);
      this.#frontier = page + this.#pageBytes;
      if (this.#erasedAhead.delete(page)) continue;
      this.#lastErasedPage = page;
      yield { kind: "erase", offset: page, lengthBytes: this.#pageBytes };
    }
  }

  /** A stream that begins in mid-page must not erase what is before it: it needs what is behind to be blank. */
  async #prepareFirstPage(lengthBytes: number): Promise<void> {
    const inPage = this.#frontier % this.#pageBytes;
    if (lengthBytes === 0 || inPage === 0) return;
    const page = this.#frontier - inPage;
    if (!(await this.#isBlank(this.#frontier, this.#pageBytes - inPage))) throw this.#foreignPage(page);
    this.#frontier = page + this.#pageBytes;
  }

  #foreignPage(page: number): NorbridgeError {
    const range = { address: this.#region.address + page, lengthBytes: this.#pageBytes };
    return new NorbridgeError(
      "EINVAL",
      `the stream starts in the middle of ${formatRange(range)}, which is not blank after that address`,
      {
        operation: "stream",
        range,
        hint: `Start at a multiple of ${formatSize(this.#pageBytes)}, or erase that page and restore the bytes before the stream.`,
      },
    );
  }

  async #isBlank(offset: number, lengthBytes: number): Promise<boolean> {
    return (await this.#region.digest(offset, lengthBytes)) === blockCheckOfFill(this.#region.erasedByte, lengthBytes);
  }

  #padded(piece: Uint8Array): Uint8Array {
    const lengthBytes = Math.ceil(piece.length / this.#writeBlockBytes) * this.#writeBlockBytes;
    if (lengthBytes === piece.length) return piece.slice();
    const padded = new Uint8Array(lengthBytes).fill(this.#region.erasedByte);
    padded.set(piece);
    return padded;
  }

  async #runCompared(ops: readonly RegionOp[], offset: number, bytes: Uint8Array): Promise<void> {
    for await (const result of this.#region.run(ops)) {
      if (result.kind === "digest" && result.check !== blockCheck(bytes))
        throw readsDifferently(this.#region, { offset, lengthBytes: bytes.length }, "stream");
    }
  }

  /** Runs the operations and returns what `piece` reads as then. Throws EIO if that is something else. */
  async #readBack(ops: readonly RegionOp[], offset: number, piece: Uint8Array): Promise<Uint8Array> {
    const read: RegionOp = { kind: "read", offset, lengthBytes: piece.length };
    let data: Uint8Array | undefined;
    for await (const result of this.#region.run([...ops, read])) if (result.kind === "read") data = result.data;
    if (data !== undefined && blockCheck(data) === blockCheck(piece)) return data;
    throw readsDifferently(this.#region, { offset, lengthBytes: piece.length }, "stream");
  }
}

function checkImage(saved: ImageIdentity | undefined, image: ImageIdentity | undefined): void {
  if (saved === undefined || image === undefined) return;
  if (saved.lengthBytes === image.lengthBytes && saved.sha256 === image.sha256) return;
  throw mismatch(
    `the saved progress belongs to another image (${formatSize(saved.lengthBytes)}, SHA-256 ${saved.sha256.slice(0, 16)}...)`,
  );
}

function checkOptions(region: FlashRegion, options: StreamFlashOptions): void {
  const { offset, sizeBytes, bufferBytes, pageBytes = region.eraseBytes, writeBlockBytes = 1 } = options;
  for (const [name, value] of Object.entries({ offset, sizeBytes, bufferBytes, pageBytes, writeBlockBytes })) {
    if (!Number.isSafeInteger(value) || value < 0) throw refuse(`${name} ${value} is not a whole number of bytes`);
  }
  if (offset >= region.lengthBytes || offset + sizeBytes > region.lengthBytes) {
    throw new NorbridgeError("ERANGE", `the stream does not fit the region of ${formatSize(region.lengthBytes)}`, {
      operation: "stream",
    });
  }
  if (writeBlockBytes < 1 || pageBytes % writeBlockBytes !== 0) {
    throw refuse(`a write block of ${writeBlockBytes} bytes does not fit pages of ${formatSize(pageBytes)}`);
  }
  if (pageBytes === 0 || pageBytes % region.eraseBytes !== 0 || region.lengthBytes % pageBytes !== 0) {
    throw refuse(
      `pages of ${formatSize(pageBytes)} are not made of whole erase blocks of ${formatSize(region.eraseBytes)}`,
    );
  }
  if (bufferBytes === 0 || bufferBytes % writeBlockBytes !== 0) {
    throw refuse(`a buffer of ${bufferBytes} bytes is not a multiple of the write block of ${writeBlockBytes}`);
  }
  if (sizeBytes % writeBlockBytes !== 0)
    throw refuse(`a size of ${sizeBytes} bytes is not a multiple of the write block of ${writeBlockBytes}`);
  if (bufferBytes > pageBytes)
    throw refuse(`a buffer of ${bufferBytes} bytes is larger than a page of ${formatSize(pageBytes)}`);
  if (offset % writeBlockBytes !== 0)
    throw refuse(`the start at ${offset} is not a multiple of the write block of ${writeBlockBytes}`);
}

function refuse(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "stream" });
}

function mismatch(message: string): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: "load progress",
    hint: advice("Continue with that image, or start again.", "restart-stream"),
  });
}
