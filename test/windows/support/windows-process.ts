/** A process of Windows under Wine. Its outputs are files: Wine gives a program of Windows no pipes of Linux. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realClock, withDeadline } from "../../../src/clock.ts";

/** What a process of Windows is started with. */
export interface WindowsWords {
  /** Path of the program, as Windows writes it. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where it starts, as Linux writes it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets a terminal, so that Ctrl-C can be typed. */
  readonly hasTerminal?: boolean;
  /** It is killed after so long, and `ended` rejects. Default three minutes. */
  readonly deadlineMs?: number;
}

export interface WindowsResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WindowsProcess {
  /** Resolves as soon as stderr has this; rejects if the process ends before. */
  seen(pattern: RegExp): Promise<void>;
  /** As the task manager ends a process: at once, no handler runs. */
  kill(): void;
  /** Types Ctrl-C; only with a terminal. */
  pressCtrlC(): void;
  /** Never resolves before all output is there. */
  readonly ended: Promise<WindowsResult>;
}

const DEADLINE_MS = 180_000;

/** Starts a process by this `wine64`; its outputs go to files in `outputFolder`. */
export function startWindowsProcess(wine64: string, outputFolder: string, words: WindowsWords): WindowsProcess {
  const folder = mkdtempSync(join(outputFolder, "run-"));
  const stdoutPath = join(folder, "stdout");
  const stderrPath = join(folder, "stderr");
  writeFileSync(stdoutPath, "");
  writeFileSync(stderrPath, "");
  const command = [wine64, words.program, ...words.args];
  const child =
    words.hasTerminal === true
      ? onTerminal(command, words, { stdoutPath, stderrPath, scriptPath: join(folder, "command.sh") })
      : withFiles(command, words, { stdoutPath, stderrPath });
  const whole = (): WindowsResult => ({
    code: child.exitCode ?? -1,
    stdout: readFileSync(stdoutPath, "utf8"),
    stderr: readFileSync(stderrPath, "utf8"),
  });
  const what = `${words.program} ${words.args.join(" ")}`;
  const closed = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const ended = withDeadline(realClock, closed, (words.deadlineMs ?? DEADLINE_MS) * 1000).then((how) => {
    if (how !== "late") return whole();
    child.kill("SIGKILL");
    throw new Error(`${what}: has not ended in time\n${whole().stdout}${whole().stderr}`);
  });
  // A caller that waits for a text on stderr first sees the same rejection there.
  ended.catch(() => undefined);
  return {
    ended,
    seen: (pattern) => textSeen(stderrPath, pattern, ended),
    kill: () => void child.kill("SIGKILL"),
    pressCtrlC: () => void child.stdin?.write("\x03"),
  };
}

interface Outputs {
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

function withFiles([program = "", ...args]: readonly string[], words: WindowsWords, outputs: Outputs): ChildProcess {
  const stdout = openSync(outputs.stdoutPath, "w");
  const stderr = openSync(outputs.stderrPath, "w");
  try {
    return spawn(program, args, { cwd: words.folder, env: words.env, stdio: ["ignore", stdout, stderr] });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

/** `script` has the terminal; the program's outputs are files all the same. */
function onTerminal(
  command: readonly string[],
  words: WindowsWords,
  outputs: Outputs & { readonly scriptPath: string },
): ChildProcess {
  const line = [...command.map(quoted), `>${quoted(outputs.stdoutPath)}`, `2>${quoted(outputs.stderrPath)}`].join(" ");
  writeFileSync(outputs.scriptPath, `exec ${line}\n`);
  // exec, since a shell between would die of the Ctrl-C that is meant for the program.
  return spawn("script", ["--quiet", "--return", "--command", `exec sh ${quoted(outputs.scriptPath)}`, "/dev/null"], {
    cwd: words.folder,
    env: { ...words.env, SHELL: "/bin/sh" },
    stdio: ["pipe", "ignore", "ignore"],
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function textSeen(path: string, pattern: RegExp, ended: Promise<WindowsResult>): Promise<void> {
  const stop = new AbortController();
  const seen = new Promise<"seen">((resolve) => {
    const look = (): void => {
      if (pattern.test(readFileSync(path, "utf8"))) resolve("seen");
    };
    watch(path, { signal: stop.signal }, look);
    look();
  });
  try {
    const first = await Promise.race([seen, ended]);
    if (first === "seen" || pattern.test(first.stderr)) return;
    throw new Error(
      `ended with ${first.code} before ${String(pattern)} was on stderr:\n${first.stdout}${first.stderr}`,
    );
  } finally {
    stop.abort();
  }
}
