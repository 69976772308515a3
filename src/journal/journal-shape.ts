/** How much a line of a journal may contain, counted before it is parsed. */
import { MAX_DEPTH, MAX_FIELDS, MAX_VALUES } from "./journal-bounds.ts";
import { JournalDamage } from "./journal-fields.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;
const LIST = 0x5b;
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** The text of a line. Throws JournalDamage if it is not UTF-8. */
export function textOf(bytes: Uint8Array, number: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JournalDamage(number, "it is not JSON");
  }
}

/**
 * Text of a few bytes may be a million objects, or one in another ten thousand times: it is counted before it is parsed. Throws
 * JournalDamage.
 */
export function checkShape(text: Uint8Array, number: number): void {
  // What is open, and how many entries each has.
  const open: { readonly most: number; entries: number }[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfText(text, at + 1);
    } else if (byte === OBJECT || byte === LIST) {
      values++;
      open.push({ most: byte === OBJECT ? MAX_FIELDS : MAX_VALUES, entries: 1 });
    } else if (byte === COMMA) {
      values++;
      const inner = open.at(-1);
      if (inner !== undefined && ++inner.entries > inner.most) values = Number.POSITIVE_INFINITY;
    } else if (CLOSING.includes(byte)) {
      open.pop();
    }
    if (open.length > MAX_DEPTH || values > MAX_VALUES) throw new JournalDamage(number, "it is not a record");
  }
}

/** Where the quote is that ends a text; the end of all if there is none. */
function endOfText(text: Uint8Array, from: number): number {
  for (let end = text.indexOf(QUOTE, from); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
