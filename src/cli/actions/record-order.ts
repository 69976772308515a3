/** The records of a log in the order in which they are printed. If that is not certain, it is said, and their times decide. */
import { printable } from "../../bytes.ts";
import { count } from "../../runner/quantities.ts";
import type { LogDamage, LogRecord, RecordLog } from "../../storage/record-log.ts";
import type { Session } from "../program/session.ts";
import type { OpenedLog } from "./open-log.ts";
import type { Decoder } from "../../extract/record-decoder.ts";

/** Which records are wanted. */
export interface WantedRecords {
  /** Only the records of this sector. */
  readonly sector: number | undefined;
  /** Only the newest ones. */
  readonly last: number | undefined;
}

type Item = LogRecord | LogDamage;

/**
 * What is wanted of a log, oldest first. Where nothing tells which records are older (a device that wrapped at the
 * wrong place leaves such a log), that is reported; if the records have a time, all of them are sorted by it, and
 * damage comes first.
 */
export async function* itemsInOrder(
  opened: OpenedLog,
  wanted: WantedRecords,
  decoder: Decoder | undefined,
  session: Session,
): AsyncGenerator<Item> {
  const { sector, last } = wanted;
  const log: RecordLog = opened.log;
  // Within a sector the place is the order.
  if (sector !== undefined) {
    for await (const item of log.recordsOfSector?.(sector) ?? log.records()) yield item;
    return;
  }
  const { orderDoubt } = log;
  const timeField = decoder?.timeField;
  if (orderDoubt === undefined || decoder === undefined || timeField === undefined) {
    const gap = last === undefined ? gapText(opened) : undefined;
    if (orderDoubt !== undefined) session.report.warn(doubtText(log, orderDoubt));
    else if (gap !== undefined) session.report.note(gap);
    for await (const item of log.records(last === undefined ? {} : { last })) yield item;
    return;
  }
  session.report.warn(
    `the order of this log is not certain: ${orderDoubt}. The records are sorted by ${printable(timeField)}.`,
  );
  const timeOf = ({ data }: LogRecord): number => {
    const field = decoder.decode(data).fields.find(({ name }) => name === timeField);
    return field?.timeMs ?? Number.NEGATIVE_INFINITY;
  };
  const timed: { readonly record: LogRecord; readonly timeMs: number }[] = [];
  for await (const item of allItems(log)) {
    if (item.kind === "record") timed.push({ record: item, timeMs: timeOf(item) });
    else if (last === undefined) yield item;
  }
  // Equal times keep their places: the sort is stable.
  timed.sort((a, b) => (a.timeMs === b.timeMs ? 0 : a.timeMs - b.timeMs));
  for (const { record } of last === undefined ? timed : timed.slice(-last)) yield record;
}

/** What a device's wrap at the wrong place has cost, if it can be determined. */
export function gapText(opened: OpenedLog): string | undefined {
  if (opened.layout !== "px-log-fs" || opened.log.missingPages === 0) return undefined;
  const pages = count(opened.log.missingPages, "page");
  return `the records of ${pages} are missing in the middle: the device kept older ones when its log was full`;
}

/** All records, also those that the log leaves out of its order. */
async function* allItems(log: RecordLog): AsyncGenerator<Item> {
  for await (const item of log.records()) yield item;
  for (const sector of log.sectorsOutOfOrder ?? []) {
    for await (const item of log.recordsOfSector?.(sector) ?? []) yield item;
  }
}

function doubtText({ sectorsOutOfOrder = [] }: RecordLog, orderDoubt: string): string {
  const [first, ...more] = sectorsOutOfOrder;
  const leftOut =
    first === undefined
      ? ""
      : ` ${count(sectorsOutOfOrder.length, "sector")} (${[first, ...more].join(", ")}) left out: --sector shows each of them.`;
  const sorted = "With a time field in --struct all records are sorted by it.";
  return `the order of this log is not certain: ${orderDoubt}.${leftOut} ${sorted}`;
}
