/**
 * CBOR (RFC 8949) as JSON, for bodies of log records. Small and bounded: any bytes end in a value or in a reason, in
 * time and memory proportional to their length. Pure.
 *
 * What JSON lacks becomes: byte strings hex text; integers beyond 2^53 decimal text; NaN and infinities text; undefined
 * null; a tag `{"tag": number, "value": ...}`; another simple value `{"simple": number}`; a map with keys that are not
 * text, or twice the same, a list of [key, value] pairs.
 */
import { concatBytes, toHex } from "../bytes.ts";

/** What CBOR becomes: a JSON value. */
export type CborValue = string | number | boolean | null | readonly CborValue[] | { readonly [key: string]: CborValue };

/** A decoded item, or why the bytes are none. */
export type CborResult =
  | { readonly kind: "value"; readonly value: CborValue /** Bytes of the item. */; readonly lengthBytes: number }
  | { readonly kind: "invalid"; readonly reason: string };

/** Items may stand within each other this deep. */
const MAX_LEVELS = 32;

/** Reads the first item of `bytes`. */
export function decodeCbor(bytes: Uint8Array): CborResult {
  const reader = new Reader(bytes);
  try {
    const value = reader.item(0);
    return value === BREAK
      ? { kind: "invalid", reason: "a break without a beginning" }
      : { kind: "value", value, lengthBytes: reader.at };
  } catch (error) {
    if (error instanceof CborFault) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

/** Not an error for people: ends the decoding of bytes that are not CBOR. */
class CborFault extends Error {}

const BREAK = Symbol("break");
const INDEFINITE = 31;

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  item(level: number): CborValue | typeof BREAK {
    if (level > MAX_LEVELS) throw new CborFault(`more than ${MAX_LEVELS} levels`);
    const first = this.#take(1)[0] ?? 0;
    const [major, info] = [first >> 5, first & 0x1f];
    switch (major) {
      case 0:
        return asJson(this.#argument(info));
      case 1:
        return asJson(-1n - BigInt(this.#argument(info)));
      case 2:
        return toHex(this.#string(info, 2));
      case 3:
        return textOf(this.#string(info, 3));
      case 4:
        return [...this.#items(info, level)];
      case 5:
        return this.#map(info, level);
      case 6:
        return { tag: asJson(this.#argument(info)), value: this.#value(level + 1) };
      default:
        return this.#simple(info);
    }
  }

  #value(level: number): CborValue {
    const value = this.item(level);
    if (value === BREAK) throw new CborFault("a break in the wrong place");
    return value;
  }

  *#items(info: number, level: number): Generator<CborValue> {
    if (info !== INDEFINITE) {
      for (let left = this.#count(info); left > 0; left--) yield this.#value(level + 1);
      return;
    }
    for (;;) {
      const value = this.item(level + 1);
      if (value === BREAK) return;
      yield value;
    }
  }

  #map(info: number, level: number): CborValue {
    const pairs: (readonly [CborValue, CborValue])[] = [];
    let left = info === INDEFINITE ? Number.POSITIVE_INFINITY : this.#count(info);
    for (; left > 0; left--) {
      const key = this.item(level + 1);
      if (key === BREAK) {
        if (info === INDEFINITE) break;
        throw new CborFault("a break in the wrong place");
      }
      pairs.push([key, this.#value(level + 1)]);
    }
    const names = pairs.flatMap(([key]) => (typeof key === "string" ? [key] : []));
    if (names.length < pairs.length || new Set(names).size < names.length) return pairs;
    // Without a prototype, so that a key named like a property of all objects stays a key.
    const object = Object.create(null) as Record<string, CborValue>;
    pairs.forEach(([, value], index) => {
      object[names[index] ?? ""] = value;
    });
    return object;
  }

  /** The bytes of a string, put together if it comes in pieces. */
  #string(info: number, major: number): Uint8Array {
    if (info !== INDEFINITE) return this.#take(this.#count(info));
    const pieces: Uint8Array[] = [];
    for (;;) {
      const head = this.#take(1)[0] ?? 0;
      if (head === 0xff) return concatBytes(pieces);
      if (head >> 5 !== major || (head & 0x1f) === INDEFINITE)
        throw new CborFault("a piece of another type in a string");
      pieces.push(this.#take(this.#count(head & 0x1f)));
    }
  }

  #simple(info: number): CborValue | typeof BREAK {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return asJson(halfFloat(this.#number(2, (at) => this.#view.getUint16(at))));
      case 26:
        return asJson(this.#number(4, (at) => this.#view.getFloat32(at)));
      case 27:
        return asJson(this.#number(8, (at) => this.#view.getFloat64(at)));
      case INDEFINITE:
        return BREAK;
      default:
        return { simple: asJson(this.#argument(info)) };
    }
  }

  /** The number after the first byte of an item. */
  #argument(info: number): number | bigint {
    if (info < 24) return info;
    switch (info) {
      case 24:
        return this.#number(1, (at) => this.#view.getUint8(at));
      case 25:
        return this.#number(2, (at) => this.#view.getUint16(at));
      case 26:
        return this.#number(4, (at) => this.#view.getUint32(at));
      case 27:
        return this.#number(8, (at) => this.#view.getBigUint64(at));
      default:
        throw new CborFault(`an item with the reserved length ${info}`);
    }
  }

  /** A count of bytes or items: each takes a byte at least, so there are no more than bytes left. */
  #count(info: number): number {
    const count = Number(this.#argument(info));
    if (count > this.#bytes.length - this.at) throw new CborFault("the item ends after the data");
    return count;
  }

  #number<T>(lengthBytes: number, read: (at: number) => T): T {
    const { at } = this;
    this.#take(lengthBytes);
    return read(at);
  }

  #take(lengthBytes: number): Uint8Array {
    const end = this.at + lengthBytes;
    if (end > this.#bytes.length) throw new CborFault("the item ends after the data");
    const bytes = this.#bytes.subarray(this.at, end);
    this.at = end;
    return bytes;
  }
}

/** Text that is not UTF-8 is shown with replacement characters: the bytes are in the record's data. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function asJson(value: number | bigint): string | number {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** IEEE 754 half precision. */
function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [(bits & 0x8000) === 0 ? 1 : -1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
