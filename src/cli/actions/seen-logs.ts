/** Every log in a region, of whatever layout: a reader must not take one of several without a word. */
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import { type Fcb2Region, findFcb2 } from "../../storage/fcb2/recognise.ts";
import { findTsdbs } from "../../storage/flashdb/recognise-tsdb.ts";
import type { LogFsFinding } from "../../storage/log-finding.ts";
import { recogniseLogFs } from "../../storage/log-fs/recognise.ts";
import type { LogRequest } from "../options/layout-options.ts";

/** The certain logs in a region, without FCBs. */
export interface SeenLogs {
  readonly fcb2s: readonly Fcb2Region[];
  /** A px_log_fs; the places of its pages are in the whole region. */
  readonly logFs: LogFsFinding | undefined;
  readonly tsdbs: readonly OffsetRange[];
}

/** Reads the start of every erase block for each layout, and little more. */
export async function seenLogs(region: FlashRegion, { sectorBytes, logFs }: LogRequest): Promise<SeenLogs> {
  const px = region.erasedByte === 0xff ? await recogniseLogFs(region, sectorBytes, logFs) : undefined;
  return {
    fcb2s: await findFcb2(region),
    logFs: px?.sureness === "certain" ? px : undefined,
    tsdbs: (await findTsdbs(region, { sectorBytes, fixedBytes: logFs.recordBytes }))
      .filter(({ certainty }) => certainty === "certain")
      .map(({ shape: { offset, lengthBytes } }) => ({ offset, lengthBytes })),
  };
}

/** One text for each log: "fcb2 at 0x004000..0x007fff (16 KiB)". `fcb`: the place of the FCB, if there is a certain one. */
export function textsOf(region: FlashRegion, seen: SeenLogs, fcb: OffsetRange | undefined): readonly string[] {
  const text =
    (layout: string) =>
    (place: OffsetRange): string =>
      `${layout} at ${formatRange({ address: region.address + place.offset, lengthBytes: place.lengthBytes })}`;
  return [
    ...(fcb === undefined ? [] : [fcb]).map(text("fcb")),
    ...seen.fcb2s.map(text("fcb2")),
    ...(seen.logFs === undefined ? [] : ["px-log-fs"]),
    ...seen.tsdbs.map(text("flashdb-tsdb")),
  ];
}

/** The error for a region with more than one log. */
export function severalLogs(texts: readonly string[], operation: string): NorbridgeError {
  const message = `${operation}: there are ${texts.length} logs: ${texts.join(", ")}`;
  const hint = "Specify one of them with --range, or with --layout. `norbridge regions` shows what is where.";
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint });
}
