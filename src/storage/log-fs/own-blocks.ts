/** Which blocks of a region are those of a px_log_fs, and which a writer must not erase. */
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { type Asker, foreignAmong, foreignError } from "../recognise/foreign.ts";
import { foreignBlocks } from "./foreign-blocks.ts";
import type { PageHeader } from "./format.ts";
import type { LogFsOptions } from "./log-fs-options.ts";
import type { NumberedPage } from "./page-order.ts";

/** A log as it is mounted. */
export interface OwnPages {
  readonly region: FlashRegion;
  readonly options: LogFsOptions;
  /** Of all pages. */
  readonly headers: readonly PageHeader[];
  /** Pages in use, oldest first. */
  readonly pages: readonly NumberedPage[];
}

/**
 * Blocks that are neither blank nor of the log, and were not named by the caller as ones to overwrite. `isRecovery`:
 * noise in the next block counts as what a cut left of the log's own erase, whatever the numbers say; else it must have
 * been in use before.
 */
export async function foreignBlocksOf(log: OwnPages, isRecovery = false): Promise<readonly number[]> {
  const { region, options, headers } = log;
  const doubtful = (await foreignBlocks(region, options, headers)).map((block) => placeOf(log, block));
  const foreign = await foreignAmong(region, doubtful, askerOf(log, ""), (place) => couldBeCut(log, place, isRecovery));
  return foreign.map(({ offset }) => offset / blockBytesOf(log));
}

/** Throws LAYOUT_MISMATCH if one of `blocks` belongs to another. */
export async function refuseForeignBlocks(log: OwnPages, blocks: readonly number[], operation: string): Promise<void> {
  if (blocks.length === 0) return;
  const places = blocks.map((block) => placeOf(log, block));
  throw await foreignError(log.region, places, askerOf(log, operation));
}

function askerOf({ options }: OwnPages, operation: string): Asker {
  return { what: "log", operation, overwrite: options.overwrite, isOwn: ({ layout }) => layout === "px-log-fs" };
}

function blockBytesOf({ options: { pageBytes, blockPages } }: OwnPages): number {
  return pageBytes * blockPages;
}

function placeOf(log: OwnPages, block: number): OffsetRange {
  const lengthBytes = blockBytesOf(log);
  return { offset: block * lengthBytes, lengthBytes };
}

/**
 * Whether the log may have begun to erase this block last: it comes next, and it was in use before. That is so if pages
 * that were in use lie on both sides of it, or if the number of the newest page fits a ring of this length that has
 * come as far.
 */
function couldBeCut(log: OwnPages, { offset }: OffsetRange, isRecovery: boolean): boolean {
  const { headers, pages, options } = log;
  const { blockPages } = options;
  const block = offset / blockBytesOf(log);
  const newest = pages.at(-1);
  if (newest === undefined) return block === 0 && (isRecovery || headers.some(({ kind }) => kind === "bad"));
  const blocks = headers.length / blockPages;
  const active = Math.floor(newest.page / blockPages);
  if (block !== (active + 1) % blocks) return false;
  if (isRecovery) return true;
  const wasUsedAfter = headers.slice((block + 1) * blockPages).some(({ kind }) => kind === "used" || kind === "bad");
  if (block > active && wasUsedAfter) return true;
  const fitsRing = newest.number % headers.length === newest.page;
  return fitsRing && (block < active || newest.number >= headers.length);
}
