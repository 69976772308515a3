/** `--since`: from which time on records are wanted, and by which of their times. */
import { NorbridgeError } from "../../errors.ts";
import type { LogRecord } from "../../storage/record-log.ts";
import type { DecodedField } from "../../storage/decode-record.ts";
import type { OpenedLog } from "./open-log.ts";
import type { Decoder } from "../../extract/record-decoder.ts";

/** A time of day, or a number in the unit of a device. */
export type Since =
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "number"; readonly number: bigint };

/** Whether a record, with its fields, is wanted. */
export type IsWanted = (record: LogRecord, fields: readonly DecodedField[] | undefined) => boolean;

/** Throws USAGE if the records of this log have no such time. */
export function wantedSince(since: Since | undefined, { layout }: OpenedLog, decoder: Decoder | undefined): IsWanted {
  if (since === undefined) return () => true;
  if (since.kind === "number") {
    if (layout === "flashdb-tsdb") return ({ time }) => time !== undefined && time >= since.number;
    throw refuse(
      "--since with a number needs a log that keeps numbers as times",
      "Only FlashDB does. Specify a time such as 2026-03-01T12:00:00Z, and a struct with a time field.",
    );
  }
  const timeField = decoder?.timeField;
  if (timeField === undefined) {
    const seconds = Math.floor(since.timeMs / 1000);
    throw refuse(
      "--since needs --struct",
      layout === "flashdb-tsdb"
        ? `Or specify a number in the unit of the device. If it counts seconds since 1970: --since ${seconds}`
        : "The struct file defines which field of a record is its time.",
    );
  }
  return (_, fields) => {
    const field = fields?.find(({ name }) => name === timeField);
    return field?.timeMs !== undefined && field.timeMs >= since.timeMs;
  };
}

function refuse(message: string, hint: string): NorbridgeError {
  return new NorbridgeError("USAGE", message, { operation: "log read", hint });
}
