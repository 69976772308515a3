/** `norbridge logs decode`: the stored dumps, decoded again. No chip is needed. */
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { decodeExtraction, type DecodeReport } from "../../extract/decode-extraction.ts";
import type { ExtractionStore } from "../../extract/extraction-store.ts";
import { decodesOf, selected, type Selection } from "../../extract/selection.ts";
import { StructCache } from "../../extract/stored-rows.ts";
import type { DecodeLine, ExtractionLine } from "../../extract/store-lines.ts";
import type { StructChoice } from "../../extract/tables.ts";
import { count } from "../../runner/quantities.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import type { StructWords } from "../options/store-options.ts";
import { noExtraction, openStore } from "./open-store.ts";
import { filesOf, readStructs } from "./read-structs.ts";

export interface LogsDecodeRequest {
  readonly store: string;
  readonly structs: StructWords;
  readonly selection: Selection;
  /** Length of all records of a FlashDB TSDB. */
  readonly recordBytes: number | undefined;
}

export async function logsDecode(request: LogsDecodeRequest, session: Session): Promise<Outcome> {
  const { signal, report } = session;
  const given = await readStructs(request.structs, signal);
  const store = openStore(request.store);
  store.checkWritable();
  const state = await store.state(signal);
  const extractions = selected(state, request.selection);
  if (extractions.length === 0) return noExtraction(state);
  for (const file of filesOf(given)) store.structs.put(file);
  const before = new Map<string, DecodeLine[]>();
  for (const { line } of decodesOf(state, extractions)) {
    before.set(line.extraction, [...(before.get(line.extraction) ?? []), line]);
  }
  const job: DecodeJob = { store, given, cache: new StructCache(store), recordBytes: request.recordBytes };
  const sums = { extractions: extractions.length, failed: 0, records: 0, unconfirmed: 0, damaged: 0, short: 0 };
  report.waitsFor(`the records of ${count(extractions.length, "extraction")}`);
  for (const extraction of extractions) {
    const decoded = await decodeOne(job, extraction, before.get(extraction.id) ?? [], session);
    if (decoded === undefined) sums.failed++;
    for (const { records, unconfirmed, damaged, short } of decoded?.lines.flatMap(({ logs }) => logs) ?? []) {
      sums.records += records;
      sums.unconfirmed += unconfirmed;
      sums.damaged += damaged;
      sums.short += short;
    }
  }
  await store.sweep();
  const summary = `${count(extractions.length - sums.failed, "extraction")} decoded, ${count(sums.records, "record")}`;
  if (sums.failed === 0) return { kind: "done", summary, fields: sums };
  return {
    kind: "no",
    message: `${summary}; ${sums.failed} of ${extractions.length} extractions could not be decoded`,
    hint: "The warnings name their dumps. What was decoded of them before stays.",
    fields: sums,
  };
}

/** What holds for all extractions. */
interface DecodeJob {
  readonly store: ExtractionStore;
  /** Structs of the command line. */
  readonly given: StructChoice;
  readonly cache: StructCache;
  readonly recordBytes: number | undefined;
}

/** Undefined if a dump or struct of it is damaged; that is reported. */
async function decodeOne(
  { store, given, cache, recordBytes }: DecodeJob,
  extraction: ExtractionLine,
  before: readonly DecodeLine[],
  { signal, report }: Session,
): Promise<DecodeReport | undefined> {
  const unit = `unit ${printable(extraction.serial)} (${extraction.id})`;
  try {
    const own = await cache.choiceOf(before, signal);
    const structs = {
      general: given.general,
      // A struct for all logs is for those that had one of their own, too.
      byAddress: new Map([...(given.general === undefined ? own.byAddress : []), ...given.byAddress]),
    };
    const known = before.find((line) => line.recordBytes > 0)?.recordBytes;
    const hints = { recordBytes: recordBytes ?? known };
    const decoded = await decodeExtraction(store, extraction, { structs, hints, before, signal });
    for (const { layout, why } of decoded.unread) report.warn(`${unit}: ${layout} was not decoded: ${why}`);
    return decoded;
  } catch (error) {
    if (!(error instanceof NorbridgeError) || error.code !== "FILE_INVALID") throw error;
    report.warn(`${unit}: ${error.message}`);
    return undefined;
  }
}
