/**
 * A log that another program continues to write: polls it, and returns what is new. A record is identified by its
 * address; if that of the last one seen holds something else, the log was cleared or has wrapped, and that is reported.
 */
import { sameBytes } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import type { LogRecord, RecordLog } from "../storage/record-log.ts";
import { ABORTED, orAborted } from "../stream.ts";
import { checkFollow } from "./check-request.ts";

export type Followed = { readonly kind: "record"; readonly record: LogRecord } | { readonly kind: "gap" };

export interface FollowOptions {
  readonly clock: Clock;
  /** Aborting it is the way to end. */
  readonly signal: AbortSignal;
  readonly intervalUs: number;
  /** The newest record that was already seen. */
  readonly after: LogRecord | undefined;
}

/** First guess of how many records are new. */
const FIRST_LOOK = 8;

/** New records as they come; `reopen` mounts the log again. */
export async function* followLog(reopen: () => Promise<RecordLog>, options: FollowOptions): AsyncGenerator<Followed> {
  checkFollow(reopen, options);
  const { clock, signal, intervalUs, after } = options;
  let last = after;
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    await clock.wait(intervalUs, signal);
    if (isEnded()) return;
    const look = async (): Promise<NewRecords> => newRecords(await reopen(), last, signal);
    const found = await orAborted(look(), signal);
    if (found === ABORTED || isEnded()) return;
    const { records, isComplete } = found;
    if (!isComplete) yield { kind: "gap" };
    for (const record of records) {
      last = record;
      yield { kind: "record", record };
    }
  }
}

interface NewRecords {
  readonly records: readonly LogRecord[];
  /** Whether the record seen last is still there, so that nothing was lost between. */
  readonly isComplete: boolean;
}

async function newRecords(log: RecordLog, last: LogRecord | undefined, signal: AbortSignal): Promise<NewRecords> {
  for (let count = FIRST_LOOK; ; count *= 4) {
    const records: LogRecord[] = [];
    for await (const item of log.records({ last: count })) {
      if (signal.aborted) return { records: [], isComplete: true };
      if (item.kind === "record") records.push(item);
    }
    if (last === undefined) {
      if (records.length < count) return { records, isComplete: true };
      continue;
    }
    const seen = records.findLastIndex((record) => isSame(record, last));
    if (seen >= 0) return { records: records.slice(seen + 1), isComplete: true };
    if (records.length < count) return { records, isComplete: false };
  }
}

function isSame(a: LogRecord, b: LogRecord): boolean {
  return a.sector === b.sector && a.offset === b.offset && sameBytes(a.data, b.data);
}
