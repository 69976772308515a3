/**
 * How a value becomes bytes: the declared encodings of a recipe. A value that does not fit is refused with a sentence,
 * never cut, rounded to another whole number or wrapped.
 */
import { fromHex } from "../bytes.ts";
import { parseMac } from "./mac-pool.ts";

/** An encoding that was found right. */
export interface Encoding {
  /** As it is written: `u32le`, `ascii:12/pad0`. */
  readonly text: string;
  /** Number of bytes; undefined if it depends on the value. */
  readonly lengthBytes: number | undefined;
  /** Whether it takes a number. A time is then seconds since 1970. */
  readonly isNumber: boolean;
  /** The bytes of a value; a sentence if it does not fit. */
  encode(value: string): Uint8Array | string;
}

/** What encodings there are, for messages. */
export const ENCODING_FORMS =
  "u8, u16le, u32be, i16le, f32le, f64le (and so on), bcd:BYTES, hex:BYTES, mac, ascii[:BYTES] or utf8[:BYTES], with /pad0, /pad20 or /padff";

const INTEGER = /^([ui])(8|16|32|64)(le|be)?$/;
const FLOAT = /^f(32|64)(le|be)$/;
const SIZED = /^(bcd|hex|ascii|utf8)(?::([1-9][0-9]{0,3}))?(?:\/pad(0|20|ff))?$/;

/** Reads an encoding; undefined for text that is none. */
export function parseEncoding(text: string): Encoding | undefined {
  if (text === "mac") return { text, lengthBytes: 6, isNumber: false, encode: encodeMac };
  const integer = INTEGER.exec(text);
  if (integer !== null) return integerEncoding(text, integer);
  const float = FLOAT.exec(text);
  if (float !== null) return floatEncoding(text, Number(float[1]) / 8, float[2] === "le");
  const sized = SIZED.exec(text);
  if (sized === null) return undefined;
  const [, kind = "", digits, pad] = sized;
  const lengthBytes = digits === undefined ? undefined : Number(digits);
  if (kind === "bcd" || kind === "hex") {
    if (lengthBytes === undefined || pad !== undefined) return undefined;
    const encode = kind === "bcd" ? encodeBcd : encodeHex;
    return { text, lengthBytes, isNumber: false, encode: (value) => encode(value, lengthBytes) };
  }
  if (pad !== undefined && lengthBytes === undefined) return undefined;
  const padByte = pad === undefined ? undefined : Number.parseInt(pad, 16);
  const isAscii = kind === "ascii";
  return {
    text,
    lengthBytes,
    isNumber: false,
    encode: (value) => encodeText(value, { isAscii, lengthBytes, padByte }),
  };
}

function integerEncoding(text: string, [, sign, digits, order]: RegExpExecArray): Encoding | undefined {
  const lengthBytes = Number(digits) / 8;
  // One byte has no order, more have one.
  if ((lengthBytes === 1) !== (order === undefined)) return undefined;
  const span = 1n << BigInt(8 * lengthBytes);
  const least = sign === "i" ? -span / 2n : 0n;
  const most = sign === "i" ? span / 2n - 1n : span - 1n;
  return {
    text,
    lengthBytes,
    isNumber: true,
    encode(value) {
      const number = parseInteger(value);
      if (number === undefined) return `it is not a whole number, and ${text} takes one`;
      if (number < least || number > most) return `it is not in ${least} to ${most}, the numbers of ${text}`;
      const bytes = Uint8Array.from({ length: lengthBytes }, (_, index) =>
        Number((number >> BigInt(8 * index)) & 0xffn),
      );
      return order === "be" ? bytes.reverse() : bytes;
    },
  };
}

/** Decimal or `0x` digits, as they stand: no sign but a minus, no exponent, no separators. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^(?:-?[0-9]{1,20}|0x[0-9a-f]{1,16})$/i.test(text)) return undefined;
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

function floatEncoding(text: string, lengthBytes: number, isLittle: boolean): Encoding {
  return {
    text,
    lengthBytes,
    isNumber: true,
    encode(value) {
      if (!/^-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:e[-+]?[0-9]{1,3})?$/i.test(value))
        return `it is not a number, and ${text} takes one`;
      const number = Number(value);
      const kept = lengthBytes === 4 ? Math.fround(number) : number;
      if (!Number.isFinite(kept)) return `it is too large for ${text}`;
      if (kept === 0 && /[1-9]/.test(value.split(/e/i)[0] ?? "")) return `it is too small for ${text}`;
      if (/^-?[0-9]+$/.test(value) && BigInt(kept) !== BigInt(value))
        return `${text} cannot hold all its digits: it would become ${BigInt(kept)}`;
      const bytes = new Uint8Array(lengthBytes);
      const view = new DataView(bytes.buffer);
      if (lengthBytes === 4) view.setFloat32(0, kept, isLittle);
      else view.setFloat64(0, kept, isLittle);
      return bytes;
    },
  };
}

function encodeMac(value: string): Uint8Array | string {
  const address = parseMac(value);
  if (address === undefined) return "it is not a MAC address of six bytes";
  return fromHex(address.toString(16).padStart(12, "0")) ?? new Uint8Array(6);
}

/** Packed decimal, highest digit first, leading zeros in front. */
function encodeBcd(value: string, lengthBytes: number): Uint8Array | string {
  if (!/^[0-9]+$/.test(value)) return "it is not decimal digits";
  if (value.length > 2 * lengthBytes)
    return `it has ${value.length} digits, and ${lengthBytes} bytes hold ${2 * lengthBytes}`;
  return fromHex(value.padStart(2 * lengthBytes, "0")) ?? new Uint8Array(lengthBytes);
}

function encodeHex(value: string, lengthBytes: number): Uint8Array | string {
  const bytes = fromHex(value.replace(/[-: ]/g, ""));
  if (bytes === undefined || bytes.length === 0) return "it is not hex digits";
  return bytes.length === lengthBytes ? bytes : `it has ${bytes.length} bytes, not ${lengthBytes}`;
}

interface TextForm {
  readonly isAscii: boolean;
  readonly lengthBytes: number | undefined;
  readonly padByte: number | undefined;
}

function encodeText(value: string, { isAscii, lengthBytes, padByte }: TextForm): Uint8Array | string {
  if (isAscii && !/^[\x00-\x7f]*$/.test(value)) return "it has characters that are not ASCII";
  if (/[\ud800-\udfff]/u.test(value)) return "it has half of a character";
  const bytes = new TextEncoder().encode(value);
  if (lengthBytes === undefined || bytes.length === lengthBytes) return bytes;
  if (bytes.length > lengthBytes) return `it has ${bytes.length} bytes, and there is room for ${lengthBytes}`;
  if (padByte === undefined) return `it has ${bytes.length} bytes, not ${lengthBytes}; /pad0 fills the rest with zeros`;
  const padded = new Uint8Array(lengthBytes).fill(padByte);
  padded.set(bytes);
  return padded;
}
