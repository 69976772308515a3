/** The code blocks of a page: where they stand, what they are, and the commands and outputs of a console block. */

/** One ``` block. */
export interface Block {
  /** The word after the fence: console, sh, js, ... */
  readonly language: string;
  /** Further words after the fence: why a block cannot be run. */
  readonly tags: readonly string[];
  readonly lines: readonly string[];
  /** Index of the first line in the page's lines, and of the closing fence. */
  readonly firstLine: number;
  readonly endLine: number;
}

/** One command of a console block, and what the page says it prints. */
export interface Step {
  readonly command: string;
  /** The lines of the page that hold the command, prompt included. */
  readonly typed: readonly string[];
  readonly output: readonly string[];
}

/**
 * Why a block is not run here: it needs a board, or it changes the machine (then test/package/follow-readme.test.ts
 * runs it, of the README).
 */
export const SKIP_TAGS: readonly string[] = ["hardware", "install", "windows"];

/** All blocks of a page in their order. Throws for a fence that is never closed. */
export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\S*)\s*(.*)$/.exec(lines[at] ?? "");
    if (fence === null) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: this block is never closed`);
    blocks.push({
      language: fence[1] ?? "",
      tags: (fence[2] ?? "").split(/\s+/).filter((tag) => tag !== ""),
      lines: lines.slice(at + 1, end),
      firstLine: at + 1,
      endLine: end,
    });
    at = end;
  }
  return blocks;
}

/** Takes a console block apart: `$ ` begins a command, `> ` continues with one that ends in a backslash. */
export function stepsOf(block: Block): Step[] {
  const steps: { command: string; typed: string[]; output: string[] }[] = [];
  for (const line of block.lines) {
    const last = steps.at(-1);
    const isContinued = last?.output.length === 0 && last.command.endsWith("\\");
    if (last !== undefined && isContinued && line.startsWith("> ")) {
      last.command += `\n${line.slice(2)}`;
      last.typed.push(line);
    } else if (line.startsWith("$ ")) {
      steps.push({ command: line.slice(2), typed: [line], output: [] });
    } else if (last === undefined) {
      throw new Error(`line ${block.firstLine + 1}: a console block begins with "$ "`);
    } else {
      last.output.push(line);
    }
  }
  return steps;
}

const MAX_COLUMNS = 120;
const GAP = /^\s*\.\.\.$/;

/**
 * What the page should show of `actual`: a line `...` of the page stands for one or more lines, and what is longer than a
 * page is wide is cut at a word and ends in `...`. Where the page's lines do not fit any more, all of it.
 */
export function shownOutput(actual: readonly string[], page: readonly string[], cutsLines: boolean): string[] {
  const lines = cutsLines ? actual.map(cut) : [...actual];
  const gaps = page.flatMap((line, index) => (GAP.test(line) ? [index] : []));
  if (gaps.length === 0) return lines;
  const shown: string[] = [];
  let from = 0;
  const bounds = [-1, ...gaps, page.length];
  for (let part = 0; part + 1 < bounds.length; part++) {
    const start = (bounds[part] ?? 0) + 1;
    const length = (bounds[part + 1] ?? 0) - start;
    const isLast = part + 2 === bounds.length;
    const at = part === 0 ? 0 : isLast ? lines.length - length : lines.indexOf(page[start] ?? "", from + 1);
    // Something must be left out at every gap, else it is none.
    if (part > 0 && at <= from) return lines;
    if (part > 0) shown.push(page[bounds[part] ?? 0] ?? "...");
    shown.push(...lines.slice(at, at + length));
    from = at + length;
  }
  return from > lines.length ? lines : shown;
}

/** How fast a real clock found a job: it differs from run to run. */
const SPEED = / {2}\d+(\.\d+)? [KM]?i?B\/s$|\b\d+(\.\d+)? s\b/g;

/** `actual`, with the page's own figures where nothing differs but times and speeds. */
export function withTimesOf(page: readonly string[], actual: readonly string[]): string[] {
  return actual.map((line, index) => {
    const shown = page[index];
    return shown?.replace(SPEED, "") === line.replace(SPEED, "") ? shown : line;
  });
}

function cut(line: string): string {
  if (line.length <= MAX_COLUMNS) return line;
  const space = line.lastIndexOf(" ", MAX_COLUMNS - 4);
  return `${line.slice(0, space > MAX_COLUMNS / 2 ? space : MAX_COLUMNS - 4)} ...`;
}
