/**
 * piconomix px_log_fs on a region: a ring of pages of records of one size. Programs and erases are those of a device, in its
 * order, until the ring is full; there the original skips a block, and this continues where its reader can follow.
 *
 * What always holds: reading changes nothing; a page is only begun where it is wholly erased; what `append` answered for is on
 * the flash and was compared; after a wrap all blocks but one hold records, in an order that an unmodified device reads.
 */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { begunLater } from "../../stream.ts";
import { programAndCompare, programCompared } from "../compared-programs.ts";
import type { LogDamage, LogPlace, LogSector, ReadRecordsOptions, RecordLog } from "../record-log.ts";
import {
  BAD_MARKER,
  decodePageHeader,
  encodePageHeader,
  encodeSlot,
  MARKERS,
  PAGE_HEADER_BYTES,
  type PageHeader,
  SLOT_OVERHEAD_BYTES,
  slotsPerPage,
} from "./format.ts";
import { LogFsCursor } from "./cursor.ts";
import { foreignBlocksOf, type OwnPages, refuseForeignBlocks } from "./own-blocks.ts";
import { checkOptions, type LogFsOptions, NO_PAGE, refuseForeign } from "./log-fs-options.ts";
import { nextNumber, type PageOrder } from "./page-order.ts";
import { headerRanges, orderOf, stateOf } from "./page-table.ts";
import { LogFsReader } from "./log-fs-reader.ts";
import { type LogFsRecord, slotOffset, slotsOf } from "./page-slots.ts";
import { proveShape } from "./prove-shape.ts";
import { StoreTurns } from "../store-turns.ts";
import { noSector } from "../no-sector.ts";

export type { LogFsOptions } from "./log-fs-options.ts";
export type { LogFsRecord } from "./page-slots.ts";
export { LogFsCursor, type LogFsRead, type LogFsReadOptions } from "./cursor.ts";

/** Where the log stands, under the names of the original; pages count from the start of the chip. */
export interface LogFsState {
  /** 65535: none. */
  readonly pageFirst: number;
  /** Page with the newest record; 65535: none. */
  readonly pageLast: number;
  /** Number that the next page gets in its header. */
  readonly pageNrNext: number;
  /** Where the next record goes; offset 4: a page has to be begun. */
  readonly adrWr: {
    /** Page, counted from the start of the chip. */
    readonly page: number;
    /** Bytes from the start of that page. */
    readonly offset: number;
  };
  /** Whether the numbers of the pages tell which are older. */
  readonly order: "certain" | "ambiguous";
  /** Pages that hold records. */
  readonly usedPages: number;
  /** Pages that are marked as bad, or hold other data. */
  readonly badPages: number;
}

const ERASED = 0xff;
/** A slot or page that the flash does not take is marked and passed over this many times. */
const MAX_TRIES = 4;

/**
 * A px_log_fs of piconomix: a ring of pages with records of one size. `mount` opens one.
 *
 * Reading changes nothing. What `append` resolved for is on the flash and was compared. Calls that change the flash
 * run one after the other.
 */
export class LogFs implements RecordLog {
  readonly sectorBytes: number;
  readonly #region: FlashRegion;
  readonly #options: LogFsOptions;
  readonly #turns: StoreTurns;
  readonly #pageCount: number;
  readonly #slots: number;
  readonly #headers: PageHeader[];
  #order: PageOrder;
  #numberNext: number;
  /** The newest page as it is on the flash; undefined without one. */
  #lastPage: Uint8Array | undefined;
  /** Next slot in the newest page; `#slots` if it is full. */
  #slot: number;
  /** The newest page has its header and nothing else: a cut left it. A device shows it as the place to write, and skips it. */
  #isLastEmpty = false;
  /** Where the next page is looked for when the newest is full. */
  #pageWrite: number;
  #isProved = false;
  /** Pages that are known to be erased: this object erased their block, or saw that they are blank. */
  readonly #erased = new Set<number>();
  /** Counts what changes pages other than the newest. */
  #revision = 0;

  private constructor(
    region: FlashRegion,
    options: LogFsOptions,
    headers: PageHeader[],
    order: PageOrder,
    turns: StoreTurns,
  ) {
    this.#region = region;
    this.#options = options;
    this.#turns = turns;
    this.sectorBytes = options.pageBytes * options.blockPages;
    this.#pageCount = headers.length;
    this.#slots = slotsPerPage(options.pageBytes, options.recordBytes);
    this.#headers = headers;
    this.#order = order;
    const last = order.pages.at(-1);
    this.#numberNext = last === undefined ? 0 : nextNumber(last.number);
    this.#slot = this.#slots;
    this.#pageWrite = last === undefined ? 0 : (last.page + 1) % headers.length;
  }

  /**
   * Opens a log; reads only, in two turnarounds: all page headers, then the newest page. Throws EINVAL for options that make
   * no sense, LAYOUT_MISMATCH for a region that holds something else.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed the region since
   * it was opened, every change throws EBUSY until it is opened again.
   */
  static async mount(region: FlashRegion, options: LogFsOptions): Promise<LogFs> {
    checkOptions(region, options);
    const turns = StoreTurns.on(region, "a px_log_fs");
    const { pageBytes, format } = options;
    const headers: PageHeader[] = [];
    for await (const bytes of region.readMany(headerRanges(region.lengthBytes / pageBytes, pageBytes))) {
      headers.push(decodePageHeader(bytes, format));
    }
    refuseForeign(region, headers, options);
    const log = new LogFs(region, options, headers, orderOf(headers), turns);
    await log.#readLastPage();
    return log;
  }

  /** Where the log stands now. Reads nothing from the flash. */
  get state(): LogFsState {
    const firstPage = this.#options.firstPage ?? 0;
    const { pages, certainty } = this.#order;
    const last = pages.at(-1)?.page;
    const isInLast = last !== undefined && (this.#slot < this.#slots || this.#isLastEmpty);
    const page = isInLast ? last : this.#pageWrite;
    const offset = this.#slot < this.#slots ? slotOffset(this.#slot, this.#options.recordBytes) : PAGE_HEADER_BYTES;
    const shown = (one: number | undefined): number => (one === undefined ? NO_PAGE : one + firstPage);
    return {
      pageFirst: shown(pages[0]?.page),
      pageLast: shown(last),
      pageNrNext: this.#numberNext,
      adrWr: { page: page + firstPage, offset },
      order: certainty,
      usedPages: pages.length,
      badPages: this.#headers.filter(({ kind }) => kind === "bad" || kind === "strange").length,
    };
  }

  /**
   * Pages whose records are gone from between the records that are left: a device whose wrap skips blocks keeps older ones. 0 where
   * none are, and meaningless where the order is ambiguous.
   */
  get missingPages(): number {
    return this.#order.missingPages;
  }

  get orderDoubt(): string | undefined {
    return this.#order.certainty === "certain" ? undefined : "its page numbers do not tell which records are older";
  }

  /** Whether no page was ever begun. */
  get isBlank(): boolean {
    return this.#headers.every(({ kind }) => kind === "free");
  }

  records(options: ReadRecordsOptions = {}): AsyncIterable<LogFsRecord | LogDamage> {
    return begunLater(async () => {
      await this.#turns.settled();
      const reader = this.#reader();
      return options.last === undefined ? reader.all() : reader.last(options.last);
    });
  }

  /** The records of one block, in their order; none of one that is not in use. Throws ERANGE for one that is not there. */
  async *recordsOfSector(sector: number): AsyncGenerator<LogFsRecord | LogDamage> {
    await this.#turns.settled();
    const { blockPages } = this.#options;
    const blocks = this.#pageCount / blockPages;
    if (!Number.isInteger(sector) || sector < 0 || sector >= blocks) throw noSector(sector, blocks);
    yield* this.#reader().itemsOf(this.#order.pages.filter(({ page }) => Math.floor(page / blockPages) === sector));
  }

  /** A place in the log that moves record by record, both ways. Reads nothing yet. */
  cursor(): LogFsCursor {
    return new LogFsCursor({
      settled: () => this.#turns.settled(),
      pages: () => this.#order.pages,
      revision: () => this.#revision,
      itemsOf: (page) => this.#reader().ofPage(page),
    });
  }

  /** The first record that is not archived, or undefined. */
  async firstUnarchived(): Promise<LogFsRecord | undefined> {
    await this.#turns.settled();
    const pages = this.#order.pages.filter(({ page }) => {
      const header = this.#headers[page];
      return header?.kind !== "used" || !header.isArchived;
    });
    for await (const item of this.#reader().itemsOf(pages)) if (item.kind === "record" && !item.isArchived) return item;
    return undefined;
  }

  /**
   * Marks a record as archived, and its page as well when it was the last of it. Throws EINVAL in format 1, which has no such
   * mark, and EIO if the flash did not take it.
   */
  markArchived(record: Pick<LogFsRecord, "page" | "offset">): Promise<void> {
    return this.#turns.run("archive", () => this.#markArchived(record));
  }

  async #markArchived({ page, offset }: Pick<LogFsRecord, "page" | "offset">): Promise<void> {
    const { pageBytes, blockPages, recordBytes, format } = this.#options;
    const { archivedPage, archivedRecord } = MARKERS[format];
    if (archivedPage === undefined || archivedRecord === undefined) {
      throw new NorbridgeError("EINVAL", "format 1 of px_log_fs has no mark for archived records", {
        operation: "archive",
      });
    }
    const inPage = offset - (page % blockPages) * pageBytes;
    const index = (inPage - PAGE_HEADER_BYTES) / (recordBytes + SLOT_OVERHEAD_BYTES);
    const mark = { offset: page * pageBytes + inPage, parts: [Uint8Array.of(archivedRecord)] };
    this.#turns.changing();
    this.#revision++;
    await programCompared(this.#region, [mark], "archive");
    const bytes = await this.#region.read(page * pageBytes, pageBytes);
    if (page === this.#order.pages.at(-1)?.page) this.#lastPage = bytes;
    const rest = [...slotsOf(bytes, this.#options)].slice(index + 1);
    // As a device does: only bad places may follow, else there is more to archive or to write.
    if (rest.some(({ kind }) => kind !== "bad" && kind !== "strange")) return;
    const pageMark = { offset: page * pageBytes, parts: [Uint8Array.of(archivedPage)] };
    await programCompared(this.#region, [pageMark], "archive");
    const header = this.#headers[page];
    if (header?.kind === "used") this.#headers[page] = { ...header, isArchived: true };
  }

  async sectors(): Promise<readonly LogSector[]> {
    await this.#turns.settled();
    const { blockPages } = this.#options;
    const blank = blockCheckOfFill(ERASED, this.sectorBytes);
    const digests: RegionOp[] = [];
    for (let offset = 0; offset < this.#region.lengthBytes; offset += this.sectorBytes) {
      digests.push({ kind: "digest", offset, lengthBytes: this.sectorBytes });
    }
    const last = this.#order.pages.at(-1)?.page ?? -1;
    const sectors: LogSector[] = [];
    for await (const result of this.#region.run(digests)) {
      const sector = sectors.length;
      const headers = this.#headers.slice(sector * blockPages, (sector + 1) * blockPages);
      const isBlank = result.kind === "digest" && result.check === blank;
      sectors.push({ sector, state: stateOf(headers, isBlank, Math.floor(last / blockPages) === sector && last >= 0) });
    }
    return sectors;
  }

  /**
   * Blocks that are neither blank nor of this log: a writer must not come upon them. What a power cut left of an erase is none of
   * them, nor what the caller named as `overwrite`.
   */
  async foreignSectors(): Promise<readonly number[]> {
    await this.#turns.settled();
    return foreignBlocksOf(this.#own());
  }

  /** Throws LAYOUT_MISMATCH if the region holds a block that belongs to another. Reads only. */
  async refuseUnlessOwn(operation: string): Promise<void> {
    await refuseForeignBlocks(this.#own(), await this.foreignSectors(), operation);
  }

  /** The log as those see it who ask what is its own. */
  #own(): OwnPages {
    return { region: this.#region, options: this.#options, headers: this.#headers, pages: this.#order.pages };
  }

  /**
   * Adds a record; data shorter than a record is filled up with FF. A place that the flash does not take is marked as bad, as
   * a device does, and the next one is tried. Throws EINVAL for data that is too long, ENOSPC if the log is full and is
   * to stop then, EIO if the flash takes nothing, LAYOUT_MISMATCH if the log cannot be one of records of this size,
   * and before a block of another would be erased.
   */
  async append(data: Uint8Array): Promise<
    LogPlace & {
      /** Page of the record within the region, from 0. */
      readonly page: number;
    }
  > {
    // The caller may use his array again while this waits for its turn.
    const own = data.slice();
    return this.#turns.run("append", () => this.#append(own));
  }

  async #append(data: Uint8Array): Promise<LogPlace & { readonly page: number }> {
    const { recordBytes, pageBytes, blockPages, format } = this.#options;
    if (data.length > recordBytes) {
      throw new NorbridgeError("EINVAL", `a record of ${data.length} bytes: this log has records of ${recordBytes}`, {
        operation: "append",
      });
    }
    await this.#proveShape();
    const bytes = encodeSlot(data, recordBytes, format);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#skipDirtySlots();
      const isNewPage = this.#slot >= this.#slots;
      const page = isNewPage ? await this.#findPage(tries > 0) : (this.#order.pages.at(-1)?.page ?? 0);
      const slot = isNewPage ? 0 : this.#slot;
      if (slot === this.#slots - 1) await this.#makeRoomBehind(page, tries > 0);
      const inPage = slotOffset(slot, recordBytes);
      const isTaken = isNewPage ? await this.#beginPage(page, bytes) : await this.#programSlot(page, inPage, bytes);
      if (!isTaken) continue;
      const offset = (page % blockPages) * pageBytes + inPage;
      return { sector: Math.floor(page / blockPages), offset, page };
    }
    throw nothingTaken();
  }

  /** Marks every page in use as bad, as a device does; nothing is erased. Numbers begin at 0 again. */
  clear(): Promise<void> {
    return this.#turns.run("clear", () => this.#clear());
  }

  async #clear(): Promise<void> {
    const { blockPages, pageBytes } = this.#options;
    const used = this.#headers.flatMap(({ kind }, page) => (kind === "used" ? [page] : []));
    const marks = used.map((page) => ({ offset: page * pageBytes, parts: [Uint8Array.of(BAD_MARKER)] }));
    this.#revision++;
    if (marks.length > 0) {
      this.#turns.changing();
      await programCompared(this.#region, marks, "clear");
    }
    for (const page of used) this.#headers[page] = { kind: "bad" };
    this.#order = orderOf(this.#headers);
    this.#lastPage = undefined;
    this.#isLastEmpty = false;
    this.#slot = this.#slots;
    this.#numberNext = 0;
    const free = this.#headers.findIndex(({ kind }, page) => kind === "free" && page % blockPages === 0);
    this.#pageWrite = Math.max(0, free);
  }

  #reader(): LogFsReader {
    return new LogFsReader(this.#region, this.#options, this.#headers, this.#order.pages, this.#lastPage);
  }

  /** Once, before the first change: nothing on the flash shows what the record size is. */
  async #proveShape(): Promise<void> {
    if (this.#isProved) return;
    const pages = this.#order.pages.map(({ page }) => page);
    if (this.#lastPage !== undefined) await proveShape(this.#region, this.#options, pages, this.#lastPage);
    this.#isProved = true;
  }

  async #readLastPage(): Promise<void> {
    const last = this.#order.pages.at(-1);
    if (last === undefined) return;
    const { pageBytes } = this.#options;
    this.#lastPage = await this.#region.read(last.page * pageBytes, pageBytes);
    const slots = [...slotsOf(this.#lastPage, this.#options)];
    // Devices take the first place with an erased marker, and begin a new page where even the first record is missing.
    const free = slots.findIndex(({ kind }) => kind === "free" || kind === "dirty");
    this.#isLastEmpty = free === 0;
    this.#slot = free <= 0 ? this.#slots : free;
  }

  /** A place that is not wholly erased is marked as bad, since a device's reader would stop there. */
  async #skipDirtySlots(): Promise<void> {
    const last = this.#order.pages.at(-1);
    while (this.#slot < this.#slots && last !== undefined && this.#lastPage !== undefined) {
      const start = slotOffset(this.#slot, this.#options.recordBytes);
      const slot = this.#lastPage.subarray(start, start + this.#options.recordBytes + SLOT_OVERHEAD_BYTES);
      if (slot.every((byte) => byte === ERASED)) return;
      if (slot[0] === ERASED) await this.#markBad(last.page, start);
      this.#slot++;
    }
  }

  async #markBad(page: number, inPage: number): Promise<void> {
    this.#turns.changing();
    await this.#region.program(page * this.#options.pageBytes + inPage, Uint8Array.of(BAD_MARKER));
  }

  /**
   * A page that can be begun: erased, or the first of a block that is erased now. Throws ENOSPC if the log is to stop, EIO where
   * records would have to go for a try after one that failed: what takes no record may be wires, and not flash.
   */
  async #findPage(isAgain: boolean): Promise<number> {
    const { blockPages, whenFull } = this.#options;
    for (let steps = 0; steps <= this.#pageCount; steps++) {
      const page = (this.#pageWrite + steps) % this.#pageCount;
      if (whenFull === "stop" && page === this.#order.pages[0]?.page) break;
      if (page % blockPages === 0 && !(await this.#isBlockUsable(page))) {
        const isUsed = this.#isAnyUsed(page);
        if (whenFull === "stop" && isUsed) break;
        if (isAgain && isUsed) throw nothingTaken();
        await this.#eraseBlock(page);
      }
      if (await this.#isPageBlank(page)) return page;
    }
    throw new NorbridgeError("ENOSPC", "append: the log is full and must not overwrite records", {
      operation: "append",
      hint: advice("Read the log, then clear it.", "allow-overwrite-when-full"),
    });
  }

  /** A block is begun as it is if its first page is blank and the others are blank or marked as bad. */
  async #isBlockUsable(firstPage: number): Promise<boolean> {
    const { blockPages } = this.#options;
    const pages = Array.from({ length: blockPages }, (_, index) => firstPage + index);
    if (pages.some((page) => !["free", "bad"].includes(this.#headers[page]?.kind ?? "strange"))) return false;
    if (this.#headers[firstPage]?.kind !== "free") return false;
    const free = pages.filter((page) => this.#headers[page]?.kind === "free");
    await this.#lookForBlank(free.filter((page) => !this.#erased.has(page)));
    return free.every((page) => this.#erased.has(page));
  }

  async #isPageBlank(page: number): Promise<boolean> {
    if (this.#headers[page]?.kind !== "free") return false;
    if (!this.#erased.has(page)) await this.#lookForBlank([page]);
    return this.#erased.has(page);
  }

  async #lookForBlank(pages: readonly number[]): Promise<void> {
    if (pages.length === 0) return;
    const { pageBytes } = this.#options;
    const blank = blockCheckOfFill(ERASED, pageBytes);
    const digests = pages.map(
      (page): RegionOp => ({ kind: "digest", offset: page * pageBytes, lengthBytes: pageBytes }),
    );
    let index = 0;
    for await (const result of this.#region.run(digests)) {
      const page = pages[index++];
      if (page !== undefined && result.kind === "digest" && result.check === blank) this.#erased.add(page);
    }
  }

  #isAnyUsed(firstPage: number): boolean {
    return this.#headers.slice(firstPage, firstPage + this.#options.blockPages).some(({ kind }) => kind === "used");
  }

  async #eraseBlock(firstPage: number): Promise<void> {
    const { blockPages, pageBytes } = this.#options;
    if (this.#order.certainty === "ambiguous" && this.#isAnyUsed(firstPage)) throw this.#doubtful(firstPage);
    if (!this.#isAnyUsed(firstPage)) {
      const foreign = await foreignBlocksOf(this.#own(), true);
      await refuseForeignBlocks(this.#own(), foreign.includes(firstPage / blockPages) ? foreign : [], "append");
    }
    this.#turns.changing();
    this.#revision++;
    await this.#region.erase(firstPage * pageBytes, this.sectorBytes);
    for (let page = firstPage; page < firstPage + blockPages; page++) {
      this.#headers[page] = { kind: "free" };
      this.#erased.add(page);
    }
    this.#order = orderOf(this.#headers);
  }

  /** The block that comes next may hold the newest records. */
  #doubtful(firstPage: number): NorbridgeError {
    const address = this.#region.address + firstPage * this.#options.pageBytes;
    const message = "append: the next block has to be erased, but the page numbers do not tell if its records are old";
    return new NorbridgeError("LAYOUT_MISMATCH", message, {
      operation: "append",
      range: { address, lengthBytes: this.sectorBytes },
      hint: advice("Nothing was erased. Read the log, then clear it."),
    });
  }

  /**
   * A device that starts on a ring whose newest page is full and is followed by the oldest takes it for empty. So the next
   * block is erased before the last place of that page is filled: at no moment does the flash look like that. Throws EIO as
   * `#findPage` does.
   */
  async #makeRoomBehind(page: number, isAgain: boolean): Promise<void> {
    const next = (page + 1) % this.#pageCount;
    const isOldestNext = next === this.#order.pages[0]?.page;
    if (this.#options.whenFull === "stop" || !isOldestNext || next % this.#options.blockPages !== 0 || next === page)
      return;
    const isLastHere = Math.floor(page / this.#options.blockPages) === Math.floor(next / this.#options.blockPages);
    if (isLastHere) return;
    if (isAgain) throw nothingTaken();
    await this.#eraseBlock(next);
  }

  /** Begins a page with its first record. False if the flash did not take it: then the place is marked. */
  async #beginPage(page: number, slot: Uint8Array): Promise<boolean> {
    const number = this.#numberNext;
    const header = encodePageHeader(number, this.#options.format);
    const first = slotOffset(0, this.#options.recordBytes);
    const offset = page * this.#options.pageBytes;
    this.#erased.delete(page);
    this.#isLastEmpty = false;
    this.#pageWrite = (page + 1) % this.#pageCount;
    this.#turns.changing();
    this.#revision++;
    const [isHeaderRight = false, isSlotRight = false] = await programAndCompare(this.#region, [
      { offset, parts: [header] },
      { offset: offset + first, parts: [slot] },
    ]);
    this.#numberNext = nextNumber(number);
    if (!isHeaderRight) {
      this.#headers[page] = { kind: "bad" };
      this.#slot = this.#slots;
      await this.#markBad(page, 0);
      return false;
    }
    this.#headers[page] = { kind: "used", number, isArchived: false };
    this.#order = { ...this.#order, pages: [...this.#order.pages, { page, number }] };
    this.#lastPage = new Uint8Array(this.#options.pageBytes).fill(ERASED);
    this.#lastPage.set(header);
    return this.#noteSlot(page, first, slot, isSlotRight, 0);
  }

  async #programSlot(page: number, inPage: number, slot: Uint8Array): Promise<boolean> {
    const offset = page * this.#options.pageBytes + inPage;
    this.#turns.changing();
    const [isRight = false] = await programAndCompare(this.#region, [{ offset, parts: [slot] }]);
    return this.#noteSlot(page, inPage, slot, isRight, this.#slot);
  }

  async #noteSlot(page: number, inPage: number, slot: Uint8Array, isRight: boolean, index: number): Promise<boolean> {
    this.#slot = index + 1;
    if (isRight) this.#lastPage?.set(slot, inPage);
    else if (this.#lastPage !== undefined) {
      this.#lastPage[inPage] = BAD_MARKER;
      await this.#markBad(page, inPage);
    }
    return isRight;
  }
}

function nothingTaken(): NorbridgeError {
  return new NorbridgeError("EIO", "the record could not be programmed, and not at the next addresses either", {
    operation: "append",
    hint: advice("Check supply and wiring before you try again: each try marks slots as bad.", "check-wiring"),
  });
}
