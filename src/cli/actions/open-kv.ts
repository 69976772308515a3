/** Opens an NVS or ZMS for a command: where it is, what was recognised, and whether that is enough to write. */
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { formatAddress, formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { RegionJob } from "../../jobs/run-on-region.ts";
import { withRegion } from "../../runner/with-region.ts";
import type { KeyValueStore } from "../../storage/key-value-store.ts";
import { placesIn } from "../../storage/recognise/places.ts";
import {
  beginKeyValues,
  findKeyValues,
  type KeyValueFinding,
  type KeyValueHints,
  type KeyValueSearch,
  openKeyValues,
} from "../../storage/open-key-values.ts";
import type { Session } from "../program/session.ts";

/** What was specified about a store. */
export interface KeyValueRequest extends Omit<KeyValueHints, "overwrite"> {
  /** Undefined: the whole chip is searched. */
  readonly range: ByteRange | undefined;
  /** Ranges of the chip that may be erased, whatever they hold; empty on commands that only read. */
  readonly overwrite: readonly ByteRange[];
}

export interface KeyValueJob extends Omit<RegionJob, "signal"> {
  readonly willChange: boolean;
}

/** What was recognised in the range of a request. */
export interface KeyValuePlace extends KeyValueSearch {
  /** The range that was searched. */
  readonly searched: ByteRange;
}

/** Looks for stores in the range of a request. */
export async function locateKeyValues(
  session: Session,
  device: FlashDevice,
  request: KeyValueRequest,
  operation: string,
): Promise<KeyValuePlace> {
  const searched = request.range ?? wholeChip(device.geometry);
  const found = await withRegion(session, device, { range: searched, operation }, (region) =>
    findKeyValues(region, request.layout),
  );
  return { ...found, searched };
}

/**
 * Opens the store of a request and runs `body` on it. Undefined if there is none. Throws LAYOUT_MISMATCH if several are
 * in the range, or if what was recognised is not enough to write to it.
 */
export async function onKeyValues<T>(
  session: Session,
  device: FlashDevice,
  request: KeyValueRequest,
  place: KeyValuePlace,
  job: KeyValueJob,
  body: (store: KeyValueStore, region: FlashRegion) => Promise<T>,
): Promise<T | undefined> {
  const finding = oneOf(place);
  const range = rangeOf(request, place, finding, job.willChange);
  if (range === undefined) return undefined;
  const moved =
    finding === undefined ? undefined : { ...finding, offset: place.searched.address + finding.offset - range.address };
  return withRegion(session, device, { ...job, range }, async (region) => {
    const hints = { ...request, overwrite: placesIn(region, request.overwrite) };
    const store =
      moved === undefined && job.willChange
        ? await beginKeyValues(region, hints, place.all)
        : await openKeyValues(region, hints, moved);
    for (const { sector, offset, lengthBytes, reason } of store.damage) {
      const address = region.address + offset;
      session.report.record("damage", {
        sector,
        offset: offset % store.state.sectorBytes,
        address,
        length: lengthBytes,
        reason,
      });
      if (!session.report.json)
        session.report.warn(`damage at ${formatAddress(address)} (sector ${sector}): ${reason}`);
    }
    return body(store, region);
  });
}

function oneOf({ stores, searched }: KeyValuePlace): KeyValueFinding | undefined {
  if (stores.length < 2) return stores[0];
  const ranges = stores.map(
    ({ layout, offset, lengthBytes }) =>
      `${layout} at ${formatRange({ address: searched.address + offset, lengthBytes })}`,
  );
  throw new NorbridgeError("LAYOUT_MISMATCH", `there are several stores here: ${ranges.join("; ")}`, {
    operation: "open store",
    hint: "Choose one with --range.",
  });
}

/** The range of the store: the one recognised if that is certain, else the one specified. */
function rangeOf(
  request: KeyValueRequest,
  { searched }: KeyValuePlace,
  finding: KeyValueFinding | undefined,
  willChange: boolean,
): ByteRange | undefined {
  const { range, layout, alignBytes } = request;
  if (finding === undefined) {
    // An erased place, or one that was named, is a place for a store only if all is said.
    const isSaid = range !== undefined && layout !== undefined && alignBytes !== undefined;
    return isSaid ? range : undefined;
  }
  const found = { address: searched.address + finding.offset, lengthBytes: finding.lengthBytes };
  const isSame = range !== undefined && range.address === found.address && range.lengthBytes === found.lengthBytes;
  if (isSame) return range;
  if (finding.certainty === "certain") {
    if (range === undefined || !willChange) return found;
    throw new NorbridgeError(
      "LAYOUT_MISMATCH",
      `the ${finding.layout.toUpperCase()} here is ${formatRange(found)}, not all of the range`,
      {
        operation: "open store",
        range: found,
        hint: `Nothing was changed. Use --range 0x${found.address.toString(16)},${found.lengthBytes}, or omit it.`,
      },
    );
  }
  if (range !== undefined) return range;
  if (!willChange) return found;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `the flash does not show how many sectors the ${finding.layout.toUpperCase()} at ${formatRange(found)} has`,
    {
      operation: "open store",
      range: found,
      hint: "Nothing was changed. Specify its partition with --range.",
    },
  );
}
