/** Where a mounted log stands: its pages, the place of the next record, and what is known to be erased. Pure. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import { PAGE_HEADER_BYTES, type PageHeader, slotsPerPage } from "./format.ts";
import { type LogFsOptions, NO_PAGE } from "./log-fs-options.ts";
import type { OwnPages } from "./own-blocks.ts";
import { nextNumber, type NumberedPage, type PageOrder } from "./page-order.ts";
import { slotOffset, slotsOf } from "./page-slots.ts";
import { orderOf } from "./page-table.ts";

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

/** Owner of the state of one log. The writer reports its changes here; reader and cursors use it. */
export class PageState {
  readonly region: FlashRegion;
  readonly options: LogFsOptions;
  /** Records that a page takes. */
  readonly slots: number;
  /** Pages that are known to be erased: this object erased their block, or saw that they are blank. */
  readonly #erased = new Set<number>();
  readonly #headers: PageHeader[];
  #order: PageOrder;
  #numberNext: number;
  #lastPage: Uint8Array | undefined;
  #slot: number;
  /** The newest page has its header and nothing else: a cut left it. A device shows it as the place to write, and skips it. */
  #isLastEmpty = false;
  #pageWrite: number;
  #revision = 0;

  /** `headers`: of all pages of the region. If one is in use, `mountLastPage` has to follow. */
  constructor(region: FlashRegion, options: LogFsOptions, headers: PageHeader[], order: PageOrder) {
    this.region = region;
    this.options = options;
    this.slots = slotsPerPage(options.pageBytes, options.recordBytes);
    this.#headers = headers;
    this.#order = order;
    const last = order.pages.at(-1);
    this.#numberNext = last === undefined ? 0 : nextNumber(last.number);
    this.#slot = this.slots;
    this.#pageWrite = last === undefined ? 0 : (last.page + 1) % headers.length;
  }

  /** Of all pages. */
  get headers(): readonly PageHeader[] {
    return this.#headers;
  }

  /** Pages in use, oldest first. */
  get pages(): readonly NumberedPage[] {
    return this.#order.pages;
  }

  /** Page with the newest record; undefined without one. */
  get last(): number | undefined {
    return this.#order.pages.at(-1)?.page;
  }

  /** What the newest page holds; undefined without one. */
  get lastPage(): Uint8Array | undefined {
    return this.#lastPage;
  }

  /** Whether the numbers of the pages tell which are older. */
  get isOrderCertain(): boolean {
    return this.#order.certainty === "certain";
  }

  get missingPages(): number {
    return this.#order.missingPages;
  }

  /** Whether no page was ever begun. */
  get isBlank(): boolean {
    return this.#headers.every(({ kind }) => kind === "free");
  }

  /** Number that the next page gets. */
  get numberNext(): number {
    return this.#numberNext;
  }

  /** Next slot in the newest page; `slots` if it is full. */
  get slot(): number {
    return this.#slot;
  }

  /** Where the next page is looked for when the newest is full. */
  get pageWrite(): number {
    return this.#pageWrite;
  }

  /** Counts what changes pages other than the newest. */
  get revision(): number {
    return this.#revision;
  }

  /** The log as what decides about ownership sees it. */
  get own(): OwnPages {
    return { region: this.region, options: this.options, headers: this.#headers, pages: this.pages };
  }

  /** The state under the names of the original. */
  get named(): LogFsState {
    const firstPage = this.options.firstPage ?? 0;
    const { pages, certainty } = this.#order;
    const { last } = this;
    const isFull = this.#slot >= this.slots;
    const page = last !== undefined && (!isFull || this.#isLastEmpty) ? last : this.#pageWrite;
    const offset = isFull ? PAGE_HEADER_BYTES : slotOffset(this.#slot, this.options.recordBytes);
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

  isErased(page: number): boolean {
    return this.#erased.has(page);
  }

  /** Whether a page of the block that starts with `firstPage` holds records. */
  isBlockUsed(firstPage: number): boolean {
    return this.#headers.slice(firstPage, firstPage + this.options.blockPages).some(({ kind }) => kind === "used");
  }

  /** At mount: what the newest page holds shows where the next record goes. */
  mountLastPage(bytes: Uint8Array): void {
    this.#lastPage = bytes;
    // Devices take the first place with an erased marker, and begin a new page where even the first record is missing.
    const free = [...slotsOf(bytes, this.options)].findIndex(({ kind }) => kind === "free" || kind === "dirty");
    this.#isLastEmpty = free === 0;
    this.#slot = free <= 0 ? this.slots : free;
  }

  /** Pages are about to change, perhaps others than the newest. */
  noteChange(): void {
    this.#revision++;
  }

  /** A block was erased. */
  noteErasedBlock(firstPage: number): void {
    for (let page = firstPage; page < firstPage + this.options.blockPages; page++) {
      this.#headers[page] = { kind: "free" };
      this.#erased.add(page);
    }
    this.#order = orderOf(this.#headers);
  }

  /** A block check has shown that a page is erased. */
  noteErasedPage(page: number): void {
    this.#erased.add(page);
  }

  /** A page is about to get its header. */
  noteBeginning(page: number): void {
    this.#erased.delete(page);
    this.#isLastEmpty = false;
    this.#pageWrite = (page + 1) % this.#headers.length;
    this.#revision++;
  }

  /** The header was programmed: its number is used up, also if the page did not take it. */
  noteNumberUsed(): void {
    this.#numberNext = nextNumber(this.#numberNext);
  }

  /** A page did not take its header. */
  noteBadPage(page: number): void {
    this.#headers[page] = { kind: "bad" };
    this.#slot = this.slots;
  }

  /** A page has its header, and is the newest. `image`: what it holds now. */
  noteBegun(page: number, number: number, image: Uint8Array): void {
    this.#headers[page] = { kind: "used", number, isArchived: false };
    this.#order = { ...this.#order, pages: [...this.#order.pages, { page, number }] };
    this.#lastPage = image;
  }

  /** A slot of the newest page is used up, by a record or since it is bad. */
  noteSlotUsed(index: number): void {
    this.#slot = index + 1;
  }

  /** Bytes of the newest page have changed. */
  noteBytes(inPage: number, bytes: Uint8Array): void {
    this.#lastPage?.set(bytes, inPage);
  }

  /** A page was read again. */
  noteRead(page: number, bytes: Uint8Array): void {
    if (page === this.last) this.#lastPage = bytes;
  }

  noteArchived(page: number): void {
    const header = this.#headers[page];
    if (header?.kind === "used") this.#headers[page] = { ...header, isArchived: true };
  }

  /** All pages in use are marked as bad. Numbers begin at 0 again. */
  noteCleared(): void {
    for (const [page, { kind }] of this.#headers.entries()) if (kind === "used") this.#headers[page] = { kind: "bad" };
    this.#order = orderOf(this.#headers);
    this.#lastPage = undefined;
    this.#isLastEmpty = false;
    this.#slot = this.slots;
    this.#numberNext = 0;
    const { blockPages } = this.options;
    const free = this.#headers.findIndex(({ kind }, page) => kind === "free" && page % blockPages === 0);
    this.#pageWrite = Math.max(0, free);
  }
}
