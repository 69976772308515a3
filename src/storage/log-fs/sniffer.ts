/** Every px_log_fs on a flash: blocks whose pages have valid headers, with the options that its records tell. */
import type { FlashShape, ReadableRegion, RegionFinding, Sniffer } from "../recognise/region-finding.ts";
import { PartRegion } from "../recognise/part-region.ts";
import type { LogFsHints } from "../log-finding.ts";
import { decodePageHeader, type LogFsFormat, PAGE_HEADER_BYTES } from "./format.ts";
import { groupsOf, stretchesOf } from "./page-groups.ts";
import { recogniseLogFs } from "./recognise.ts";

/** Stretches that are looked into: a dump of firmware has a few headers that are none. */
const MAX_STRETCHES = 64;
/** Pages that are remembered. */
const MAX_PAGES = 262_144;
const ERASED = 0xff;
const NOTHING_TOLD: Omit<LogFsHints, "format"> = {
  pageBytes: undefined,
  blockPages: undefined,
  recordBytes: undefined,
  whenFull: undefined,
};

interface Page {
  readonly offset: number;
  readonly number: number;
  readonly format: LogFsFormat;
}

/** Finds px_log_fs in the pass. */
export function logFsSniffer(shape: FlashShape): Sniffer {
  return new LogFsSniffer(shape);
}

class LogFsSniffer implements Sniffer {
  readonly #shape: FlashShape;
  /** Pages with a valid header, in order of place. */
  readonly #pages: Page[] = [];

  constructor(shape: FlashShape) {
    this.#shape = shape;
  }

  look(offset: number, block: Uint8Array): void {
    const { programBytes, erasedByte } = this.#shape;
    if (erasedByte !== ERASED) return;
    for (let at = (programBytes - (offset % programBytes)) % programBytes; at < block.length; at += programBytes) {
      const format = formatOf(block[at] ?? ERASED);
      if (format === undefined || at + PAGE_HEADER_BYTES > block.length || this.#pages.length >= MAX_PAGES) continue;
      const header = decodePageHeader(block.subarray(at, at + PAGE_HEADER_BYTES), format);
      if (header.kind === "used") this.#pages.push({ offset: offset + at, number: header.number, format });
    }
  }

  async conclude(region: ReadableRegion): Promise<readonly RegionFinding[]> {
    const { eraseBytes, programBytes, lengthBytes } = this.#shape;
    const found: RegionFinding[] = [];
    const shape = { pageBytes: programBytes, blockBytes: eraseBytes };
    const groups = stretchesOf(this.#pages, eraseBytes).flatMap((stretch) => groupsOf(stretch, shape));
    const largest = groups.toSorted((a, b) => b.pages.length - a.pages.length);
    for (const { pages, isClosed, hasStray } of largest.slice(0, MAX_STRETCHES)) {
      const [first, last] = [pages[0], pages.at(-1)];
      if (first === undefined || last === undefined) continue;
      const offset = first.offset - (first.offset % eraseBytes);
      const end = Math.min(lengthBytes, Math.ceil((last.offset + 1) / eraseBytes) * eraseBytes);
      const part = new PartRegion(region, { offset, lengthBytes: end - offset });
      const one = await recogniseLogFs(part, undefined, { ...NOTHING_TOLD, format: first.format });
      // Headers alone are chance.
      if (one === undefined || one.sureness === "possible") continue;
      const hasEnds = isClosed && !hasStray;
      const { pageBytes, blockPages, recordBytes, format } = one.options;
      found.push({
        layout: "px-log-fs",
        offset,
        lengthBytes: end - offset,
        certainty: one.sureness === "certain" && hasEnds ? "certain" : "likely",
        why: `${one.why}; ${hasEnds ? "the page numbers prove its ends" : "the page numbers do not prove where it ends"}`,
        proofs: pages.length,
        facts: {
          pageBytes,
          blockPages,
          recordBytes,
          format,
          pagesInUse: pages.length,
          ring: hasEnds ? "closed" : "open",
        },
      });
    }
    return found;
  }
}

/** The format whose pages begin with this byte. */
function formatOf(marker: number): LogFsFormat | undefined {
  if (marker === 0x5f || marker === 0x55) return 2;
  return marker === 0x5a ? 1 : undefined;
}
