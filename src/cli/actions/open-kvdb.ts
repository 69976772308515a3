/** Finds and reads a FlashDB KVDB for the `kv` commands, which only read it. */
import { formatAddress, formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { withRegion } from "../../runner/with-region.ts";
import { type KvdbContents, kvdbShape, readKvdb } from "../../storage/flashdb/kvdb.ts";
import { kvdbSniffer } from "../../storage/flashdb/recognise-kvdb.ts";
import { recogniseRegions } from "../../storage/recognise/pass.ts";
import type { RegionFinding } from "../../storage/recognise/region-finding.ts";
import { nameText } from "../values/name-text.ts";
import type { Session } from "../program/session.ts";
import type { KeyValuePlace } from "./open-kv.ts";

/** A database that was read, with what JSON output has of it. */
export interface OpenedKvdb {
  readonly contents: KvdbContents;
  readonly sectorBytes: number;
  readonly granularityBits: number;
}

const OPERATION = "open store";

/** Where a database may be, and what was specified of it. */
export interface KvdbRequest {
  readonly range: ByteRange | undefined;
  readonly sectorBytes?: number | undefined;
}

/** The error for every change of a database. */
export function kvdbIsReadOnly(operation: string): NorbridgeError {
  return new NorbridgeError(
    "LAYOUT_MISMATCH",
    `${operation}: the store is a FlashDB KVDB, which is read and not written`,
    {
      operation,
      hint: "Nothing was changed. Only the device writes to this store.",
    },
  );
}

/**
 * The database among what was recognised, if it is the only store there. Undefined if there is none. Throws
 * LAYOUT_MISMATCH if there are several stores. A mark alone does not count beside a store that is proved.
 */
export function databaseOf({ stores, all, searched }: KeyValuePlace): RegionFinding | undefined {
  const databases = all.filter(({ layout }) => layout === "flashdb-kvdb");
  if (databases.length === 0) return undefined;
  const found: readonly RegionFinding[] = [...stores, ...databases];
  const proved = found.filter(({ certainty }) => certainty !== "possible");
  const [chosen, ...others] = proved.length > 0 ? proved : found;
  if (chosen === undefined || others.length === 0) return chosen?.layout === "flashdb-kvdb" ? chosen : undefined;
  throw several([chosen, ...others], searched);
}

/** The only database of a range, by its own marks only. Throws LAYOUT_MISMATCH if there is none, or several. */
export async function locateDatabase(
  session: Session,
  device: FlashDevice,
  { range }: KvdbRequest,
  operation: string,
): Promise<RegionFinding> {
  const searched = range ?? wholeChip(device.geometry);
  const found = await withRegion(session, device, { range: searched, operation }, (region) =>
    recogniseRegions(region, [kvdbSniffer(region)]),
  );
  const [chosen, ...others] = found;
  if (chosen === undefined) {
    throw new NorbridgeError("LAYOUT_MISMATCH", `no FlashDB KVDB was found in ${formatRange(searched)}`, {
      operation: OPERATION,
      range: searched,
      hint: "Check --range. It must begin where an erase block does.",
    });
  }
  if (others.length > 0) throw several(found, searched);
  return chosen;
}

function several(found: readonly RegionFinding[], searched: ByteRange): NorbridgeError {
  const ranges = found.map(
    ({ layout, offset, lengthBytes }) =>
      `${layout} at ${formatRange({ address: searched.address + offset, lengthBytes })}`,
  );
  return new NorbridgeError("LAYOUT_MISMATCH", `there are several stores here: ${ranges.join("; ")}`, {
    operation: OPERATION,
    hint: "Choose one with --range.",
  });
}

/**
 * Reads a database, and reports what is damaged in it. `finding`: its offset counts from the start of the range of the
 * request.
 */
export async function readDatabase(
  session: Session,
  device: FlashDevice,
  request: KvdbRequest,
  finding: RegionFinding,
  operation: string,
): Promise<OpenedKvdb> {
  const { range, sectorBytes } = request;
  return withRegion(session, device, { range, operation }, async (region) => {
    const shape = kvdbShape(finding, region, { sectorBytes, isWhole: range !== undefined });
    const contents = await readKvdb(region, shape);
    for (const { sector, offset, lengthBytes, name, reason } of contents.damage) {
      const address = region.address + offset;
      const key = name === undefined ? {} : { key: nameText(name) };
      session.report.record("damage", {
        sector,
        offset: (offset - shape.offset) % shape.sectorBytes,
        address,
        length: lengthBytes,
        reason,
        ...key,
      });
      if (session.report.json) continue;
      const of = name === undefined ? "" : `, key ${nameText(name)}`;
      session.report.warn(`damage at ${formatAddress(address)} (sector ${sector}${of}): ${reason}`);
    }
    return { contents, sectorBytes: shape.sectorBytes, granularityBits: Number(finding.facts["granularityBits"]) };
  });
}
