/** Only src/platform.ts asks which system the program runs on: what depends on it takes a value, so a test can be any system. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { platformOf } from "../../src/platform.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const FACTS = /^(platform|arch|type|release|version|machine)$/;

function asks(text: string): boolean {
  if (!/\b(os|process)\b/.test(text)) return false;
  const source = ts.createSourceFile("a.ts", text, ts.ScriptTarget.ESNext, true);
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && isMachine(node.expression) && /^(platform|arch)$/.test(node.name.text))
      found = true;
    // process["platform"], const { platform } = process
    if (ts.isElementAccessExpression(node) && isMachine(node.expression)) found = true;
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer !== undefined)
      found ||= isMachine(node.initializer);
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const isMachineModule = /^(node:)?(os|process)$/.test(node.moduleSpecifier.text);
      const bindings = node.importClause?.namedBindings;
      if (isMachineModule && node.importClause !== undefined) {
        found ||=
          bindings === undefined ||
          !ts.isNamedImports(bindings) ||
          bindings.elements.some(({ name, propertyName }) => FACTS.test((propertyName ?? name).text));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isMachine(node: ts.Node): boolean {
  return (
    (ts.isIdentifier(node) && node.text === "process") ||
    (ts.isPropertyAccessExpression(node) && node.name.text === "process")
  );
}

it("asks the system in one place", () => {
  const users = ["firmware-protocol", "drivers", "src"]
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
        .map((name) => posix.join(folder, name.replaceAll("\\", "/"))),
    )
    .filter((file) => asks(readFileSync(join(ROOT, file), "utf8")));
  expect(users).toEqual(["src/platform.ts"]);
});

it("notices every way to ask", () => {
  for (const text of [
    'if (process.platform === "win32") go();',
    'const name = process["platform"];',
    "const { platform } = process;",
    "const { arch } = globalThis.process;",
    'import { platform } from "node:os";',
    'import { type as system } from "os";',
    'import os from "node:os";',
    'import * as os from "node:os";',
    'import process from "node:process";',
    'import { platform } from "node:process";',
  ]) {
    expect(asks(text), text).toBe(true);
  }
  expect(asks("const a = process.pid; const b = process.env; spec.platform; // process.platform")).toBe(false);
  expect(asks('import { homedir, tmpdir } from "node:os";')).toBe(false);
});

it.each([
  ["linux", "linux"],
  ["android", "linux"],
  ["darwin", "macos"],
  ["win32", "windows"],
  ["cygwin", "windows"],
  ["freebsd", "unix"],
] as const)("%s is %s", (name, platform) => {
  expect(platformOf(name)).toBe(platform);
});
