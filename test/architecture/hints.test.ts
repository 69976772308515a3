/**
 * The engine names no option and no command: it is used by other programs as well. The command line names its own
 * (src/cli/output/remedy-text.ts), and only such as its parser accepts.
 */
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { connectionOptions, outputFlags, versionFlag } from "../../src/cli/options/options.ts";
import { parseCommandLine } from "../../src/cli/arguments/parse-command-line.ts";
import { NorbridgeError } from "../../src/errors.ts";
import { sourceFiles, textsOf, textsOfFile } from "../support/source-texts.ts";

const ENGINE = [
  "drivers",
  "src/advice.ts",
  "src/bytes.ts",
  "src/checks.ts",
  "src/clock.ts",
  "src/errors.ts",
  "src/stream.ts",
  "src/bridge",
  "src/disk",
  "src/doctor",
  "src/extract",
  "src/files",
  "src/flash",
  "src/jobs",
  "src/journal",
  "src/ledger",
  "src/recipe",
  "src/recording",
  "src/runner",
  "src/sim",
  "src/storage",
  "src/transport",
];

/** Texts that look like an option or a command and are none that a person is told to use. */
const NO_HINTS: Readonly<Record<string, readonly string[]>> = {
  "src/journal/journal-bounds.ts": ["--size", "--chip-file"], // compared with the words that a journal has kept
  "src/storage/stream-flash/progress-text.ts": ["norbridge stream progress"], // the mark of such a file
  "src/runner/recording-file.ts": ["--port", "--record", "--journal", "--report"], // words that a recording leaves out
  "src/runner/connection-request.ts": [
    // The words in which a journal keeps a connection.
    ...["--port", "--protocol", "--baud", "--spi-clock", "--chip", "--chip-file", "--size", "--checked", "--unchecked"],
  ],
  "src/doctor/udev-rule.ts": [
    "# ${}: then run `sudo udevadm control --reload && sudo udevadm trigger` and plug the bridge in again.", // of udevadm
  ],
  "src/transport/occupied.ts": ["norbridge sim: another client is connected\r\n"], // what `sim` itself sends
};

const OPTION = /(?<![\w-])--[a-z][a-z-]*/g;
const FIRST_WORDS = [...new Set(commands.map(({ name }) => name.split(" ")[0]))].join("|");
const COMMAND = new RegExp(`\\bnorbridge (${FIRST_WORDS})\\b`);

function namesCommandLine(text: string): boolean {
  return new RegExp(OPTION).test(text) || COMMAND.test(text);
}

describe("the engine", () => {
  it("names no option and no command of the command line", () => {
    const wrong = new Map<string, string[]>();
    for (const file of sourceFiles(ENGINE)) {
      const texts = textsOfFile(file, /--|norbridge/)
        .filter(({ text }) => namesCommandLine(text) && NO_HINTS[file]?.includes(text) !== true)
        .map(({ text, line }) => `${line}: ${text}`);
      if (texts.length > 0) wrong.set(file, texts);
    }
    expect([...wrong]).toEqual([]);
  });

  it("is read with all forms of text", () => {
    const [sum, template, inner] = textsOf('f("lower " + "--baud"); g(`run ${ok ? "`norbridge list`" : x}`);');
    expect(sum?.text).toBe("lower --baud");
    expect(template?.text).toBe("run ${}");
    expect(inner?.text).toBe("`norbridge list`");
    expect(textsOf('import a from "--a"; type B = "--b"; // --c')).toEqual([]);
    expect(["lower --baud", "`norbridge log info` says it"].every(namesCommandLine)).toBe(true);
    expect(["a - b -- c", "norbridge simulator", "a--b"].some(namesCommandLine)).toBe(false);
  });
});

/** Words of yargs, of the completion scripts and of Node. */
const OTHERS = ["--help", "--get-yargs-completions", "--get-completions", "--semi-space-growth-factor"];
/** The options of other programs, which this one only recognises. */
const FOREIGN = /^src\/cli\/arguments\/foreign-/;

describe("the command line", () => {
  const texts = sourceFiles(["src/cli", "src/runner"]).flatMap((file) =>
    textsOfFile(file, /--|norbridge/).map((found) => ({ file, ...found })),
  );
  const named = texts.flatMap(({ file, line, text }) =>
    [...text.matchAll(/`norbridge ([^`]+)`/g)].map(([, words = ""]) => ({ place: `${file}:${line}`, words })),
  );

  it("names only commands that its parser accepts", async () => {
    expect(named.length).toBeGreaterThan(20);
    const refused: string[] = [];
    for (const [words, place] of new Map(named.map((one) => [one.words, one.place]))) {
      const why = await refusal(words.replaceAll("${}", "4096").replace("COMMAND", "info").split(" "));
      if (why !== undefined) refused.push(`${place}: norbridge ${words}: ${why}`);
    }
    expect(refused).toEqual([]);
  });

  it("names only options that a command has", () => {
    const options = [...commands.flatMap((one) => one.options), ...connectionOptions, ...outputFlags, versionFlag];
    const known = new Set([...options.map(({ name }) => `--${name}`), ...OTHERS]);
    const own = texts.filter(({ file }) => !FOREIGN.test(file));
    const unknown = own.flatMap(({ file, line, text }) =>
      [...text.matchAll(OPTION)]
        .filter(([option]) => !known.has(option))
        .map(([option]) => `${file}:${line} ${option}`),
    );
    expect(unknown).toEqual([]);
  });

  it("notices a command that is refused", async () => {
    expect(await refusal(["read", "--udev", "a.bin"])).toContain("no option");
    expect(await refusal(["raed"])).toContain("no command");
    expect(await refusal(["erase", "--range", "here"])).toContain("not valid");
    expect(await refusal(["erase", "--range", "0x1000,4096"])).toBeUndefined();
    expect(await refusal(["write"])).toBeUndefined();
  });
});

/** Why the parser refuses these words; what a hint leaves to the reader (a file, a needed option) is not a reason. */
async function refusal(words: readonly string[]): Promise<string | undefined> {
  try {
    await parseCommandLine(words);
    return undefined;
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    return /(?<!is) needs |is needed/.test(error.message) ? undefined : error.message;
  }
}
