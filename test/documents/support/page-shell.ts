/**
 * One page's terminal: a folder, a home, an environment and a shell that stay from block to block. `norbridge` is the
 * program of this checkout. Commands without anything of the shell run in this process, since a child takes a fifth of a second
 * to start; all others, and in CI all, are typed into a real bash, with stdout and stderr in one pipe.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, realClock } from "../../../src/clock.ts";
import { cacheFolder, cliProgram, ensureBuilt, runHere } from "../../support/cli.ts";
import { effort } from "../../support/effort.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const DEADLINE_MS = 90_000;
/** Ends the output of a command; with its exit code after it. */
const MARK = "\u001e";

/** From here on a wait ends only when it is given up, microseconds: those are deadlines. */
const LONG_US = 1_000_000;
/** A clock on which no command is ever late: a busy machine prints what an idle one does. */
export const STILL_CLOCK: Clock = {
  nowUs: () => 0,
  wait: (durationUs, signal) =>
    durationUs < LONG_US
      ? realClock.wait(durationUs, signal)
      : new Promise((resolve) => {
          if (signal?.aborted === true) resolve();
          else
            signal?.addEventListener(
              "abort",
              () => {
                resolve();
              },
              { once: true },
            );
        }),
};
/** What bash says of a job that was killed, with its number; a terminal has its own form for that. */
const KILLED = /^bash: line \d+: +\d+ Killed .*\n/gm;
/** How far a job was on its way: how often that is shown depends on the machine, and a terminal draws over it. */
const ON_ITS_WAY = /^.* \d+ %.* ETA \d+:\d\d\n/gm;
/** In a process of its own a slow command says so on standard error; how slow it is depends on the machine. */
const WAITING = /^note: waiting for .* Ctrl-C ends it\n/gm;

export interface ShellOptions {
  /** Every command in a process of its own: for a page about killed programs. */
  readonly isReal: boolean;
  /** Folders of the checkout that the page's folder has as well. */
  readonly links: readonly string[];
  /** Folder in which the program that was installed lies; left out: the program of this checkout. */
  readonly bin?: string;
  /** Folder in which the page is followed; left out: an empty one. */
  readonly folder?: string;
  /** How long one command may take at most, milliseconds [default: 90,000]. */
  readonly deadlineMs?: number;
  /** More for the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export class PageShell {
  readonly #base: string;
  readonly #folder: string;
  readonly #isReal: boolean;
  readonly #deadlineMs: number;
  readonly #env: Record<string, string>;
  #bash: ChildProcess | undefined;
  #heard = "";
  #onHeard: () => void = () => undefined;
  #status = 0;
  #chance = 1;

  constructor({ isReal, links, bin: installed, folder, deadlineMs = DEADLINE_MS, env = {} }: ShellOptions) {
    this.#isReal = isReal || installed !== undefined || effort(false, true);
    this.#deadlineMs = deadlineMs;
    this.#base = realpathSync(mkdtempSync(join(tmpdir(), "norbridge-page-")));
    this.#folder = folder ?? join(this.#base, "you", "flash");
    const bin = join(this.#base, "bin");
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(join(this.#base, "you"), { recursive: true });
    mkdirSync(bin);
    writeFileSync(join(bin, "norbridge"), `#!/bin/sh\nexec '${process.execPath}' '${cliProgram}' "$@"\n`);
    chmodSync(join(bin, "norbridge"), 0o755);
    if (installed === undefined) {
      // As `npm install norbridge` leaves it.
      mkdirSync(join(this.#folder, "node_modules"));
      symlinkSync(ROOT, join(this.#folder, "node_modules", "norbridge"));
    }
    for (const link of links) symlinkSync(join(ROOT, link), join(this.#folder, link));
    const home = join(this.#base, "you");
    this.#env = {
      ...env,
      PATH: `${installed ?? bin}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      XDG_STATE_HOME: join(home, ".local", "state"),
      XDG_CONFIG_HOME: join(home, ".config"),
      XDG_CACHE_HOME: cacheFolder,
      TERM: "dumb",
      SHELL: "/bin/bash",
      LC_ALL: "C.UTF-8",
    };
  }

  /** Types one command; returns its output, with the page's names for the folders of this run. */
  async type(command: string): Promise<string> {
    const words = this.#isReal ? undefined : plainWords(command);
    const exported = /^export ([A-Z_]+)=(.*)$/.exec(command);
    let text: string;
    if (words?.[0] === "norbridge") text = await this.#runHere(words.slice(1));
    else if (exported?.[1] !== undefined && plainWords(exported[2] ?? "")?.length === 1) {
      this.#env[exported[1]] = plainWords(exported[2] ?? "")?.[0] ?? "";
      text = this.#bash === undefined ? "" : await this.#typeInBash(command);
    } else text = await this.#typeInBash(command);
    return text.replaceAll(this.#base, "/home").replace(WAITING, "").replace(KILLED, "").replace(ON_ITS_WAY, "");
  }

  /** Ends what the page has started and removes its folder. */
  async close(): Promise<void> {
    const bash = this.#bash;
    if (bash?.pid !== undefined && bash.exitCode === null) {
      const ended = new Promise((resolve) => bash.once("close", resolve));
      // The whole group: a page may leave a simulator running.
      process.kill(-bash.pid, "SIGKILL");
      await ended;
    }
    rmSync(this.#base, { recursive: true, force: true });
  }

  async #runHere(words: readonly string[]): Promise<string> {
    let text = "";
    const before = process.cwd();
    const saved = process.env["HOME"];
    process.chdir(this.#folder);
    process.env["HOME"] = this.#env["HOME"];
    try {
      const { code } = await runHere(words, this.#env, {
        cwd: this.#folder,
        clock: STILL_CLOCK,
        // The same numbers in every run, so that a page's job IDs stay.
        random: () => (this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0),
        onText: (part) => (text += part),
      });
      this.#status = code;
    } finally {
      process.chdir(before);
      if (saved === undefined) Reflect.deleteProperty(process.env, "HOME");
      else process.env["HOME"] = saved;
    }
    return text;
  }

  async #typeInBash(command: string): Promise<string> {
    const bash = (this.#bash ??= this.#startBash());
    this.#heard = "";
    const answered = new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(new Error(`no end of: ${command}\nso far: ${this.#heard}`));
      }, this.#deadlineMs);
      this.#onHeard = (): void => {
        if (!this.#heard.endsWith(`${MARK}\n`)) return;
        clearTimeout(deadline);
        resolve();
      };
    });
    bash.stdin?.write(`(exit ${this.#status})\n{ ${command}\n} </dev/null\nprintf '${MARK}%d${MARK}\\n' $?\n`);
    await answered;
    const [text = "", status = "0"] = this.#heard.split(MARK);
    this.#status = Number(status);
    return text;
  }

  #startBash(): ChildProcess {
    ensureBuilt();
    const bash = spawn("bash", ["--noprofile", "--norc"], { cwd: this.#folder, env: this.#env, detached: true });
    for (const stream of [bash.stdout, bash.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        this.#heard += part;
        this.#onHeard();
      });
    }
    bash.stdin.write("exec 2>&1\n");
    return bash;
  }
}

/** The words of a command that asks nothing of a shell but quotes; undefined for any other. */
export function plainWords(command: string): string[] | undefined {
  const words: string[] = [];
  const form = /\s*((?:'[^']*'|"[^"$`\\]*"|[^\s'"|&;<>()$`\\*?~#]+)+)/y;
  const text = command.trim();
  for (let at = 0; at < text.length; ) {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match?.[1] === undefined) return undefined;
    words.push(match[1].replace(/'([^']*)'|"([^"]*)"/g, (_, one?: string, two?: string) => one ?? two ?? ""));
    at = form.lastIndex;
  }
  return /^[A-Za-z_]\w*=/.test(words[0] ?? "") ? undefined : words;
}
