/** Finds the page that is begun next, and erases the block of the oldest records if there is no other. */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import { advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import type { RegionOp } from "../../flash/flash-region.ts";
import type { StoreTurns } from "../store-turns.ts";
import { foreignBlocksOf, refuseForeignBlocks } from "./own-blocks.ts";
import type { PageState } from "./page-state.ts";

const ERASED = 0xff;

/** Finds pages for the writer of one log. */
export class PageFinder {
  readonly #state: PageState;
  readonly #turns: StoreTurns;

  constructor(state: PageState, turns: StoreTurns) {
    this.#state = state;
    this.#turns = turns;
  }

  /**
   * A page that can be begun: erased, or the first of a block that is erased now. Throws ENOSPC if the log is to stop, EIO where
   * records would have to go for a try after one that failed: what takes no record may be wires, and not flash.
   */
  async find(isAgain: boolean): Promise<number> {
    const { pages, pageWrite, headers, options } = this.#state;
    const { blockPages, whenFull } = options;
    const pageCount = headers.length;
    for (let steps = 0; steps <= pageCount; steps++) {
      const page = (pageWrite + steps) % pageCount;
      if (whenFull === "stop" && page === pages[0]?.page) break;
      if (page % blockPages === 0 && !(await this.#isBlockUsable(page))) {
        const isUsed = this.#state.isBlockUsed(page);
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

  /**
   * A device that starts on a ring whose newest page is full and is followed by the oldest takes it for empty. So the next
   * block is erased before the last place of that page is filled: at no moment does the flash look like that. Throws EIO as
   * `find` does.
   */
  async makeRoomAfter(page: number, isAgain: boolean): Promise<void> {
    const { pages, headers, options } = this.#state;
    const { blockPages, whenFull } = options;
    const next = (page + 1) % headers.length;
    const isOldestNext = next === pages[0]?.page;
    if (whenFull === "stop" || !isOldestNext || next % blockPages !== 0 || next === page) return;
    const isLastHere = Math.floor(page / blockPages) === Math.floor(next / blockPages);
    if (isLastHere) return;
    if (isAgain) throw nothingTaken();
    await this.#eraseBlock(next);
  }

  /** A block is begun as it is if its first page is blank and the others are blank or marked as bad. */
  async #isBlockUsable(firstPage: number): Promise<boolean> {
    const state = this.#state;
    const kinds = state.headers.slice(firstPage, firstPage + state.options.blockPages).map(({ kind }) => kind);
    if (kinds[0] !== "free" || kinds.some((kind) => kind !== "free" && kind !== "bad")) return false;
    const free = kinds.flatMap((kind, index) => (kind === "free" ? [firstPage + index] : []));
    await this.#lookForBlank(free.filter((page) => !state.isErased(page)));
    return free.every((page) => state.isErased(page));
  }

  async #isPageBlank(page: number): Promise<boolean> {
    if (this.#state.headers[page]?.kind !== "free") return false;
    if (!this.#state.isErased(page)) await this.#lookForBlank([page]);
    return this.#state.isErased(page);
  }

  async #lookForBlank(pages: readonly number[]): Promise<void> {
    if (pages.length === 0) return;
    const { region, options } = this.#state;
    const { pageBytes } = options;
    const blank = blockCheckOfFill(ERASED, pageBytes);
    const digests = pages.map(
      (page): RegionOp => ({ kind: "digest", offset: page * pageBytes, lengthBytes: pageBytes }),
    );
    let index = 0;
    for await (const result of region.run(digests)) {
      const page = pages[index++];
      if (page !== undefined && result.kind === "digest" && result.check === blank) this.#state.noteErasedPage(page);
    }
  }

  async #eraseBlock(firstPage: number): Promise<void> {
    const state = this.#state;
    const { blockPages, pageBytes } = state.options;
    const isUsed = state.isBlockUsed(firstPage);
    if (!state.isOrderCertain && isUsed) throw this.#mayBeNewest(firstPage);
    if (!isUsed) {
      const foreign = await foreignBlocksOf(state.own, true);
      await refuseForeignBlocks(state.own, foreign.includes(firstPage / blockPages) ? foreign : [], "append");
    }
    this.#turns.changing();
    state.noteChange();
    await state.region.erase(firstPage * pageBytes, pageBytes * blockPages);
    state.noteErasedBlock(firstPage);
  }

  /** The block that comes next may hold the newest records. */
  #mayBeNewest(firstPage: number): NorbridgeError {
    const { region, options } = this.#state;
    const address = region.address + firstPage * options.pageBytes;
    const message = "append: the next block has to be erased, but the page numbers do not tell if its records are old";
    return new NorbridgeError("LAYOUT_MISMATCH", message, {
      operation: "append",
      range: { address, lengthBytes: options.pageBytes * options.blockPages },
      hint: advice("Nothing was erased. Read the log, then clear it."),
    });
  }
}

/** EIO for a record that no place has taken. */
export function nothingTaken(): NorbridgeError {
  return new NorbridgeError("EIO", "the record could not be programmed, and not at the next addresses either", {
    operation: "append",
    hint: advice("Check supply and wiring before you try again: each try marks slots as bad.", "check-wiring"),
  });
}
