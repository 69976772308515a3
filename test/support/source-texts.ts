/** The texts in a TypeScript source (string literals and templates, without the names of modules and types), and its comments. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface SourceText {
  /** As it reads: literals that are added up are one text, and what a template fills in is "${}". */
  readonly text: string;
  /** Line of its first character, 1 for the first. */
  readonly line: number;
}

/** The `.ts` and `.tsx` files under these folders, and these files; by path from the top of the repository. */
export function sourceFiles(places: readonly string[]): string[] {
  return places
    .flatMap((place) =>
      place.endsWith(".ts")
        ? [place]
        : readdirSync(join(ROOT, place), { recursive: true, encoding: "utf8" })
            .filter((name) => /\.tsx?$/.test(name))
            .map((name) => posix.join(place, name.replaceAll("\\", "/"))),
    )
    .toSorted();
}

/** All texts of a file of the repository; none of a file in which `worth` is nowhere found, which saves taking it apart. */
export function textsOfFile(file: string, worth = /./): SourceText[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  return worth.test(source) ? textsOf(source, file) : [];
}

/** All texts of a source, also those between the elements of a `.tsx` file. */
export function textsOf(source: string, name = "a.ts"): SourceText[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ESNext, true);
  const found: SourceText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
    const text = textOf(node);
    if (text !== undefined) {
      found.push({ text, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
      for (const inner of fillingsOf(node)) visit(inner);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** All comments of a TypeScript or JavaScript source, in no order. */
export function commentsOf(source: string, name = "a.ts"): SourceText[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ESNext, true);
  const ends = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const before = ts.getLeadingCommentRanges(source, node.getFullStart()) ?? [];
    const after = ts.getTrailingCommentRanges(source, node.getEnd()) ?? [];
    for (const { pos, end } of [...before, ...after]) ends.set(pos, end);
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return [...ends].map(([pos, end]) => ({
    text: source.slice(pos, end),
    line: file.getLineAndCharacterOfPosition(pos).line + 1,
  }));
}

/** All comments of a C source, in order. */
export function commentsOfC(source: string): SourceText[] {
  return [...source.matchAll(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g)]
    .filter(([text]) => text.startsWith("/"))
    .map((match) => ({ text: match[0], line: source.slice(0, match.index).split("\n").length }));
}

/** The text of a literal, a template, or a sum of them; undefined for everything else. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isJsxText(node)) return node.text.trim() === "" ? undefined : node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("${}");
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const left = textOf(node.left);
  const right = textOf(node.right);
  return left === undefined && right === undefined ? undefined : `${left ?? "${}"}${right ?? "${}"}`;
}

/** What stands in the gaps of a text. */
function fillingsOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (!ts.isBinaryExpression(node)) return [];
  return [node.left, node.right].flatMap((side) => (textOf(side) === undefined ? [side] : fillingsOf(side)));
}
