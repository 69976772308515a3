/** From the dumps of an extraction to its logs, each with the way to decode it. */
import type { DumpStore } from "./dump-store.ts";
import { DumpRegion } from "./dump-region.ts";
import { openLogs, type RecordHints, type UnreadLog } from "./find-logs.ts";
import type { RowUnit } from "./record-rows.ts";
import type { DumpLine, ExtractionLine } from "./store-lines.ts";
import { type DecodableLog, decodableLog, type StructChoice } from "./tables.ts";

/** All logs of an extraction. */
export interface ExtractedLogs {
  readonly logs: readonly DecodableLog[];
  readonly unread: readonly UnreadLog[];
}

/** Reads the dumps of an extraction and finds the logs in them. Throws FILE_INVALID for a damaged dump, ECANCELED. */
export async function logsOf(
  dumps: DumpStore,
  extraction: ExtractionLine,
  choice: StructChoice,
  hints: RecordHints,
  signal?: AbortSignal,
): Promise<ExtractedLogs> {
  const logs: DecodableLog[] = [];
  const unread: UnreadLog[] = [];
  for (const dump of extraction.dumps) {
    const region = regionOfDump(await dumps.get(dump.sha256, signal), dump, extraction);
    for (const one of await openLogs(region, hints)) {
      if ("why" in one) unread.push(one);
      else logs.push(await decodableLog(one, choice));
    }
  }
  return { logs, unread };
}

function regionOfDump(bytes: Uint8Array, dump: DumpLine, { flash }: ExtractionLine): DumpRegion {
  const { pageBytes, erasedByte } = flash;
  return new DumpRegion(bytes, dump.address, { pageBytes, erasedByte, eraseBytes: dump.eraseBytes });
}

/** What the rows of a log have in common. */
export function rowUnit(extraction: ExtractionLine, { log }: DecodableLog): RowUnit {
  const { serial, product, chip, id, time } = extraction;
  return {
    serial,
    product,
    chip: chip.name,
    chipId: chip.uniqueId,
    extraction: id,
    extractedAtMs: Date.parse(time),
    layout: log.layout,
    address: log.address,
  };
}
