/** Where in a region the safe is that was meant: the ring that its commits prove, and whether there is only one. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { RegionFinding } from "../recognise/region-finding.ts";
import { SubRegion } from "../sub-region.ts";
import { readSafeBlocks } from "./recognise-safe.ts";
import type { FlashSafeOptions } from "./scan-blocks.ts";
import { safesAmong } from "./sniffer.ts";

/** For what the safe is wanted, and what the caller specified. */
export interface SafePurpose {
  /** The region is the one that the caller named, not all of the flash. */
  readonly isRegionTold: boolean;
  /** A contradiction of the ring is refused. */
  readonly willChange: boolean;
  /** For messages. */
  readonly operation: string;
}

/** A safe, and where. */
export interface LocatedSafe {
  readonly region: FlashRegion;
  /** As its headers specify. */
  readonly options: FlashSafeOptions;
}

/**
 * The safe in `region`; undefined if there is none. Throws LAYOUT_MISMATCH for several, for a safe of another layout
 * version, and, if `willChange`, for a region that is not its ring, or if nothing shows where it ends. Reads headers
 * only.
 */
export async function locateSafe(region: FlashRegion, purpose: SafePurpose): Promise<LocatedSafe | undefined> {
  const { isRegionTold, willChange } = purpose;
  const blocks = await readSafeBlocks(region);
  const [block] = blocks;
  if (block === undefined) return undefined;
  const { segmentCount, bufferBytes } = block.header;
  const options = { blockBytes: segmentCount * bufferBytes, bufferBytes };
  const found = safesAmong(region, blocks);
  const [safe, second] = found;
  // A header that no two blocks agree with is looked at as it was specified.
  if (safe === undefined || (isRegionTold && !willChange)) return { region, options };
  if (second !== undefined) throw several(region, found, purpose);
  const ofSafe = { blockBytes: Number(safe.facts["blockBytes"]), bufferBytes: Number(safe.facts["bufferBytes"]) };
  const isWhole = safe.offset === 0 && safe.lengthBytes === region.lengthBytes;
  if (isWhole || (isRegionTold && safe.certainty !== "certain")) return { region, options: ofSafe };
  if (safe.certainty === "certain") {
    if (isRegionTold) throw otherRing(region, safe, purpose);
    return { region: new SubRegion(region, safe), options: ofSafe };
  }
  if (!willChange) return { region: new SubRegion(region, safe), options: ofSafe };
  // A young safe at the start of the flash may have all of it; what else is there is refused later.
  if (safe.offset === 0) return { region, options: ofSafe };
  throw unknownEnd(region, safe, purpose);
}

function rangeOf(
  { address }: FlashRegion,
  { offset, lengthBytes }: OffsetRange,
): { address: number; lengthBytes: number } {
  return { address: address + offset, lengthBytes };
}

function several(region: FlashRegion, found: readonly RegionFinding[], { operation }: SafePurpose): NorbridgeError {
  const places = found.map((one) => formatRange(rangeOf(region, one))).join(", ");
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: there are ${found.length} safes: ${places}`, {
    operation,
    hint: advice("Specify the region of one of them.", "list-regions", "set-region"),
  });
}

function otherRing(region: FlashRegion, safe: RegionFinding, { operation }: SafePurpose): NorbridgeError {
  const range = rangeOf(region, safe);
  const message = `${operation}: the commits show that this safe is ${formatRange(range)}`;
  const hint = advice("Nothing was changed. Use that range.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}

function unknownEnd(region: FlashRegion, safe: RegionFinding, { operation }: SafePurpose): NorbridgeError {
  const range = rangeOf(region, safe);
  const message = `${operation}: the safe at ${formatRange(range)} has not gone round, so its commits do not show where it ends`;
  const hint = advice("Nothing was changed. Specify the region that the safe was created with.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}
