/** Settings that are not typed: where they are found, which of them holds, and what a stranger's file may not do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configSchemaText } from "../../../src/cli/config/config-schema.ts";
import { configPlaces } from "../../../src/cli/config/config-places.ts";
import {
  configurableOptions,
  environmentNameOf,
  fileOptions,
  mayComeWithFolder,
} from "../../../src/cli/config/configurable.ts";
import { commands } from "../../../src/cli/commands/commands.ts";
import { runCli } from "../../../src/cli/program/run-cli.ts";
import { fakeIo, jsonLines } from "../../support/fake-io.ts";

let root = "";
let cwd = "";
let home = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "norbridge-config-"));
  cwd = join(root, "work");
  home = join(root, "home");
  mkdirSync(cwd);
  mkdirSync(join(home, "norbridge"), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const inFolder = (content: unknown): void => {
  writeFileSync(join(cwd, "norbridge.config.json"), text(content));
};
const inHome = (content: unknown): void => {
  writeFileSync(join(home, "norbridge/norbridge.config.json"), text(content));
};
const text = (content: unknown): string => (typeof content === "string" ? content : JSON.stringify(content));

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(line: string, env: Record<string, string> = {}): Promise<Said> {
  const io = fakeIo({ cwd, env: { XDG_CONFIG_HOME: home, XDG_STATE_HOME: join(root, "state"), ...env } });
  const code = await runCli(line.split(" "), io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** What holds, as `norbridge config` shows it: name, value and the kind of its source. */
async function holds(line = "", env: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { stdout } = await run(`config --json${line === "" ? "" : ` ${line}`}`, env);
  const result = jsonLines(stdout).at(-1) as { settings: { name: string; value: unknown; kind: string }[] };
  const set = result.settings.filter(({ value }) => value !== null);
  return Object.fromEntries(set.map(({ name, value, kind }) => [name, [value, kind]]));
}

describe("one rule for names", () => {
  it("makes a variable of every connection option, but of none that agrees to a loss", () => {
    const names = configurableOptions.map(environmentNameOf);
    expect(names).toContain("NORBRIDGE_SPI_CLOCK");
    for (const { options } of commands) {
      for (const option of options) {
        if (!/^(?:permanent|unprotect|accept|overwrite|all|no-verify|assume|restart|discard)/.test(option.name))
          continue;
        expect(environmentNameOf(option)).toBeUndefined();
      }
    }
  });

  it.each(configurableOptions.map((option) => [environmentNameOf(option) ?? "", option] as const))(
    "%s stands for its option, and is named if it is wrong",
    async (name, option) => {
      const { code, stderr } = await run("info", { [name]: "\u0001" });
      // Any text is a path or a name; whether there is such a thing turns out later.
      if (option.kind === "value" && option.read("\u0001") !== undefined) return;
      expect(code).toBe(2);
      expect(stderr).toContain(`error: ${name} \\x01 is not valid: it takes `);
    },
  );

  it("takes an empty variable for none", async () => {
    const env = Object.fromEntries(configurableOptions.map((option) => [environmentNameOf(option) ?? "", ""]));
    expect(await holds("", env)).toEqual({});
  });
});

describe("who wins", () => {
  const everywhere = { "spi-clock": "4MHz", profiles: { p: { "spi-clock": "3MHz" } } };

  it("typed, environment, profile, folder, user, in this order", async () => {
    inFolder(everywhere);
    inHome({ "spi-clock": "5MHz" });
    const env = { NORBRIDGE_SPI_CLOCK: "2MHz" };
    expect(await holds("--spi-clock 1MHz --profile p", env)).toEqual({ "spi-clock": ["1MHz", "typed"] });
    expect(await holds("--profile p", env)).toEqual({ "spi-clock": ["2MHz", "environment"] });
    expect(await holds("--profile p")).toEqual({ "spi-clock": ["3MHz", "file"] });
    expect(await holds()).toEqual({ "spi-clock": ["4MHz", "file"] });
    inFolder({});
    expect(await holds()).toEqual({ "spi-clock": ["5MHz", "file"] });
    expect(await holds("--no-config")).toEqual({});
    expect(await holds("", { NORBRIDGE_NO_CONFIG: "1" })).toEqual({});
  });

  it("the closer file, also over what contradicts it", async () => {
    inHome({ fast: true, "chip-file": "c.json", checked: true, profiles: { p: { paranoid: true, unchecked: true } } });
    expect(await holds("--paranoid --chip AT25SF041")).toEqual({
      chip: ["AT25SF041", "typed"],
      paranoid: [true, "typed"],
      checked: [true, "file"],
    });
    expect(Object.keys(await holds("--profile p"))).toEqual(["chip-file", "paranoid", "unchecked"]);
    expect(Object.keys(await holds("", { NORBRIDGE_FAST: "no" }))).toEqual(["chip-file", "checked"]);
  });

  it("false in a profile switches off what the file sets", async () => {
    inHome({ paranoid: true, profiles: { quick: { paranoid: false } } });
    expect(await holds("--profile quick")).toEqual({});
  });

  it("two variables that contradict each other are both named", async () => {
    const { code, stderr } = await run("info", { NORBRIDGE_FAST: "1", NORBRIDGE_PARANOID: "1" });
    expect([code, stderr.split("\n")[0]]).toEqual([
      2,
      "error: NORBRIDGE_PARANOID and NORBRIDGE_FAST cannot be used together",
    ]);
  });
});

describe("profiles", () => {
  it("are named by option, variable or file, and come from the folder before the user", async () => {
    inHome({ profile: "a", profiles: { a: { baud: 1200 }, b: { baud: 2400 }, c: { baud: 4800 } } });
    inFolder({ profiles: { c: { baud: 9600 } } });
    expect(await holds()).toEqual({ baud: ["1200", "file"] });
    expect(await holds("", { NORBRIDGE_PROFILE: "b" })).toEqual({ baud: ["2400", "file"] });
    expect(await holds("--profile c", { NORBRIDGE_PROFILE: "b" })).toEqual({ baud: ["9600", "file"] });
  });

  it.each([
    ["--profile benhc", {}, "--profile benhc: there is no such profile", "Available: bench."],
    ["", { NORBRIDGE_PROFILE: "x" }, "NORBRIDGE_PROFILE x: there is no such profile", "Available: bench."],
    ["--profile x --no-config", {}, "--profile and --no-config cannot be used together", ""],
  ])("info %s with %j", async (words, env, message, hint) => {
    inFolder({ profiles: { bench: {} } });
    const { code, stderr } = await run(`info ${words}`.trim(), env);
    expect([code, stderr.split("\n")[0]]).toEqual([2, `error: ${message}`]);
    expect(stderr).toContain(hint);
  });

  it("that are asked for where there is no file at all say where files are looked for", async () => {
    const { code, stderr } = await run("info --profile bench");
    expect(code).toBe(2);
    expect(stderr).toContain(join(cwd, "norbridge.config.json"));
    expect(stderr).toContain(join(home, "norbridge/norbridge.config.json"));
  });
});

describe("a file that is not right is exit 9, with line and column", () => {
  it.each([
    ["[]", "1:1: a configuration file must be an object: { ... }"],
    ['{\n "buad": 9600\n}', '2:2: "buad" is not a setting'],
    ['{"spi_clock": "8MHz"}', '1:2: "spi_clock" is not a setting'],
    ['{"unprotect": true}', '1:2: "unprotect" is not a setting'],
    ['{"record": "x.rec"}', '1:2: "record" is not a setting'],
    ['{"no-journal": true}', '1:2: "no-journal" is not a setting'],
    ['{"baud": "fast"}', '1:10: "baud" cannot be "fast": it takes a rate of 300 to 20000000 baud, in double quotes'],
    ['{"baud": 96.5}', '1:10: "baud" cannot be 96.5: it takes a rate of 300 to 20000000 baud, in double quotes'],
    [
      '{"spi-clock": 8}',
      '1:15: "spi-clock" cannot be 8: it takes a clock with its unit, such as 8MHz, 500kHz or 1000000Hz, in double quotes',
    ],
    [
      '{"protocol": "spi"}',
      '1:14: "protocol" cannot be "spi": it takes one of auto, native, serprog, in double quotes',
    ],
    ['{"port": ""}', '1:10: "port" cannot be "": it takes a port, see --help, in double quotes'],
    ['{"port": ["a"]}', '1:10: "port" cannot be a list or object: it takes a port, see --help, in double quotes'],
    ['{"port": "tcp:x"}', "1:10: port tcp:x: expected tcp://HOST:PORT"],
    ['{"paranoid": "yes"}', '1:14: "paranoid" must be true or false'],
    ['{"paranoid": true, "fast": true}', '1:20: "fast" and "paranoid" cannot be used together'],
    ['{"profiles": []}', '1:14: "profiles" must be an object: { ... }'],
    ['{"profiles": {"a b": {}}}', '1:15: "a b" is not a profile name: letters, digits, ".", "_" and "-", at most 64'],
    ['{"profiles": {"a": {"profile": "b"}}}', '1:21: "profile" is not a setting'],
    ['{"profile": "x", "profiles": {"yy": {}}}', "1:13: there is no profile x; there are: yy"],
    ['{"profile": 1}', "1:13: expected the name of a profile in double quotes"],
    ['{"baud": 9600, "baud": 9600}', '1:16: "baud" stands here twice'],
    ['{"\\u001b[31m": 1}', '1:2: "\\u001b[31m" is not a setting'],
  ])("%s", async (content, message) => {
    inHome(content);
    const { code, stderr } = await run("info");
    expect(stderr.split("\n")[0]).toBe(`error: ${join(home, "norbridge/norbridge.config.json")}:${message}`);
    expect(code).toBe(9);
  });

  it("and a key that nearly is one is proposed", async () => {
    for (const [key, ours] of [
      ["buad", "baud"],
      ["spi_clock", "spi-clock"],
      ["spiClock", "spi-clock"],
      ["chipfile", "chip-file"],
      ["profles", "profiles"],
    ]) {
      inHome({ [key ?? ""]: "x" });
      expect((await run("info")).stderr).toContain(`hint:  Did you mean "${ours ?? ""}"?`);
    }
  });

  it("and so is one that is no text, or no file", async () => {
    writeFileSync(join(cwd, "norbridge.config.json"), Uint8Array.of(0x7b, 0xff, 0x7d));
    expect((await run("info")).stderr).toContain("is not UTF-8 text");
    rmSync(join(cwd, "norbridge.config.json"));
    mkdirSync(join(cwd, "norbridge.config.json"));
    expect((await run("info")).code).toBe(9);
    expect((await run("info --no-config -p sim:AT25SF041")).code).toBe(0);
  });
});

describe("a file in the working folder may come from a stranger", () => {
  it.each([
    [{ port: "sim:AT25SF041?file=precious.bin" }, "a port that is not a real device"],
    [{ port: "image:precious.bin" }, "a port that is not a real device"],
    [{ port: "replay:x.rec" }, "a port that is not a real device"],
    [{ port: "/home/me/precious" }, "a port that is not a real device"],
    [{ port: "/dev/../home/me/precious" }, "a port that is not a real device"],
    [{ journal: "/tmp/x" }, '"journal"'],
    [{ "chip-file": "x.json" }, '"chip-file"'],
    [{ fast: true }, '"fast"'],
    [{ checked: true }, '"checked"'],
    [{ profiles: { p: { checked: true } } }, '"checked"'],
  ])("%j is refused, also with no use made of it", async (content, what) => {
    inFolder(content);
    const { code, stderr } = await run("write a.bin -p /dev/ttyACM9");
    expect(stderr).toContain(`${what} is not allowed in a file in the working folder\n`);
    expect(code).toBe(9);
    // The same words are the user's to say.
    rmSync(join(cwd, "norbridge.config.json"));
    inHome(content);
    expect((await run("config")).code).toBe(0);
  });

  it("and what it sets is reported in one line, even before the port is opened", async () => {
    inFolder({ port: "tcp://127.0.0.1:1", baud: 9600, profiles: { p: { unchecked: true } } });
    const { stderr } = await run("info --profile p");
    expect(stderr.split("\n")[0]).toBe(
      "note: norbridge.config.json in this folder sets unchecked, port tcp://127.0.0.1:1, baud 9600 (profile p)",
    );
    // What is typed is not changed by it.
    expect((await run("info -p sim:AT25SF041 -b 115200")).stderr).not.toContain("sets");
  });

  it("but the user's own file is not: -v shows where its values come from", async () => {
    inHome({ port: "sim:AT25SF041" });
    expect((await run("info")).stderr).not.toContain("note: --port");
    expect((await run("info -v")).stderr).toContain(
      `note: --port sim:AT25SF041: ${join(home, "norbridge/norbridge.config.json")}:1:9\n`,
    );
  });

  it("and the folders above are not searched", async () => {
    writeFileSync(join(root, "norbridge.config.json"), "nonsense");
    expect((await run("info -p sim:AT25SF041")).code).toBe(0);
  });

  it("has fewer settings than the user's, by name", () => {
    expect(fileOptions.filter((option) => !mayComeWithFolder(option)).map(({ name }) => name)).toEqual([
      "chip-file",
      "fast",
      "checked",
      "journal",
    ]);
  });
});

describe("what uses the settings", () => {
  it("the port and the chip of a command", async () => {
    inHome({ port: "sim:AT25SF041" });
    const { code, stdout } = await run("info --json");
    expect([code, jsonLines(stdout).at(-1)]).toMatchObject([0, { ok: true, chip: { name: "AT25SF041" } }]);
  });

  it("a recording holds them as if they had been typed, but no port and no profile", async () => {
    inHome({ profiles: { p: { port: "sim:AT25SF041", "spi-clock": "1MHz", paranoid: true } } });
    const record = join(root, "a.rec");
    expect((await run(`info -q --profile p --record ${record}`)).code).toBe(0);
    const head = readFileSync(record, "utf8").split("\n")[0] ?? "";
    expect(head).toContain('"info","-q","--spi-clock=1MHz","--paranoid"');
    // Played back elsewhere, with other settings around it, it is the same.
    inHome({ fast: true, "spi-clock": "2MHz" });
    expect((await run(`replay ${record}`)).code).toBe(0);
  });

  it("commands without a port have none", async () => {
    inHome("nonsense");
    expect((await run("chips AT25SF041")).code).toBe(0);
    expect((await run("sim --help")).code).toBe(0);
    expect((await run("jobs")).code).toBe(9);
  });

  it("norbridge config says what was looked at, and which variable nearly is one", async () => {
    inFolder({ profiles: { bench: {} } });
    const { stdout, stderr } = await run("config", { NORBRIDGE_BUAD: "9600" });
    expect(stdout).toContain(`${join(cwd, "norbridge.config.json")}: read, profiles: bench\n`);
    expect(stdout).toContain(`${join(home, "norbridge/norbridge.config.json")}: not found\n`);
    expect(stdout).toMatch(/^baud +- +default: 115200$/m);
    expect(stderr).toContain("NORBRIDGE_BUAD is not a variable of norbridge; did you mean NORBRIDGE_BAUD?");
  });
});

it.each([
  ["linux", { HOME: "/h" }, "/h/.config/norbridge/norbridge.config.json"],
  ["linux", { HOME: "/h", XDG_CONFIG_HOME: "/x" }, "/x/norbridge/norbridge.config.json"],
  ["linux", { HOME: "/h", XDG_CONFIG_HOME: "x" }, "/h/.config/norbridge/norbridge.config.json"],
  ["linux", { HOME: "relative" }, undefined],
  ["linux", { HOME: "" }, undefined],
  ["linux", {}, undefined],
  ["macos", { HOME: "/Users/h" }, "/Users/h/Library/Application Support/norbridge/norbridge.config.json"],
  ["windows", { APPDATA: "C:\\A" }, "C:\\A\\norbridge\\norbridge.config.json"],
  ["windows", { USERPROFILE: "C:\\U" }, "C:\\U\\AppData\\Roaming\\norbridge\\norbridge.config.json"],
] as const)("on %s with %j the user's file is %s", (system, env, path) => {
  const places = configPlaces(system === "windows" ? "C:\\w" : "/w", env, system);
  expect(places[0]?.owner).toBe("folder");
  expect(places[1]?.path).toBe(path);
});

it("in the folder of the user's configuration file, that file is used", () => {
  expect(configPlaces("/x/norbridge", { XDG_CONFIG_HOME: "/x" }, "linux")).toEqual([
    { path: "/x/norbridge/norbridge.config.json", owner: "user" },
  ]);
});

it("the published schema is that of the table of options", async () => {
  await expect(configSchemaText()).toMatchFileSnapshot("../../../schema/norbridge-config.schema.json");
});
