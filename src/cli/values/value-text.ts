/**
 * Bytes as people type them, in `NAME=VALUE` and `--data`: hex digits, or a form with its name in front. A form is never
 * guessed: `12` is one byte, `text:12` two.
 */
import { fromHex, printable } from "../../bytes.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { readWhole } from "../../disk/read-whole.ts";
import { usageError } from "../arguments/option.ts";

const NUMBER_BITS: Readonly<Record<string, number>> = { u8: 8, u16: 16, u32: 32, u64: 64 };
export const VALUE_FORMS = "hex digits (68656c6c6f), text:WORDS, u8:N, u16:N, u32:N or u64:N (little-endian), or @FILE";

/** A value that still has to be read. */
export type ValueText =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string };

/** Reads a value. Throws USAGE. `what` names it in messages. */
export function parseValueText(text: string, what: string): ValueText {
  if (text.startsWith("@") && text.length > 1) return { kind: "file", path: text.slice(1) };
  const bytes = parseBytes(text);
  if (bytes !== undefined) return { kind: "bytes", bytes };
  throw usageError(`${what}: ${printable(text)} is not a value`, `A value is ${VALUE_FORMS}.`);
}

function parseBytes(text: string): Uint8Array | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return fromHex(text);
  const form = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (form === "text") return new TextEncoder().encode(rest);
  if (form === "hex") return fromHex(rest);
  const bits = NUMBER_BITS[form];
  if (bits === undefined || !/^(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(rest)) return undefined;
  const value = BigInt(rest);
  if (value >= 1n << BigInt(bits)) return undefined;
  return Uint8Array.from({ length: bits / 8 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

/** The bytes of a value; reads its file. Throws FILE_INVALID, ECANCELED. */
export async function bytesOfValue(value: ValueText, signal?: AbortSignal): Promise<Uint8Array> {
  return value.kind === "bytes" ? value.bytes : readWhole(value.path, { ...FILE_USES.value, signal });
}

/**
 * `NAME=VALUE` words, or one name and one value as two words. Throws USAGE for a name twice or no value.
 */
export function parseAssignments(words: readonly string[]): readonly (readonly [name: string, value: ValueText])[] {
  const [first = "", second] = words;
  const pairs =
    words.length === 2 && !first.includes("=") && second !== undefined
      ? [[first, second] as const]
      : words.map((word) => splitAssignment(word));
  const seen = new Set<string>();
  return pairs.map(([name, text]) => {
    if (seen.has(name)) throw usageError(`${printable(name)} is given more than once`);
    seen.add(name);
    return [name, parseValueText(text, printable(name))] as const;
  });
}

function splitAssignment(word: string): readonly [string, string] {
  const equals = word.indexOf("=");
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  throw usageError(`${printable(word)} is not NAME=VALUE`, `A value is ${VALUE_FORMS}.`);
}
