/** A line as it was typed into bash, in words; bash's own list is broken at `:` and `=`, which ports are full of. */

export interface BashWords {
  /** The words between the program's name and the cursor. */
  readonly typed: readonly string[];
  /** The word at the cursor, as far as the cursor, without quotes. */
  readonly current: string;
  /** The word at the cursor is within quotes: bash does not break it. */
  readonly isQuoted: boolean;
}

/** Takes apart the part of the line before the cursor. Only quotes and backslashes are understood, no variables. */
export function bashWords(line: string, point: number): BashWords {
  const words: string[] = [];
  let current = "";
  let isWord = false;
  let quote: string | undefined;
  const end = Number.isInteger(point) ? point : line.length;
  for (let at = 0; at < end; at++) {
    const character = line[at] ?? "";
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (quote === '"' && character === "\\" && /["\\$`]/.test(line[at + 1] ?? "")) current += line[++at] ?? "";
      else current += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      isWord = true;
    } else if (/\s/.test(character)) {
      if (isWord) words.push(current);
      current = "";
      isWord = false;
    } else {
      current += character === "\\" ? (line[++at] ?? "") : character;
      isWord = true;
    }
  }
  return { typed: words.slice(1), current, isQuoted: quote !== undefined };
}

/** How much of a word bash takes for other words, and so must not get back. */
export function cutForBash(current: string, breaks: string): number {
  const at = [":", "="].filter((mark) => breaks.includes(mark)).map((mark) => current.lastIndexOf(mark));
  return Math.max(-1, ...at) + 1;
}
