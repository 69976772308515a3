/** Runs the real program, bundled as users have it, as a child process. It is brought up to date once a test process. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TextOutput } from "../../src/cli/program/cli-io.ts";
import { type Clock, machineRandom, realClock } from "../../src/clock.ts";
import { hostPlatform } from "../../src/platform.ts";
import { effort } from "./effort.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The built program. */
export const cliProgram = join(ROOT, "dist/bin/norbridge.cjs");

export interface CliResult {
  /** Exit code; -1 if a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Called once the process runs. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with what is on stderr so far, and how to send a signal. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Journals of the program go here, not into the home of the user who runs the tests. */
const stateFolder = mkdtempSync(join(tmpdir(), "norbridge-state-"));
process.once("exit", () => rmSync(stateFolder, { recursive: true, force: true }));
/** The compiled form of the program, for all test processes. */
export const cacheFolder = join(ROOT, ".ci/cache/code");

let isBuilt = false;
let isCompiled = false;

/** Runs `norbridge ARGS`. Without NORBRIDGE_PORT, with a fixed terminal, without colours. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  ensureBuilt();
  const own = {
    SHELL: "/bin/bash",
    XDG_STATE_HOME: stateFolder,
    XDG_CONFIG_HOME: stateFolder,
    XDG_CACHE_HOME: cacheFolder,
    ...options.env,
  };
  const env: NodeJS.ProcessEnv = { ...process.env, ...own };
  // No settings but the test's.
  for (const name of Object.keys(env)) {
    if (/^(?:NORBRIDGE_(?!CAMPAIGN)|FORCE_COLOR$)/.test(name) && !Object.hasOwn(own, name)) {
      Reflect.deleteProperty(env, name);
    }
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cliProgram, ...args], {
      cwd: options.cwd ?? ROOT,
      env,
    });
    options.onStart?.((signal) => child.kill(signal));
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}

/** True while a command line of this process has its folder as that of the process. */
let hasMoved = false;

/**
 * The same command line without a process of its own, where nothing about a process is asked: a child takes a fifth of a
 * second to start. In CI it is a child all the same.
 */
export async function runQuickly(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd, env, ...ofProcess } = options;
  if (effort(false, true) || hasMoved || Object.keys(ofProcess).length > 0) return runCli(args, options);
  if (cwd === undefined) return runHere(args, env);
  const before = process.cwd();
  process.chdir(cwd);
  hasMoved = true;
  try {
    return await runHere(args, env, { cwd });
  } finally {
    hasMoved = false;
    process.chdir(before);
  }
}

export interface HereOptions {
  /** Folder of the command line; the caller has made it that of the process. */
  readonly cwd?: string;
  /** Instead of the machine's clock. */
  readonly clock?: Clock;
  /** Instead of the machine's chance. */
  readonly random?: () => number;
  /** A terminal of this many columns, with colours; without it a pipe. */
  readonly terminalColumns?: number;
  /** Called with everything that is written, stdout and stderr in the order in which it comes. */
  readonly onText?: (text: string) => void;
}

/** A command line in this process, always: for the many that are tried one after the other. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { cwd = ROOT, clock = realClock, random = machineRandom, terminalColumns, onText }: HereOptions = {},
): Promise<CliResult> {
  const { runCli: run } = await import("../../src/cli/program/run-cli.ts");
  const said = { stdout: "", stderr: "" };
  const put = (name: "stdout" | "stderr", text: string): void => {
    said[name] += text;
    onText?.(text);
  };
  const output = (name: "stdout" | "stderr"): TextOutput => ({
    isTty: terminalColumns !== undefined,
    colour: terminalColumns !== undefined,
    columns: () => terminalColumns ?? 80,
    write: (text) => {
      put(name, text);
    },
    writePassing: (text) => {
      put(name, text);
    },
    room: () => Promise.resolve(),
    writeBytes: (bytes) => {
      put(name, Buffer.from(bytes).toString("utf8"));
    },
  });
  const code = await run(args, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: { XDG_STATE_HOME: stateFolder, ...env },
    cwd,
    platform: hostPlatform,
    clock,
    random,
    onInterrupt: () => () => undefined,
    onStdoutClosed: () => undefined,
    settle: () => Promise.resolve([]),
  });
  return { code, ...said };
}

/** Bundles the program again if a source is newer: that takes a fraction of a second, compiling takes many. */
export function ensureBuilt(): void {
  if (isBuilt) return;
  isBuilt = true;
  if (isNewerThanSources(cliProgram)) return;
  execFileSync(process.execPath, [join(ROOT, ".ci/bundle.mjs")], { cwd: ROOT, stdio: "inherit" });
}

/** For tests that need all of dist: the modules of the library and their types. */
export function ensureCompiled(): void {
  ensureBuilt();
  if (isCompiled) return;
  isCompiled = true;
  if (isNewerThanSources(join(ROOT, "dist/tsconfig.tsbuildinfo"))) return;
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript-7/bin/tsc"), "-p", "tsconfig.json"], {
    cwd: ROOT,
    stdio: "inherit",
  });
}

function isNewerThanSources(path: string): boolean {
  const built = existsSync(path) ? statSync(path).mtimeMs : 0;
  return ["src", "drivers", "firmware-protocol"].every((room) => newestMs(join(ROOT, room)) <= built);
}

/** Of what is compiled: the firmware beside it is built while other tests run, and must not make them build again. */
function newestMs(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestMs(path));
    else if (entry.name.endsWith(".ts")) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}
