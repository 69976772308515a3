/** What makes fields of the data of a record: a struct that the user gave, or records of a known kind. */
import { MYNEWT_FIELDS, mynewtFields, type MynewtVersion, mynewtVersionOf } from "../storage/mynewt-log/record.ts";
import type { RecordLog } from "../storage/record-log.ts";
import { type AvailableFields, decodeAvailable } from "../storage/decode-record.ts";
import { type RecordStruct } from "../storage/struct-record.ts";

/** Makes fields of the data of a record. */
export interface Decoder {
  /** All fields, in order; those without a name are not shown. */
  readonly fields: readonly { readonly name: string | undefined }[];
  /** The field with the time, if any. */
  readonly timeField: string | undefined;
  decode(data: Uint8Array): AvailableFields;
}

/** The decoder of a struct; undefined without one. */
export function structDecoder(struct: RecordStruct | undefined): Decoder | undefined {
  if (struct === undefined) return undefined;
  const { fields, timeField } = struct;
  return { fields, timeField, decode: (data) => decodeAvailable(struct, data) };
}

/** The decoder of Mynewt's log records. */
export function mynewtDecoder(version: MynewtVersion): Decoder {
  return {
    fields: MYNEWT_FIELDS.map((name) => ({ name })),
    timeField: "ts",
    decode(data) {
      const fields = mynewtFields(data, version);
      return { fields: fields ?? [], isComplete: fields !== undefined };
    },
  };
}

/** This many of the newest records show what a log holds. */
const SAMPLED_RECORDS = 32;

/** A log whose records may be Mynewt's, if it is an FCB or FCB2. */
export interface MynewtCandidate {
  readonly layout: string;
  readonly log: RecordLog;
}

/**
 * The version of Mynewt's log records in an FCB or FCB2; undefined if it holds something else. `headerVersion`: version
 * byte of its sectors.
 */
export async function mynewtVersion(
  { layout, log }: MynewtCandidate,
  headerVersion: number | undefined,
): Promise<MynewtVersion | undefined> {
  if (layout !== "fcb" && layout !== "fcb2") return undefined;
  const sample: Uint8Array[] = [];
  for await (const item of log.records({ last: SAMPLED_RECORDS })) if (item.kind === "record") sample.push(item.data);
  return mynewtVersionOf(sample, headerVersion);
}
