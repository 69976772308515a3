/** What a public signature names, a program can import: every type of this project in it is exported by some entry point. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ENTRIES = [
  "src/index.ts",
  "src/index.browser.ts",
  "src/sim/index.ts",
  "drivers/index.ts",
  "firmware-protocol/index.ts",
];

interface Public {
  readonly checker: ts.TypeChecker;
  /** What the entry points export, aliases resolved, with the name they export it by. */
  readonly exported: ReadonlyMap<ts.Symbol, string>;
}

function readPublic(): Public {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  delete options.tsBuildInfoFile;
  const program = ts.createProgram(
    ENTRIES.map((entry) => join(ROOT, entry)),
    { ...options, noEmit: true, incremental: false },
  );
  const checker = program.getTypeChecker();
  const exported = new Map<ts.Symbol, string>();
  for (const entry of ENTRIES) {
    const source = program.getSourceFile(join(ROOT, entry));
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    for (const one of symbol === undefined ? [] : checker.getExportsOfModule(symbol)) {
      const isAlias = (one.flags & ts.SymbolFlags.Alias) !== 0;
      const symbolOf = isAlias ? checker.getAliasedSymbol(one) : one;
      exported.set(symbolOf, one.name);
      // Of `export * as name`: reached by that name.
      if ((symbolOf.flags & ts.SymbolFlags.ValueModule) === 0) continue;
      for (const inner of checker.getExportsOfModule(symbolOf)) exported.set(inner, `${one.name}.${inner.name}`);
    }
  }
  return { checker, exported };
}

/** Names of this project's types that `node` mentions where a user sees them. */
function typesIn(node: ts.Node, checker: ts.TypeChecker, found: (symbol: ts.Symbol) => void): void {
  if (ts.isBlock(node) || isHidden(node)) return;
  // An initial value is not a part of a signature, nor is the default of a parameter.
  if (ts.isExpression(node) && !ts.isIdentifier(node) && !ts.isExpressionWithTypeArguments(node)) return;
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined;
  const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name);
  if (symbol !== undefined) {
    found((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol));
  }
  ts.forEachChild(node, (child) => {
    typesIn(child, checker, found);
  });
}

function isHidden(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return true;
  if (ts.getJSDocTags(node).some((tag) => tag.tagName.text === "internal")) return true;
  const modifiers = ts.getCombinedModifierFlags(node);
  return (modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}

function isOurs(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined || ts.isTypeParameterDeclaration(declaration)) return false;
  return !/node_modules|\/lib\.[a-z0-9.]+\.d\.ts$/.test(declaration.getSourceFile().fileName);
}

const PUBLIC = readPublic();

it("exports every type that a public signature names", { timeout: 60_000 }, () => {
  const { checker, exported } = PUBLIC;
  expect(exported.size).toBeGreaterThan(200);
  const missing = new Set<string>();
  for (const [symbol, name] of exported) {
    for (const declaration of symbol.declarations ?? []) {
      typesIn(declaration, checker, (used) => {
        if (isOurs(used) && !exported.has(used)) missing.add(`${used.name} (in ${name})`);
      });
    }
  }
  expect([...missing].toSorted()).toEqual([]);
});

it("has no two types of one name", () => {
  const { exported } = PUBLIC;
  const names = [...exported.values()];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
