/**
 * Cells of a CSV file (RFC 4180) that stay harmless in a spreadsheet: what would be treated as a formula gets an apostrophe
 * in front, and control characters never come out raw.
 */
import { printable } from "../../bytes.ts";

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** Most cells: nothing in them could do harm. */
const PLAIN = /^[0-9A-Za-z]*$/;

/** One cell. */
export function csvCell(text: string): string {
  if (PLAIN.test(text)) return text;
  const safe = printable(text);
  const guarded = FORMULA.test(safe) && !NUMBER.test(safe) ? `'${safe}` : safe;
  return /[",\n\r]/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** One line with its end: CR LF, as the standard says. */
export function csvLine(cells: readonly string[]): string {
  let line = csvCell(cells[0] ?? "");
  for (let index = 1; index < cells.length; index++) line += `,${csvCell(cells[index] ?? "")}`;
  return `${line}\r\n`;
}
