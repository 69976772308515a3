/** A recording comes from a stranger: what it says may be wrong in every way, and its words have no power over files. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseRecording, RecordingDamage } from "../../src/recording/recording.ts";
import { effort } from "../support/effort.ts";
import { runHere, runQuickly as runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-replay-"));
const mine = join(folder, "mine");
const theirs = join(folder, "theirs");
mkdirSync(mine);
mkdirSync(theirs);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const victim = join(mine, "victim.rc");
const env = { XDG_STATE_HOME: join(mine, "state"), TMPDIR: join(folder, "tmp") };
const recording = join(theirs, "bug.rec");
const image = join(theirs, "app.bin");
let honest = "";

/** Every file below `mine` and its bytes; and nothing may stay among the temporary files. */
function tree(): string[] {
  const files = readdirSync(mine, { recursive: true, encoding: "utf8" }).toSorted();
  const scratch = readdirSync(join(folder, "tmp"));
  return [...scratch, ...files].map((name) => {
    const path = join(mine, name);
    return statSync(path).isFile() ? `${name} ${readFileSync(path).toString("hex")}` : name;
  });
}

function forged(command: readonly unknown[], rest = honest): string {
  const path = join(theirs, "evil.rec");
  const lines = rest.split("\n");
  lines[0] = JSON.stringify({ ...(JSON.parse(lines[0] ?? "") as object), command });
  writeFileSync(path, lines.join("\n"));
  return path;
}

beforeAll(async () => {
  mkdirSync(join(folder, "tmp"));
  vi.stubEnv("TMPDIR", join(folder, "tmp"));
  writeFileSync(victim, "export PATH=/usr/bin\n");
  writeFileSync(join(mine, "dump.bin"), "MY ONLY COPY");
  writeFileSync(image, createRandom("replay").bytes(3000));
  const done = await runCli(["read", "dump.bin", "--length", "52", "-p", "sim:AT25SF041", "--record", recording], {
    cwd: theirs,
  });
  expect(done.code, done.stderr).toBe(0);
  honest = readFileSync(recording, "utf8");
});

describe("the words of a recording", () => {
  it("name no file that is made: an honest `read dump.bin` leaves the reader's own alone", async () => {
    const before = tree();
    const done = await runCli(["replay", recording], { cwd: mine, env });
    expect([done.code, done.stdout], done.stderr).toEqual([0, "same result as recorded: exit 0\n"]);
    expect(tree()).toEqual(before);
  });

  it("make, change and remove nothing, whatever command and option they are", { timeout: 120_000 }, async () => {
    const before = tree();
    const lines: unknown[][] = [
      ["sim", "--chip", "AT25SF041", "--listen", "127.0.0.1:0"],
      ["replay", recording],
      ["jobs", "--discard", "1"],
      ["read", victim, "--port", `image:${victim}?eraseBytes=1&pageBytes=1`],
      ["read", "-"],
      ["read", "../../../../../../tmp/x"],
      ["settings", "set", `a=@${victim}`, "--range", "0,16k"],
      ["safe", "set", `1=@${victim}`, "--range", "0,12k"],
      ["otp", "program", "--data", `@${victim}`, "--register", "1"],
      ["log", "append", "--data", `@${victim}`, "--layout", "fcb", "--range", "0,16k", "--magic", "1"],
      ["write", victim, "--keep-old"],
      ["erase", "--all", "--keep-old"],
      ["read", "--", "-p"],
      ["--help"],
      ["--version"],
      ["completion"],
      [],
      ["write"],
      ["read", "a", "b"],
      ["read", "x".repeat(100_000)],
      Array.from({ length: 5000 }, () => "read"),
    ];
    for (const command of commands) {
      const name = command.name.split(" ");
      const words = command.positionals.map(() => victim);
      lines.push([...name, ...words]);
      const options = [...command.options, { name: "record" }, { name: "chip-file" }, { name: "port" }];
      // Every third one, but in CI.
      for (const option of options.filter((_, index) => index % effort(3, 1) === 0)) {
        lines.push([...name, ...words, `--${option.name}`, victim]);
        if (effort(false, true)) lines.push([...name, ...words, `--${option.name}=${victim}`]);
      }
    }
    for (const line of lines) {
      const done = await runHere(["replay", forged(line), "-q"], env);
      const said = `${JSON.stringify(line).slice(0, 200)}: ${done.code} ${done.stderr}`;
      expect(tree(), said).toEqual(before);
      expect([0, 1, 2, 9], said).toContain(done.code);
      expect(done.stdout + done.stderr, said).not.toContain("export PATH");
    }
  });

  it("read no file either: the user who plays them back names it", async () => {
    const path = join(theirs, "write.rec");
    const words = [
      "write",
      image,
      "-p",
      "sim:AT25SF041",
      "--record",
      path,
      "--keep-old",
      "--journal",
      join(theirs, "j"),
    ];
    expect((await runCli(words)).code).toBe(0);
    writeFileSync(join(mine, "app.bin"), "mine");
    const refused = await runCli(["replay", path], { cwd: mine, env });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("Specify them: --input FILE.")]);
    const before = tree();
    const done = await runCli(["replay", path, "--input", image], { cwd: mine, env });
    expect([done.code, done.stdout], done.stderr).toEqual([0, "same result as recorded: exit 0\n"]);
    expect(tree()).toEqual(before);
  });

  it("reach the terminal only in print", async () => {
    const done = await runCli(["replay", forged(["read", "\u001b]0;PWN\u0007\u202e.bin"])], { cwd: mine, env });
    expect(done.stdout + done.stderr).not.toMatch(/[\u001b\u0007\u202e]/);
  });
});

describe("what a recording says", () => {
  const head = '{"v":1,"type":"recording","command":["info"]}\n';

  it.each([
    '{"type":"down","us":1e300,"data":""}',
    '{"type":"down","us":-1,"data":""}',
    '{"type":"open","us":0,"name":"x","baudRate":1e12,"isChecked":true}',
    `{"type":"open","us":0,"name":"${"x".repeat(1000)}","baudRate":1,"isChecked":true}`,
    '{"type":"step","us":0,"step":"x","result":{"kind":"poll","status":256}}',
    '{"type":"end","us":0,"exitCode":256,"code":""}',
    '{"type":"random","us":0,"value":4294967296}',
    "[]",
    "null",
    `"${"[".repeat(100)}"`,
  ])("is refused beyond what any program writes: %s", (line) => {
    expect(() => parseRecording(Buffer.from(`${head}${line}\n`))).toThrow(RecordingDamage);
  });

  it("is an answer only to what fits it, and not for ever", { timeout: 120_000 }, async () => {
    const random = createRandom("mutated");
    const lines = honest.split("\n");
    const tries = effort(6, 400);
    for (let index = 0; index < tries; index++) {
      const changed = [...lines];
      for (let change = 0; change <= random.intBelow(4); change++) {
        const at = 1 + random.intBelow(changed.length - 2);
        const line = changed[at] ?? "";
        const place = random.intBelow(Math.max(1, line.length));
        const kind = random.intBelow(4);
        if (kind === 0) changed.splice(at, 1);
        else if (kind === 1) changed.splice(at, 0, changed[1 + random.intBelow(changed.length - 2)] ?? "");
        else if (kind === 2)
          changed[at] = line.slice(0, place) + "0123456789abcdef".charAt(random.intBelow(16)) + line.slice(place + 1);
        else changed[at] = line.replace(/\d+/, () => String(random.intBelow(2 ** 31)));
      }
      const path = join(theirs, "mutated.rec");
      writeFileSync(path, changed.join("\n"));
      for (const words of [
        ["replay", path],
        ["info", "-p", `replay-steps:${path}`],
      ]) {
        const done = await runHere(words, env);
        expect(done.code, `${index}: ${done.stderr}`).not.toBe(70);
      }
    }
  });
});
