/** Finds the NVS or ZMS in a region, with the options that its bytes tell, and opens it. */
import { formatRange, formatSize } from "../bytes.ts";
import { advice } from "../advice.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion, OffsetRange } from "../flash/flash-region.ts";
import type { KeyValueStore } from "./key-value-store.ts";
import { NvsStore } from "./nvs/nvs-store.ts";
import { notBlank } from "./not-blank.ts";
import { foreignError } from "./recognise/foreign.ts";
import { isNamed, overlap } from "./recognise/places.ts";
import { recogniseRegions } from "./recognise/pass.ts";
import type { ReadableRegion, RegionFinding } from "./recognise/region-finding.ts";
import type { NamedSettings } from "./settings/named-settings.ts";
import { NvsSettings } from "./settings/nvs-settings.ts";
import { ZmsSettings } from "./settings/zms-settings.ts";
import { ZmsStore } from "./zms/zms-store.ts";

/** Stores of items by number. */
export type KeyValueLayout = "nvs" | "zms";

/** What is known of a store; what is undefined is found out. */
export interface KeyValueHints {
  /** The format. */
  readonly layout?: KeyValueLayout | undefined;
  /** Size of a sector, bytes. */
  readonly sectorBytes?: number | undefined;
  /** Write block of the device: 1, 2, 4, 8, 16 or 32 bytes. */
  readonly alignBytes?: number | undefined;
  /** Whether the device keeps a CRC-32 of each item's data. */
  readonly hasDataCrc?: boolean | undefined;
  /** Places of the region that may be erased, whatever they hold. Else only sectors that are blank or of the store. */
  readonly overwrite?: readonly OffsetRange[] | undefined;
}

/** A finding that is an NVS or a ZMS. */
export interface KeyValueFinding extends RegionFinding {
  /** The format. */
  readonly layout: KeyValueLayout;
}

/** What a search for stores has found. */
export interface KeyValueSearch {
  /** Every NVS and ZMS, in order of place. */
  readonly stores: readonly KeyValueFinding[];
  /** Everything that was recognised. */
  readonly all: readonly RegionFinding[];
}

/** Every NVS and ZMS in a region, the ones of `layout` only if it is given. Reads all of it once. */
export async function findKeyValues(region: ReadableRegion, layout?: KeyValueLayout): Promise<KeyValueSearch> {
  const all = await recogniseRegions(region);
  return { all, stores: all.filter(isKeyValues).filter((one) => layout === undefined || one.layout === layout) };
}

function isKeyValues(finding: RegionFinding): finding is KeyValueFinding {
  return finding.layout === "nvs" || finding.layout === "zms";
}

const OPERATION = "open store";

/**
 * Opens a store on all of `region`. `finding`: what was recognised there, its `offset` from the start of the region.
 * Throws EINVAL if something is neither given nor found, LAYOUT_MISMATCH if what is given contradicts what is certain
 * there, and as `mount`.
 */
export async function openKeyValues(
  region: FlashRegion,
  hints: KeyValueHints,
  finding: KeyValueFinding | undefined,
): Promise<KeyValueStore> {
  const layout = hints.layout ?? finding?.layout;
  if (layout === undefined) throw missing("the format", "set-layout");
  if (finding !== undefined) checkHints(region, hints, finding);
  const sectorBytes = hints.sectorBytes ?? numberOf(finding, "sectorBytes") ?? region.eraseBytes;
  const alignBytes = hints.alignBytes ?? numberOf(finding, "alignBytes") ?? largestAlign(finding);
  // It is not on the flash, and a device does not read what was written with another one.
  if (alignBytes === undefined) throw missing("the write block of the device", "set-alignment");
  const hasDataCrc = hints.hasDataCrc ?? finding?.facts["hasDataCrc"] === true;
  const options = { sectorBytes, alignBytes, hasDataCrc, overwrite: hints.overwrite };
  if (layout === "nvs") return NvsStore.mount(region, options);
  return ZmsStore.mount(region, { ...options, keyBits: numberOf(finding, "keyBits") === 64 ? 64 : 32 });
}

/**
 * The same for a caller who writes, where no store was recognised: `all` is what else is there. What the caller named
 * as `overwrite` is erased first. Throws LAYOUT_MISMATCH for other data before anything is changed.
 */
export async function beginKeyValues(
  region: FlashRegion,
  hints: KeyValueHints,
  all: readonly RegionFinding[],
): Promise<KeyValueStore> {
  const { overwrite } = hints;
  const lengthBytes = hints.sectorBytes ?? region.eraseBytes;
  const sectors = Array.from({ length: Math.floor(region.lengthBytes / lengthBytes) }, (_, sector) => {
    return { offset: sector * lengthBytes, lengthBytes };
  });
  const begun = await notBlank(region, sectors);
  const unnamed = begun.filter((place) => !isNamed(place, overwrite));
  const what = hints.layout?.toUpperCase() ?? "store";
  const asker = { what, operation: OPERATION, overwrite, isOwn: () => false };
  const recognised = unnamed.filter((place) => all.some((one) => overlap(one, place)));
  if (recognised.length > 0) throw await foreignError(region, recognised, asker);
  try {
    return await openKeyValues(region, hints, undefined);
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "LAYOUT_MISMATCH") throw error;
    if (unnamed.length > 0) throw await foreignError(region, unnamed, asker);
  }
  for (const { offset } of begun) await region.erase(offset, lengthBytes);
  return openKeyValues(region, hints, undefined);
}

/** Settings on a store, in the form that a device with this store keeps them. */
export function settingsOn(store: KeyValueStore): Promise<NamedSettings> {
  return store.state.layout === "zms" ? ZmsSettings.load(store) : NvsSettings.load(store);
}

/** Throws LAYOUT_MISMATCH if a store that is there for certain does not begin and end with `region`. */
export function checkWholeRegion(region: FlashRegion, finding: KeyValueFinding): void {
  const { offset, lengthBytes, certainty, layout } = finding;
  if (certainty !== "certain" || (offset === 0 && lengthBytes === region.lengthBytes)) return;
  const range = { address: region.address + offset, lengthBytes };
  throw mismatch(`the ${layout.toUpperCase()} here is ${formatRange(range)}, not all of the range`, "set-region");
}

function checkHints({ lengthBytes }: FlashRegion, hints: KeyValueHints, finding: KeyValueFinding): void {
  const { layout, certainty, facts, offset } = finding;
  const isAll = offset === 0 && finding.lengthBytes === lengthBytes;
  if (hints.layout !== undefined && hints.layout !== layout) {
    throw mismatch(`this region holds ${layout.toUpperCase()}, not ${hints.layout.toUpperCase()}`, "set-layout");
  }
  if (certainty === "possible" && !isAll) return;
  const { sectorBytes, alignBytes } = facts;
  if (hints.sectorBytes !== undefined && certainty !== "possible" && hints.sectorBytes !== sectorBytes) {
    throw mismatch(
      `the sectors here have ${formatSize(Number(sectorBytes))}, not ${formatSize(hints.sectorBytes)}`,
      "set-sector-size",
    );
  }
  // Entries of up to 8 bytes (16 in ZMS) look the same for all smaller write blocks.
  const least = layout === "nvs" ? 8 : 16;
  const entryBytes = (align: number): number => Math.max(least, align);
  if (hints.alignBytes !== undefined && entryBytes(hints.alignBytes) !== entryBytes(Number(alignBytes))) {
    throw mismatch(`the entries here do not fit a write block of ${hints.alignBytes} bytes`, "set-alignment");
  }
}

function mismatch(
  message: string,
  remedy: "set-layout" | "set-region" | "set-sector-size" | "set-alignment",
): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: OPERATION,
    hint: advice("Nothing was changed. Correct the option, or omit it.", remedy),
  });
}

function missing(what: string, remedy: "set-layout" | "set-alignment"): NorbridgeError {
  return new NorbridgeError("EINVAL", `${what} is not on the flash and must be specified`, {
    operation: OPERATION,
    hint: advice("Use the value of the device's firmware.", remedy),
  });
}

/** If no item shows the write block, a large one is readable for every device, a small one is not. */
function largestAlign(finding: RegionFinding | undefined): number | undefined {
  return finding?.layout === "zms" && finding.certainty !== "possible" ? 16 : undefined;
}

function numberOf(finding: RegionFinding | undefined, name: string): number | undefined {
  const value = finding?.facts[name];
  return typeof value === "number" ? value : undefined;
}
