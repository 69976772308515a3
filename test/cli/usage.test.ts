/** Wrong command lines, which open nothing, and the help texts, which are compared with golden files. */
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

/** Splits at blanks; no word of these tests has one inside. */
async function usage(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo();
  const code = await runCli(line === "" ? [] : line.split(" "), io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const SIZE = "a size such as 4096, 0x1000, 64k, 2M or 512KiB";
const ADDRESS = "an address such as 4096, 0x1000, 64k, 2M or 512KiB";

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
    ["erase --range 0,4k --all", "a range and --all cannot be used together"],
    [
      "erase --range 4k",
      "--range 4k is not valid: it takes START,LENGTH with sizes such as 4096, 0x1000, 64k, 2M or 512KiB, LENGTH above 0",
    ],
    ["erase --rnage 0,4k", "erase has no option --rnage"],
    ["erase --no-all", "erase has no option --no-all"],
    ["erase --all extra", "erase takes no further argument: extra"],
    ["read", "read needs FILE"],
    ["read a b", "read takes no further argument: b"],
    ["write a --frmat hex", "write has no option --frmat"],
    ["write a --format elff", "--format elff is not valid: it takes one of bin, hex, srec, uf2, elf"],
    ["read a --format elf", "--format elf is not valid: it takes one of bin, hex, srec, uf2"],
    ["write a --dry-run --assume-blank", "--dry-run and --assume-blank cannot be used together"],
    [
      "info --spi-clock 8",
      "--spi-clock 8 is not valid: it takes a clock with its unit, such as 8MHz, 500kHz or 1000000Hz",
    ],
    ["info --baud fast", "--baud fast is not valid: it takes a rate of 300 to 20000000 baud"],
    ["info --protocol spi", "--protocol spi is not valid: it takes one of auto, native, serprog"],
    ["info -p tcp://host", "port tcp://host: expected tcp://HOST:PORT"],
    ["info -p sim:", "port sim:: something must follow sim:"],
    ["info --verify", "info has no option --verify"],
    ["list --port x", "list has no option --port"],
    ["sim", "--chip is needed: it takes the name of a simulated chip, such as AT25SF041"],
    ["sim --chip X --listen 4000", "--listen 4000 is not valid: it takes HOST:PORT, such as 127.0.0.1:4000"],
    ["sim --chip X?file=a --image b", "--image and the setting file= of --chip cannot be used together"],
    ["read - --json", "stdout cannot carry both the file and --json"],
    ["read \u001b[31m \u202e", "read takes no further argument: \\u{202e}"],
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
    ["hepl", "Did you mean help? `norbridge --help` shows all commands."],
    ["help wirte", "Did you mean write? `norbridge --help` shows all commands."],
    ["append", "Did you mean log append?"],
    [
      "log apend",
      "Did you mean log append? Available: log info, log read, log append, log rotate, log append-to-scratch, log clear.",
    ],
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
        hint: "Correct the command line. Run the command with --help.",
        ran: "read",
        exit: 2,
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

  it("of a group, and in every way that people ask for it", async () => {
    const { stdout } = await usage("log --help");
    await expect(stdout).toMatchFileSnapshot("../golden/help/log.txt");
    for (const line of ["help log", "log help", "log -h"]) expect((await usage(line)).stdout).toBe(stdout);
    const write = (await usage("write --help")).stdout;
    for (const line of ["help write", "-h write", "write a.bin --help", "help write x"]) {
      expect((await usage(line)).stdout).toBe(write);
    }
    const all = (await usage("--help")).stdout;
    for (const line of ["help", "-h", "-q --help"]) expect((await usage(line)).stdout).toBe(all);
  });

  it.each([40, 80, 132])("fits %d columns", async (columns) => {
    for (const words of [["--help"], ...commands.map(({ name }) => ["help", ...name.split(" ")])]) {
      const io = fakeIo();
      io.stdout.width = columns;
      await runCli(words, io);
      // Examples and names are to be copied: they are not broken.
      const prose = io.stdout.text
        .split("\n")
        .filter((line) => !/^ +(?:[A-Z_]+=\S+ )?(?:norbridge|-)|^Usage/.test(line));
      const unbroken = prose.filter((line) => line.length > columns && line.trim().includes(" "));
      expect(unbroken).toEqual([]);
    }
  });

  it("is written for 80 columns if the terminal says 0", async () => {
    const io = fakeIo();
    io.stdout.width = 0;
    await runCli(["write", "--help"], io);
    expect(io.stdout.text).toBe((await usage("write --help")).stdout);
  });

  it("lists the values of every closed list", async () => {
    for (const command of commands) {
      const { stdout } = await usage(`${command.name} --help`);
      const text = stdout.replace(/\s+/g, " ");
      for (const option of command.options) {
        if (option.kind === "flag" || option.values === undefined) continue;
        for (const value of option.values) expect(text).toMatch(new RegExp(`[ :]${value}[ ,]`));
      }
    }
  });

  it("does not follow the language of the machine, and needs no file", async () => {
    expect((await usage("write --help")).stdout).toBe((await usage("write a.bin -h")).stdout);
  });

  it.each(["--version", "-V"])("%s", async (line) => {
    const { code, stdout } = await usage(line);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^norbridge \d+\.\d+\.\d+\n$/);
  });
});

describe("words of other tools", () => {
  it.each([
    ["flash a.bin", "norbridge write a.bin"],
    ["program a.bin", "norbridge write a.bin"],
    ["download a.bin", "norbridge write a.bin"],
    ["write-flash 0x1000 a.bin", "norbridge write a.bin --offset 0x1000"],
    ["write_flash 0x1000 a.bin", "norbridge write a.bin --offset 0x1000"],
    ["read-flash 0 0x400000 a.bin", "norbridge read a.bin --offset 0 --length 0x400000"],
    ["read_flash", "norbridge read FILE"],
    ["backup a.bin", "norbridge read a.bin"],
    ["erase-region 0x1000 64k", "norbridge erase --range 0x1000,64k"],
    ["erase_region", "norbridge erase --range START,LENGTH"],
    ["erase_flash", "norbridge erase --all"],
    ["probe", "norbridge info"],
    ["flash_id", "norbridge info"],
    ["-r a.bin", "norbridge read a.bin"],
    ["-w a.bin", "norbridge write a.bin"],
    ["-v a.bin", "norbridge verify a.bin"],
    ["-E", "norbridge erase --all"],
    ["-L", "norbridge chips"],
    ["--wp-status", "norbridge protect status"],
    ["-U flash:w:a.hex:i", "norbridge write a.hex"],
    ["-Uflash:r:a.bin:r", "norbridge read a.bin"],
    ["-U flash:v:a.hex", "norbridge verify a.hex"],
    ["version", "norbridge --version"],
  ])("norbridge %s -> %s", async (line, ours) => {
    const { code, stderr } = await usage(line);
    expect(code).toBe(2);
    expect(stderr).toContain(`hint:  Type \`${ours}\`.`);
    // What is proposed is a command line that exists.
    const help = await usage(`${ours.replace("norbridge ", "")} --help`);
    expect(help.code).toBe(0);
    for (const [option] of ours.matchAll(/--[a-z-]+/g)) expect(help.stdout).toContain(option);
  });

  it.each([
    ["write a --address 0", "Here it is --offset."],
    ["erase --region 0,4k", "Here it is --range."],
    ["write f.bin --ifd -i bios", "Here it is --layout."],
    ["info --programmer x", "Here it is --port."],
    ["info --speed 1M", "Here it is --spi-clock."],
    ["write a -V", "Here it is --no-verify."],
    ["write a -n", "Here it is --no-verify."],
    ["write a --verify", "`write` verifies by itself; --no-verify turns that off."],
    ["write a --force", "norbridge cannot be forced."],
    ["info -p serprog:dev=/dev/ttyACM0:115200", "Here it is `--port /dev/ttyACM0 --baud 115200 --protocol serprog`."],
    ["info -pserprog:ip=10.0.0.1:4000", "Here it is `--port tcp://10.0.0.1:4000 --protocol serprog`."],
    ["write a --format hxe", "Did you mean hex?"],
    ["info --protocol serporg", "Did you mean serprog?"],
    ["log info --layout px-logfs", "Did you mean px-log-fs?"],
    ["firmware --board pcio", "Did you mean pico?"],
    ["chips AT25SF40", "Did you mean AT25SF041?"],
    ["info -p sim:AT25SF041?sede=1", "Available: file,"],
    ["read -o a", "The file has no option: `norbridge read FILE`."],
    ["list --force", "Run `norbridge list --help` to see the options."],
  ])("norbridge %s", async (line, hint) => {
    const { code, stderr } = await usage(line);
    expect(code).toBe(2);
    expect(stderr).toContain(`hint:  ${hint}`);
  });
});

describe("a range in two ways", () => {
  it.each([
    ["erase --range 0,4k --offset 0", "--range and --offset cannot be used together"],
    ["read a --range 0,4k --length 1", "--range and --length cannot be used together"],
    ["write a --range 0,4k --offset 0", "--range and --offset cannot be used together"],
    ["log read --range 0,4k --length 1", "--range and --length cannot be used together"],
    ["erase --offset 64k", "--length is missing: this command needs both ends of the range"],
    ["erase --length 64k", "--offset is missing: this command needs both ends of the range"],
    ["blank-check --offset 0 --length 0", "--length 0 is not a valid length of a range: it must be above 0"],
    ["blank-check --range 0,4k --all", "a range and --all cannot be used together"],
    ["protect on --offset 0 --length 4k --range 0,4k", "--range and --offset cannot be used together"],
  ])("norbridge %s", async (line, message) => {
    const { code, stderr } = await usage(line);
    expect([code, stderr.split("\n")[0]]).toEqual([2, `error: ${message}`]);
  });

  it("is an option of every command that has one of the three", () => {
    const names = ["range", "offset", "length"];
    for (const { name, options } of commands) {
      const some = options.filter((option) => names.includes(option.name)).length;
      expect([name, some === 0 || some === 3]).toEqual([name, true]);
    }
  });
});
