/**
 * Whether a store may erase a place that it has not written itself: the one question that all writers ask. A place is the store's own
 * if that is proved; one that holds noise may be what a power cut left of its own erase; everything else belongs to another.
 */
import { type Advice, advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { recogniseRegions } from "./pass.ts";
import type { RegionFinding } from "./region-finding.ts";

/** Regions that are named in one sentence. */
const MOST_SHOWN = 4;

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
 * Those of `doubtful` that belong to another. `doubtful`: places that are neither blank nor proved to be the store's own; `couldBeCut`:
 * whether the store may have begun to erase that place last. A power cut leaves noise in one place, never in two, and never
 * something that is recognised.
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
  return (await recognisedAt(region, only, asker)) === undefined ? [] : rest;
}

/** Whether the caller named this place as one that may be overwritten. */
export function isNamed({ offset, lengthBytes }: OffsetRange, overwrite: readonly OffsetRange[] | undefined): boolean {
  return (overwrite ?? []).some((one) => one.offset <= offset && offset + lengthBytes <= one.offset + one.lengthBytes);
}

/** The error for a place that belongs to another: LAYOUT_MISMATCH, with what was recognised there. */
export async function foreignError(region: FlashRegion, place: OffsetRange, asker: Asker): Promise<NorbridgeError> {
  const range = { address: region.address + place.offset, lengthBytes: place.lengthBytes };
  const found = await recognisedAt(region, place, asker);
  const what = found === undefined ? "it holds other data" : `it holds ${describeRegion(found)}`;
  return new NorbridgeError("LAYOUT_MISMATCH", `${formatRange(range)} is not part of the ${asker.what}: ${what}`, {
    operation: asker.operation,
    range,
    hint: overwriteAdvice(range),
  });
}

/** "fcb (settings)", "littlefs". */
export function describeRegion({ layout, content }: RegionFinding): string {
  return content === undefined ? layout : `${layout} (${content})`;
}

/** "fcb at 0x001000..0x001fff (4 KiB) and nvs at ...". */
export function describeRegions({ address }: Pick<FlashRegion, "address">, found: readonly RegionFinding[]): string {
  const shown = found.slice(0, MOST_SHOWN).map((one) => {
    return `${describeRegion(one)} at ${formatRange({ address: address + one.offset, lengthBytes: one.lengthBytes })}`;
  });
  const more = found.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [`${more} more`])].join(" and ");
}

/** What to do about data of another in the way. */
export function overwriteAdvice(range: { readonly address: number; readonly lengthBytes: number }): Advice {
  const text = "Nothing was changed. Check the region. If this data is not needed, allow to overwrite it.";
  return advice(text, "list-regions", "set-region", { kind: "overwrite", ...range });
}

async function recognisedAt(region: FlashRegion, place: OffsetRange, asker: Asker): Promise<RegionFinding | undefined> {
  const found = await recogniseRegions(region);
  return found.find(
    (one) =>
      one.offset < place.offset + place.lengthBytes && place.offset < one.offset + one.lengthBytes && !asker.isOwn(one),
  );
}
