/** Whether what stands in the blocks without a page in use is this log's own, or something that the log would erase one day. */
import { blockCheckOfFill } from "../../../firmware-protocol/block-check.ts";
import type { FlashRegion, RegionOp } from "../../flash/flash-region.ts";
import { notBlank } from "../not-blank.ts";
import { isTornFrom } from "../torn.ts";
import {
  BAD_MARKER,
  decodePageHeader,
  encodePageHeader,
  MARKERS,
  PAGE_HEADER_BYTES,
  type PageHeader,
} from "./format.ts";
import type { LogFsOptions } from "./log-fs-options.ts";
import { slotOffset } from "./page-slots.ts";

const ERASED = 0xff;

/**
 * Blocks without a page in use that hold something else. The log's own are: pages that were in use before the log was
 * cleared, pages that a device marked as bad before anything came into them, and pages that a power cut tore as the log began
 * them. `headers`: of all pages.
 */
export async function foreignBlocks(
  region: FlashRegion,
  options: LogFsOptions,
  headers: readonly PageHeader[],
): Promise<readonly number[]> {
  const { pageBytes, blockPages } = options;
  const blockBytes = pageBytes * blockPages;
  const unused = Array.from({ length: headers.length / blockPages }, (_, block) => block).filter((block) =>
    headers.slice(block * blockPages, (block + 1) * blockPages).every(({ kind }) => kind !== "used"),
  );
  const places = unused.map((block) => ({ offset: block * blockBytes, lengthBytes: blockBytes }));
  const begun = (await notBlank(region, places)).map(({ offset }) => offset / blockBytes);
  const pages = begun.flatMap((block) =>
    headers
      .slice(block * blockPages, (block + 1) * blockPages)
      .map(({ kind }, index): Page => ({ block, index, offset: (block * blockPages + index) * pageBytes, kind })),
  );
  const isEmpty = pages.length === 0 ? [] : await areEmpty(region, options, pages);
  const foreign = new Set<number>();
  for (const [at, page] of pages.entries()) {
    if (isEmpty[at] === true || foreign.has(page.block)) continue;
    if (!(await isBegun(region, options, page))) foreign.add(page.block);
  }
  return [...foreign];
}

interface Page {
  readonly block: number;
  /** In its block. */
  readonly index: number;
  readonly offset: number;
  readonly kind: PageHeader["kind"];
}

/** For each page whether it is blank, or marked as bad with a header that was sound before: asked in one turnaround. */
async function areEmpty(
  region: FlashRegion,
  { pageBytes, format }: LogFsOptions,
  pages: readonly Page[],
): Promise<readonly boolean[]> {
  const blank = blockCheckOfFill(ERASED, pageBytes);
  const ops = pages.map(({ kind, offset }): RegionOp => {
    return kind === "free"
      ? { kind: "digest", offset, lengthBytes: pageBytes }
      : { kind: "read", offset, lengthBytes: PAGE_HEADER_BYTES };
  });
  const { page: marker, archivedPage = marker } = MARKERS[format];
  const isEmpty: boolean[] = [];
  for await (const result of region.run(ops)) {
    if (result.kind === "digest") isEmpty.push(result.check === blank);
    if (result.kind !== "read") continue;
    const [now, ...rest] = result.data;
    const wasSound = [marker, archivedPage].some(
      (before) => decodePageHeader(Uint8Array.of(before, ...rest), format).kind === "used",
    );
    isEmpty.push(now === BAD_MARKER && wasSound);
  }
  return isEmpty;
}

/** A page marked as bad before anything came into it, or a page that a cut tore as the log began it. */
async function isBegun(region: FlashRegion, options: LogFsOptions, { kind, index, offset }: Page): Promise<boolean> {
  if (kind !== "bad" && kind !== "strange") return false;
  const bytes = await region.read(offset, options.pageBytes);
  if (kind === "bad") return bytes.subarray(1).every((byte) => byte === ERASED);
  const number = index === 0 ? 0 : await numberAfter(region, options, offset - options.pageBytes);
  return number !== undefined && isTornStart(bytes, options, number);
}

/** The number of the page that a log begins after this one, which was in use; undefined if it was not. */
async function numberAfter(region: FlashRegion, { format }: LogFsOptions, offset: number): Promise<number | undefined> {
  const [now = ERASED, ...rest] = await region.read(offset, PAGE_HEADER_BYTES);
  const before = now === BAD_MARKER ? MARKERS[format].page : now;
  const header = decodePageHeader(Uint8Array.of(before, ...rest), format);
  return header.kind === "used" ? (header.number + 1) & 0xffff : undefined;
}

/** A cut while page `number` was begun: part of its header, part of a record, and nothing after it. */
function isTornStart(bytes: Uint8Array, { recordBytes, format }: LogFsOptions, number: number): boolean {
  const wish = Uint8Array.of(...encodePageHeader(number, format), MARKERS[format].record);
  const behind = bytes.subarray(slotOffset(1, recordBytes));
  return isTornFrom(bytes, wish, ERASED) && behind.every((byte) => byte === ERASED);
}
