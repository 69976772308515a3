/** `norbridge doctor` on bridges and chips with one illness each, and recordings of them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { createRandom } from "../../src/sim/random.ts";
import { runCli as runProgram, runQuickly as runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-doctor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

describe("finds the one illness", { timeout: 60_000 }, () => {
  it.each([
    ["none", "sim:AT25SF041", 0, /nothing is wrong/],
    ["no chip", "sim:AT25SF041?missing=ff", 1, /no chip drives MISO/],
    ["MISO at ground", "sim:AT25SF041?missing=00", 1, /held low/],
    ["slow wires", "sim:AT25SF041?soundClock=6MHz", 1, /--spi-clock 3\.75MHz/],
    ["wires too slow for anything", "sim:AT25SF041?soundClock=400kHz", 1, /one bit too late/],
    ["a noisy line", "sim:AT25SF041?flipRate=0.0005", 1, /damages bytes/],
    ["a mute bridge", "sim:AT25SF041?muteAtMs=0", 1, /does not respond/],
    ["an unchecked bridge", "sim:W25Q128JV?bridge=frser-duino", 0, /nothing is wrong/],
    ["no port", "/dev/ttyNORBRIDGE", 1, /the port does not exist/],
  ])("%s", async (_, port, code, text) => {
    const done = await runCli(["doctor", "-p", port]);
    expect(done.stdout + done.stderr).toMatch(text);
    expect(done.code).toBe(code);
  });

  it("says so in JSON, with a number for every clock", async () => {
    const done = await runCli(["doctor", "-p", "sim:AT25SF041?missing=ff", "--json"]);
    const result = JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(result).toMatchObject({ ok: false, cause: expect.stringContaining("MISO") as unknown });
  });

  it("a wrong option is an error and no illness; --udev prints a rule", async () => {
    expect((await runCli(["doctor", "-p", "sim:AT25SF041?speed=9"])).code).toBe(2);
    const rule = await runCli(["doctor", "--udev"]);
    expect([rule.code, rule.stdout]).toEqual([0, expect.stringContaining('TAG+="uaccess"')]);
  });

  it("writes nothing to the chip, and one report that names no path", async () => {
    const chip = path("chip.bin");
    const old = createRandom("doctor").bytes(524_288);
    writeFileSync(chip, old);
    const report = path("report.json");
    const done = await runCli(["doctor", "-p", `sim:AT25SF041?file=${chip}`, "--report", report]);
    expect(done.code).toBe(0);
    expect(Buffer.compare(readFileSync(chip), old)).toBe(0);
    const text = readFileSync(report, "utf8");
    expect(JSON.parse(text)).toMatchObject({ type: "doctor-report", v: 1 });
    expect(text).not.toContain(folder);
  });
});

describe("a recording", { timeout: 120_000 }, () => {
  const image = path("image.bin");
  writeFileSync(image, createRandom("recorded").bytes(8000));

  it.each([
    ["a good job", "sim:AT25SF041", 0],
    ["a bridge that restarts in the middle", "sim:AT25SF041?resetAtMs=100", 0],
    ["a noisy line", "sim:AT25SF041?flipRate=0.0001&dropRate=0.0001", 0],
    ["a chip that does not take a bit", "sim:AT25SF041?stuckAt=0x200:3", 8],
    ["no chip", "sim:AT25SF041?missing=ff", 6],
    ["a serprog bridge", "sim:AT25SF041?bridge=stm32-vserprog", 0],
    ["power that goes in the middle", "sim:AT25SF041?powerCutAt=9000", 10],
  ])("of %s, played back, ends as it did, byte for byte", async (name, port, code) => {
    const file = path(`${name.replaceAll(" ", "-")}.rec`);
    const words = ["write", image, "--offset", "0x123", "-p", port, "--record", file];
    const first = await runCli(words, { cwd: folder });
    expect(first.code, first.stderr).toBe(code);
    const again = await runCli(["replay", file, "--input", image, "--json"], { cwd: folder });
    const result = JSON.parse(again.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(result).toMatchObject({ ok: true, level: "bytes", now: { exitCode: code } });
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(folder);
    // Never over another one.
    expect((await runCli(words, { cwd: folder })).code).toBe(9);
  });

  it("of a bridge in real time, played back step by step, ends as it did", async () => {
    const params = parseSimParameters("AT25SF041B", new Map([["baud", "2000000"]]));
    const server = await serveSimulation({ params, host: "127.0.0.1", port: 0, realtime: true, clock: realClock });
    const file = path("live.rec");
    try {
      const port = `tcp://127.0.0.1:${server.address.port}`;
      const done = await runProgram(["write", image, "-p", port, "--record", file, "--no-journal"], { cwd: folder });
      expect(done.code, done.stderr).toBe(0);
      expect(readFileSync(file, "utf8")).not.toContain("127.0.0.1:0");
    } finally {
      await server.close();
    }
    const again = await runCli(["replay", file, "--input", image], { cwd: folder });
    expect([again.code, again.stdout], again.stderr).toEqual([0, "same result as recorded: exit 0\n"]);
  });

  it("that does not fit the program any more says where they part", async () => {
    const file = path("other.rec");
    expect((await runCli(["write", image, "-p", "sim:AT25SF041", "--record", file], { cwd: folder })).code).toBe(0);
    const other = path("other.bin");
    writeFileSync(other, createRandom("other").bytes(8000));
    const parted = await runCli(["write", other, "-p", `replay:${file}`], { cwd: folder });
    expect([parted.code, parted.stderr]).toEqual([
      1,
      expect.stringContaining("the replay differs from the recording: after"),
    ]);
    const steps = await runCli(["write", other, "-p", `replay-steps:${file}`], { cwd: folder });
    expect([steps.code, steps.stderr]).toEqual([1, expect.stringContaining("it has no result for")]);
  });

  it("that is damaged, empty or none says the line", async () => {
    for (const [text, line] of [
      ["", "line 1"],
      ["{}\n", "line 1"],
      ['{"v":1,"type":"recording","command":["info"]}\n{"type":"up","us":1,"data":"zz"}\n', "line 2"],
      ['{"v":1,"type":"recording","command":["info"]}\nnonsense\n', "line 2"],
    ] as const) {
      const file = path("damaged.rec");
      writeFileSync(file, text);
      const done = await runCli(["replay", file]);
      expect([done.code, done.stderr]).toEqual([9, expect.stringContaining(line)]);
    }
    expect(existsSync(path("nothing.rec"))).toBe(false);
    expect((await runCli(["replay", path("nothing.rec")])).code).toBe(9);
  });
});
