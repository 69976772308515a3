/** `norbridge regions`: every store, log, file system and image on the chip, and where it is. */
import { checkInChip } from "../../jobs/target.ts";
import { type ByteRange, rangeEnd, wholeChip } from "../../../drivers/geometry.ts";
import { formatRange, formatSize, printable } from "../../bytes.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { withRegion } from "../../runner/with-region.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { count } from "../../runner/quantities.ts";
import { withDevice } from "../../runner/with-chip.ts";
import { recogniseRegions } from "../../storage/recognise/pass.ts";
import type { RegionFinding } from "../../storage/recognise/region-finding.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { Layout } from "../../layouts/layout.ts";
import type { LayoutSource } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { noteOverlap, prepareLayout } from "./layout-regions.ts";

export interface RegionsRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: the whole chip. */
  readonly range: ByteRange | undefined;
  /** The regions of this layout instead of what is recognised. */
  readonly layout: LayoutSource | undefined;
}

export async function regions(request: RegionsRequest, session: Session): Promise<Outcome> {
  const operation = "regions";
  const layoutOn = request.layout === undefined ? undefined : await prepareLayout(request.layout, session, operation);
  return withDevice(session, request.connection, { willChange: false }, async ({ device }) => {
    if (layoutOn !== undefined) {
      const layout = await layoutOn(device);
      noteOverlap(layout, session);
      return listLayout(device, layout, session);
    }
    const range = request.range ?? wholeChip(device.geometry);
    checkInChip(range, device.geometry, operation);
    session.report.detail(`reading ${formatSize(range.lengthBytes)}`);
    const found = await withRegion(session, device, { range, operation }, (region) => recogniseRegions(region));
    const { address, lengthBytes } = range;
    for (const finding of found) session.report.record("region", fieldsOf(finding, address));
    session.report.text(alignedRows(found.map((finding) => rowOf(finding, address))));
    const fields = { address, lengthBytes, regions: found.length };
    if (found.length > 0) return { kind: "done", summary: `${count(found.length, "region")} found`, fields };
    return {
      kind: "no",
      message: `nothing was recognised in ${formatRange(range)}`,
      hint: "`norbridge dump` shows the bytes; `norbridge blank-check` checks if there are any.",
      fields,
    };
  });
}

/** The names of a layout, in its order. */
function listLayout({ geometry }: FlashDevice, { kind, regions: named }: Layout, session: Session): Outcome {
  const { capacityBytes } = geometry;
  for (const { name, address, lengthBytes, about } of named) {
    const why = about ?? `a region of the ${kind} layout`;
    session.report.record("region", { offset: address, lengthBytes, layout: kind, certainty: "certain", name, why });
  }
  session.report.text(
    alignedRows(
      named.map((region) => {
        const isOutside = rangeEnd(region) > capacityBytes;
        const notes = [region.about, isOutside ? "ends after the end of the chip" : undefined];
        return [formatRange(region), printable(region.name), printable(notes.filter(Boolean).join("; "))];
      }),
    ),
  );
  const fields = { address: 0, lengthBytes: capacityBytes, regions: named.length };
  return { kind: "done", summary: `${count(named.length, "region")} in the ${kind} layout`, fields };
}

/** `offset` counts from the start of the chip. */
function fieldsOf(
  { layout, offset, lengthBytes, certainty, content, why, facts }: RegionFinding,
  base: number,
): JsonFields {
  return {
    offset: base + offset,
    lengthBytes,
    layout,
    certainty,
    content,
    why,
    ...facts,
  };
}

function rowOf(
  { layout, offset, lengthBytes, certainty, content, why }: RegionFinding,
  base: number,
): readonly string[] {
  return [
    formatRange({ address: base + offset, lengthBytes }),
    content === undefined ? layout : `${layout} (${content})`,
    certainty,
    printable(why),
  ];
}
