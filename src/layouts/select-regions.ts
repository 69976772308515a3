/** The regions that were asked for by name, checked before anything is done. Pure. */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { formatRange, formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { firstOverlap, firstPartialOverlap, type Layout, type LayoutRegion, overlapsPartly } from "./layout.ts";

/** Names in a message. */
const MAX_NAMES = 40;

/** For messages. */
export interface Selection {
  /** For messages: "write". */
  readonly operation: string;
  /** Size of the chip, bytes. */
  readonly capacityBytes: number;
}

/**
 * The regions of these names, each once, in order of address. Throws EINVAL for a name that the layout does not have,
 * for regions that overlap and for one that partly overlaps another of the layout, ERANGE for one that is not wholly on
 * the chip; each with the names there are.
 */
export function selectRegions(
  layout: Layout,
  names: readonly string[],
  { operation, capacityBytes }: Selection,
): readonly LayoutRegion[] {
  const hint = `The layout has: ${namesOf(layout)}.`;
  const chosen = new Set<LayoutRegion>();
  for (const name of names) {
    const found = layout.regions.filter((region) => region.name === name || region.aliases?.includes(name) === true);
    const exact = found.filter((region) => region.name === name);
    const [region, ...others] = exact.length > 0 ? exact : found;
    if (region === undefined) {
      throw new NorbridgeError("EINVAL", `the layout has no region ${printable(name)}`, { operation, hint });
    }
    if (others.length > 0) {
      throw new NorbridgeError("EINVAL", `the layout has several regions ${printable(name)}`, { operation, hint });
    }
    checkEnd(region, { operation, capacityBytes }, hint);
    checkPlace(region, layout, operation);
    chosen.add(region);
  }
  const overlap = firstOverlap([...chosen]);
  if (overlap !== undefined) {
    throw new NorbridgeError("EINVAL", `the regions ${pairText(overlap)} overlap`, { operation, hint });
  }
  return [...chosen].toSorted((a, b) => a.address - b.address);
}

/** Where one region ends and the other starts is not known: a job on either could change bytes of the other. */
function checkPlace(region: LayoutRegion, { regions }: Layout, operation: string): void {
  const other = regions.find((one) => overlapsPartly(region, one));
  if (other === undefined) return;
  const message = `the regions ${pairText([region, other])} of the layout overlap, and neither contains the other`;
  throw new NorbridgeError("EINVAL", message, {
    operation,
    hint: advice("Correct the layout, or specify the range itself.", "set-region"),
  });
}

/** A sentence on regions that partly overlap, if the layout has such. */
export function overlapNote({ regions }: Layout): string | undefined {
  const pair = firstPartialOverlap(regions);
  return pair === undefined ? undefined : `the layout has regions that overlap partly: ${pairText(pair)}`;
}

function pairText(pair: readonly [LayoutRegion, LayoutRegion]): string {
  return pair.map((region) => `${printable(region.name)} (${formatRange(region)})`).join(" and ");
}

function checkEnd(region: LayoutRegion, { operation, capacityBytes }: Selection, hint: string): void {
  if (rangeEnd(region) <= capacityBytes) return;
  const excess = formatSize(rangeEnd(region) - capacityBytes);
  const message = `the region ${printable(region.name)} (${formatRange(region)}) ends ${excess} after the end of the chip, which has ${formatSize(capacityBytes)}`;
  throw new NorbridgeError("ERANGE", message, { operation, hint });
}

/** "boot, app, data", shortened if there are many. */
function namesOf({ regions }: Layout): string {
  const shown = regions.slice(0, MAX_NAMES).map(({ name }) => printable(name));
  const more = regions.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}

/** Whether a range lies within one of the regions. */
export function isWithin(range: ByteRange, regions: readonly ByteRange[]): boolean {
  return regions.some((region) => region.address <= range.address && rangeEnd(range) <= rangeEnd(region));
}
