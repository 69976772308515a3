/** The regions that were asked for by name, checked before anything is done. Pure. */
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { formatRange, formatSize, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { firstOverlap, type Layout, type LayoutRegion } from "./layout.ts";

/** Names in a message. */
const MOST_NAMES = 40;

/** For messages. */
export interface Selection {
  /** For messages: "write". */
  readonly operation: string;
  /** Size of the chip, bytes. */
  readonly capacityBytes: number;
}

/**
 * The regions of these names, each once, in order of address. Throws EINVAL for a name that the layout does not have
 * and for regions that overlap, ERANGE for one that is not wholly on the chip; each with the names there are.
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
    chosen.add(region);
  }
  const overlap = firstOverlap([...chosen]);
  if (overlap !== undefined) {
    const [a, b] = overlap.map((region) => `${printable(region.name)} (${formatRange(region)})`);
    throw new NorbridgeError("EINVAL", `the regions ${a ?? ""} and ${b ?? ""} overlap`, { operation, hint });
  }
  return [...chosen].toSorted((a, b) => a.address - b.address);
}

function checkEnd(region: LayoutRegion, { operation, capacityBytes }: Selection, hint: string): void {
  if (rangeEnd(region) <= capacityBytes) return;
  const excess = formatSize(rangeEnd(region) - capacityBytes);
  const message = `the region ${printable(region.name)} (${formatRange(region)}) ends ${excess} after the end of the chip, which has ${formatSize(capacityBytes)}`;
  throw new NorbridgeError("ERANGE", message, { operation, hint });
}

/** "boot, app, data", shortened if there are many. */
function namesOf({ regions }: Layout): string {
  const shown = regions.slice(0, MOST_NAMES).map(({ name }) => printable(name));
  const more = regions.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}

/** Whether a range lies within one of the regions. */
export function isWithin(range: ByteRange, regions: readonly ByteRange[]): boolean {
  return regions.some((region) => region.address <= range.address && rangeEnd(range) <= rangeEnd(region));
}
