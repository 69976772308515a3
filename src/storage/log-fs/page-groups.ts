/**
 * Which pages make up one px_log_fs, and where its ring ends, from places and numbers of their headers alone. Numbers
 * go up by one from page to page; if the log goes round, its first page has the number after that of its last one,
 * which proves both ends. Pure.
 */

import { nextNumber } from "./page-order.ts";
import type { LogFsFormat } from "./format.ts";

/** A page with a valid header. */
export interface PlacedPage {
  /** Bytes from the start of the flash. */
  readonly offset: number;
  readonly number: number;
  readonly format: LogFsFormat;
}

/** The pages of one log. */
export interface PageGroup<P extends PlacedPage> {
  /** In order of place; at least one. */
  readonly pages: readonly P[];
  /** The first page has the number after that of the last one. */
  readonly isClosed: boolean;
  /**
   * Blocks before or after it hold pages that may be of this log as well: a device's wrap skips a block, and keeps its
   * old pages.
   */
  readonly hasStray: boolean;
  /** Stretches in which the numbers go up with the places. More than two: blocks were skipped, or there are several logs. */
  readonly runs: number;
}

const NUMBER_MODULUS = 0x10000;

interface Run<P extends PlacedPage> {
  readonly pages: P[];
}

/** The logs in a stretch of pages, in order of place; `blockBytes`: what a device erases at once, at least. */
export function groupsOf<P extends PlacedPage>(
  pages: readonly P[],
  { pageBytes, blockBytes }: { readonly pageBytes: number; readonly blockBytes: number },
): readonly PageGroup<P>[] {
  const parts: (PageGroup<P> | undefined)[] = joinedRuns(runsOf(pages, pageBytes));
  const blocksOf = ({ pages: all }: PageGroup<P>): number =>
    new Set(all.map(({ offset }) => Math.floor(offset / blockBytes))).size;
  const strayAt = (index: number, ring: PageGroup<P>): PageGroup<P> | undefined => {
    const part = parts[index];
    return part !== undefined && !part.isClosed && blocksOf(part) === 1 && isOlder(part, ring) ? part : undefined;
  };
  parts.forEach((part, index) => {
    if (part?.isClosed !== true) return;
    const [before, after] = [strayAt(index - 1, part), strayAt(index + 1, part)];
    if (before === undefined && after === undefined) return;
    parts[index] = {
      pages: [...(before?.pages ?? []), ...part.pages, ...(after?.pages ?? [])],
      isClosed: true,
      hasStray: true,
      runs: part.runs + (before?.runs ?? 0) + (after?.runs ?? 0),
    };
    if (before !== undefined) parts[index - 1] = undefined;
    if (after !== undefined) parts[index + 1] = undefined;
  });
  return parts.filter((part) => part !== undefined);
}

/** Whether all pages of a block were written before the ring's last page by place, and none has a number of the ring. */
function isOlder(part: PageGroup<PlacedPage>, ring: PageGroup<PlacedPage>): boolean {
  const last = ring.pages.at(-1)?.number ?? 0;
  const isBefore = ({ number }: PlacedPage): boolean =>
    (last - number + NUMBER_MODULUS) % NUMBER_MODULUS < NUMBER_MODULUS / 2;
  return part.pages.every(isBefore) && !hasTwins(ring.pages, part.pages);
}

/** Pages whose numbers go up as their places do; a page that takes no header costs a number as well. */
function runsOf<P extends PlacedPage>(pages: readonly P[], pageBytes: number): readonly Run<P>[] {
  const runs: Run<P>[] = [];
  for (const page of pages) {
    const last = runs.at(-1)?.pages.at(-1);
    const steps = last === undefined ? 0 : (page.number - last.number + NUMBER_MODULUS) % NUMBER_MODULUS;
    const places = last === undefined ? 0 : (page.offset - last.offset) / pageBytes;
    if (steps > 0 && steps <= places) runs.at(-1)?.pages.push(page);
    else runs.push({ pages: [page] });
  }
  return runs;
}

/** Runs that close a ring, with all that lies between. Others stay together, unless they have a number in common. */
function joinedRuns<P extends PlacedPage>(runs: readonly Run<P>[]): PageGroup<P>[] {
  const parts: PageGroup<P>[] = [];
  for (let index = 0; index < runs.length; index++) {
    const first = runs[index]?.pages[0];
    const end = runs.findLastIndex(({ pages }, at) => {
      const last = pages.at(-1);
      return at > index && last !== undefined && first !== undefined && nextNumber(last.number) === first.number;
    });
    if (end > index) {
      const pages = runs.slice(index, end + 1).flatMap((run) => run.pages);
      parts.push({ pages, isClosed: true, hasStray: false, runs: end + 1 - index });
      index = end;
      continue;
    }
    const own = runs[index]?.pages ?? [];
    const open = parts.at(-1);
    if (open?.isClosed === false && !hasTwins(open.pages, own)) {
      parts[parts.length - 1] = { ...open, pages: [...open.pages, ...own], runs: open.runs + 1 };
    } else parts.push({ pages: own, isClosed: false, hasStray: false, runs: 1 });
  }
  return parts;
}

/** A log never has two pages of one number. */
function hasTwins(a: readonly PlacedPage[], b: readonly PlacedPage[]): boolean {
  const numbers = new Set(a.map(({ number }) => number));
  return b.some(({ number }) => numbers.has(number));
}

/** Pages of one format in neighbouring erase blocks; a block between two may be erased for what comes next. */
export function stretchesOf<P extends PlacedPage>(pages: readonly P[], eraseBytes: number): readonly (readonly P[])[] {
  const stretches: P[][] = [];
  for (const page of pages) {
    const stretch = stretches.at(-1);
    const last = stretch?.at(-1);
    const apart = last === undefined ? 0 : Math.floor(page.offset / eraseBytes) - Math.floor(last.offset / eraseBytes);
    if (stretch !== undefined && last?.format === page.format && apart <= 2) stretch.push(page);
    else stretches.push([page]);
  }
  return stretches;
}
