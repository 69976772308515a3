/**
 * The FCB that a caller means: found in the place that was specified, or in all of the flash; with the ring, the sector
 * size and the write alignment that the flash shows. What was specified and contradicts a certain finding is refused.
 */
import { type Advice, advice } from "../../advice.ts";
import { formatRange, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { FcbHints } from "../log-finding.ts";
import { describeRegion } from "../recognise/foreign.ts";
import { SubRegion } from "../sub-region.ts";
import type { AssumedOption, CircularBufferOptions } from "./format.ts";
import { type FcbRegion, findFcbs } from "./sniffer.ts";

/** What the caller specified, also about the place. */
export interface FcbPlaceHints extends FcbHints {
  /** Size of a sector, bytes; undefined if not known. */
  readonly sectorBytes: number | undefined;
  /** The region is the one that the caller named, not all of the flash. */
  readonly isRegionTold: boolean;
}

/** For what the FCB is wanted. */
export interface FcbPurpose {
  readonly wants: "log" | "settings";
  /** A contradiction of the ring is refused. */
  readonly willChange: boolean;
  /** Of several the longest is taken; else that is refused. */
  readonly takesLongest: boolean;
  /** For messages. */
  readonly operation: string;
}

/** An FCB, and where. */
export interface LocatedFcb {
  /** Its ring; if nothing proves its ends, all that it may reach. */
  readonly region: FlashRegion;
  readonly found: FcbRegion;
  readonly options: CircularBufferOptions;
  /** All other FCBs in the region. */
  readonly others: readonly FcbRegion[];
}

/** Undefined: there is none. Throws LAYOUT_MISMATCH for several, and for what contradicts the one. Reads only. */
export async function locateFcb(
  region: FlashRegion,
  told: FcbPlaceHints,
  purpose: FcbPurpose,
): Promise<LocatedFcb | undefined> {
  const { magic, hasCrc } = told;
  const all = await findFcbs(region, { magic, hasCrc });
  const wanted = candidatesOf(all, told, purpose);
  const [found, second] = wanted;
  if (found === undefined) return undefined;
  if (second !== undefined && !purpose.takesLongest) throw several(region, wanted, purpose);
  const options = optionsOf(found, told);
  refuseOtherShape(region, found, told, purpose);
  const others = all.filter((one) => one !== found);
  const isWhole = found.offset === 0 && found.lengthBytes === region.lengthBytes;
  if (told.isRegionTold && (isWhole || !found.isClosed)) return { region, found, options, others };
  if (told.isRegionTold && purpose.willChange) throw otherRing(region, found, purpose);
  if (found.isClosed) return { region: new SubRegion(region, found), found, options, others };
  // If all of the flash is in use, the ring cannot be larger. A log with nothing else beside it has all of it: only
  // settings areas are known to be shorter than their place.
  const isAlone = found.reach.offset === 0 && found.reach.lengthBytes === region.lengthBytes;
  if (isWhole || (isAlone && purpose.wants === "log")) return { region, found, options, others };
  const assumed: readonly AssumedOption[] = [...(options.assumed ?? []), "region"];
  return { region: new SubRegion(region, found.reach), found, options: { ...options, assumed }, others };
}

/** The longest first. */
function candidatesOf(
  all: readonly FcbRegion[],
  { magic }: FcbPlaceHints,
  { wants }: FcbPurpose,
): readonly FcbRegion[] {
  const fits = all.filter(({ content }) => magic !== undefined || (wants === "settings") === (content === "settings"));
  const wanted = fits.length === 0 && wants === "log" ? all : fits;
  // What is sure stands before what may be chance.
  const sure = wanted.filter(({ isSure }) => isSure);
  return (sure.length > 0 ? sure : wanted).toSorted((a, b) => b.proofsOfRing - a.proofsOfRing);
}

function optionsOf({ options: found }: FcbRegion, told: FcbPlaceHints): CircularBufferOptions {
  const assumed = (found.assumed ?? []).filter((name) => name === "region" || told[name] === undefined);
  return {
    sectorBytes: told.sectorBytes ?? found.sectorBytes,
    magic: found.magic,
    version: told.version ?? found.version,
    alignBytes: told.alignBytes ?? found.alignBytes,
    scratchSectors: told.scratchSectors ?? found.scratchSectors,
    hasCrc: found.hasCrc,
    assumed: assumed.length === 0 ? undefined : assumed,
  };
}

function several(region: FlashRegion, found: readonly FcbRegion[], { wants, operation }: FcbPurpose): NorbridgeError {
  const places = found.map((one) => rangeText(region, one)).join(", ");
  const what = wants === "settings" ? "settings areas" : "logs";
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: there are ${found.length} ${what}: ${places}`, {
    operation,
    hint: advice("Specify the region of one of them.", "list-regions", "set-region"),
  });
}

function rangeText({ address }: FlashRegion, { offset, lengthBytes }: FcbRegion): string {
  return formatRange({ address: address + offset, lengthBytes });
}

function otherRing(region: FlashRegion, found: FcbRegion, { operation }: FcbPurpose): NorbridgeError {
  const range = { address: region.address + found.offset, lengthBytes: found.lengthBytes };
  const message = `${operation}: the ids of the sectors show that the ring of this ${describeRegion(found)} is ${formatRange(range)}`;
  const hint = advice("Nothing was changed. Use that range.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, range, hint });
}

function refuseOtherShape(region: FlashRegion, found: FcbRegion, told: FcbPlaceHints, { operation }: FcbPurpose): void {
  if (!found.isSure) return;
  const { alignBytes, sectorBytes, assumed } = found.options;
  const range = { address: region.address + found.offset, lengthBytes: found.lengthBytes };
  const refuse = (message: string, hint: Advice): NorbridgeError =>
    new NorbridgeError("LAYOUT_MISMATCH", `${operation}: ${message}`, { operation, range, hint });
  if (told.alignBytes !== undefined && told.alignBytes !== alignBytes && assumed?.includes("alignBytes") !== true) {
    throw refuse(
      `the entries have write alignment ${alignBytes}, not ${told.alignBytes}`,
      advice("Nothing was changed. Use that alignment, or omit it.", "set-alignment"),
    );
  }
  const isSizeSeen = assumed?.includes("sectorBytes") !== true;
  if (told.sectorBytes !== undefined && told.sectorBytes !== sectorBytes && isSizeSeen) {
    throw refuse(
      `the sectors have ${formatSize(sectorBytes)}, not ${formatSize(told.sectorBytes)}`,
      advice("Nothing was changed. Use that sector size, or omit it.", "set-sector-size"),
    );
  }
}
