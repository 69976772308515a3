/**
 * Bytes as a recipe writes them, in the forms of the command line, with references to values in between:
 * `text:v1-${serial}`, `hex:0102`, `u32:7`, `@cert.der`. More: `i16be=-7` with any encoding, and `${mac}` alone, which
 * is the value's own bytes.
 */
import { fromHex } from "../bytes.ts";
import { ENCODING_FORMS, type Encoding, parseEncoding } from "./encoding.ts";

/** A piece of a text with references. */
export type TextPiece = { readonly literal: string } | { readonly value: string };

/** What a recipe writes for bytes. */
export type Content =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string }
  /** The bytes of a value in its declared encoding. */
  | { readonly kind: "value"; readonly value: string }
  /** A text with references, in an encoding. */
  | { readonly kind: "text"; readonly pieces: readonly TextPiece[]; readonly encoding: Encoding };

/** The forms, for messages. */
export const CONTENT_FORMS = "${VALUE}, text:WORDS, hex:DIGITS, u32:NUMBER, @FILE, or ENCODING=WORDS such as i16be=7";

const REFERENCE = /\$\{([^{}]*)\}/g;
const NAME = /^[a-z][a-z0-9-]{0,31}(?:\.[a-z][a-z0-9_-]{0,31})?$/i;

/** Reads a content; a sentence for what is none. */
export function parseContent(text: string): Content | string {
  if (text.startsWith("@"))
    return text.length > 1 ? { kind: "file", path: text.slice(1) } : "@ needs the name of a file";
  const alone = /^\$\{([^{}]*)\}$/.exec(text);
  if (alone !== null) {
    const [, value = ""] = alone;
    return NAME.test(value) ? { kind: "value", value } : `\${${value}} is not the name of a value`;
  }
  const [, form = "", mark = "", rest = ""] = /^([a-z0-9:/]+?)([:=])(.*)$/s.exec(text) ?? [];
  if (mark === ":" && form === "hex") {
    const bytes = fromHex(rest);
    return bytes === undefined || bytes.length === 0
      ? "hex: needs an even number of hex digits"
      : { kind: "bytes", bytes };
  }
  if (mark === ":" && form === "text") return textContent(rest, parseEncoding("utf8"));
  // As on the command line, where numbers are little-endian.
  if (mark === ":" && /^u(?:8|16|32|64)$/.test(form))
    return textContent(rest, parseEncoding(form === "u8" ? form : `${form}le`));
  const [, encoded = "", words = ""] = /^([a-z0-9:/]+)=(.*)$/s.exec(text) ?? [];
  const encoding = parseEncoding(encoded);
  if (encoding !== undefined) return textContent(words, encoding);
  return `it is not a content: that is ${CONTENT_FORMS}, with an encoding of ${ENCODING_FORMS}`;
}

function textContent(text: string, encoding: Encoding | undefined): Content | string {
  if (encoding === undefined) throw new RangeError("no encoding");
  const pieces = textPieces(text);
  return typeof pieces === "string" ? pieces : { kind: "text", pieces, encoding };
}

/** A text cut at its references; a sentence for a reference that is none. */
export function textPieces(text: string): readonly TextPiece[] | string {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, value = ""] = match;
    if (!NAME.test(value)) return `${whole} is not a reference to a value`;
    if (match.index > end) pieces.push({ literal: text.slice(end, match.index) });
    pieces.push({ value });
    end = match.index + whole.length;
  }
  if (end < text.length) pieces.push({ literal: text.slice(end) });
  const open = pieces.some((piece) => "literal" in piece && piece.literal.includes("${"));
  return open ? "a reference is not closed: it is written ${NAME}" : pieces;
}

/** Names of the values that a content refers to. */
export function valuesIn(content: Content): readonly string[] {
  if (content.kind === "value") return [content.value];
  return content.kind === "text" ? content.pieces.flatMap((piece) => ("value" in piece ? [piece.value] : [])) : [];
}
