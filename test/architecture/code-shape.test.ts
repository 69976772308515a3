/**
 * The shape of the code: options that may be undefined instead of spreads that add them under a condition, functions
 * that fit on a screen, comments that fit beside another file, a comment at the head of every file. What is longer is
 * listed here by name.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "../support/source-texts.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PRODUCTION = ["firmware-protocol", "drivers", "src"];

/** Lines that a function may have, and a test. */
const MAX_LINES = 60;
/** Columns that a line with a comment may have. Code is wrapped at 120 by the formatter. */
const MAX_COLUMNS = 130;

/** Functions that are longer, with the lines that they may have. */
const LONGER: Readonly<Record<string, number>> = {
  // Factories: a closure full of short functions, which share what the descriptor of the chip says.
  "drivers/at25/at25-driver.ts createAt25Driver": 100,
  "drivers/at25/one-time.ts at25OneTime": 100,
  "drivers/at45/at45-driver.ts createAt45Driver": 100,
  "src/disk/replace-file.ts createOutputFile": 75,
  // One object literal.
  "drivers/catalog/at25-row.ts at25FromRow": 70,
};

/** Tests that are longer: a row of each type, or a result that was kept whole. */
const LONGER_TESTS: Readonly<Record<string, number>> = {
  "test/extract/types.test.ts come back from DuckDB as they were stored": 75,
  "test/storage/stream-flash/golden.test.ts has the same programs and erases, and the same bytes at the end": 110,
};

interface Shape {
  /** Spreads of an object under a condition: `...(x === undefined ? {} : { x })`, `...(x && { x })`. */
  readonly conditionalSpreads: readonly string[];
  /** Optional properties of types that do not take `undefined`. */
  readonly strictOptions: readonly string[];
  /** Functions of more than MAX_LINES, by name, with their lines. */
  readonly longFunctions: readonly (readonly [string, number])[];
}

function shapeOf(text: string, name = "a.ts"): Shape {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
  const shape = {
    conditionalSpreads: [] as string[],
    strictOptions: [] as string[],
    longFunctions: [] as (readonly [string, number])[],
  };
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isSpreadAssignment(node) && isConditional(node.expression)) {
      shape.conditionalSpreads.push(`${lineOf(node.getStart())}: ${node.getText().replaceAll(/\s+/g, " ")}`);
    }
    if (ts.isPropertySignature(node) && node.questionToken !== undefined && !takesUndefined(node.type)) {
      shape.strictOptions.push(`${lineOf(node.getStart())}: ${node.name.getText()}`);
    }
    if (ts.isFunctionLike(node) && "body" in node) {
      const lines = lineOf(node.end) - lineOf(node.getStart()) + 1;
      if (lines > MAX_LINES) shape.longFunctions.push([nameOf(node), lines]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return shape;
}

function isConditional(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return isConditional(node.expression);
  if (ts.isConditionalExpression(node)) return true;
  return ts.isBinaryExpression(node) && ["&&", "||", "??"].includes(node.operatorToken.getText());
}

function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined || type.kind === ts.SyntaxKind.UnknownKeyword) return true;
  if (type.kind === ts.SyntaxKind.UndefinedKeyword) return true;
  return ts.isUnionTypeNode(type) && type.types.some(takesUndefined);
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : "(unnamed)";
}

/**
 * Lines from `start` to the next line that is indented as it is or less: the formatter leaves no other end of a block.
 */
function blockLines(lines: readonly string[], start: number): number {
  const indent = /^\s*/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > start && line !== "" && line.search(/\S/) <= indent);
  return (end < 0 ? lines.length : end) - start + 1;
}

/** Tests of more than MAX_LINES, by title. */
function longTests(text: string): (readonly [string, number])[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const [, title] = /^\s*(?:it|test)\b.*?["`](.*?)["`], /.exec(line) ?? [];
    const length = title === undefined ? 0 : blockLines(lines, start);
    return title !== undefined && length > MAX_LINES ? [[title, length] as const] : [];
  });
}

/** Whether parsing may find something in a file; most need none. */
function mayHoldAny(text: string): boolean {
  if (/\.\.\.\(|\.\.\.\S* &&/.test(text) || /[\w"]\?:(?!.*\bundefined)/.test(text)) return true;
  const lines = text.split("\n");
  return lines.some((line, start) => /(?:\)|=>|: \S.*) \{$/.test(line) && blockLines(lines, start) > MAX_LINES);
}

/** What is longer than it may be, and names on the list of which nothing is longer than usual any more. */
function tooLong(
  found: readonly (readonly [string, number])[],
  allowed: Readonly<Record<string, number>>,
): readonly string[] {
  const names = new Set(found.map(([name]) => name));
  return [
    ...found.flatMap(([name, lines]) => (lines > (allowed[name] ?? MAX_LINES) ? [`${name}: ${lines} lines`] : [])),
    ...Object.keys(allowed).flatMap((name) => (names.has(name) ? [] : [`${name}: delete it from the list`])),
  ];
}

/** Comment lines of a TypeScript source that are too wide; a link or a path may be. */
function wideComments(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const isComment = /^\s*(\/\*\*?|\*|\/\/)(\s|$)/.test(line);
    return isComment && line.length > MAX_COLUMNS && !/https?:\S{40}/.test(line) ? [`${index + 1}`] : [];
  });
}

/** Whether a TypeScript source starts with a comment, which says what the file is for. */
function hasHeadComment(text: string): boolean {
  return /^\s*(?:\/\/|\/\*)/.test(text);
}

describe("production code", () => {
  const shapes = sourceFiles(PRODUCTION).flatMap((file) => {
    const text = read(file);
    return mayHoldAny(text) ? [[file, shapeOf(text, file)] as const] : [];
  });
  const all = (list: (shape: Shape) => readonly string[]): string[] =>
    shapes.flatMap(([file, shape]) => list(shape).map((one) => `${file}:${one}`));

  it("adds no property under a condition: an option may be undefined", () => {
    expect(all(({ conditionalSpreads }) => conditionalSpreads)).toEqual([]);
  });

  it("has no optional property that does not take undefined", () => {
    expect(all(({ strictOptions }) => strictOptions)).toEqual([]);
  });

  it(`has functions of ${MAX_LINES} lines at most, with the exceptions of the list`, () => {
    const long = shapes
      // Functions that return one table each.
      .filter(([file]) => !file.startsWith("drivers/catalog/parts/"))
      .flatMap(([file, { longFunctions }]) =>
        longFunctions.map(([name, lines]) => [`${file} ${name}`, lines] as const),
      );
    expect(tooLong(long, LONGER)).toEqual([]);
  });
});

const TESTS = sourceFiles(["test"]).filter((file) => !file.startsWith("test/golden/"));

it(`tests have ${MAX_LINES} lines at most, with the exceptions of the list`, () => {
  const long = TESTS.flatMap((file) =>
    longTests(read(file)).map(([title, lines]) => [`${file} ${title}`, lines] as const),
  );
  expect(tooLong(long, LONGER_TESTS)).toEqual([]);
});

it(`comments have ${MAX_COLUMNS} columns at most`, () => {
  const wide = [...sourceFiles(PRODUCTION), ...TESTS].flatMap((file) =>
    wideComments(read(file)).map((line) => `${file}:${line}`),
  );
  expect(wide).toEqual([]);
});

it("every file starts with a comment", () => {
  expect([...sourceFiles(PRODUCTION), ...TESTS].filter((file) => !hasHeadComment(read(file)))).toEqual([]);
});

it("notices a file without a comment at its head", () => {
  expect(["/** a */\nb;", "// a\nb;", "\n/* a */"].map(hasHeadComment)).toEqual([true, true, true]);
  expect(['import a from "a";\n// b', "", "\nb; /* a */"].map(hasHeadComment)).toEqual([false, false, false]);
});

it("notices every form", () => {
  const spreads = shapeOf("f({ ...(a === undefined ? {} : { a }), ...(b && { b }), ...(c ?? {}), ...d, ...{ e } });");
  expect(spreads.conditionalSpreads).toHaveLength(3);
  const options = shapeOf("interface A { b?: number; c?: number | undefined; d?: unknown; e: number; f?: () => void }");
  expect(options.strictOptions).toEqual(["1: b", "1: f"]);
  const body = "\n".repeat(MAX_LINES);
  const long = shapeOf(
    `function a() {${body}}\nconst b = () => {${body}};\nclass C { d() {${body}} }\nfunction e() {}`,
  );
  expect(long.longFunctions.map(([name]) => name)).toEqual(["a", "b", "d"]);
  const tests = longTests(
    `describe("g", () => {\n  it("t", () => {${body}\n  });\n  it.each([1])("u", () => {${body}\n  });\n});`,
  );
  expect(tests.map(([title]) => title)).toEqual(["t", "u"]);
  expect(longTests('it("t", () => {\n  f();\n});')).toEqual([]);
  for (const text of ["...(a ? {} : b)", "a?: number;", `function a(): void {\n${"  b;\n".repeat(MAX_LINES)}}`]) {
    expect(mayHoldAny(text), text).toBe(true);
  }
  expect(mayHoldAny(`a?: number | undefined;\nclass A {\n${"  b;\n".repeat(MAX_LINES)}}`)).toBe(false);
  expect(tooLong([["a", 61]], {})).toEqual(["a: 61 lines"]);
  expect(tooLong([["a", 61]], { a: 61, b: 70 })).toEqual(["b: delete it from the list"]);
  expect(wideComments(`// ${"x".repeat(MAX_COLUMNS)}\nconst a = "${"x".repeat(MAX_COLUMNS)}";`)).toEqual(["1"]);
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
