/** The logs in a dump, each opened to be read. */
import { formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { CircularBuffer } from "../storage/circular-buffer/circular-buffer.ts";
import { Fcb2 } from "../storage/fcb2/fcb2.ts";
import { findTsdbs } from "../storage/flashdb/recognise-tsdb.ts";
import { TsdbLog } from "../storage/flashdb/tsdb-log.ts";
import { LogFs } from "../storage/log-fs/log-fs.ts";
import { recogniseRegions } from "../storage/recognise/pass.ts";
import type { RegionFinding, RegionLayout } from "../storage/recognise/region-finding.ts";
import type { RecordLog } from "../storage/record-log.ts";
import type { DumpRegion } from "./dump-region.ts";

/** Layouts that hold records. */
export type LogLayout = Extract<RegionLayout, "fcb" | "fcb2" | "px-log-fs" | "flashdb-tsdb">;

/** What was recognised as a log. */
export interface LogPlaceFound extends RegionFinding {
  readonly layout: LogLayout;
}

/** A log that can be read. */
export interface FoundLog {
  readonly layout: LogLayout;
  /** First byte on the chip. */
  readonly address: number;
  readonly lengthBytes: number;
  readonly log: RecordLog;
  /** Version byte of the sectors of an FCB or FCB2. */
  readonly headerVersion: number | undefined;
}

/** A log that cannot be read. */
export interface UnreadLog {
  readonly layout: LogLayout;
  readonly address: number;
  readonly lengthBytes: number;
  /** Why, as the middle of a sentence. */
  readonly why: string;
}

/** What the user knows of the records and the flash does not show. */
export interface RecordHints {
  /** Length of all records, bytes: of a FlashDB TSDB that was built so. */
  readonly recordBytes?: number | undefined;
}

/** All logs that are recognised, in order of place, whatever their certainty. Reads only; ends on any bytes. */
export async function recogniseLogs(region: FlashRegion): Promise<readonly LogPlaceFound[]> {
  return (await recogniseRegions(region)).flatMap((finding) => {
    const { layout } = finding;
    return isLog(layout) ? [{ ...finding, layout }] : [];
  });
}

/** A px_log_fs has two blocks or more; of a young one only the first is recognised. */
function leastBytesOf({ layout, facts }: LogPlaceFound): number {
  const { pageBytes, blockPages } = facts;
  const isKnown = typeof pageBytes === "number" && typeof blockPages === "number";
  return layout === "px-log-fs" && isKnown ? 2 * pageBytes * blockPages : 0;
}

function isLog(layout: RegionLayout): layout is LogLayout {
  return layout === "fcb" || layout === "fcb2" || layout === "px-log-fs" || layout === "flashdb-tsdb";
}

/** Opens every log of a dump; one that cannot be opened is named with the reason. */
export async function openLogs(
  region: DumpRegion,
  hints: RecordHints = {},
): Promise<readonly (FoundLog | UnreadLog)[]> {
  const logs: (FoundLog | UnreadLog)[] = [];
  for (const finding of await recogniseLogs(region)) {
    const { layout, offset, lengthBytes } = finding;
    const place = { layout, address: region.address + offset, lengthBytes };
    try {
      const log = await openLog(region.part(offset, lengthBytes, leastBytesOf(finding)), finding, hints);
      const { version } = finding.facts;
      logs.push({ ...place, log, headerVersion: typeof version === "number" ? version : undefined });
    } catch (error) {
      // What was recognised may still be something that its format refuses.
      if (!(error instanceof NorbridgeError) || error.code === "BUG") throw error;
      logs.push({ ...place, why: error.message });
    }
  }
  return logs;
}

async function openLog(region: FlashRegion, { layout, facts }: LogPlaceFound, hints: RecordHints): Promise<RecordLog> {
  const number = (name: string): number => {
    const value = facts[name];
    if (typeof value === "number") return value;
    throw new NorbridgeError("BUG", `a finding of ${layout} has no ${name}`, { operation: "open log" });
  };
  switch (layout) {
    case "fcb":
      return CircularBuffer.mount(region, {
        sectorBytes: number("sectorBytes"),
        magic: number("magic"),
        version: number("version"),
        alignBytes: number("alignBytes"),
        scratchSectors: 0,
        hasCrc: facts["hasCrc"] !== false,
      });
    case "fcb2":
      return Fcb2.mount(region, {
        sectorBytes: number("sectorBytes"),
        magic: number("magic"),
        version: number("version"),
        alignBytes: number("alignBytes"),
      });
    case "px-log-fs": {
      const pageBytes = number("pageBytes");
      return LogFs.mount(region, {
        pageBytes,
        blockPages: number("blockPages"),
        recordBytes: number("recordBytes"),
        whenFull: "overwrite",
        format: number("format") === 1 ? 1 : 2,
        firstPage: Math.floor(region.address / pageBytes),
      });
    }
    case "flashdb-tsdb":
      return openTsdb(region, number("sectorBytes"), hints);
  }
}

async function openTsdb(region: FlashRegion, sectorBytes: number, { recordBytes }: RecordHints): Promise<TsdbLog> {
  const [found] = await findTsdbs(region, { sectorBytes, fixedBytes: recordBytes });
  if (found === undefined) {
    throw new NorbridgeError("LAYOUT_MISMATCH", "it holds no database by itself", { operation: "open log" });
  }
  if (found.choices.length > 0) {
    const message = `all records at ${formatAddress(region.address)} have one length, which is not on the flash: it may be ${found.choices.join(", ")} bytes`;
    throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation: "open log" });
  }
  return TsdbLog.mount(region, found.shape);
}
