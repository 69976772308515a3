import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

/** Splits at blanks; no word of these tests has one inside. */
async function usage(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo();
  const code = await runCli(line === "" ? [] : line.split(" "), io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const SIZE = "a size such as 4096, 0x1000, 64k or 2M";
const ADDRESS = "an address such as 4096, 0x1000, 64k or 2M";

describe("a wrong command line is exit 2 and opens nothing", () => {
  it.each([
    ["", "no command is given"],
    ["wirte a.bin", "there is no command wirte"],
    ["frobnicate", "there is no command frobnicate"],
    ["--frobnicate", "--frobnicate is not an option"],
    ["-z", "-z is not an option"],
    ["read a --length 4k5", `--length 4k5 is not valid: it takes ${SIZE}`],
    ["read a --length=", `--length needs a value: it takes ${SIZE}`],
    ["read a --length", `--length needs a value: it takes ${SIZE}`],
    ["read a --length NaN", `--length NaN is not valid: it takes ${SIZE}`],
    ["read a --length 010", `--length 010 is not valid: it takes ${SIZE}`],
    ["read a --length 1e3", `--length 1e3 is not valid: it takes ${SIZE}`],
    ["read a --length 4.5", `--length 4.5 is not valid: it takes ${SIZE}`],
    ["read a --offset -1", `--offset -1 is not valid: it takes ${ADDRESS}`],
    ["read a --offset 0xg", `--offset 0xg is not valid: it takes ${ADDRESS}`],
    ["read a --offset 1 --offset 1", "--offset is given more than once"],
    ["write a --offset 1 --offset 2", "--offset is given more than once"],
    ["read a -p x -p y", "--port is given more than once"],
    ["read a -p x --port y", "--port is given more than once"],
    ["read a --port=", "--port needs a value: it takes a port, see --help"],
    ["erase --all --all", "--all is given more than once"],
    ["erase --all=yes", "--all takes no value"],
    ["erase -q -q --all", "--quiet is given more than once"],
    ["erase", "erase needs --range START,LENGTH or --all"],
    ["erase --range 0,4k --all", "--range and --all do not go together"],
    [
      "erase --range 4k",
      "--range 4k is not valid: it takes START,LENGTH with sizes such as 4096, 0x1000, 64k or 2M, LENGTH above 0",
    ],
    ["erase --rnage 0,4k", "erase has no option --rnage"],
    ["erase --no-all", "erase has no option --no-all"],
    ["erase --all extra", "erase does not know what to do with extra"],
    ["read", "read needs FILE"],
    ["write a b", "write does not know what to do with b"],
    ["write a --frmat hex", "write has no option --frmat"],
    ["write a --format elff", "--format elff is not valid: it takes one of bin, hex, srec, uf2, elf"],
    ["read a --format elf", "--format elf is not valid: it takes one of bin, hex, srec, uf2"],
    ["write a --dry-run --assume-blank", "--dry-run and --assume-blank do not go together"],
    [
      "info --spi-clock 8",
      "--spi-clock 8 is not valid: it takes a clock with its unit, such as 8MHz, 500kHz or 1000000Hz",
    ],
    ["info --baud fast", "--baud fast is not valid: it takes a rate of 300 to 20000000 baud"],
    ["info --protocol spi", "--protocol spi is not valid: it takes one of auto, native, serprog"],
    ["info -p tcp://host", "--port tcp://host: expected tcp://HOST:PORT"],
    ["info -p sim:", "--port sim:: something must follow sim:"],
    ["info --verify", "info has no option --verify"],
    ["list --port x", "list has no option --port"],
    ["sim", "--chip is needed: it takes the name of a simulated chip, such as AT25SF041"],
    ["sim --chip X --listen 4000", "--listen 4000 is not valid: it takes HOST:PORT, such as 127.0.0.1:4000"],
    ["sim --chip X?file=a --image b", "--image and the setting file= of --chip do not go together"],
    ["read - --json", "stdout cannot carry both the file and --json"],
    ["write \u001b[31m \u202e", "write does not know what to do with \\u{202e}"],
  ])("norbridge %s", async (line, message) => {
    const { code, stdout, stderr } = await usage(line);
    if (line.includes("--json")) {
      expect(jsonLines(stdout).at(-1)).toMatchObject({ v: 1, type: "result", ok: false, code: "USAGE", message });
    } else {
      expect(stderr.split("\n")[0]).toBe(`error: ${message}`);
      expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
      expect(stdout).toBe("");
    }
    expect(code).toBe(2);
  });

  it.each([
    ["wirte a.bin", "Did you mean write? `norbridge --help` shows all commands."],
    ["frobnicate", "Run `norbridge --help` to see the commands."],
    ["erase --rnage 0,4k", "Did you mean --range? `norbridge erase --help` shows all options."],
    ["read", "Usage: norbridge read FILE [options]"],
  ])("norbridge %s hints", async (line, hint) => {
    expect((await usage(line)).stderr).toContain(`hint:  ${hint}\n`);
  });

  it("in the form of --json too", async () => {
    const { code, stdout, stderr } = await usage("read a --json --length 4k5");
    expect([code, stderr]).toEqual([2, ""]);
    expect(jsonLines(stdout)).toEqual([
      {
        v: 1,
        type: "result",
        ok: false,
        code: "USAGE",
        message: `--length 4k5 is not valid: it takes ${SIZE}`,
        hint: "Run the command with --help.",
      },
    ]);
  });
});

describe("help", () => {
  it("of the program", async () => {
    const { code, stdout, stderr } = await usage("--help");
    expect([code, stderr]).toEqual([0, ""]);
    await expect(stdout).toMatchFileSnapshot("../golden/help/norbridge.txt");
  });

  it.each(commands.map((command) => command.name))("of %s", async (name) => {
    const { code, stdout, stderr } = await usage(`${name} --help`);
    expect([code, stderr]).toEqual([0, ""]);
    await expect(stdout).toMatchFileSnapshot(`../golden/help/${name.replace(" ", "-")}.txt`);
  });

  it("does not follow the language of the machine, and needs no file", async () => {
    expect((await usage("write --help")).stdout).toBe((await usage("write a.bin -h")).stdout);
  });

  it("--version", async () => {
    const { code, stdout } = await usage("--version");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^norbridge \d+\.\d+\.\d+\n$/);
  });
});

describe("completion", () => {
  it("prints a script", async () => {
    const { code, stdout } = await usage("completion");
    expect(code).toBe(0);
    expect(stdout).toContain("norbridge --get-yargs-completions");
  });

  it.each([
    ["norbridge w", ["write"]],
    ["norbridge write --as", ["--assume-blank"]],
    ["norbridge write --format e", ["elf", "hex"]],
    ["norbridge info --spi", ["--spi-clock"]],
  ])("%s", async (line, some) => {
    const { code, stdout } = await usage(`--get-yargs-completions ${line}`);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual(expect.arrayContaining(some));
  });
});
