/**
 * Whether a store may erase a place that it has not written itself: the one question that all writers ask. A place is
 * the store's own if that is proved; one that holds noise may be what a power cut left of its own erase; everything
 * else belongs to another.
 */
import { type Advice, advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { AloneRegion } from "./alone-region.ts";
import { recogniseRegions } from "./pass.ts";
import { type ChipRange, isNamed, joined, overlap } from "./places.ts";
import type { RegionFinding } from "./region-finding.ts";

/** Regions that are named in one sentence. */
const MAX_SHOWN = 4;

/** Who asks. */
export interface Asker {
  /** For messages: "log". */
  readonly what: string;
  /** For messages: "append". */
  readonly operation: string;
  /** Places that the caller named: they may be erased, whatever they hold. */
  readonly overwrite: readonly OffsetRange[] | undefined;
  /** Whether what was recognised is the store itself. */
  isOwn(finding: RegionFinding): boolean;
}

/**
 * Those of `doubtful` that belong to another. `doubtful`: places that are neither blank nor proved to be the store's
 * own; `couldBeCut`: whether the store may have begun to erase that place last. A power cut leaves noise in one place,
 * never in two, and never something that is recognised.
 */
export async function foreignAmong(
  region: FlashRegion,
  doubtful: readonly OffsetRange[],
  asker: Asker,
  couldBeCut: (place: OffsetRange) => boolean,
): Promise<readonly OffsetRange[]> {
  const rest = doubtful.filter((place) => !isNamed(place, asker.overwrite));
  const [only] = rest;
  if (only === undefined || rest.length > 1 || !couldBeCut(only)) return rest;
  const found = [...(await recognisedAt(region, [only], asker)), ...(await recognisedAlone(region, only, asker))];
  return found.length === 0 ? [] : rest;
}

/** Throws LAYOUT_MISMATCH if one of `doubtful` belongs to another, see `foreignAmong`. Reads only. */
export async function refuseForeign(
  region: FlashRegion,
  doubtful: readonly OffsetRange[],
  asker: Asker,
  couldBeCut: (place: OffsetRange) => boolean,
): Promise<void> {
  const foreign = await foreignAmong(region, doubtful, asker, couldBeCut);
  if (foreign.length > 0) throw await foreignError(region, foreign, asker);
}

/** The error for places that belong to another: LAYOUT_MISMATCH, with what was recognised there, and what to allow. */
export async function foreignError(
  region: FlashRegion,
  places: readonly OffsetRange[],
  asker: Asker,
): Promise<NorbridgeError> {
  const { operation } = asker;
  const ranges = joined(places).map((one) => ({
    address: region.address + one.offset,
    lengthBytes: one.lengthBytes,
  }));
  const names = new Set((await recognisedAt(region, places, asker)).map(describeRegion));
  const what = names.size === 0 ? "other data" : [...names].join(" and ");
  const [first = { address: region.address, lengthBytes: region.lengthBytes }, ...others] = ranges;
  const subject =
    others.length === 0
      ? `${formatRange(first)} is not part of the ${asker.what}: it holds ${what}`
      : `${formatRange(first)} and ${others.length} more ${others.length === 1 ? "range" : "ranges"} are not part of the ${asker.what}: they hold ${what}`;
  return new NorbridgeError("LAYOUT_MISMATCH", subject, {
    operation,
    range: first,
    hint: overwriteAdvice([first, ...others]),
  });
}

/**
 * What a place holds, looked at without its surroundings: a store beside it that is taken for longer than it is hides
 * nothing then.
 */
async function recognisedAlone(
  region: FlashRegion,
  place: OffsetRange,
  asker: Pick<Asker, "isOwn">,
): Promise<readonly RegionFinding[]> {
  const found = await recogniseRegions(new AloneRegion(region, place));
  return found.filter((one) => !asker.isOwn(one) && one.certainty !== "possible");
}

/** "fcb (settings)", "littlefs". */
export function describeRegion({ layout, content }: RegionFinding): string {
  return content === undefined ? layout : `${layout} (${content})`;
}

/** "fcb at 0x001000..0x001fff (4 KiB) and nvs at ...". */
export function describeRegions({ address }: Pick<FlashRegion, "address">, found: readonly RegionFinding[]): string {
  const shown = found.slice(0, MAX_SHOWN).map((one) => {
    return `${describeRegion(one)} at ${formatRange({ address: address + one.offset, lengthBytes: one.lengthBytes })}`;
  });
  const more = found.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [`${more} more`])].join(" and ");
}

/** What to do about data of another in the way. */
export function overwriteAdvice(ranges: readonly ChipRange[]): Advice {
  const text = "Nothing was changed. Check the region. If this data is not needed, allow to overwrite it.";
  const allow = ranges.slice(0, MAX_SHOWN).map((range) => ({ kind: "overwrite", ...range }) as const);
  return advice(text, "list-regions", "set-region", ...allow);
}

/** What was recognised in `places`, without what is the asker's own. */
export async function recognisedAt(
  region: FlashRegion,
  places: readonly OffsetRange[],
  asker: Pick<Asker, "isOwn">,
): Promise<readonly RegionFinding[]> {
  const found = await recogniseRegions(region);
  return found.filter((one) => !asker.isOwn(one) && places.some((place) => overlap(one, place)));
}
