/** What the headers of all pages show together. Pure. */
import type { OffsetRange } from "../../flash/flash-region.ts";
import type { LogSectorState } from "../record-log.ts";
import { PAGE_HEADER_BYTES, type PageHeader } from "./format.ts";
import { orderPages, type PageOrder } from "./page-order.ts";

/** Where the headers of all pages are. */
export function* headerRanges(pageCount: number, pageBytes: number): Generator<OffsetRange> {
  for (let page = 0; page < pageCount; page++) yield { offset: page * pageBytes, lengthBytes: PAGE_HEADER_BYTES };
}

/** Pages in use, in the order of time. */
export function orderOf(headers: readonly PageHeader[]): PageOrder {
  return orderPages(
    headers.flatMap((header, page) => (header.kind === "used" ? [{ page, number: header.number }] : [])),
    {
      pageCount: headers.length,
      isSpoilt(page) {
        const kind = headers[page]?.kind;
        return kind === "bad" || kind === "strange";
      },
    },
  );
}

/** How a block is drawn, from its pages; `isBlank`: all of it is erased. */
export function stateOf(headers: readonly PageHeader[], isBlank: boolean, isActive: boolean): LogSectorState {
  if (isActive) return "active";
  if (headers.some(({ kind }) => kind === "used")) return "used";
  if (isBlank) return "free";
  return headers.some(({ kind }) => kind === "free" || kind === "strange") ? "torn" : "bad";
}
