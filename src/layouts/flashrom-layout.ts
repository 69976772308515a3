/**
 * Layout files of flashrom: lines `START:END NAME`, both ends hexadecimal and included, with or without 0x; `#` begins
 * a comment line. Source: flashrom(8), section on --layout. Pure.
 */
import { checkNames, type Layout, type LayoutRegion, textInvalid, type TextPlace } from "./layout.ts";
import { linesOf } from "./text-lines.ts";

const LINE = /^(?<range>\S+)\s+(?<name>[^\s#].*?)(?<comment>\s+#.*)?$/;
const RANGE = /^(?:0x)?(?<start>[0-9a-f]{1,12}):(?:0x)?(?<end>[0-9a-f]{1,12})$/i;
/** Whether a text can be such a file: its first line with words begins with a range. */
const LOOKS_LIKE = /^\s*(?:0x)?[0-9a-f]+\s*:/i;

/** Whether the first line of a text that is not a comment begins as this format does. */
export function looksLikeFlashrom(text: string): boolean {
  return LOOKS_LIKE.test(firstWords(text));
}

function firstWords(text: string): string {
  return linesOf(text).find(({ words }) => words !== "" && !words.startsWith("#"))?.words ?? "";
}

/** Reads it. `name` is for messages. Throws FILE_INVALID with line and column. */
export function parseFlashromLayout(text: string, name: string): Layout {
  const regions: LayoutRegion[] = [];
  const places: TextPlace[] = [];
  for (const { words, line, column } of linesOf(text)) {
    if (words === "" || words.startsWith("#")) continue;
    const place = { line, column };
    const found = LINE.exec(words)?.groups;
    if (found === undefined) throw textInvalid(name, place, "expected START:END NAME, such as 00000000:0000ffff boot");
    regions.push({ name: found["name"] ?? "", ...rangeOf(found["range"] ?? "", name, place) });
    places.push({ line, column: column + words.indexOf(found["name"] ?? "", (found["range"] ?? "").length) });
  }
  if (regions.length === 0) throw textInvalid(name, { line: 1, column: 1 }, "no line names a region");
  checkNames(name, regions, (index) => places[index] ?? { line: 1, column: 1 });
  return { kind: "flashrom", regions, notes: [] };
}

function rangeOf(
  text: string,
  name: string,
  place: TextPlace,
): { readonly address: number; readonly lengthBytes: number } {
  const found = RANGE.exec(text)?.groups;
  if (found === undefined)
    throw textInvalid(name, place, "expected two hexadecimal addresses with a colon between them");
  const [start, end] = [found["start"], found["end"]].map((digits) => Number.parseInt(digits ?? "", 16)) as [
    number,
    number,
  ];
  if (end < start) throw textInvalid(name, place, "the end is before the start; both are hexadecimal and included");
  return { address: start, lengthBytes: end - start + 1 };
}
