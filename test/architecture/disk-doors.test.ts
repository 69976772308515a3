/**
 * Only the doors in src/disk open files: what they promise (regular files, bounds, no links, whole or not at all) holds
 * for all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Who else may, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  "src/launcher/code-cache.ts":
    "reads and writes the compiled program, before anything of it runs; every failure means: none",
  "src/launcher/launcher.ts": "reads the program itself",
  "src/transport/unix-read.ts": "reads a terminal device that serialport has opened",
  "src/transport/usb-identity.ts": "asks /sys about a device; the names are ours",
  "src/transport/usb-path.ts": "asks /sys where a port is on the USB tree; the names are ours",
  "src/doctor/host-checks.ts": "asks /dev, /sys and /etc about the machine; the names are ours",
};

const FS = /^(node:)?fs(\/promises)?$/;

it("opens files in src/disk and nowhere else", () => {
  const users = ["firmware-protocol", "drivers", "src"]
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
        .map((name) => posix.join(folder, name.replaceAll("\\", "/"))),
    )
    .filter((file) => !/^src\/(disk|bench)\//.test(file))
    .filter((file) => usesFiles(readFileSync(join(ROOT, file), "utf8")));
  expect(users.toSorted()).toEqual(Object.keys(OTHERS).toSorted());
});

it("notices every way to get at the file system", () => {
  for (const text of [
    'import { readFileSync } from "node:fs";',
    'import * as fs from "fs";',
    'import { open } from "node:fs/promises";',
    'const { open } = await import("node:fs/promises");',
    'const fs = require("fs");',
    'const fs = process.getBuiltinModule("node:fs");',
    'export { readFileSync } from "node:fs";',
  ]) {
    expect(usesFiles(text), text).toBe(true);
  }
  expect(usesFiles('import type { Stats } from "node:fs";')).toBe(false);
  expect(usesFiles("// import { open } from 'node:fs';\nconst a = 1;")).toBe(false);
});

function usesFiles(text: string): boolean {
  // What has neither the name nor an escape that could stand for it need not be taken apart.
  if (!/\bfs\b|\\[ux]/.test(text)) return false;
  const source = ts.createSourceFile("a.ts", text, ts.ScriptTarget.ESNext, true);
  let found = false;
  const visit = (node: ts.Node): void => {
    const isType = ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    if (isType) return;
    // The name of a module: in an import or export, or as what a call is given (import(), require(), getBuiltinModule()).
    const isModuleName = ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent);
    if (ts.isStringLiteralLike(node) && FS.test(node.text) && (isModuleName || ts.isCallExpression(node.parent))) {
      found = true;
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}
