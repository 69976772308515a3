/** What of a page is running text, its sentences, and its links. */
import { blocksOf } from "./blocks.ts";

/** The lines of a page that stand outside of its code blocks. */
function outsideOfBlocks(page: string): string[] {
  const lines = page.split("\n");
  for (const { firstLine, endLine } of blocksOf(page)) lines.fill("", firstLine - 1, endLine + 1);
  return lines;
}

/** The sentences of the running text: no headings, tables, code blocks, pictures or comments. Items of lists count. */
export function sentencesOf(page: string): string[] {
  const lines = outsideOfBlocks(page.replace(/<!-- generated [\s\S]*?<!-- \/generated -->/g, "")).map((line) =>
    /^(#|\||<!--|!\[)/.test(line.trim()) ? "" : line,
  );
  const paragraphs = lines
    .join("\n")
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((paragraph) => plainText(paragraph.replace(/^\s*(?:[-*]|\d+\.) /, "")));
  return paragraphs
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?][")]?)\s+|(?<=:)\s+(?=[A-Z])/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[a-z]{2}/i.test(sentence));
}

/** Links show their text, code is one word. */
function plainText(markdown: string): string {
  return markdown
    .replace(/\s+/g, " ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/`[^`]*`/g, "code")
    .replace(/\*\*?/g, "");
}

export function wordsIn(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[A-Za-z0-9]/.test(word)).length;
}

/** The value in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}

export interface Link {
  /** Path relative to the page; "" for an anchor on the page itself. */
  readonly path: string;
  /** Without the mark; "" if it names a whole page. */
  readonly anchor: string;
}

/** The links within the project, pictures among them. */
export function linksOf(page: string): Link[] {
  const text = outsideOfBlocks(page)
    .join("\n")
    .replace(/`[^`]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor = ""] = target.split("#");
      return { path, anchor };
    });
}

/** The anchors that GitHub and npm make of a page's headings. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of outsideOfBlocks(page)) {
    const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again++) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}
