/** Opens the settings area of a device: where it is, and with the sizes that the flash shows. */
import { advice } from "../../advice.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { locateFcb, type FcbPlaceHints } from "../circular-buffer/locate.ts";
import { describeRegions, overwriteAdvice } from "../recognise/foreign.ts";
import { recogniseRegions } from "../recognise/pass.ts";
import { SETTINGS_MAGIC } from "./line.ts";
import { type SettingsOptions, SettingsStore } from "./settings-store.ts";

/** What the caller specified of the area. */
export interface SettingsHints extends FcbPlaceHints {
  /** Places that may be erased although they hold data of another, counted from the start of the flash. */
  readonly overwrite?: readonly OffsetRange[] | undefined;
}

/** An area that is open. */
export interface OpenSettings {
  readonly store: SettingsStore;
  /** Where it is: the region that was handed in, or a part of it. */
  readonly region: FlashRegion;
  /** Size of its sectors, bytes. */
  readonly sectorBytes: number;
}

/**
 * Opens the area in `region`; undefined if `region` is blank and `willChange` is false. Throws LAYOUT_MISMATCH for a region that
 * holds something else, for what contradicts the area, and, if `willChange`, where nothing shows where the area ends.
 */
export async function openSettings(
  region: FlashRegion,
  told: SettingsHints,
  { operation, willChange }: { readonly operation: string; readonly willChange: boolean },
): Promise<OpenSettings | undefined> {
  const purpose = { wants: "settings", willChange, takesLongest: false, operation } as const;
  const located = await locateFcb(region, { ...told, magic: told.magic ?? SETTINGS_MAGIC }, purpose);
  const place = located?.region ?? region;
  const options: SettingsOptions = located === undefined ? optionsOf(told) : { ...located.options, ...scratchOf(told) };
  const overwrite = (told.overwrite ?? []).map((one) => ({ ...one, offset: one.offset - place.address }));
  const all = overwrite.length === 0 ? options : { ...options, overwrite };
  const store = await mountOrName(place, all, operation);
  if (located === undefined && (await store.foreignSectors()).length > 0) {
    throw await otherData(region, store, operation, willChange);
  }
  if (store.isBlank && !willChange) return undefined;
  if (willChange) await store.refuseUnlessOwn(operation);
  return { store, region: place, sectorBytes: all.sectorBytes ?? place.eraseBytes };
}

function optionsOf({
  magic,
  version,
  alignBytes,
  sectorBytes,
  scratchSectors,
  hasCrc,
}: SettingsHints): SettingsOptions {
  return {
    hasCrc,
    sectorBytes,
    magic,
    version,
    alignBytes,
    scratchSectors,
  };
}

/** A log has no scratch sector by default, settings have one. */
function scratchOf({ scratchSectors }: SettingsHints): SettingsOptions {
  return { scratchSectors: scratchSectors ?? 1 };
}

/** A region of another format is refused when it is mounted; what it holds is said here. */
async function mountOrName(region: FlashRegion, options: SettingsOptions, operation: string): Promise<SettingsStore> {
  try {
    return await SettingsStore.mount(region, options);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "LAYOUT_MISMATCH") throw error;
    const found = (await recogniseRegions(region)).filter(({ content }) => content !== "settings");
    if (found.length === 0) throw error;
    throw notSettings(region, `it holds ${describeRegions(region, found)}`, operation);
  }
}

async function otherData(
  region: FlashRegion,
  store: SettingsStore,
  operation: string,
  willChange: boolean,
): Promise<NorbridgeError> {
  const found = await recogniseRegions(region);
  if (found.length > 0) return notSettings(region, `it holds ${describeRegions(region, found)}`, operation);
  const [foreign = 0] = await store.foreignSectors();
  const lengthBytes = store.sectorBytes;
  const range = { address: region.address + foreign * lengthBytes, lengthBytes };
  const error = notSettings(region, "it is not blank, and not an FCB", operation);
  return willChange
    ? new NorbridgeError("LAYOUT_MISMATCH", error.message, { operation, range, hint: overwriteAdvice([range]) })
    : error;
}

function notSettings(region: FlashRegion, why: string, operation: string): NorbridgeError {
  const range = { address: region.address, lengthBytes: region.lengthBytes };
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: the region has no settings area in FCB form: ${why}`, {
    operation,
    range,
    hint: advice("Nothing was changed. Specify the region of the settings area.", "list-regions", "set-region"),
  });
}
