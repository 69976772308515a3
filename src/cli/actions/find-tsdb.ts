/** Finds a FlashDB TSDB for the commands that read a log. */
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import { findTsdbs, type FoundTsdb, type TsdbShape } from "../../storage/flashdb/recognise-tsdb.ts";
import { granularityBits } from "../../storage/flashdb/status.ts";
import type { LogRequest } from "../options/layout-options.ts";

const OPERATION = "open log";

/** A TSDB that was found, in the form of the other logs. */
export interface TsdbFinding {
  readonly layout: "flashdb-tsdb";
  readonly sureness: "certain" | "likely" | "possible";
  readonly why: string;
  readonly shape: TsdbShape;
  /** What `log info` prints. */
  readonly options: {
    readonly layoutVersion: string;
    readonly granularityBits: number;
    readonly timeBits: number;
    readonly recordBytes?: number | undefined;
  };
}

/**
 * The only TSDB of the region; undefined if there is none. Throws LAYOUT_MISMATCH for several, and if the length of its
 * records is not on the flash and not clear.
 */
export async function findTsdb(region: FlashRegion, request: LogRequest): Promise<TsdbFinding | undefined> {
  const { sectorBytes, logFs } = request;
  const [found, ...others] = await findTsdbs(region, { sectorBytes, fixedBytes: logFs.recordBytes });
  if (found === undefined) return undefined;
  if (others.length > 0) throw several(region, [found, ...others]);
  const { shape, certainty, why, choices } = found;
  if (choices.length > 0) throw unclear(choices);
  const { build } = shape;
  return {
    layout: "flashdb-tsdb",
    sureness: certainty,
    why,
    shape,
    options: {
      layoutVersion: build.layout,
      granularityBits: granularityBits(build.granularity),
      timeBits: 8 * build.timeBytes,
      recordBytes: build.fixedBytes,
    },
  };
}

/** The error for a region without a TSDB although the layout was specified. */
export function noTsdb(region: FlashRegion): NorbridgeError {
  const range = { address: region.address, lengthBytes: region.lengthBytes };
  return new NorbridgeError("LAYOUT_MISMATCH", `no FlashDB TSDB was found in ${formatRange(range)}`, {
    operation: OPERATION,
    range,
    hint: "Check --range. It must begin where an erase block does.",
  });
}

function several(region: FlashRegion, found: readonly FoundTsdb[]): NorbridgeError {
  const ranges = found.map(({ shape: { offset, lengthBytes } }) =>
    formatRange({ address: region.address + offset, lengthBytes }),
  );
  return new NorbridgeError("LAYOUT_MISMATCH", `there are ${found.length} FlashDB TSDBs: ${ranges.join(", ")}`, {
    operation: OPERATION,
    hint: "Specify one of them with --range.",
  });
}

function unclear(choices: readonly number[]): NorbridgeError {
  const message = `all records have one length, which is not on the flash: it may be ${choices.join(", ")} bytes`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, {
    operation: OPERATION,
    hint: "Specify it with --record-size.",
  });
}
