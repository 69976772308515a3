/**
 * The order of pages in time, from their rolling 16-bit numbers alone. Devices go round the ring of pages, which is right until
 * their own wrap has skipped a block; numbers tell the order even then. Pure.
 */

export interface NumberedPage {
  readonly page: number;
  readonly number: number;
}

export interface PageOrder {
  /** Pages, oldest first. */
  readonly pages: readonly NumberedPage[];
  /**
   * Ambiguous: two pages of one number, numbers so far apart that their start is unknown, or an order in which no
   * device writes.
   */
  readonly certainty: "certain" | "ambiguous";
  /** Pages that were written between those that are left, and are gone: what a device's wrap at the wrong place costs. */
  readonly missingPages: number;
}

const NUMBER_MODULUS = 0x10000;

/**
 * The largest second gap of an order that is certain. Pages that a device's wrap has skipped keep their numbers
 * permanently; once they lie this far behind, either side may be new.
 */
const LARGEST_SECOND_GAP = NUMBER_MODULUS / 16;
/** Of the pages of a ring, a device's wrap at the wrong place still uses half; less than this part, and it was not a device. */
const MIN_PART_OF_CIRCLE = 1 / 3;
/** Pages of this many passes are never left by a device. */
const MAX_PASSES = 64;

/** The ring that pages are in. */
export interface PageRing {
  readonly pageCount: number;
  /** Whether a page is marked as bad, or has a header that is none. */
  readonly isSpoilt: (page: number) => boolean;
}

/** Sorted by number, beginning after the largest gap in the circle of numbers. */
export function orderPages(pages: readonly NumberedPage[], ring: PageRing): PageOrder {
  const sorted = [...pages].sort((a, b) => a.number - b.number || a.page - b.page);
  let start = 0;
  let largest = -1;
  let second = -1;
  const twins = { found: false };
  sorted.forEach(({ number }, index) => {
    const before = sorted[(index + sorted.length - 1) % sorted.length]?.number ?? 0;
    const gap = sorted.length === 1 ? NUMBER_MODULUS : (number - before + NUMBER_MODULUS) % NUMBER_MODULUS;
    if (gap === 0) twins.found = true;
    if (gap > largest) {
      second = largest;
      largest = gap;
      start = index;
    } else {
      second = Math.max(second, gap);
    }
  });
  const ordered = [...sorted.slice(start), ...sorted.slice(0, start)];
  const { isPossible, missingPages } = passesOf(ordered, ring);
  const isCertain = !twins.found && second <= LARGEST_SECOND_GAP && isPossible;
  return { pages: ordered, certainty: isCertain ? "certain" : "ambiguous", missingPages };
}

/**
 * Whether a device can have written the pages in this order. It only moves forwards; so where numbers are missing between two
 * pages, it has written them on the pages between, and these hold newer ones now, or nothing. Else it has gone round at least
 * once. Pages that were skipped long ago and seem to be the newest, because the numbers have begun again, are found by this.
 */
function passesOf(
  pages: readonly NumberedPage[],
  { pageCount, isSpoilt }: PageRing,
): { readonly isPossible: boolean; readonly missingPages: number } {
  const newer = new Uint8Array(pageCount).fill(1);
  const leastOfCircle = pageCount * MIN_PART_OF_CIRCLE;
  let isPossible = true;
  let missingPages = 0;
  let steps = 0;
  for (const [index, { page, number }] of pages.entries()) {
    newer[page] = 0;
    const next = pages[index + 1];
    if (next === undefined) break;
    steps += (next.page - page + pageCount) % pageCount;
    if (steps > MAX_PASSES * pageCount) return { isPossible: false, missingPages };
    const missing = ((next.number - number + NUMBER_MODULUS) % NUMBER_MODULUS) - 1;
    if (missing <= 0) continue;
    let room = 0;
    let spoilt = 0;
    for (let at = (page + 1) % pageCount; at !== next.page; at = (at + 1) % pageCount) {
      room += newer[at] ?? 0;
      spoilt += isSpoilt(at) ? 1 : 0;
    }
    // A page that takes no header costs a number as well.
    missingPages += Math.max(0, missing - spoilt);
    const isRound = missing >= leastOfCircle && pageCount - index - 1 >= leastOfCircle;
    if (missing > room && !isRound) isPossible = false;
  }
  return { isPossible, missingPages };
}

/** The number of the page after one with `number`. */
export function nextNumber(number: number): number {
  return (number + 1) % NUMBER_MODULUS;
}
