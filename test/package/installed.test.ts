/**
 * The real tarball, installed from the registry into an empty project, as JavaScript, TypeScript and CommonJS use it. It costs
 * a download and three type checks, so it is for CI.
 */
import { execSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { effort } from "../support/effort.ts";
import { packOnce, registryTrouble, ROOT } from "./pack.ts";

const project = mkdtempSync(join(tmpdir(), "norbridge-installed-"));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Why this cannot run; undefined if the package is installed now. */
const missing = effort(false, true) ? install() : "it is run in CI, with NORBRIDGE_CAMPAIGN=full";

function install(): string | undefined {
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const { tarball } = packOnce();
  try {
    const words = `npm install --no-audit --no-fund "${tarball}" @types/node@20`;
    execSync(words, { cwd: project, stdio: "pipe", timeout: 120_000 });
    return undefined;
  } catch (error) {
    const reason = registryTrouble(error);
    if (reason !== undefined) return reason;
    throw error;
  }
}

function run(program: string, words: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: project, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

const NAMES = ["norbridge", "norbridge/sim", "norbridge/drivers", "norbridge/protocol"];
const USE = `
${NAMES.map((name, index) => `import * as part${index} from "${name}";`).join("\n")}
import { NorbridgeError } from "norbridge";
import { openSimulation } from "norbridge/sim";

const parts: readonly object[] = [${NAMES.map((_, index) => `part${index}`).join(", ")}];
if (!parts.every((part) => Object.keys(part).length > 3)) throw new Error("an entry point is empty");
console.log(typeof NorbridgeError, typeof openSimulation);
`;

describe.skipIf(missing !== undefined)(`the installed package (${missing ?? "from the registry"})`, () => {
  it("brings the program, and packages of its dependencies only", () => {
    const bin = join(project, "node_modules/.bin", process.platform === "win32" ? "norbridge.cmd" : "norbridge");
    expect(run(bin, ["--version"])).toEqual({ status: 0, output: expect.stringMatching(/^norbridge \d/) as string });
    expect(run(bin, ["info", "-p", "sim:AT25SF041"]).output).toContain("AT25SF041");
    // Without a bridge the native part of serialport has been loaded all the same.
    expect(run(bin, ["list"])).toMatchObject({ output: expect.not.stringMatching(/Cannot find|BUG/) as string });
  });

  it("is imported as JavaScript, and taken by require()", () => {
    writeFileSync(join(project, "use.js"), USE.replace(": readonly object[]", ""));
    expect(run(process.execPath, ["use.js"])).toEqual({ status: 0, output: "function function\n" });
    writeFileSync(join(project, "use.cjs"), `console.log(typeof require("norbridge").NorbridgeError);`);
    const required = run(process.execPath, ["--no-warnings", "use.cjs"]);
    expect(required).toEqual({ status: 0, output: "function\n" });
  });

  it.each([
    ["node16", "node16"],
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("is type checked with its own types, as module %s, resolution %s", { timeout: 120_000 }, (module, resolution) => {
    const folder = join(project, resolution);
    mkdirSync(folder);
    writeFileSync(join(folder, "use.ts"), USE);
    const compilerOptions = { module, moduleResolution: resolution, target: "es2022", lib: ["es2023"] };
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
    const options = { ...compilerOptions, ...strict, types: ["node"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["use.ts"] }));
    for (const version of ["typescript", "typescript-7"]) {
      const compiler = join(ROOT, "node_modules", version, "bin/tsc");
      expect(run(process.execPath, [compiler, "-p", folder]), version).toEqual({ status: 0, output: "" });
    }
  });
});

// CommonJS by require() of ESM, from Node 20.19; TypeScript's old node10 resolution knows no `exports`. Both are accepted.
const CHECKS: readonly (readonly [string, string, readonly string[]])[] = [
  ["publint", "publint/src/cli.js", ["--strict"]],
  ["attw", "@arethetypeswrong/cli/dist/index.js", ["--profile", "esm-only", "--no-emoji"]],
];
it.skipIf(missing !== undefined).each(CHECKS)("%s finds nothing", (_, program, words) => {
  const path = join(ROOT, "node_modules", program);
  const { status, output } = run(process.execPath, [path, packOnce().tarball, ...words]);
  expect(status, output).toBe(0);
});
