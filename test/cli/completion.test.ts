/** Completion: what is suggested where, the protocol of the scripts, and the scripts in the shells that are installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bashWords, cutForBash } from "../../src/cli/completion/bash-words.ts";
import { complete } from "../../src/cli/completion/complete.ts";
import { commandSections } from "../../src/cli/commands/commands.ts";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { SIM_SETTINGS } from "../../src/sim/sim-settings.ts";
import { cliProgram, ensureBuilt } from "../support/cli.ts";
import { fakeIo } from "../support/fake-io.ts";
import { itUnless } from "../support/needs.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-completion-"));
  mkdirSync(join(folder, "images"));
  writeFileSync(join(folder, "firmware.bin"), "x");
  writeFileSync(join(folder, "fine.hex"), "x");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Suggestions for a line whose words have no blanks inside; the last one is at the cursor. */
async function at(line: string): Promise<{ values: string[]; names: string | undefined }> {
  const words = line.split(" ");
  const current = words.pop() ?? "";
  const { list, names } = await complete(words, current, { ...fakeIo(), cwd: folder });
  return { values: list.map(({ value }) => value), names };
}

describe("what may stand at the cursor", () => {
  it("is every command at first, and help", async () => {
    const names = commandSections.flatMap(({ members }) => members.map(({ name }) => name));
    expect((await at("")).values).toEqual([...names, "help"]);
  });

  it.each([
    ["w", ["write"]],
    ["log ", ["info", "read", "append", "append-to-scratch", "rotate", "clear"]],
    ["log r", ["read", "rotate"]],
    ["help l", ["ledger", "list", "log", "logs"]],
    ["help log re", ["read"]],
    ["write --pro", ["--profile", "--protocol"]],
    ["write a.bin --protocol ", ["auto", "native", "serprog"]],
    ["write a.bin --protocol n", ["native"]],
    ["write a.bin --protocol=s", ["--protocol=serprog"]],
    ["write a.bin --format ", ["bin", "hex", "srec", "uf2", "elf"]],
    ["log read --format ", ["jsonl", "csv", "hex"]],
    ["log read --layout ", ["auto", "fcb", "px-log-fs", "fcb2", "flashdb-tsdb"]],
    ["log clear --when-full ", ["overwrite", "stop"]],
    ["firmware --board pi", ["pico"]],
    ["completion ", ["bash", "zsh", "fish", "powershell"]],
    ["chips AT45DB041", ["AT45DB041D", "AT45DB041E", "AT45DB041X"]],
    ["info -c AT25SF04", ["AT25SF041", "AT25SF041B"]],
    ["info --port sim:AT25SF04", ["sim:AT25SF041", "sim:AT25SF041B"]],
    ["info --port=sim:AT25SF04", ["--port=sim:AT25SF041", "--port=sim:AT25SF041B"]],
    ["sim --chip AT25SF04", ["AT25SF041", "AT25SF041B"]],
    ["info -p sim:AT25SF041?se", ["sim:AT25SF041?seed="]],
    ["info -p sim:AT25SF041?seed=1&times=m", ["sim:AT25SF041?seed=1&times=maximum"]],
    ["info -p sim:AT25SF041?file=fir", ["sim:AT25SF041?file=firmware.bin"]],
    ["info -p image:fi", ["image:fine.hex", "image:firmware.bin"]],
    ["info -p image:im", ["image:images/"]],
    ["info -p image:nothing/", []],
    ["write -- --pro", []],
    ["frobnicate ", []],
  ])("%j", async (line, expected) => {
    expect((await at(line)).values.toSorted()).toEqual(expected.toSorted());
  });

  it("is a file only where one is next", async () => {
    for (const line of ["write ", "read ", "sfdp x", "write --chip-file ", "log read --struct s", "write -- "]) {
      expect([line, (await at(line)).names]).toEqual([line, "files"]);
    }
    expect((await at("write a.bin --journal ")).names).toBe("folders");
    for (const line of ["write a.bin ", "info ", "write --format ", "write --baud ", "settings get ", ""]) {
      expect([line, (await at(line)).names]).toEqual([line, undefined]);
    }
  });

  it("is an option that was not given yet, once nothing else may come", async () => {
    const { values } = await at("info -q --baud 9600 ");
    expect(values).toContain("--port");
    expect(values).toContain("--help");
    expect(values).not.toContain("--quiet");
    expect(values).not.toContain("--baud");
  });

  it("is every setting of a simulated chip, but those that are there", async () => {
    const { values } = await at("info -p sim:AT25SF041?seed=1&");
    expect(values).toEqual(
      SIM_SETTINGS.filter(({ name }) => name !== "seed").map(({ name }) => `sim:AT25SF041?seed=1&${name}=`),
    );
  });

  it("is a port that is there, or a form of one", async () => {
    expect((await at("info --port ")).values).toEqual(
      expect.arrayContaining(["sim:", "image:", "tcp://", "usb:", "replay:"]),
    );
  });

  it("is the ID of a job that was left", async () => {
    const state = join(folder, "state");
    mkdirSync(join(state, "norbridge/jobs"), { recursive: true });
    writeFileSync(join(state, "norbridge/jobs/3f2a9c01.journal"), "{}\n");
    const world = { ...fakeIo({ env: { XDG_STATE_HOME: state } }), cwd: folder };
    for (const words of [["resume"], ["undo"], ["jobs", "--discard"]]) {
      const { list } = await complete(words, "", world);
      expect(list.map(({ value }) => value)).toEqual(["3f2a9c01"]);
    }
    const other = await complete(["jobs", "--journal", folder, "--discard"], "", world);
    expect(other.list).toEqual([]);
  });
});

describe("the protocol", () => {
  async function ask(...words: string[]): Promise<string[]> {
    const io = fakeIo({ cwd: folder });
    expect(await runCli(["--get-completions", ...words], io)).toBe(0);
    expect(io.stderr.text).toBe("");
    return io.stdout.text.split("\n").slice(0, -1);
  }

  it("has a line a word, what it is behind a tab, and directives", async () => {
    expect(await ask("zsh", "=wr")).toEqual([
      "write\tWrite an image file to the chip: only sectors that differ, then verify",
    ]);
    expect(await ask("fish", "=", "write")).toEqual([":files"]);
    expect(await ask("powershell", "=", "write", "a", "--journal")).toEqual([":folders"]);
    expect(await ask("zsh", "=sim:AT25SF041?se", "info", "--port")).toEqual([
      "sim:AT25SF041?seed=\ta whole number from 0 to 4294967295",
      ":open",
    ]);
  });

  it("takes words that look like options of the program", async () => {
    expect(await ask("zsh", "=--vers")).toEqual(["--version\tPrint the version"]);
    expect(await ask("zsh", "=", "info", "--help", "--protocol")).toEqual(["auto", "native", "serprog"]);
  });

  it("gives bash what is left behind the last character at which it breaks a word", async () => {
    const line = "norbridge info --port sim:AT25SF041B";
    expect(await ask("bash", line, String(line.length), " \t\n\"'><=;|&(:")).toEqual(["AT25SF041B"]);
    expect(await ask("bash", line, String(line.length), " \t\n")).toEqual(["sim:AT25SF041B"]);
    const quoted = "norbridge info --port 'sim:AT25SF041B";
    expect(await ask("bash", quoted, String(quoted.length), "=:")).toEqual(["sim:AT25SF041B"]);
    // What is behind the cursor does not count.
    expect(await ask("bash", "norbridge wr --port", "12", "=:")).toHaveLength(1);
  });

  it("answers nonsense with nothing", async () => {
    expect(await ask()).toEqual(await ask("zsh", "="));
    expect(await ask("bash")).toEqual(await ask("zsh", "="));
    expect(await ask("bash", "norbridge \u001b[31m", "99", "")).toEqual([]);
  });
});

it.each([
  ["norbridge write a", ["write"], "a", false],
  ["norbridge  write ", ["write"], "", false],
  ["norbridge write 'a b", ["write"], "a b", true],
  [`norbridge write "a b" `, ["write", "a b"], "", false],
  ["norbridge a\\ b c", ["a b"], "c", false],
  [`norbridge "a\\"b`, [], `a"b`, true],
  ["norbridge '' x", [""], "x", false],
  ["norbridge", [], "norbridge", false],
])("bash words of %j", (line, typed, current, isQuoted) => {
  expect(bashWords(line, line.length)).toEqual({ typed, current, isQuoted });
});

it.each([
  ["sim:AT", "=:", 4],
  ["--port=sim:AT", "=:", 11],
  ["--port=sim:AT", "=", 7],
  ["sim:AT", "", 0],
  ["a", "a", 0],
])("bash cuts %j at %j", (current, breaks, cut) => {
  expect(cutForBash(current, breaks)).toBe(cut);
});

describe("completion SHELL", () => {
  async function script(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const io = fakeIo({ env: { SHELL: "/usr/bin/zsh" } });
    const code = await runCli(["completion", ...words], io);
    return { code, stdout: io.stdout.text, stderr: io.stderr.text };
  }

  it("prints the script of the shell that is named, whatever SHELL says; else that of SHELL", async () => {
    expect((await script("bash")).stdout).toContain("complete -F _norbridge norbridge");
    expect((await script("zsh")).stdout).toMatch(/^#compdef norbridge\n/);
    expect((await script("fish")).stdout).toContain("complete -c norbridge");
    expect((await script("powershell")).stdout).toContain("Register-ArgumentCompleter");
    expect((await script("pwsh")).stdout).toBe((await script("powershell")).stdout);
    expect((await script()).stdout).toBe((await script("zsh")).stdout);
  });

  it("refuses a shell that there is no script for", async () => {
    const { code, stderr } = await script("zhs");
    expect([code, stderr]).toEqual([
      2,
      "error: completion does not support zhs\nhint:  Did you mean zsh? Available: bash, zsh, fish, powershell.\n",
    ]);
    const io = fakeIo();
    expect(await runCli(["completion"], io)).toBe(2);
  });
});

/** `norbridge` on a PATH of its own, and the scripts in files. */
function shellWorld(): { readonly env: NodeJS.ProcessEnv; readonly script: (shell: string) => string } {
  ensureBuilt();
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "norbridge"), `#!/bin/sh\nexec '${process.execPath}' '${cliProgram}' "$@"\n`);
  chmodSync(join(bin, "norbridge"), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: folder };
  return {
    env,
    script(shell) {
      const path = join(folder, `script.${shell}`);
      writeFileSync(path, execFileSync(process.execPath, [cliProgram, "completion", shell]));
      return path;
    },
  };
}

const lacks = (shell: string): string | undefined =>
  process.platform !== "win32" && spawnSync(shell, ["-c", "exit 0"]).status === 0 ? undefined : `${shell} is not here`;

describe("in the shells themselves", () => {
  itUnless(lacks("bash"))("bash", () => {
    const { env, script } = shellWorld();
    const program = [
      `source '${script("bash")}'`,
      "compopt() { :; }",
      "try() {",
      "  COMP_LINE=\"$1\"; COMP_POINT=${#1}; COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'",
      '  _norbridge norbridge "$2" ""; printf "%s|" "${COMPREPLY[@]}"; echo',
      "}",
      "try 'norbridge wri' wri",
      "try 'norbridge write f' f",
      "try 'norbridge info --port sim:AT25SF041B' AT25SF041B",
      `try "norbridge info --port 'sim:AT25SF041?times=m" "'sim:AT25SF041?times=m"`,
    ];
    const said = spawnSync("bash", ["--norc", "-c", program.join("\n")], { env, cwd: folder, encoding: "utf8" });
    expect(said.stderr).toBe("");
    expect(said.stdout.split("\n").map((line) => line.split("|").toSorted().join(" ").trim())).toEqual([
      "write",
      "fine.hex firmware.bin",
      "AT25SF041B",
      "sim:AT25SF041?times=maximum",
      "",
    ]);
  });

  itUnless(lacks("zsh"))("zsh", () => {
    const { env, script } = shellWorld();
    // What the shell's own completion would be told; the variables are those that it sets.
    const program = [
      "compdef() { :; }",
      'compadd() { print -r -- "${values[*]}${open:+ open}"; }',
      '_files() { print -r -- "files $*"; }',
      `source '${script("zsh")}'`,
      'try() { words=("$@"); CURRENT=$#words; PREFIX="${words[-1]}"; _norbridge }',
      "try norbridge wri",
      "try norbridge write f",
      "try norbridge write a --journal ''",
      "try norbridge info --port sim:AT25SF041B",
      "try norbridge info --port 'sim:AT25SF041?se'",
      "try norbridge log re",
    ];
    const said = spawnSync("zsh", ["-f", "-c", program.join("\n")], { env, cwd: folder, encoding: "utf8" });
    expect(said.stderr).toBe("");
    expect(said.stdout.split("\n").map((line) => line.trim())).toEqual([
      "write",
      "files",
      "files -/",
      "sim:AT25SF041B",
      "sim:AT25SF041?seed= open",
      "read",
      "",
    ]);
  });

  itUnless(lacks("fish"))("fish", () => {
    const { env, script } = shellWorld();
    const program = [
      `source '${script("fish")}'`,
      "complete -C 'norbridge wri'",
      "complete -C 'norbridge write --form'",
      "complete -C 'norbridge write f'",
      "complete -C 'norbridge log re'",
      "complete -C 'norbridge info --port sim:AT25SF041B'",
    ];
    const said = spawnSync("fish", ["--no-config", "-c", program.join("\n")], { env, cwd: folder, encoding: "utf8" });
    expect(said.stderr).toBe("");
    expect(said.stdout.split("\n").map((line) => line.split("\t")[0])).toEqual([
      "write",
      "--format",
      "fine.hex",
      "firmware.bin",
      "read",
      "sim:AT25SF041B",
      "",
    ]);
  });
});
