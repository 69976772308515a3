/**
 * Records of pages, in the order of the pages: read in one stream, one page at a time in memory. Only the block that is erased
 * next is looked through as a whole first, since a cut erase leaves garbage there that an 8-bit CRC can vouch for by chance.
 */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { LogDamage } from "../record-log.ts";
import { type PageHeader, slotsPerPage } from "./format.ts";
import type { LogFsOptions } from "./log-fs-options.ts";
import type { NumberedPage } from "./page-order.ts";
import { itemsOfPage, type LogFsRecord, slotsOf } from "./page-slots.ts";

interface PageBytes {
  readonly page: number;
  readonly bytes: Uint8Array;
}

export class LogFsReader {
  readonly #region: FlashRegion;
  readonly #options: LogFsOptions;
  readonly #headers: readonly PageHeader[];
  /** Pages in use, oldest first. */
  readonly #pages: readonly NumberedPage[];
  /** What the newest page holds. */
  readonly #lastPage: Uint8Array | undefined;

  constructor(
    region: FlashRegion,
    options: LogFsOptions,
    headers: readonly PageHeader[],
    pages: readonly NumberedPage[],
    lastPage: Uint8Array | undefined,
  ) {
    this.#region = region;
    this.#options = options;
    this.#headers = headers;
    this.#pages = pages;
    this.#lastPage = lastPage;
  }

  /** Everything, oldest first. */
  all(): AsyncIterable<LogFsRecord | LogDamage> {
    return this.itemsOf(this.#pages, this.#strangePages());
  }

  /** The newest `count` records. */
  async *last(count: number): AsyncGenerator<LogFsRecord | LogDamage> {
    yield* await this.newest(count);
  }

  /** The newest `count` records and the damage among them; only the pages that are needed are read. */
  async newest(count: number): Promise<readonly (LogFsRecord | LogDamage)[]> {
    const slots = slotsPerPage(this.#options.pageBytes, this.#options.recordBytes);
    const pages = this.#pages;
    let found: (LogFsRecord | LogDamage)[] = [];
    let records = 0;
    let read = 0;
    while (records < count && read < pages.length) {
      // The newest page is partly filled, most often.
      const wanted = Math.ceil((count - records) / slots) + (read === 0 ? 1 : 0);
      const group = pages.slice(Math.max(0, pages.length - read - wanted), pages.length - read);
      const items: (LogFsRecord | LogDamage)[] = [];
      for await (const item of this.itemsOf(group)) {
        items.push(item);
        if (item.kind === "record") records++;
      }
      found = [...items, ...found];
      read += group.length;
    }
    let left = count;
    const first = found.findLastIndex((item) => item.kind === "record" && --left === 0);
    return found.slice(Math.max(0, first));
  }

  /** Records and damage of one page in use. Of a block that has to be looked through as a whole, all of its pages are read. */
  async ofPage(wanted: NumberedPage): Promise<readonly (LogFsRecord | LogDamage)[]> {
    const block = this.#blockOf(wanted.page);
    const pages =
      block === this.#suspectBlock() ? this.#pages.filter(({ page }) => this.#blockOf(page) === block) : [wanted];
    const start = (wanted.page % this.#options.blockPages) * this.#options.pageBytes;
    const items: (LogFsRecord | LogDamage)[] = [];
    for await (const item of this.itemsOf(pages)) {
      if (item.offset >= start && item.offset < start + this.#options.pageBytes) items.push(item);
    }
    return items;
  }

  /** Records and damage of some pages, in their order, after `before`. */
  async *itemsOf(
    pages: readonly NumberedPage[],
    before: Iterable<LogDamage> = [],
  ): AsyncGenerator<LogFsRecord | LogDamage> {
    // Looped, not delegated: a delegation costs as much again for every record.
    for (const item of before) yield item;
    const suspect = this.#suspectBlock();
    let held: PageBytes[] = [];
    for await (const { page, bytes } of this.#bytesOf(pages)) {
      if (this.#blockOf(page) === suspect) {
        held.push({ page, bytes });
        continue;
      }
      for (const item of this.#release(held)) yield item;
      held = [];
      for (const item of itemsOfPage(bytes, page, this.#options, false)) yield item;
    }
    for (const item of this.#release(held)) yield item;
  }

  async *#bytesOf(pages: readonly NumberedPage[]): AsyncGenerator<PageBytes> {
    const { pageBytes } = this.#options;
    const last = this.#lastPage === undefined ? undefined : this.#pages.at(-1)?.page;
    const unread = pages.flatMap(({ page }) => (page === last ? [] : [page]));
    const runs = [...runsOf(unread)];
    let next = 0;
    if (runs.length > 0) {
      const ranges = runs.map(
        ({ page, count }): OffsetRange => ({ offset: page * pageBytes, lengthBytes: count * pageBytes }),
      );
      for await (const bytes of this.#region.readMany(ranges)) {
        const { page, count } = runs[next++] ?? { page: 0, count: 0 };
        for (let index = 0; index < count; index++) {
          yield { page: page + index, bytes: bytes.subarray(index * pageBytes, (index + 1) * pageBytes) };
        }
      }
    }
    // The newest page is the last wherever it is requested.
    if (last !== undefined && this.#lastPage !== undefined && unread.length < pages.length) {
      yield { page: last, bytes: this.#lastPage };
    }
  }

  /** The block that is erased next: if an erase was cut, it was this one. */
  #suspectBlock(): number | undefined {
    const last = this.#pages.at(-1)?.page;
    if (last === undefined) return undefined;
    const blocks = this.#headers.length / this.#options.blockPages;
    const next = (this.#blockOf(last) + 1) % blocks;
    return next === this.#blockOf(last) ? undefined : next;
  }

  #blockOf(page: number): number {
    return Math.floor(page / this.#options.blockPages);
  }

  *#release(held: readonly PageBytes[]): Generator<LogFsRecord | LogDamage> {
    const [first] = held;
    if (first === undefined) return;
    const isDoubtful = this.#isSpoiled(this.#blockOf(first.page), held);
    for (const { page, bytes } of held) yield* itemsOfPage(bytes, page, this.#options, isDoubtful);
  }

  /** One header or a few records are what cut writes leave; a cut erase leaves more wrong than right. */
  #isSpoiled(block: number, pages: readonly PageBytes[]): boolean {
    const { blockPages } = this.#options;
    const headers = this.#headers.slice(block * blockPages, (block + 1) * blockPages);
    if (headers.filter(({ kind }) => kind === "strange").length > 1) return true;
    const kinds = pages.flatMap(({ bytes }) => [...slotsOf(bytes, this.#options)].map(({ kind }) => kind));
    const damaged = kinds.filter((kind) => kind === "strange" || kind === "dirty").length;
    return damaged > 0 && damaged >= kinds.filter((kind) => kind === "record").length;
  }

  *#strangePages(): Generator<LogDamage> {
    const { blockPages, pageBytes } = this.#options;
    for (const [page, { kind }] of this.#headers.entries()) {
      if (kind !== "strange") continue;
      const reason = "a page header with a wrong marker or check byte";
      const offset = (page % blockPages) * pageBytes;
      yield { kind: "damage", sector: this.#blockOf(page), offset, lengthBytes: pageBytes, reason };
    }
  }
}

/** Pages that are read in one go: neighbours, as most are. */
const MAX_RUN_PAGES = 16;

function* runsOf(pages: readonly number[]): Generator<{ readonly page: number; readonly count: number }> {
  for (let index = 0; index < pages.length; ) {
    const page = pages[index] ?? 0;
    let count = 1;
    while (count < MAX_RUN_PAGES && pages[index + count] === page + count) count++;
    yield { page, count };
    index += count;
  }
}
