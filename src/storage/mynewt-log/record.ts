/**
 * Log records of Apache Mynewt, versions 2 and 3, as they stand in the entries of an FCB or FCB2. Source:
 * apache/mynewt-core, sys/log, at d919ff51 and mynewt_1_7_0. All numbers are little-endian. Pure.
 *
 * Time stamp (8 bytes, signed), index (4), module, level; in version 3 a byte with the type in its low nibble and flags
 * in its high one; the first 4 bytes of the image's hash, if flag 1 is set; the body up to the end. With flag 2 the
 * last two bytes are the length of a trailer before them.
 */
import { isoTime } from "../iso-time.ts";
import { printableBytes, toHex } from "../../bytes.ts";
import { decodeCborField, type DecodedField } from "../decode-record.ts";

/** Version of the header of a record. */
export type MynewtVersion = 2 | 3;

/** A log record. */
export interface MynewtRecord {
  /** Microseconds since 1970 if the clock was set, else since the start of the device. */
  readonly timeUs: number;
  /** Counts the records of the device, 32 bits. */
  readonly index: number;
  readonly module: number;
  readonly level: number;
  /** What the body is. A number: a type that is not known. */
  readonly type: "text" | "cbor" | "binary" | number;
  /** The first 4 bytes of the hash of the image that wrote it. */
  readonly imageHash: Uint8Array | undefined;
  readonly body: Uint8Array;
  /** Bytes that the application added. `body` then ends with up to 31 bytes of fill. */
  readonly trailer: Uint8Array | undefined;
}

const HEADER_BYTES: Readonly<Record<MynewtVersion, number>> = { 2: 14, 3: 15 };
const HASH_BYTES = 4;
const TRAILER_LENGTH_BYTES = 2;
const HAS_HASH = 1;
const HAS_TRAILER = 2;
const TYPES = ["text", "cbor", "binary"] as const;

/** Reads the data of an entry; undefined if it is too short. */
export function decodeMynewtRecord(data: Uint8Array, version: MynewtVersion): MynewtRecord | undefined {
  const headerBytes = HEADER_BYTES[version];
  if (data.length < headerBytes) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const kind = version === 3 ? view.getUint8(14) : 0;
  const flags = kind >> 4;
  const hasHash = (flags & HAS_HASH) !== 0;
  const bodyAt = headerBytes + (hasHash ? HASH_BYTES : 0);
  if (data.length < bodyAt) return undefined;
  let end = data.length;
  let trailer: Uint8Array | undefined;
  if ((flags & HAS_TRAILER) !== 0 && data.length >= bodyAt + TRAILER_LENGTH_BYTES) {
    const start = data.length - TRAILER_LENGTH_BYTES - view.getUint16(data.length - TRAILER_LENGTH_BYTES, true);
    if (start >= bodyAt) {
      trailer = data.subarray(start, data.length - TRAILER_LENGTH_BYTES);
      end = start;
    }
  }
  return {
    timeUs: Number(view.getBigInt64(0, true)),
    index: view.getUint32(8, true),
    module: view.getUint8(12),
    level: view.getUint8(13),
    type: TYPES[kind & 0x0f] ?? kind & 0x0f,
    imageHash: hasHash ? data.subarray(headerBytes, bodyAt) : undefined,
    body: data.subarray(bodyAt, end),
    trailer,
  };
}

/** 2100-01-01: later stamps are not stamps. */
const LATEST_US = 4_102_444_800_000_000;
/** Of ten entries this many must fit. */
const ENOUGH_OF_TEN = 9;

/**
 * The version that the entries of a log are of, oldest first; undefined if they are no log records. `headerVersion`: the version
 * byte of the sectors, which most devices set to that of the records. Without it version 2 is known by text in all bodies.
 */
export function mynewtVersionOf(entries: readonly Uint8Array[], headerVersion?: number): MynewtVersion | undefined {
  if (entries.length === 0) return undefined;
  const order: readonly MynewtVersion[] = headerVersion === 2 ? [2, 3] : [3, 2];
  const version = order.find((one) => areRecords(entries, one, false));
  if (version !== undefined) return version;
  return headerVersion === 2 && areRecords(entries, 2, true) ? 2 : undefined;
}

function areRecords(entries: readonly Uint8Array[], version: MynewtVersion, isNamed: boolean): boolean {
  const records = entries.flatMap((data) => {
    const record = decodeMynewtRecord(data, version);
    return record !== undefined && isPlausible(record, data, version, isNamed) ? [record] : [];
  });
  // Counts up; it may start again after the log, or the device, was cleared.
  const backwards = records.filter((record, at) => at > 0 && record.index < (records[at - 1]?.index ?? 0)).length;
  return 10 * (records.length - backwards) >= ENOUGH_OF_TEN * entries.length;
}

function isPlausible(record: MynewtRecord, data: Uint8Array, version: MynewtVersion, isNamed: boolean): boolean {
  const { timeUs, index, level, body } = record;
  if (timeUs < 0 || timeUs >= LATEST_US || index >= 0x80000000 || (level > 15 && level !== 255)) return false;
  if (version === 3) return ((data[14] ?? 0) & 0x0f) < TYPES.length && (data[14] ?? 0) >> 4 <= (HAS_HASH | HAS_TRAILER);
  return isNamed || body.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

const MODULES = ["default", "os", "newtmgr", "nimble_ctlr", "nimble_host", "nffs", "reboot", "iotivity", "test"];
const LEVELS = ["debug", "info", "warn", "error", "critical"];
/** 2016-01-01: before it the clock was not set, and the stamp counts from the start of the device. */
const CLOCK_SET_US = 1_451_606_400_000_000;

/** The names of the fields of a record, in their order. */
export const MYNEWT_FIELDS = ["ts", "log_index", "module", "level", "type", "body", "image_hash", "trailer"] as const;

/** The fields of a record for people and programs; undefined if the entry is too short for one. */
export function mynewtFields(data: Uint8Array, version: MynewtVersion): readonly DecodedField[] | undefined {
  const record = decodeMynewtRecord(data, version);
  if (record === undefined) return undefined;
  const { timeUs, index, module, level, type, body, imageHash, trailer } = record;
  const text = (name: string, value: string): DecodedField => ({ name, value, text: value });
  const isClockSet = timeUs >= CLOCK_SET_US && timeUs < LATEST_US;
  return [
    isClockSet
      ? { ...text("ts", isoTime(timeUs / 1000)), timeMs: timeUs / 1000 }
      : text("ts", `${(timeUs / 1e6).toFixed(6)} s after the start`),
    { name: "log_index", value: index, text: String(index) },
    text("module", MODULES[module] ?? String(module)),
    text("level", LEVELS[level] ?? String(level)),
    text("type", String(type)),
    type === "cbor"
      ? decodeCborField("body", body)
      : text("body", type === "text" ? printableBytes(body, body.length) : toHex(body)),
    ...(imageHash === undefined ? [] : [text("image_hash", toHex(imageHash))]),
    ...(trailer === undefined ? [] : [text("trailer", toHex(trailer))]),
  ];
}
