/**
 * Changes of a mounted log, in a device's order. Every call is one change: the caller runs one after the other. A page is only
 * begun where it is wholly erased; a place that the flash does not take is marked as bad.
 */
import { NorbridgeError } from "../../errors.ts";
import { programAndCompare, programCompared } from "../compared-programs.ts";
import type { LogPlace } from "../record-log.ts";
import type { StoreTurns } from "../store-turns.ts";
import { BAD_MARKER, encodePageHeader, encodeSlot, MARKERS, PAGE_HEADER_BYTES, SLOT_OVERHEAD_BYTES } from "./format.ts";
import { nothingTaken, PageFinder } from "./page-finder.ts";
import { type LogFsRecord, slotOffset, slotsOf } from "./page-slots.ts";
import type { PageState } from "./page-state.ts";
import { proveShape } from "./prove-shape.ts";

const ERASED = 0xff;
/** A slot or page that the flash does not take is marked and passed over this many times. */
const MAX_TRIES = 4;

/** The writer of one log. */
export class LogFsWriter {
  readonly #state: PageState;
  readonly #turns: StoreTurns;
  readonly #finder: PageFinder;
  #isProved = false;

  constructor(state: PageState, turns: StoreTurns) {
    this.#state = state;
    this.#turns = turns;
    this.#finder = new PageFinder(state, turns);
  }

  async append(data: Uint8Array): Promise<LogPlace & { readonly page: number }> {
    const state = this.#state;
    const { recordBytes, pageBytes, blockPages, format } = state.options;
    if (data.length > recordBytes) {
      throw new NorbridgeError("EINVAL", `a record of ${data.length} bytes: this log has records of ${recordBytes}`, {
        operation: "append",
      });
    }
    await this.#proveShape();
    const bytes = encodeSlot(data, recordBytes, format);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#skipDirtySlots();
      const isNewPage = state.slot >= state.slots;
      const page = isNewPage ? await this.#finder.find(tries > 0) : (state.last ?? 0);
      const slot = isNewPage ? 0 : state.slot;
      if (slot === state.slots - 1) await this.#finder.makeRoomAfter(page, tries > 0);
      const inPage = slotOffset(slot, recordBytes);
      const isTaken = isNewPage ? await this.#beginPage(page, bytes) : await this.#programSlot(page, inPage, bytes);
      if (!isTaken) continue;
      const offset = (page % blockPages) * pageBytes + inPage;
      return { sector: Math.floor(page / blockPages), offset, page };
    }
    throw nothingTaken();
  }

  /** Marks a record as archived, and its page as well if it was the last of it. */
  async markArchived({ page, offset }: Pick<LogFsRecord, "page" | "offset">): Promise<void> {
    const { region, options } = this.#state;
    const { pageBytes, blockPages, recordBytes, format } = options;
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
    this.#state.noteChange();
    await programCompared(region, [mark], "archive");
    const bytes = await region.read(page * pageBytes, pageBytes);
    this.#state.noteRead(page, bytes);
    const rest = [...slotsOf(bytes, options)].slice(index + 1);
    // As a device does: only bad places may follow, else there is more to archive or to write.
    if (rest.some(({ kind }) => kind !== "bad" && kind !== "strange")) return;
    const pageMark = { offset: page * pageBytes, parts: [Uint8Array.of(archivedPage)] };
    await programCompared(region, [pageMark], "archive");
    this.#state.noteArchived(page);
  }

  /** Marks every page in use as bad, as a device does; nothing is erased. */
  async clear(): Promise<void> {
    const { region, headers, options } = this.#state;
    const marks = headers.flatMap(({ kind }, page) =>
      kind === "used" ? [{ offset: page * options.pageBytes, parts: [Uint8Array.of(BAD_MARKER)] }] : [],
    );
    this.#state.noteChange();
    if (marks.length > 0) {
      this.#turns.changing();
      await programCompared(region, marks, "clear");
    }
    this.#state.noteCleared();
  }

  /** Once, before the first change: nothing on the flash shows what the record size is. */
  async #proveShape(): Promise<void> {
    if (this.#isProved) return;
    const { region, options, pages, lastPage } = this.#state;
    const numbers = pages.map(({ page }) => page);
    if (lastPage !== undefined) await proveShape(region, options, numbers, lastPage);
    this.#isProved = true;
  }

  /** A place that is not wholly erased is marked as bad, since a device's reader would stop there. */
  async #skipDirtySlots(): Promise<void> {
    const state = this.#state;
    const { last, lastPage } = state;
    if (last === undefined || lastPage === undefined) return;
    const { recordBytes } = state.options;
    while (state.slot < state.slots) {
      const start = slotOffset(state.slot, recordBytes);
      const slot = lastPage.subarray(start, start + recordBytes + SLOT_OVERHEAD_BYTES);
      if (slot.every((byte) => byte === ERASED)) return;
      if (slot[0] === ERASED) await this.#markBad(last, start);
      state.noteSlotUsed(state.slot);
    }
  }

  async #markBad(page: number, inPage: number): Promise<void> {
    const { region, options } = this.#state;
    this.#turns.changing();
    await region.program(page * options.pageBytes + inPage, Uint8Array.of(BAD_MARKER));
  }

  /** Begins a page with its first record. False if the flash did not take it: then the place is marked. */
  async #beginPage(page: number, slot: Uint8Array): Promise<boolean> {
    const state = this.#state;
    const { pageBytes, recordBytes, format } = state.options;
    const number = state.numberNext;
    const header = encodePageHeader(number, format);
    const first = slotOffset(0, recordBytes);
    const offset = page * pageBytes;
    state.noteBeginning(page);
    this.#turns.changing();
    const [isHeaderRight = false, isSlotRight = false] = await programAndCompare(state.region, [
      { offset, parts: [header] },
      { offset: offset + first, parts: [slot] },
    ]);
    state.noteNumberUsed();
    if (!isHeaderRight) {
      state.noteBadPage(page);
      await this.#markBad(page, 0);
      return false;
    }
    const image = new Uint8Array(pageBytes).fill(ERASED);
    image.set(header);
    state.noteBegun(page, number, image);
    return this.#noteSlot(page, first, slot, isSlotRight, 0);
  }

  async #programSlot(page: number, inPage: number, slot: Uint8Array): Promise<boolean> {
    const { region, options } = this.#state;
    const offset = page * options.pageBytes + inPage;
    this.#turns.changing();
    const [isRight = false] = await programAndCompare(region, [{ offset, parts: [slot] }]);
    return this.#noteSlot(page, inPage, slot, isRight, this.#state.slot);
  }

  async #noteSlot(page: number, inPage: number, slot: Uint8Array, isRight: boolean, index: number): Promise<boolean> {
    this.#state.noteSlotUsed(index);
    this.#state.noteBytes(inPage, isRight ? slot : Uint8Array.of(BAD_MARKER));
    if (!isRight) await this.#markBad(page, inPage);
    return isRight;
  }
}
