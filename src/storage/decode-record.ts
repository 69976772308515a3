/** The fields of a record by its description. Never runs anything of the data, and returns text that is safe to print. */
import { formatSize, printable, printableBytes, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { type CborValue, decodeCbor } from "./cbor.ts";
import { isoTime } from "./iso-time.ts";
import {
  type FieldKind,
  type FieldLength,
  isUnscaled,
  NUMBER_BYTES,
  type NumberKind,
  type RecordStruct,
} from "./struct-record.ts";

/** One field of a record, decoded. */
export interface DecodedField {
  /** Name of the field in the description. */
  readonly name: string;
  /**
   * The value after scaling. An unscaled u64 or i64 is a bigint. Named values, times, ASCII and numbers that are not
   * finite are text. Bytes are text in hex. CBOR is a JSON value.
   */
  readonly value: bigint | CborValue;
  /** For people and CSV; safe to print. */
  readonly text: string;
  /** Milliseconds since 1970, for a time. */
  readonly timeMs?: number | undefined;
  /** The number as it is stored, for a field that is scaled, named or a time; else undefined. */
  readonly raw?: number | bigint | undefined;
}

/** The fields of a record. Throws LAYOUT_MISMATCH if it is too short. */
export function decodeRecord(struct: RecordStruct, data: Uint8Array): readonly DecodedField[] {
  if (data.length < struct.lengthBytes) {
    const message = `a record of ${formatSize(data.length)} is too short for the struct, which has ${struct.lengthBytes}`;
    throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation: "decode record" });
  }
  return decodeAvailable(struct, data).fields;
}

/** The fields that a record has. */
export interface AvailableFields {
  /** Those that are there, in order. Of text and bytes also the first part, if the record ends within them. */
  readonly fields: readonly DecodedField[];
  /** Whether the record has all fields, each in full. */
  readonly isComplete: boolean;
}

/** The fields of a record, as far as it has them: entries of a log have a length of their own. Never throws. */
export function decodeAvailable(struct: RecordStruct, data: Uint8Array): AvailableFields {
  const fields: DecodedField[] = [];
  let at = 0;
  for (const { name, lengthBytes, content } of struct.fields) {
    const place = placeOf(data, at, lengthBytes);
    if (place === undefined) return { fields, isComplete: false };
    const bytes = data.subarray(place.start, place.end);
    at = place.end;
    const isWhole = at <= data.length;
    const isShown = isWhole || (bytes.length > 0 && (content.kind === "ascii" || content.kind === "bytes"));
    if (name !== undefined && isShown) fields.push(decodeField(name, content, bytes));
    if (!isWhole) return { fields, isComplete: false };
  }
  return { fields, isComplete: true };
}

/** Where a field is; its end may be after that of the record. Undefined if its length is not there. */
function placeOf(
  data: Uint8Array,
  at: number,
  length: FieldLength,
): { readonly start: number; readonly end: number } | undefined {
  if (length === "rest") return { start: at, end: data.length };
  if (typeof length === "number") return { start: at, end: at + length };
  const start = at + NUMBER_BYTES[length.prefix];
  if (start > data.length) return undefined;
  return {
    start,
    end:
      start +
      Number(rawNumber({ type: length.prefix, isLittleEndian: length.isLittleEndian }, data.subarray(at, start))),
  };
}

function decodeField(name: string, content: FieldKind, bytes: Uint8Array): DecodedField {
  switch (content.kind) {
    case "number":
      return decodeNumber(name, content, bytes);
    case "bool": {
      const value = bytes.some((byte) => byte !== 0);
      return { name, value, text: String(value) };
    }
    case "cbor":
      return decodeCborField(name, bytes);
    case "ascii": {
      const end = bytes.indexOf(0);
      const text = printableBytes(end < 0 ? bytes : bytes.subarray(0, end), bytes.length);
      return { name, value: text, text };
    }
    default: {
      const text = toHex(bytes);
      return { name, value: text, text };
    }
  }
}

/** The item; a list of all if there are several; what is wrong, with the bytes, if it is not CBOR. */
export function decodeCborField(name: string, bytes: Uint8Array): DecodedField {
  const items: CborValue[] = [];
  let value: CborValue | undefined;
  for (let at = 0; at < bytes.length; ) {
    const result = decodeCbor(bytes.subarray(at));
    if (result.kind === "invalid") {
      value = { invalidCbor: result.reason, data: toHex(bytes) };
      break;
    }
    items.push(result.value);
    at += result.lengthBytes;
  }
  value ??= items.length === 1 ? (items[0] ?? null) : items;
  return { name, value, text: items.length === 0 && bytes.length === 0 ? "" : printable(JSON.stringify(value)) };
}

function decodeNumber(name: string, kind: NumberKind, bytes: Uint8Array): DecodedField {
  const raw = rawNumber(kind, bytes);
  const named = kind.values?.get(String(raw));
  if (named !== undefined) return { name, value: printable(named), text: printable(named), raw };
  if (kind.time !== undefined) {
    const timeMs = kind.time.baseMs + (Number(raw) * kind.scale + kind.offset) * kind.time.unitMs;
    const text = isoTime(timeMs);
    return { name, value: text, text, timeMs, raw };
  }
  if (isUnscaled(kind)) {
    // JSON has no way to say that a number is not one.
    const isPlain = typeof raw === "bigint" || Number.isFinite(raw);
    const value = isPlain ? raw : String(raw);
    return { name, value, text: String(raw), raw: kind.values === undefined ? undefined : raw };
  }
  // As exact as the two numbers were given: 2345 times 0.01 is 23.45.
  const value = Number((Number(raw) * kind.scale + kind.offset).toPrecision(15));
  return { name, value: Number.isFinite(value) ? value : String(value), text: String(value), raw };
}

function rawNumber(
  { type, isLittleEndian }: Pick<NumberKind, "type" | "isLittleEndian">,
  bytes: Uint8Array,
): number | bigint {
  switch (type) {
    case "f32":
      return viewOf(bytes).getFloat32(0, isLittleEndian);
    case "f64":
      return viewOf(bytes).getFloat64(0, isLittleEndian);
    case "u64":
      return viewOf(bytes).getBigUint64(0, isLittleEndian);
    case "i64":
      return viewOf(bytes).getBigInt64(0, isLittleEndian);
    default: {
      // By hand: this is done for every number of every record.
      const last = bytes.length - 1;
      let value = 0;
      for (let at = 0; at <= last; at++) value = value * 256 + (bytes[isLittleEndian ? last - at : at] ?? 0);
      const limit = 2 ** (8 * bytes.length);
      return type.startsWith("i") && value >= limit / 2 ? value - limit : value;
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
