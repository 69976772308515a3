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
  /** Ambiguous: two pages of one number, or numbers so far apart that nobody can say where they begin. */
  readonly certainty: "certain" | "ambiguous";
}

const NUMBER_MODULUS = 0x10000;

/** Sorted by number, beginning behind the largest gap in the circle of numbers. */
export function orderPages(pages: readonly NumberedPage[]): PageOrder {
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
  // Pages that a device's wrap has skipped keep their numbers for ever; once they lie this far behind, either side may be new.
  const isCertain = !twins.found && second <= NUMBER_MODULUS / 4;
  return {
    pages: [...sorted.slice(start), ...sorted.slice(0, start)],
    certainty: isCertain ? "certain" : "ambiguous",
  };
}

/** The number of the page after one with `number`. */
export function nextNumber(number: number): number {
  return (number + 1) % NUMBER_MODULUS;
}
