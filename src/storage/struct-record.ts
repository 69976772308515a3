/**
 * A description of what a record holds, read from JSON: field by field in the order of the bytes. Data only: nothing in it is
 * run. Whatever is not known is refused, since a typing error would show wrong columns.
 */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { notJson } from "../json-fault.ts";
import { parseIsoTime } from "./iso-time.ts";

/**
 * Type of a number in a record: `u` unsigned, `i` signed in two's complement, `f` floating point (IEEE 754); then its length in
 * bits, 8 to 64.
 */
export type NumberType = "u8" | "i8" | "u16" | "i16" | "u24" | "i24" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64";

/** Bytes that a number takes. */
export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u24: 3,
  i24: 3,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f32: 4,
  f64: 8,
};
const TIME_UNITS = { s: 1000, ms: 1, us: 0.001, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PROPERTIES = ["name", "type", "lengthBytes", "scale", "offset", "unit", "time", "values"];

/** A field that holds a number. Its value is `raw * scale + offset`. */
export interface NumberKind {
  /** Always "number". */
  readonly kind: "number";
  /** How the raw number is stored. */
  readonly type: NumberType;
  /** Byte order: true if the lowest byte comes first. */
  readonly isLittleEndian: boolean;
  /** Factor; 1 if the description has none. */
  readonly scale: number;
  /** Added after scaling; 0 if the description has none. */
  readonly offset: number;
  /** Names of raw values, by the value in decimal; undefined if it has none. */
  readonly values: ReadonlyMap<string, string> | undefined;
  /** How the number is a time; undefined if it is none. */
  readonly time:
    | {
        /** Time at 0, milliseconds since 1970 (UTC). */
        readonly baseMs: number;
        /** Milliseconds per unit of the value. */
        readonly unitMs: number;
      }
    | undefined;
}

/** What a field holds. */
export type FieldKind =
  | NumberKind
  | {
      /**
       * Bytes shown as hex, ASCII text up to the first 0, an item of CBOR shown as JSON, bytes to skip, or a flag that is true
       * unless all bytes are 0.
       */
      readonly kind: "bytes" | "ascii" | "cbor" | "skip" | "bool";
    };

/**
 * Length of a field: bytes, 1 to 65,536; "rest" for all that is left of the record (0 or more, the last field only); or
 * the number in front of the field that holds its length.
 */
export type FieldLength =
  | number
  | "rest"
  | {
      /** How the length is stored, directly before the bytes. */
      readonly prefix: NumberType;
      /** Byte order of the length: true if the lowest byte comes first. */
      readonly isLittleEndian: boolean;
    };

/** One field of a record. */
export interface StructField {
  /** Undefined for bytes that are skipped. */
  readonly name: string | undefined;
  /** Length of the field. */
  readonly lengthBytes: FieldLength;
  /** Unit for people, such as "C" or "mV"; "" if it has none. */
  readonly unit: string;
  /** What the bytes mean. */
  readonly content: FieldKind;
}

/** What a record holds: fields in the order of the bytes, without gaps. `parseStruct` reads one. */
export interface RecordStruct {
  /** All fields, at least one, those that are skipped included. */
  readonly fields: readonly StructField[];
  /** Bytes that a record must have to be complete, with all fields of variable length empty; more are left alone. */
  readonly lengthBytes: number;
  /** Name of the first field with a time, if any. */
  readonly timeField: string | undefined;
}

/** Reads a description. Throws FILE_INVALID that names the field; `fileName` is for messages. */
export function parseStruct(text: string, fileName: string): RecordStruct {
  const fail = (why: string): NorbridgeError =>
    new NorbridgeError("FILE_INVALID", `${printable(fileName)}: ${why}`, { operation: "read struct", hint: HINT });
  const root = objectOf(parseJson(text, fail), "the description", fail);
  for (const key of root.keys())
    if (key !== "fields") throw fail(`"${printable(key)}" is unknown; the only key is "fields"`);
  const list = root.get("fields");
  if (!Array.isArray(list) || list.length === 0) throw fail('"fields" must be a list of at least one field');
  const fields = list.map((one: unknown, index) => parseField(one, `field ${index}`, fail));
  const early = fields.slice(0, -1).find(({ lengthBytes }) => lengthBytes === "rest");
  if (early !== undefined)
    throw fail(`"lengthBytes":"rest" is for the last field, not "${printable(early.name ?? "skip")}"`);
  const names = fields.flatMap(({ name }) => name ?? []);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw fail(`the name "${printable(twice)}" is used twice`);
  return {
    fields,
    lengthBytes: fields.reduce((sum, field) => sum + leastBytes(field.lengthBytes), 0),
    timeField: fields.find(({ content }) => content.kind === "number" && content.time !== undefined)?.name,
  };
}

const HINT =
  'A description is {"fields":[{"name":"time","type":"u32le","time":{"base":"1970-01-01T00:00:00Z","unit":"s"}},' +
  '{"name":"temp","type":"i16le","scale":0.01,"unit":"C"}]}.';

const MAX_FIELD_BYTES = 65_536;

type Fail = (why: string) => NorbridgeError;

function parseJson(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail(notJson(text));
  }
}

function objectOf(value: unknown, what: string, fail: Fail): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail(`${what} must be an object`);
  return new Map(Object.entries(value));
}

function parseField(value: unknown, where: string, fail: Fail): StructField {
  const parts = objectOf(value, where, fail);
  const name = parts.get("name");
  const what = typeof name === "string" ? `field "${printable(name)}"` : where;
  for (const key of parts.keys()) {
    if (!PROPERTIES.includes(key))
      throw fail(`${what}: "${printable(key)}" is unknown; the keys are ${PROPERTIES.join(", ")}`);
  }
  const type = parts.get("type");
  if (typeof type !== "string") throw fail(`${what}: a "type" is missing`);
  if (type !== "skip" && (typeof name !== "string" || name === "")) throw fail(`${where}: a "name" is missing`);
  const unit = given(parts, "unit", "");
  if (typeof unit !== "string") throw fail(`${what}: "unit" must be text`);
  const shown = typeof name === "string" && type !== "skip" ? name : undefined;
  const number = /^(u8|i8)$|^([uif](?:16|24|32|64))(le|be)$/.exec(type);
  const numberType = number?.[1] ?? number?.[2];
  if (numberType !== undefined && isNumberType(numberType)) {
    if (parts.has("lengthBytes")) throw fail(`${what}: a number has no "lengthBytes"`);
    const content = numberKind(numberType, number?.[3] !== "be", parts, what, fail);
    return { name: shown, lengthBytes: NUMBER_BYTES[numberType], unit, content };
  }
  if (type !== "bytes" && type !== "ascii" && type !== "cbor" && type !== "skip" && type !== "bool") {
    throw fail(
      `${what}: "${printable(type)}" is not a type; types are u8, i8, u16le, i16be ... u64le, i64be, f32le, f64le, bool, bytes, ascii, cbor, skip`,
    );
  }
  for (const key of ["scale", "offset", "time", "values"]) {
    if (parts.has(key)) throw fail(`${what}: only numbers can have "${key}"`);
  }
  const length = lengthOf(given(parts, "lengthBytes", DEFAULT_LENGTHS[type]));
  if (length === undefined) {
    throw fail(
      `${what}: "lengthBytes" must be a whole number, 1 to ${MAX_FIELD_BYTES}, "rest" for all that is left, or the type of ` +
        "the length that is stored before the field: u8, u16le, u16be, u32le ...",
    );
  }
  return { name: shown, lengthBytes: length, unit, content: { kind: type } };
}

const DEFAULT_LENGTHS: Readonly<Record<string, unknown>> = { bool: 1, cbor: "rest" };

/** Undefined for what is not a length. */
function lengthOf(value: unknown): FieldLength | undefined {
  if (value === "rest") return value;
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 1 && value <= MAX_FIELD_BYTES ? value : undefined;
  }
  const prefix = typeof value === "string" ? /^(u8)$|^(u(?:16|24|32))(le|be)$/.exec(value) : null;
  const type = prefix?.[1] ?? prefix?.[2];
  if (type === undefined || !isNumberType(type)) return undefined;
  return { prefix: type, isLittleEndian: prefix?.[3] !== "be" };
}

/** Bytes that a field has at least. */
function leastBytes(length: FieldLength): number {
  if (typeof length === "number") return length;
  return length === "rest" ? 0 : NUMBER_BYTES[length.prefix];
}

/** What was specified under a name, also if that is null; else `otherwise`. */
function given(parts: ReadonlyMap<string, unknown>, name: string, otherwise: unknown): unknown {
  return parts.has(name) ? parts.get(name) : otherwise;
}

function isNumberType(type: string): type is NumberType {
  return Object.hasOwn(NUMBER_BYTES, type);
}

function numberKind(
  type: NumberType,
  isLittleEndian: boolean,
  parts: ReadonlyMap<string, unknown>,
  what: string,
  fail: Fail,
): NumberKind {
  const numberOf = (key: string, otherwise: number): number => {
    const value = given(parts, key, otherwise);
    if (typeof value !== "number" || !Number.isFinite(value)) throw fail(`${what}: "${key}" must be a number`);
    return value;
  };
  const values = parts.get("values");
  const time = parts.get("time");
  return {
    kind: "number",
    type,
    isLittleEndian,
    scale: numberOf("scale", 1),
    offset: numberOf("offset", 0),
    values: values === undefined ? undefined : namesOf(objectOf(values, `${what}: "values"`, fail), what, fail),
    time: time === undefined ? undefined : timeOf(objectOf(time, `${what}: "time"`, fail), what, fail),
  };
}

function namesOf(values: ReadonlyMap<string, unknown>, what: string, fail: Fail): ReadonlyMap<string, string> {
  return new Map(
    [...values].map(([key, name]) => {
      if (typeof name !== "string" || !/^-?[0-9]+$/.test(key))
        throw fail(`${what}: "values" must map numbers to names`);
      return [key, name] as const;
    }),
  );
}

function timeOf(
  parts: ReadonlyMap<string, unknown>,
  what: string,
  fail: Fail,
): { readonly baseMs: number; readonly unitMs: number } {
  for (const key of parts.keys()) {
    if (key !== "base" && key !== "unit")
      throw fail(`${what}: "time" takes "base" and "unit", not "${printable(key)}"`);
  }
  const base = given(parts, "base", "1970-01-01T00:00:00Z");
  const baseMs = typeof base === "string" ? parseIsoTime(base) : undefined;
  if (baseMs === undefined) throw fail(`${what}: "base" must be a time such as 2000-01-01T00:00:00Z`);
  const unit = given(parts, "unit", "s");
  if (typeof unit !== "string" || !isTimeUnit(unit))
    throw fail(`${what}: "unit" of a time is one of ${Object.keys(TIME_UNITS).join(", ")}`);
  return { baseMs, unitMs: TIME_UNITS[unit] };
}

function isTimeUnit(unit: string): unit is keyof typeof TIME_UNITS {
  return Object.hasOwn(TIME_UNITS, unit);
}

/** Whether the value of a number is the number as it is stored. */
export function isUnscaled({ scale, offset }: Pick<NumberKind, "scale" | "offset">): boolean {
  return scale === 1 && offset === 0;
}
