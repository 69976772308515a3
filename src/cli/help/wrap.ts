/** Text in columns, for a terminal of any width. */

/** Narrower than this nothing is legible; a terminal that reports less gets lines that are too long. */
const NARROWEST = 40;
/** If the width is unknown. */
const USUAL = 80;

/** The width to write for. 0 and what is not a number mean an unknown width. */
export function usableColumns(columns: number | undefined): number {
  return columns === undefined || !(columns > 0) ? USUAL : Math.max(NARROWEST, columns);
}

/** Breaks text between words into lines of at most `columns`; a longer word has a line of its own. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** So wide a first column is at most: longer names have a line of their own. */
const WIDEST_NAME = 26;
const INDENT = 2;
const GAP = 2;

/** Names on the left, what they mean on the right, wrapped in its column. The left one is at least `least` wide. */
export function twoColumns(
  rows: readonly (readonly [name: string, text: string])[],
  columns: number,
  least = 0,
): readonly string[] {
  const limit = Math.min(WIDEST_NAME, Math.floor(columns / 2) - INDENT - GAP);
  const fitting = rows.map(([name]) => name.length).filter((length) => length <= limit);
  const left = INDENT + Math.max(Math.min(least, limit), ...fitting) + GAP;
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, columns - left);
    const indented = [...rest].map((line) => " ".repeat(left) + line);
    const head = " ".repeat(INDENT) + name;
    const own = name.length > limit;
    return own
      ? [head, " ".repeat(left) + first, ...indented]
      : [`${head.padEnd(left)}${first}`.trimEnd(), ...indented];
  });
}
