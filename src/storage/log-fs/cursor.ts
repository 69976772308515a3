/**
 * A place in a px_log_fs that moves record by record, both ways, as rd_first, rd_next, rd_last and rd_previous of the
 * original do. It walks the list of pages in use, so it ends on any flash; the original's FATAL has no counterpart.
 */
import { NorbridgeError } from "../../errors.ts";
import type { LogDamage } from "../record-log.ts";
import type { NumberedPage } from "./page-order.ts";
import type { LogFsRecord } from "./page-slots.ts";

/** What a step of a cursor found, under the names of the original. */
export type LogFsRead =
  | {
      /** There is a record; the cursor is on it now. */
      readonly kind: "record";
      /** Its data is cut to the length that was asked for. */
      readonly record: LogFsRecord;
    }
  | {
      /**
       * "empty" (EMPTY): no page is in use. "no-record" (NO_RECORD): there is no record in this direction. The cursor stays at
       * that end: after the last record `next` finds what was appended since.
       */
      readonly kind: "empty" | "no-record";
    };

/** How much of a record to return. */
export interface LogFsReadOptions {
  /** Bytes of data from the start of the record, 0 or more; all of it if left out. A record that is shorter comes whole. */
  readonly lengthBytes?: number | undefined;
}

/** What a cursor needs of its log. */
export interface CursorLog {
  /** Resolves when the changes that were asked for before have ended. */
  settled(): Promise<void>;
  /** Pages in use, oldest first. */
  pages(): readonly NumberedPage[];
  /** Another number whenever a page other than the newest may read otherwise than before. */
  revision(): number;
  /** Records and damage of a page in use, in order. */
  itemsOf(page: NumberedPage): Promise<readonly (LogFsRecord | LogDamage)[]>;
}

/** A slot of a page. Both numbers of the page count: it may have been erased and used again. */
interface Position extends NumberedPage {
  /** Offset of the slot in its sector. */
  readonly offset: number;
}

interface HeldPage extends NumberedPage {
  readonly revision: number;
  readonly items: readonly (LogFsRecord | LogDamage)[];
}

/**
 * A cursor of `LogFs.cursor`. Before its first step `next` is as `first`, and `previous` as `last`. It reads only, one
 * page a step at most. When the page that it is on has been erased since, it continues with the oldest record there is,
 * and `previous` finds none.
 */
export class LogFsCursor {
  readonly #log: CursorLog;
  #position: Position | undefined;
  /** What the page of the last step holds, so that a page is read once. */
  #held: HeldPage | undefined;

  /** @internal Programs use `LogFs.cursor`. */
  constructor(log: CursorLog) {
    this.#log = log;
  }

  /** The oldest record. Throws EINVAL for a length that is none, and the errors of the region. */
  async first(options: LogFsReadOptions = {}): Promise<LogFsRead> {
    checkLength(options);
    await this.#log.settled();
    this.#position = undefined;
    return this.#forward(options);
  }

  /** The record after the one that the cursor is on. Throws as `first`. */
  async next(options: LogFsReadOptions = {}): Promise<LogFsRead> {
    checkLength(options);
    await this.#log.settled();
    return this.#forward(options);
  }

  /** The newest record. Throws as `first`. */
  async last(options: LogFsReadOptions = {}): Promise<LogFsRead> {
    checkLength(options);
    await this.#log.settled();
    this.#position = undefined;
    return this.#backward(options);
  }

  /** The record before the one that the cursor is on. Throws as `first`. */
  async previous(options: LogFsReadOptions = {}): Promise<LogFsRead> {
    checkLength(options);
    await this.#log.settled();
    return this.#backward(options);
  }

  async #forward(options: LogFsReadOptions): Promise<LogFsRead> {
    const pages = this.#log.pages();
    const [oldest] = pages;
    if (oldest === undefined) return this.#none();
    const from = Math.max(0, this.#indexIn(pages));
    for (let index = from; index < pages.length; index++) {
      const page = pages[index] ?? oldest;
      const items = await this.#itemsOf(page, index === pages.length - 1);
      const passed = this.#isOn(page) ? (this.#position?.offset ?? -1) : -1;
      const record = items.find(({ kind, offset }) => kind === "record" && offset > passed);
      if (record?.kind === "record") return this.#found(page, record, options);
      // As the original: the place before the one where the next record will be written.
      const behind = Math.max(passed, ...items.map(({ offset }) => offset));
      if (index === pages.length - 1) this.#position = { ...page, offset: behind };
    }
    return { kind: "no-record" };
  }

  async #backward(options: LogFsReadOptions): Promise<LogFsRead> {
    const pages = this.#log.pages();
    const [oldest] = pages;
    if (oldest === undefined) return this.#none();
    const from = this.#position === undefined ? pages.length - 1 : this.#indexIn(pages);
    for (let index = from; index >= 0; index--) {
      const page = pages[index] ?? oldest;
      const items = await this.#itemsOf(page, index === pages.length - 1);
      const before = this.#isOn(page) ? (this.#position?.offset ?? 0) : Number.POSITIVE_INFINITY;
      const record = items.findLast(({ kind, offset }) => kind === "record" && offset < before);
      if (record?.kind === "record") return this.#found(page, record, options);
      // As the original: the first place of the oldest page.
      if (index === 0) this.#position = { ...page, offset: Math.min(before, items[0]?.offset ?? before) };
    }
    return { kind: "no-record" };
  }

  #none(): LogFsRead {
    this.#position = undefined;
    return { kind: "empty" };
  }

  #found(page: NumberedPage, record: LogFsRecord, { lengthBytes }: LogFsReadOptions): LogFsRead {
    this.#position = { ...page, offset: record.offset };
    return { kind: "record", record: { ...record, data: record.data.slice(0, lengthBytes) } };
  }

  #isOn({ page, number }: NumberedPage): boolean {
    return this.#position?.page === page && this.#position.number === number;
  }

  /** -1: the page of the cursor is no longer in use, or the cursor was not moved yet. */
  #indexIn(pages: readonly NumberedPage[]): number {
    return pages.findIndex((page) => this.#isOn(page));
  }

  async #itemsOf(page: NumberedPage, isNewest: boolean): Promise<readonly (LogFsRecord | LogDamage)[]> {
    const revision = this.#log.revision();
    const held = this.#held;
    if (held?.page === page.page && held.number === page.number && held.revision === revision) return held.items;
    const items = await this.#log.itemsOf(page);
    // The newest page grows, and the log has it in memory.
    this.#held = isNewest ? undefined : { ...page, revision, items };
    return items;
  }
}

function checkLength({ lengthBytes }: LogFsReadOptions): void {
  if (lengthBytes === undefined || (Number.isSafeInteger(lengthBytes) && lengthBytes >= 0)) return;
  throw new NorbridgeError("EINVAL", `read record: ${lengthBytes} is not a number of bytes`, {
    operation: "read record",
  });
}
