/** What a start costs, counted in files and modules; and the compiled form of the program: made, used, and never in the way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";

const INFO = ["info", "-q", "-p", "sim:AT25SF041"];
const WATCH = fileURLToPath(new URL("watch-script.cjs", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly count: number }[];
  }[];
}

/** Files that a command line loads, and the modules of the bundle that it evaluates, as V8's own coverage reports them. */
async function loadedBy(words: readonly string[]): Promise<{ files: string[]; modules: string[] }> {
  const { code } = await runCli(words, { env: { NODE_V8_COVERAGE: folder } });
  expect(code).toBe(0);
  const [report = ""] = readdirSync(folder);
  const { result } = JSON.parse(readFileSync(join(folder, report), "utf8")) as { result: readonly ScriptCoverage[] };
  const scripts = result.filter(({ url }) => url.startsWith("file:"));
  const modules = scripts
    .flatMap(({ functions }) => functions)
    .filter(({ functionName, ranges }) => functionName.endsWith(".ts") && (ranges[0]?.count ?? 0) > 0)
    .map(({ functionName }) => functionName);
  return { files: scripts.map(({ url }) => url.replace(/^.*\//, "")), modules };
}

// One file of the runner has only the words of a connection, which --help needs too.
const ENGINES =
  /^(drivers|src\/(bridge|flash|jobs|sim|storage|journal|recording|runner(?!\/connection-request\.ts)))\//;

describe("a start", () => {
  it("loads two files, and for --help evaluates no part that works on a chip", async () => {
    const { files, modules } = await loadedBy(["--help"]);
    expect(files).toEqual(["norbridge.cjs", "program.cjs"]);
    expect(modules).toContain("src/errors.ts");
    expect(modules.filter((module) => ENGINES.test(module))).toEqual([]);
  });

  it("loads no serial port for a simulated chip, and only the parts it uses", async () => {
    const { files, modules } = await loadedBy(INFO);
    expect(files).toEqual(["norbridge.cjs", "program.cjs"]);
    expect(modules.some((module) => ENGINES.test(module))).toBe(true);
    expect(modules.filter((module) => /^src\/(storage|doctor|jobs\/write)\//.test(module))).toEqual([]);
  });
});

describe("the compiled form of the program", () => {
  const run = async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { code, stdout, stderr } = await runCli(words, {
      env: { XDG_CACHE_HOME: join(folder, "cache"), NODE_OPTIONS: `--require ${JSON.stringify(WATCH)}`, ...env },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/AT25SF041|COMMAND/);
    return stderr.trim();
  };
  const caches = (): string[] => {
    const place = join(folder, "cache/norbridge");
    return readdirSync(place).map((name) => join(place, name));
  };

  it("is made by the first run of a command, and used by the next", async () => {
    expect(await run(INFO)).toBe("compiled");
    const [path = ""] = caches();
    const first = readFileSync(path);
    expect(await run(INFO)).toBe("from cache");
    expect(readFileSync(path).equals(first)).toBe(true);
    // Another command has other functions: they are added once.
    expect(await run(["--help"])).toBe("from cache");
    const second = readFileSync(path);
    expect(second.equals(first)).toBe(false);
    expect(await run(["--help"])).toBe("from cache");
    expect(readFileSync(path).equals(second)).toBe(true);
    expect(caches()).toHaveLength(1);
  });

  it("is replaced when it is damaged, or refused by V8", async () => {
    await run(INFO);
    const [path = ""] = caches();
    const damaged = readFileSync(path);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 0xff;
    writeFileSync(path, damaged);
    expect(await run(INFO)).toBe("compiled");
    expect(await run(INFO)).toBe("from cache");
    // Other flags of V8 need other code.
    const flags = { WATCH_V8_FLAGS: "--max-lazy" };
    expect(await run(INFO, flags)).toBe("refused");
    expect(await run(INFO, flags)).toBe("from cache");
    expect(await run(INFO)).toBe("refused");
  });

  it("is done without if it is switched off, or has no place", async () => {
    expect(await run(INFO, { NODE_DISABLE_COMPILE_CACHE: "1" })).toBe("compiled");
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, "file"), "");
    expect(await run(INFO, { XDG_CACHE_HOME: join(folder, "file") })).toBe("compiled");
    expect(await run(INFO, { XDG_CACHE_HOME: "relative", HOME: "" })).toBe("compiled");
  });
});
