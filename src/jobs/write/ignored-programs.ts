/**
 * Programs that the chip ignored: cells that should hold something and are as blank as before. Sectors may be locked against
 * programs by something that no register shows. Erasing such a unit again would only put more bytes at risk.
 */
import { pagesOf } from "../../../drivers/geometry.ts";
import { formatRange, isFilledWith, sameBytes } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { IGNORED_ADVICE } from "../../flash/chip-failure.ts";
import { mergeRanges } from "../../../drivers/byte-ranges.ts";
import type { OpPipe } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import type { SurveyUnit } from "./plan.ts";
import type { WriterParts } from "./writer-parts.ts";

type Parts = Pick<WriterParts, "target" | "geometry" | "kept">;

/** All that a unit should hold as far as the job knows it, in order of address: kept bytes and those of the target. */
export async function expectedOf(unit: SurveyUnit, { target, kept }: Parts): Promise<readonly KeptPiece[]> {
  const pieces: KeptPiece[] = [...(kept.piecesOf(unit.block.address) ?? [])];
  for (const { address, lengthBytes } of unit.pieces) {
    pieces.push({ address, data: await target.read({ address, lengthBytes }) });
  }
  return pieces.sort((a, b) => a.address - b.address);
}

/**
 * What the pages should hold whose programs the chip ignored, if nothing else is wrong in the unit; undefined if something else
 * is, or if two reads differ.
 */
export async function ignoredPages(
  unit: SurveyUnit,
  pipe: OpPipe,
  parts: Parts,
): Promise<readonly KeptPiece[] | undefined> {
  const { address, lengthBytes } = unit.block;
  const found = await pipe.read({ address, lengthBytes });
  const pages = blankPages(await expectedOf(unit, parts), found, address, parts);
  if (pages === undefined || pages.length === 0) return undefined;
  return sameBytes(await pipe.read({ address, lengthBytes }), found) ? pages : undefined;
}

function blankPages(
  expected: readonly KeptPiece[],
  found: Uint8Array,
  start: number,
  { geometry }: Parts,
): readonly KeptPiece[] | undefined {
  const pages: KeptPiece[] = [];
  for (const { address, data } of expected) {
    for (const page of pagesOf(geometry, { address, lengthBytes: data.length })) {
      const bytes = data.subarray(page.address - address, page.address - address + page.lengthBytes);
      const got = found.subarray(page.address - start, page.address - start + page.lengthBytes);
      if (sameBytes(bytes, got)) continue;
      if (!isFilledWith(got, geometry.erasedByte)) return undefined;
      pages.push({ address: page.address, data: bytes });
    }
  }
  return pages;
}

/** EROFS for pages that the chip did not program, however often the command was sent. */
export function programsIgnored(operation: string, pages: readonly KeptPiece[]): NorbridgeError {
  const ranges = mergeRanges(pages.map(({ address, data }) => ({ address, lengthBytes: data.length })));
  const range = ranges[0] ?? { address: 0, lengthBytes: 0 };
  const more = ranges.length > 1 ? ` and ${ranges.length - 1} more ${ranges.length === 2 ? "place" : "places"}` : "";
  const message = `${operation}: the chip ignored the program command at ${formatRange(range)}${more}: the cells are as they were before`;
  return new NorbridgeError("EROFS", message, { operation, range, hint: IGNORED_ADVICE });
}
