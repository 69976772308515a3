/** Finds out what a px_log_fs does not show: format and record size. Reads only. */
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import { type LogFsFinding, type LogFsHints, surenessOf } from "../log-finding.ts";
import { decodePageHeader, type LogFsFormat, PAGE_HEADER_BYTES, SLOT_OVERHEAD_BYTES } from "./format.ts";
import type { LogFsOptions } from "./log-fs-options.ts";
import { slotsOf } from "./page-slots.ts";

const FORMATS: readonly LogFsFormat[] = [2, 1];
/** Pages that are looked into. */
const SAMPLES = 6;
/** Record size that is assumed where nothing is known: the original's template. */
const TEMPLATE_RECORD_BYTES = 13;

/**
 * What headers and a few pages say, completed with what the caller specified; undefined if nothing looks like a px_log_fs and
 * no record size was specified. With record size and format specified nothing is read.
 */
export async function recogniseLogFs(
  region: ReadableRegion & Pick<FlashRegion, "address">,
  sectorBytes: number | undefined,
  hints: LogFsHints,
): Promise<LogFsFinding | undefined> {
  const pageBytes = hints.pageBytes ?? region.programBytes;
  const blockPages = hints.blockPages ?? Math.max(1, Math.floor((sectorBytes ?? region.eraseBytes) / pageBytes));
  const optionsFor = (recordBytes: number, format: LogFsFormat): LogFsOptions => ({
    pageBytes,
    blockPages,
    recordBytes,
    whenFull: hints.whenFull ?? "overwrite",
    format,
    firstPage: Math.floor(region.address / pageBytes),
  });
  const { recordBytes, format } = hints;
  if (recordBytes !== undefined && format !== undefined) {
    const options = optionsFor(recordBytes, format);
    return { layout: "px-log-fs", sureness: "told", why: "as specified", isBlank: false, options };
  }
  const seen = await readSamples(region, pageBytes, blockPages, format);
  const guess = bestGuess(seen, pageBytes, recordBytes);
  if (guess !== undefined) {
    const why = `${seen.used} page headers of format ${seen.format} in ${seen.looked}, ${guess.right} records of ${guess.recordBytes} bytes with valid check bytes, ${guess.wrong} without`;
    const sureness = recordBytes === undefined ? surenessOf(guess.right, guess.wrong) : "told";
    return { layout: "px-log-fs", sureness, why, isBlank: false, options: optionsFor(guess.recordBytes, seen.format) };
  }
  if (recordBytes === undefined && seen.used === 0) return undefined;
  const options = optionsFor(recordBytes ?? TEMPLATE_RECORD_BYTES, seen.format);
  const isTold = recordBytes !== undefined;
  const headers = `${seen.used} page headers of format ${seen.format}`;
  const why = !isTold
    ? `${headers}, and no record`
    : seen.used === 0
      ? "as specified; no page is in use"
      : `as the options say; but ${headers}, and no record of ${recordBytes} bytes`;
  return { layout: "px-log-fs", sureness: isTold ? "told" : "possible", why, isBlank: seen.isBlank, options };
}

interface Seen {
  readonly format: LogFsFormat;
  /** Sound headers among `looked`. */
  readonly used: number;
  readonly looked: number;
  readonly isBlank: boolean;
  readonly pages: readonly Uint8Array[];
}

/** The first page of every block: it is the first that is begun. Then some pages in use. */
async function readSamples(
  region: ReadableRegion,
  pageBytes: number,
  blockPages: number,
  told: LogFsFormat | undefined,
): Promise<Seen> {
  const blockBytes = pageBytes * blockPages;
  const pageOffsets = Array.from(
    { length: Math.floor(region.lengthBytes / blockBytes) },
    (_, block) => block * blockBytes,
  );
  // A second page of the first block, in case its first was marked bad.
  if (blockPages > 1) pageOffsets.push(pageBytes);
  const headers: Uint8Array[] = [];
  for await (const bytes of region.readMany(
    pageOffsets.map((offset) => ({ offset, lengthBytes: PAGE_HEADER_BYTES })),
  )) {
    headers.push(bytes);
  }
  const usedAs = (format: LogFsFormat): number[] =>
    headers.flatMap((bytes, index) =>
      decodePageHeader(bytes, format).kind === "used" ? [pageOffsets[index] ?? 0] : [],
    );
  const format = told ?? FORMATS.reduce((best, one) => (usedAs(one).length > usedAs(best).length ? one : best));
  const used = usedAs(format);
  const step = Math.max(1, Math.floor(used.length / SAMPLES));
  const wanted = used.filter((_, index) => index % step === 0).slice(0, SAMPLES);
  const pages: Uint8Array[] = [];
  if (wanted.length > 0) {
    for await (const bytes of region.readMany(wanted.map((offset) => ({ offset, lengthBytes: pageBytes }))))
      pages.push(bytes);
  }
  const isBlank = headers.every((bytes) => bytes.every((byte) => byte === region.erasedByte));
  return { format, used: used.length, looked: headers.length, isBlank, pages };
}

interface Guess {
  readonly recordBytes: number;
  readonly right: number;
  readonly wrong: number;
}

/** The right record size explains every place that is not free. */
function bestGuess({ pages, format }: Seen, pageBytes: number, told: number | undefined): Guess | undefined {
  const largest = pageBytes - PAGE_HEADER_BYTES - SLOT_OVERHEAD_BYTES;
  const sizes = told === undefined ? Array.from({ length: largest }, (_, index) => index + 1) : [told];
  let best: Guess | undefined;
  for (const recordBytes of sizes) {
    let right = 0;
    let wrong = 0;
    for (const page of pages) {
      for (const { kind } of slotsOf(page, { pageBytes, blockPages: 1, recordBytes, format })) {
        if (kind === "record") right++;
        if (kind === "strange" || kind === "dirty") wrong++;
      }
    }
    if (right === 0) continue;
    if (best === undefined || right - wrong > best.right - best.wrong) best = { recordBytes, right, wrong };
  }
  return best;
}
