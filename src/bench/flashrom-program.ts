/** flashrom as a child process, for comparisons: it is found where Debian puts it, and killed if it does not end. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { realClock } from "../clock.ts";

/** Debian installs it where a user's PATH does not look. */
const PLACES = ["/usr/sbin/flashrom", "/usr/bin/flashrom", "/usr/local/sbin/flashrom"];
const PROGRAM = PLACES.find((path) => existsSync(path));

/** Why flashrom cannot be asked here; undefined if it can. */
export const flashromMissing =
  PROGRAM === undefined ? "flashrom is not installed (apt-get install flashrom)" : undefined;

export interface ProgramResult {
  /** Exit code; "killed" if it had not ended in time. */
  readonly code: number | "killed";
  /** Both outputs, as they came. */
  readonly output: string;
  readonly seconds: number;
}

/** Runs `flashrom -p PROGRAMMER ARGS`; kills it after this many seconds. */
export function runFlashrom(programmer: string, args: readonly string[], limitSeconds = 60): Promise<ProgramResult> {
  if (PROGRAM === undefined) throw new Error(flashromMissing);
  return runProgram(PROGRAM, ["-p", programmer, ...args], limitSeconds);
}

/** Runs a program to its end, or kills it after this many seconds. */
export function runProgram(program: string, args: readonly string[], limitSeconds: number): Promise<ProgramResult> {
  const startUs = realClock.nowUs();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const over = new AbortController();
    let output = "";
    let isKilled = false;
    void realClock.wait(limitSeconds * 1e6, over.signal).then(() => {
      if (over.signal.aborted) return;
      isKilled = true;
      child.kill("SIGKILL");
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      over.abort();
      resolve({ code: isKilled ? "killed" : (code ?? -1), output, seconds: (realClock.nowUs() - startUs) / 1e6 });
    });
  });
}
