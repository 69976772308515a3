/**
 * `npm run bench -- walk`: how many source files a command enters, without the simulator. A file counts if one of its
 * functions runs, by V8's coverage of the program as it was compiled, before it is bundled.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the compiled files are: this one is in it. */
const COMPILED = fileURLToPath(new URL("../../", import.meta.url));
const PAGE_BYTES = 256;
const RING = ["--layout", "px-log-fs", "--record-size", "13", "--range", "0x10000,64k"];

/** The files that each command entered, by folder and name; sorted. */
export interface Walks {
  readonly write: readonly string[];
  readonly logRead: readonly string[];
}

/** Writes one page, appends a record to a log and reads it, each as a process. `compiled`: the folder of the program. */
export function measureWalks(compiled: string = COMPILED): Walks {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-walk-"));
  try {
    const image = join(folder, "page.bin");
    writeFileSync(image, new Uint8Array(PAGE_BYTES).fill(7));
    const port = ["--port", `sim:AT25SF041?file=${join(folder, "chip.bin")}`, "--quiet"];
    const walk = (...words: readonly string[]): string[] => entered(compiled, folder, [...words, ...port]);
    const write = walk("write", image);
    walk("log", "append", ...RING, "--data", "68656c6c6f");
    return { write, logRead: walk("log", "read", ...RING) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints both numbers, and the files if `isLong`. */
export function walkTable(isLong: boolean, print: (line: string) => void): void {
  const { write, logRead } = measureWalks();
  print(`files entered: write ${write.length}, log read ${logRead.length}`);
  if (!isLong) return;
  for (const [command, files] of Object.entries({ write, "log read": logRead })) {
    print("");
    print(command);
    for (const file of files) print(`  ${file}`);
  }
}

/** Throws if the command fails. */
function entered(compiled: string, folder: string, words: readonly string[]): string[] {
  const coverage = mkdtempSync(join(folder, "coverage-"));
  execFileSync(process.execPath, [join(compiled, "src/cli/program/main.js"), ...words], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
    stdio: "ignore",
  });
  const files = readdirSync(coverage).flatMap((name) => filesIn(compiled, readFileSync(join(coverage, name), "utf8")));
  return [...new Set(files)].toSorted();
}

/** The files of this program with a function that ran, of what V8 wrote of one process. */
function filesIn(compiled: string, text: string): string[] {
  return listIn(JSON.parse(text), "result").flatMap((script) => {
    const url = fieldOf(script, "url");
    if (typeof url !== "string" || !url.startsWith("file:")) return [];
    const file = relative(compiled, fileURLToPath(url)).replaceAll("\\", "/");
    if (file.startsWith("..") || file.startsWith("src/sim/")) return [];
    return listIn(script, "functions").some(hasRun) ? [file] : [];
  });
}

/** Whether a function was called. What begins at 0 is the file itself, which runs as soon as it is imported. */
function hasRun(of: unknown): boolean {
  const [whole] = listIn(of, "ranges");
  return Number(fieldOf(whole, "startOffset")) > 0 && Number(fieldOf(whole, "count")) > 0;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** Throws if it is no list: another version of Node.js may write another form. */
function listIn(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  if (!Array.isArray(list)) throw new TypeError(`no list "${name}" in what NODE_V8_COVERAGE has written`);
  return list;
}
