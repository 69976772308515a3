/**
 * What a browser loads has nothing of Node.js: no module, no package, no global. `npm run typecheck` compiles the same files
 * without Node's types, which finds what a walk cannot (src/tsconfig.neutral.json).
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** What a browser starts with. */
const ENTRIES = ["src/index.browser.ts", "src/page/worker/main.ts"];
/** Files that take from the machine what it has, and say so by a declaration of their own. */
const MACHINE = ["src/clock.ts", "src/sim/stranded-waits.ts"];

interface Walk {
  /** Files of this project, each with the one that led there. */
  readonly files: ReadonlyMap<string, string>;
  /** Everything else that is imported, with the file that does. */
  readonly outside: readonly string[];
}

/** Follows imports of every kind: static, of types, and those that load late. */
function walk(entries: readonly string[]): Walk {
  const files = new Map(entries.map((entry) => [entry, ""]));
  const outside: string[] = [];
  for (const file of files.keys()) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true);
    for (const { fileName } of importedFiles) {
      const target = posix.join(posix.dirname(file), fileName);
      if (!fileName.startsWith(".")) outside.push(`${file} -> ${fileName}`);
      else if (!files.has(target)) files.set(target, file);
    }
  }
  return { files, outside };
}

const { files, outside } = walk(ENTRIES);

function code(file: string): string {
  return readFileSync(join(ROOT, file), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
}

describe("what a browser loads", () => {
  it("is the whole engine, and imports no module of Node.js and no package", () => {
    expect([...files.keys()]).toContain("src/jobs/write/write-image.ts");
    expect([...files.keys()]).toContain("src/storage/log-fs/log-fs.ts");
    expect(outside).toEqual([]);
  });

  it("opens no file of the disk", () => {
    const words = ["src/disk/file-problem.ts", "src/disk/quietly.ts"];
    expect([...files.keys()].filter((file) => file.startsWith("src/disk/") && !words.includes(file))).toEqual([]);
  });

  it("names no global of Node.js, but where it asks whether there is one", () => {
    const globals = /\b(Buffer\.|NodeJS|setImmediate|__dirname|__filename|require\()/;
    const declared = /\bdeclare (const|var|let|function|global)\b/;
    expect([...files.keys()].filter((file) => !MACHINE.includes(file) && globals.test(code(file)))).toEqual([]);
    expect([...files.keys()].filter((file) => !MACHINE.includes(file) && declared.test(code(file)))).toEqual([]);
  });

  it("is typechecked without Node's types, from each entry", () => {
    const { config } = ts.readConfigFile(join(ROOT, "src/tsconfig.neutral.json"), (path) => ts.sys.readFile(path)) as {
      config: { compilerOptions: { types: readonly string[] }; files: readonly string[] };
    };
    expect(config.compilerOptions.types).toEqual([]);
    expect(config.files.map((file) => `src/${file}`)).toEqual(ENTRIES);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts["typecheck:pages"]).toContain("-p src/tsconfig.neutral.json");
  });
});
