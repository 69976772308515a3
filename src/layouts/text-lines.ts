/** Texts that people write: their encoding, and their lines with the place of the first word. Pure. */
import { fileInvalid } from "../disk/file-problem.ts";

/** A line without the blanks around it. */
export interface TextLine {
  readonly words: string;
  /** From 1. */
  readonly line: number;
  /** Of the first word, from 1. */
  readonly column: number;
}

/** The lines of a text, whatever ends them. */
export function linesOf(text: string): readonly TextLine[] {
  return text.split(/\r\n|\n|\r/).map((line, index) => {
    const words = line.trim();
    return { words, line: index + 1, column: line.length - line.trimStart().length + 1 };
  });
}

/** Bytes as text: UTF-8, or UTF-16 with a byte order mark. Throws FILE_INVALID. */
export function textOf(bytes: Uint8Array, name: string): string {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw fileInvalid(name, "is neither a layout in binary form nor text", { hint: LAYOUT_FORMS });
  }
}

/** What can be read. */
export const LAYOUT_FORMS =
  "A layout is a flashrom layout file, an FMAP, an Intel flash descriptor, an ESP-IDF partition table (CSV or binary), or a " +
  "device-tree source with fixed-partitions.";
