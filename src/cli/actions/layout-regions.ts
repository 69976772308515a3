/** Opens the layout that was specified and finds the regions in it, before anything is done. */
import type { ByteRange, FlashGeometry } from "../../../drivers/geometry.ts";
import { mergeNeighbours } from "../../../drivers/byte-ranges.ts";
import { printable } from "../../bytes.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { NorbridgeError } from "../../errors.ts";
import { bytesOrStandardInput } from "../../files/text-file.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { withRegion } from "../../runner/with-region.ts";
import type { Layout, LayoutBytes, LayoutRegion } from "../../layouts/layout.ts";
import { readBinaryLayout, readLayoutFile, readLayoutOfForm } from "../../layouts/read-layout.ts";
import { overlapNote, selectRegions } from "../../layouts/select-regions.ts";
import type { JsonFields } from "../program/outcome.ts";
import type { LayoutSource, RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";

/** A layout whose file is read; one on the chip is read when the chip is open. */
export type PreparedLayout = (device: FlashDevice) => Promise<Layout>;

/**
 * Reads the file of a layout, before the chip is opened: a simulated chip has a time of its own, which does not wait
 * for a disk. The function that it returns throws LAYOUT_MISMATCH if the chip has none. Throws FILE_INVALID for a bad
 * file.
 */
export async function prepareLayout(
  source: LayoutSource,
  session: Session,
  operation: string,
): Promise<PreparedLayout> {
  const noted = (layout: Layout): Layout => {
    for (const note of layout.notes) session.report.note(printable(note));
    return layout;
  };
  if (source.kind === "chip") return async (device) => noted(await ofChip(device, source, session, operation));
  const layout = noted(await ofFile(source, session));
  return () => Promise.resolve(layout);
}

/** Finds the regions of a request on the chip: in order of address, all on the chip, none overlapping. */
export type PreparedRegions = (device: FlashDevice) => Promise<readonly LayoutRegion[]>;

/** Reads the file of the layout; see `prepareLayout`. */
export async function prepareRegions(
  { source, names }: RegionRequest,
  session: Session,
  operation: string,
): Promise<PreparedRegions> {
  const layoutOn = await prepareLayout(source, session, operation);
  return async (device) => {
    const { capacityBytes } = device.geometry;
    const layout = await layoutOn(device);
    const selected = selectRegions(layout, names, { operation, capacityBytes });
    noteOverlap(layout, session);
    return selected;
  };
}

/** Notes regions that partly overlap: their layout has a mistake. */
export function noteOverlap(layout: Layout, { report }: Session): void {
  const note = overlapNote(layout);
  if (note !== undefined) report.note(note);
}

/**
 * Finds the ranges of a request on the chip: its regions, those that touch joined, or else the range that `otherwise`
 * returns.
 */
export async function prepareRanges(
  regions: RegionRequest | undefined,
  session: Session,
  operation: string,
  otherwise: (geometry: FlashGeometry) => ByteRange,
): Promise<(device: FlashDevice) => Promise<FoundRanges>> {
  const regionsOn = regions === undefined ? undefined : await prepareRegions(regions, session, operation);
  return async (device) => {
    const found = regionsOn === undefined ? [] : mergeNeighbours(await regionsOn(device));
    const [first = otherwise(device.geometry), ...more] = found.map(({ address, lengthBytes }) => ({
      address,
      lengthBytes,
    }));
    return [first, ...more];
  };
}

/** In order of address, apart. */
export type FoundRanges = readonly [ByteRange, ...ByteRange[]];

/** A range as fields of a result. */
export function placeOf({ address, lengthBytes }: ByteRange): JsonFields {
  return { address, lengthBytes };
}

async function ofFile({ file, form }: LayoutSource & { readonly kind: "file" }, { signal }: Session): Promise<Layout> {
  const content = await bytesOrStandardInput(file, FILE_USES.layout, signal);
  return form === undefined ? readLayoutFile(content, file) : readLayoutOfForm(form, content, file);
}

async function ofChip(
  device: FlashDevice,
  { form }: LayoutSource & { readonly kind: "chip" },
  session: Session,
  operation: string,
): Promise<Layout> {
  session.report.detail(`looking for the ${form} layout on the chip`);
  const layout = await withRegion(session, device, { range: undefined, operation }, (region) =>
    readBinaryLayout(form, bytesOf(region), "the chip"),
  );
  if (layout !== undefined) return layout;
  throw new NorbridgeError("LAYOUT_MISMATCH", `the chip has no ${form} layout`, {
    operation,
    hint: "Use a layout file. `norbridge regions` lists what is recognised on the chip.",
  });
}

function bytesOf(region: FlashRegion): LayoutBytes {
  return {
    lengthBytes: region.lengthBytes,
    read: (offset, lengthBytes) => region.read(offset, lengthBytes),
    readMany: (ranges) => region.readMany(ranges),
  };
}
