/**
 * piconomix px_log_fs on a region: a ring of pages of records of one size. Programs and erases are those of a device, in its
 * order, until the ring is full; there the original skips a block, and this continues where its reader can follow.
 *
 * What always holds: reading changes nothing; a page is only begun where it is wholly erased; what `append` resolved for is on
 * the flash and was compared; after a wrap all blocks but one hold records, in an order that an unmodified device reads.
 */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { begunLater } from "../../stream.ts";
import { noSector } from "../no-sector.ts";
import type { LogDamage, LogPlace, LogSector, ReadRecordsOptions, RecordLog } from "../record-log.ts";
import { StoreTurns } from "../store-turns.ts";
import { LogFsCursor } from "./cursor.ts";
import { decodePageHeader, type PageHeader } from "./format.ts";
import { checkOptions, type LogFsOptions, refuseForeign } from "./log-fs-options.ts";
import { LogFsReader } from "./log-fs-reader.ts";
import { LogFsWriter } from "./log-fs-writer.ts";
import { foreignBlocksOf, refuseForeignBlocks } from "./own-blocks.ts";
import type { LogFsRecord } from "./page-slots.ts";
import { type LogFsState, PageState } from "./page-state.ts";
import { headerRanges, orderOf, stateOf } from "./page-table.ts";

export type { LogFsOptions } from "./log-fs-options.ts";
export type { LogFsRecord } from "./page-slots.ts";
export type { LogFsState } from "./page-state.ts";
export { LogFsCursor, type LogFsRead, type LogFsReadOptions } from "./cursor.ts";

const ERASED = 0xff;

/**
 * A px_log_fs of piconomix: a ring of pages with records of one size. `mount` opens one.
 *
 * Reading changes nothing. What `append` resolved for is on the flash and was compared. Calls that change the flash
 * run one after the other.
 */
export class LogFs implements RecordLog {
  readonly sectorBytes: number;
  readonly #turns: StoreTurns;
  readonly #state: PageState;
  readonly #writer: LogFsWriter;

  private constructor(state: PageState, turns: StoreTurns) {
    const { pageBytes, blockPages } = state.options;
    this.sectorBytes = pageBytes * blockPages;
    this.#turns = turns;
    this.#state = state;
    this.#writer = new LogFsWriter(state, turns);
  }

  /**
   * Opens a log; reads only, in two turnarounds: all page headers, then the newest page. Throws EINVAL for options that make
   * no sense, LAYOUT_MISMATCH for a region that holds something else.
   *
   * Several may be open on a region to read; of those that write, one at a time: when another, or a job, has changed
   * the region since it was opened, every change throws EBUSY until it is opened again.
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
    const state = new PageState(region, options, headers, orderOf(headers));
    if (state.last !== undefined) state.mountLastPage(await region.read(state.last * pageBytes, pageBytes));
    return new LogFs(state, turns);
  }

  /** Where the log stands now. Reads nothing from the flash. */
  get state(): LogFsState {
    return this.#state.named;
  }

  /**
   * Pages whose records are gone from between the records that are left: a device whose wrap skips blocks keeps older
   * ones. 0 where none are, and meaningless where the order is ambiguous.
   */
  get missingPages(): number {
    return this.#state.missingPages;
  }

  get orderDoubt(): string | undefined {
    return this.#state.isOrderCertain ? undefined : "its page numbers do not tell which records are older";
  }

  /** Whether no page was ever begun. */
  get isBlank(): boolean {
    return this.#state.isBlank;
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
    const { headers, pages, options } = this.#state;
    const { blockPages } = options;
    const blocks = headers.length / blockPages;
    if (!Number.isInteger(sector) || sector < 0 || sector >= blocks) throw noSector(sector, blocks);
    yield* this.#reader().itemsOf(pages.filter(({ page }) => Math.floor(page / blockPages) === sector));
  }

  /** A place in the log that moves record by record, both ways. Reads nothing yet. */
  cursor(): LogFsCursor {
    return new LogFsCursor({
      settled: () => this.#turns.settled(),
      pages: () => this.#state.pages,
      revision: () => this.#state.revision,
      itemsOf: (page) => this.#reader().ofPage(page),
    });
  }

  /** The first record that is not archived, or undefined. */
  async firstUnarchived(): Promise<LogFsRecord | undefined> {
    await this.#turns.settled();
    const { headers } = this.#state;
    const pages = this.#state.pages.filter(({ page }) => {
      const header = headers[page];
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
    return this.#turns.run("archive", () => this.#writer.markArchived(record));
  }

  async sectors(): Promise<readonly LogSector[]> {
    await this.#turns.settled();
    const { region, headers, options } = this.#state;
    const { blockPages } = options;
    const blank = blockCheckOfFill(ERASED, this.sectorBytes);
    const digests: RegionOp[] = [];
    for (let offset = 0; offset < region.lengthBytes; offset += this.sectorBytes) {
      digests.push({ kind: "digest", offset, lengthBytes: this.sectorBytes });
    }
    const last = this.#state.last ?? -1;
    const sectors: LogSector[] = [];
    for await (const result of region.run(digests)) {
      const sector = sectors.length;
      const ofBlock = headers.slice(sector * blockPages, (sector + 1) * blockPages);
      const isBlank = result.kind === "digest" && result.check === blank;
      sectors.push({ sector, state: stateOf(ofBlock, isBlank, Math.floor(last / blockPages) === sector && last >= 0) });
    }
    return sectors;
  }

  /**
   * Blocks that are neither blank nor of this log: a writer must not come upon them. What a power cut left of an erase is none of
   * them, nor what the caller named as `overwrite`.
   */
  async foreignSectors(): Promise<readonly number[]> {
    await this.#turns.settled();
    return foreignBlocksOf(this.#state.own);
  }

  /** Throws LAYOUT_MISMATCH if the region holds a block that belongs to another. Reads only. */
  async refuseUnlessOwn(operation: string): Promise<void> {
    await refuseForeignBlocks(this.#state.own, await this.foreignSectors(), operation);
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
    return this.#turns.run("append", () => this.#writer.append(own));
  }

  /** Marks every page in use as bad, as a device does; nothing is erased. Numbers begin at 0 again. */
  clear(): Promise<void> {
    return this.#turns.run("clear", () => this.#writer.clear());
  }

  #reader(): LogFsReader {
    const { region, options, headers, pages, lastPage } = this.#state;
    return new LogFsReader(region, options, headers, pages, lastPage);
  }
}
