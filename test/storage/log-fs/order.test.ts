/**
 * The order of pages after wraps of a device that skips blocks: never called certain where it is wrong, and certain as
 * long as the numbers tell it. The device is a model of pages alone, with the time at which each was written.
 */
import { describe, expect, it } from "vitest";
import { orderPages, type PageRing } from "../../../src/storage/log-fs/page-order.ts";
import { LogFs } from "../../../src/storage/log-fs/log-fs.ts";
import { encodePageHeader, encodeSlot } from "../../../src/storage/log-fs/format.ts";
import { effort } from "../../support/effort.ts";
import { NorRegion } from "../support/nor-region.ts";

interface Page {
  readonly number: number;
  readonly writtenAt: number;
}

function ringOf(pageCount: number): PageRing {
  return { pageCount, isSpoilt: () => false };
}

/** A ring of blocks and a device that steps off the oldest block before it erases one: as px-fwlib e920e4b does. */
class Ring {
  readonly pages: (Page | undefined)[];
  readonly #blockPages: number;
  #next = 0;
  #count = 0;

  constructor(blocks: number, blockPages: number) {
    this.pages = Array.from({ length: blocks * blockPages });
    this.#blockPages = blockPages;
  }

  /** With its wrap as it is, or one that erases the block that comes next. */
  write(isSkipping = true): void {
    const count = this.pages.length;
    let at = this.#next;
    if (!isSkipping && this.pages[at] !== undefined) this.pages.fill(undefined, at, at + this.#blockPages);
    while (this.pages[at] !== undefined) {
      at = (at + 1) % count;
      if (at % this.#blockPages !== 0) continue;
      this.pages.fill(undefined, at, at + this.#blockPages);
      break;
    }
    this.pages[at] = { number: this.#count % 0x10000, writtenAt: this.#count++ };
    this.#next = (at + 1) % count;
  }

  look(): { isRight: boolean; certainty: "certain" | "ambiguous"; missingPages: number } {
    const used = this.pages.flatMap((page, index) =>
      page === undefined ? [] : [{ page: index, number: page.number }],
    );
    const { pages, certainty, missingPages } = orderPages(used, ringOf(this.pages.length));
    const times = pages.map(({ page }) => this.pages[page]!.writtenAt);
    return { isRight: times.every((time, index) => index === 0 || time > times[index - 1]!), certainty, missingPages };
  }
}

const SHAPES: readonly (readonly [number, number])[] = [
  ...([
    [3, 4],
    [4, 4],
    [4, 16],
    [5, 2],
    [6, 8],
    [7, 8],
    [8, 1],
    [9, 1],
    [16, 1],
  ] as const),
];
/** Numbers begin again after this many pages. */
const ROUND = 0x10000;

describe.each(SHAPES)("%i blocks of %i pages", (blocks, blockPages) => {
  it("a wrong order is never certain, and a right one is as long as the skipped pages are near", () => {
    const ring = new Ring(blocks, blockPages);
    const count = blocks * blockPages;
    const seen = { right: 0, wrong: 0, doubted: 0 };
    const step = effort(5, 1);
    for (let written = 1; written <= ROUND + 4 * count; written++) {
      ring.write();
      const isNear = written < 3 * count || (written % ROUND) - count < count || ROUND - (written % ROUND) < 3 * count;
      if (!isNear && written % (step * 17) !== 0) continue;
      const { isRight, certainty } = ring.look();
      if (!isRight) {
        seen.wrong++;
        expect(certainty, `${written} pages written`).toBe("ambiguous");
      } else if (certainty === "certain") seen.right++;
      else seen.doubted++;
      if (written < ROUND / 16)
        expect({ written, isRight, certainty }).toEqual({ written, isRight: true, certainty: "certain" });
    }
    // An odd count of blocks skips each of them in turn: nothing stays.
    if (blocks % 2 === 1) expect([seen.wrong, seen.doubted]).toEqual([0, 0]);
    else expect(seen.wrong).toBeGreaterThan(50);
    expect(seen.right).toBeGreaterThan(50);
  });

  it("the order becomes certain again when a writer goes round that skips nothing", () => {
    for (const before of [blocks * blockPages + 1, 2 * blocks * blockPages + 3, 999]) {
      const ring = new Ring(blocks, blockPages);
      for (let written = 0; written < before; written++) ring.write();
      for (let written = 0; written < 2 * blocks * blockPages; written++) {
        ring.write(false);
        const { isRight, certainty } = ring.look();
        expect([before, written, isRight, certainty]).toEqual([before, written, true, "certain"]);
      }
      expect(ring.look().missingPages).toBe(0);
    }
  });
});

it("counts the pages that are gone between others", () => {
  const ring = new Ring(4, 4);
  for (let written = 0; written < 16; written++) ring.write();
  expect(ring.look().missingPages).toBe(0);
  // The first page of the second round costs the block with the numbers 4 to 7.
  ring.write();
  expect(ring.look().missingPages).toBe(4);
});

it("two blocks that were written in turn and two of which one was skipped can look alike: only times tell them apart", () => {
  const ring = new Ring(2, 4);
  while (ring.pages[7]?.writtenAt !== ROUND - 1) ring.write();
  const numbers = ring.pages.map((page) => page?.number);
  expect(numbers).toEqual([0, 1, 2, 3, ROUND - 4, ROUND - 3, ROUND - 2, ROUND - 1]);
  expect(ring.look().isRight).toBe(false);
});

it("numbers of garbage end soon, in whatever order", () => {
  const pages = Array.from({ length: 0xffff }, (_, page) => ({ page, number: (page * 40_503) % ROUND }));
  expect(orderPages(pages, ringOf(pages.length)).certainty).toBe("ambiguous");
});

it("where the order is not certain, no block with records is erased", async () => {
  const options = { pageBytes: 64, blockPages: 1, recordBytes: 6, whenFull: "overwrite", format: 2 } as const;
  const region = new NorRegion({ eraseBytes: 64, lengthBytes: 8 * 64, programBytes: 64 });
  // Skipped long ago: the even pages. The odd ones have the last numbers before they begin again.
  [0, ROUND - 4, 2, ROUND - 3, 4, ROUND - 2, 6, ROUND - 1].forEach((number, page) => {
    region.cells.set(encodePageHeader(number, 2), page * 64);
    for (let slot = 0; slot < 7; slot++)
      region.cells.set(encodeSlot(Uint8Array.of(number & 0xff, slot), 6, 2), page * 64 + 4 + 8 * slot);
  });
  const log = await LogFs.mount(region, options);
  expect([log.state.order, log.orderDoubt]).toEqual(["ambiguous", expect.stringContaining("page numbers")]);
  await expect(log.append(Uint8Array.of(1))).rejects.toMatchObject({ code: "LAYOUT_MISMATCH" });
  expect(region.changes).toEqual([]);
});
