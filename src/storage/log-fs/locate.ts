/** Where in a region the px_log_fs is that was meant: the ring that its page numbers prove, and whether there is only one. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { LogFsFinding } from "../log-finding.ts";
import { isNamed } from "../recognise/places.ts";
import { SubRegion } from "../sub-region.ts";
import { decodePageHeader } from "./format.ts";
import { groupsOf, type PageGroup, type PlacedPage, stretchesOf } from "./page-groups.ts";
import { headerRanges } from "./page-table.ts";

/** For what the log is wanted. */
export interface LogFsPurpose {
  /** The region is the one that the caller named, not all of the flash. */
  readonly isRegionTold: boolean;
  /** A contradiction of the ring is refused. */
  readonly willChange: boolean;
  /** Of several the longest is taken; else that is refused. */
  readonly takesLongest: boolean;
  /** Places of the region that may be changed, whatever they hold. */
  readonly overwrite: readonly OffsetRange[];
  /** For messages. */
  readonly operation: string;
}

/** A log, and where. */
export interface LocatedLogFs {
  /** Its ring; if nothing proves its ends, all of the region. */
  readonly region: FlashRegion;
  readonly finding: LogFsFinding;
}

/**
 * The place of a log that was found in `region`. Throws LAYOUT_MISMATCH for several logs, and, if `willChange`, for a
 * region that is not the ring of the log. Reads page headers only.
 */
export async function locateLogFs(
  region: FlashRegion,
  finding: LogFsFinding,
  purpose: LogFsPurpose,
): Promise<LocatedLogFs> {
  const { isRegionTold, willChange, takesLongest } = purpose;
  const whole = { region, finding };
  const groups = (await pageGroups(region, finding)).toSorted((a, b) => b.pages.length - a.pages.length);
  const [group, second] = groups;
  if (group === undefined || (isRegionTold && !willChange)) return whole;
  if (second !== undefined && !takesLongest) throw several(region, finding, groups, purpose);
  // Pages in an order that one log does not have: nothing shows which of them are its own.
  const all = { offset: 0, lengthBytes: region.lengthBytes };
  const isDoubtful = (!group.isClosed && group.runs > 1) || (group.hasStray && !isRegionTold);
  if (isDoubtful && willChange && !isNamed(all, purpose.overwrite)) throw several(region, finding, [group], purpose);
  if (!group.isClosed || group.hasStray) return whole;
  const place = placeOf(group, finding);
  if (place.offset === 0 && place.lengthBytes === region.lengthBytes) return whole;
  if (isRegionTold) throw otherRing(region, place, purpose);
  const part = new SubRegion(region, place);
  const options = { ...finding.options, firstPage: Math.floor(part.address / finding.options.pageBytes) };
  return { region: part, finding: { ...finding, options } };
}

async function pageGroups(region: FlashRegion, { options }: LogFsFinding): Promise<readonly PageGroup<PlacedPage>[]> {
  const { pageBytes, blockPages, format } = options;
  const pages: PlacedPage[] = [];
  let offset = 0;
  for await (const bytes of region.readMany(headerRanges(Math.floor(region.lengthBytes / pageBytes), pageBytes))) {
    const header = decodePageHeader(bytes, format);
    if (header.kind === "used") pages.push({ offset, number: header.number, format });
    offset += pageBytes;
  }
  const blockBytes = pageBytes * blockPages;
  return stretchesOf(pages, blockBytes).flatMap((stretch) => groupsOf(stretch, { pageBytes, blockBytes }));
}

/** All blocks of its pages. */
function placeOf({ pages }: PageGroup<PlacedPage>, { options }: LogFsFinding): OffsetRange {
  const blockBytes = options.pageBytes * options.blockPages;
  const first = pages[0]?.offset ?? 0;
  const offset = first - (first % blockBytes);
  return { offset, lengthBytes: (Math.floor(((pages.at(-1)?.offset ?? 0) - offset) / blockBytes) + 1) * blockBytes };
}

function several(
  region: FlashRegion,
  finding: LogFsFinding,
  groups: readonly PageGroup<PlacedPage>[],
  { operation }: LogFsPurpose,
): NorbridgeError {
  const places = groups.map((group) => {
    const { offset, lengthBytes } = placeOf(group, finding);
    return formatRange({ address: region.address + offset, lengthBytes });
  });
  const what =
    groups.length === 1
      ? `the pages at ${places.join("")} have numbers that one log does not have: there may be several`
      : `there are ${groups.length} logs: ${places.join(", ")}`;
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: ${what}`, {
    operation,
    hint: advice(
      "Specify the region of one of them. If all of it is one log, allow to overwrite all of it.",
      "list-regions",
      "set-region",
      { kind: "overwrite", address: region.address, lengthBytes: region.lengthBytes },
    ),
  });
}

function otherRing(region: FlashRegion, place: OffsetRange, { operation }: LogFsPurpose): NorbridgeError {
  const range = { address: region.address + place.offset, lengthBytes: place.lengthBytes };
  const message = `${operation}: the page numbers show that the ring of this log is ${formatRange(range)}`;
  const hint = advice("Nothing was changed. Use that range.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}
