/** The real program against dumps opened as chips: what each command prints, writes and answers. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CliResult, cliProgram, ensureBuilt, runHere, runQuickly as runCli } from "../support/cli.ts";
import { jsonLines } from "../support/fake-io.ts";

const CHIP_BYTES = 65_536;

let folder = "";
beforeAll(ensureBuilt, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Byte at `index` of a pattern that repeats nowhere near. */
const pattern = (lengthBytes: number): Uint8Array =>
  new Uint8Array(lengthBytes).map((_, index) => (index * 31 + (index >> 8)) & 0xff);
const blank = (lengthBytes: number): Uint8Array => new Uint8Array(lengthBytes).fill(0xff);

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return name;
}

/** Runs a command on `chip.bin` of the test's folder. */
function onChip(words: readonly string[], options: { input?: Uint8Array } = {}): Promise<CliResult> {
  return runCli([...words, "--port", "image:chip.bin?pageBytes=256&eraseBytes=4096"], { ...options, cwd: folder });
}

const chipNow = (): Buffer => readFileSync(join(folder, "chip.bin"));

describe("a range", () => {
  /** In this process: nothing is asked about one. */
  const onChip = (words: readonly string[]): Promise<CliResult> =>
    runHere([...words, "--port", `image:${join(folder, "chip.bin")}?pageBytes=256&eraseBytes=4096`]);

  const path = (name: string): string => join(folder, name);

  it("is the same in both ways", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    file("part.bin", blank(4096));
    const dumps = [];
    for (const range of [
      ["--range", "4k,16"],
      ["--offset", "4k", "--length", "16"],
      ["--range", "0x1000..0x100f"],
    ]) {
      dumps.push((await onChip(["dump", ...range])).stdout);
      expect((await onChip(["blank-check", ...range])).code).toBe(1);
      expect((await onChip(["verify", path("part.bin"), ...range])).code).toBe(1);
    }
    expect(new Set(dumps).size).toBe(1);
    expect(dumps[0]?.split("\n")).toHaveLength(2);
    expect((await onChip(["write", path("part.bin"), "--range", "8k,100"])).code).toBe(0);
    const expected = Buffer.from(pattern(CHIP_BYTES)).fill(0xff, 8192, 8292);
    expect(chipNow().equals(expected)).toBe(true);
    expect((await onChip(["erase", "--offset", "12k", "--length", "4k"])).code).toBe(0);
    expect(chipNow().equals(expected.fill(0xff, 12_288, 16_384))).toBe(true);
  });

  it("does not move a file that has addresses of its own", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    writeFileSync(join(folder, "a.hex"), ":0410000001020304E2\n:00000001FF\n");
    const { code, stderr } = await onChip(["write", path("a.hex"), "--range", "0x1000,4k"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: --range cannot place ${path("a.hex")}: it is a hex file, which has addresses\n`);
    expect(chipNow().equals(blank(CHIP_BYTES))).toBe(true);
  });

  it("is the whole chip with blank-check --all", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    const { code, stdout } = await onChip(["blank-check", "--all"]);
    expect([code, stdout]).toEqual([0, "blank: 0x000000..0x00ffff (64 KiB)\n"]);
  });
});

describe("read", () => {
  it("a whole chip into a file", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const { code, stdout } = await onChip(["read", "out.bin"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^read 64 KiB into out\.bin in [0-9.]+ s, crc32 [0-9a-f]{8}\n$/);
    expect(readFileSync(join(folder, "out.bin")).equals(pattern(CHIP_BYTES))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["chip.bin", "out.bin"]);
  });

  it("a part to stdout, which then carries nothing else", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const { code, stdout, stderr } = await onChip(["read", "-", "--offset", "4k", "--length", "5"]);
    expect(code).toBe(0);
    expect(stdout).toHaveLength(5);
    expect(stderr).toMatch(/read 5 bytes into stdout/);
  });

  it("beyond the end is refused and leaves an old file alone", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    file("out.bin", Uint8Array.of(1, 2, 3));
    for (const words of [
      ["--offset", "64k"],
      ["--offset", "1", "--length", "64k"],
    ]) {
      const { code, stderr } = await onChip(["read", "out.bin", ...words]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: .*the chip, which has 64 KiB\n/);
    }
    expect([...readFileSync(join(folder, "out.bin"))]).toEqual([1, 2, 3]);
    expect(readdirSync(folder).sort()).toEqual(["chip.bin", "out.bin"]);
  });

  it("--json", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    const { code, stdout, stderr } = await onChip(["read", "out.bin", "--json", "--length", "4k"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      v: 1,
      type: "result",
      ok: true,
      file: "out.bin",
      address: 0,
      readBytes: 4096,
      crc32: "f154670a",
    });
  });
});

describe("dump", () => {
  it("is what xxd prints", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const { code, stdout, stderr } = await onChip(["dump", "--offset", "0x1000", "--length", "18"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      "00001000: 102f 4e6d 8cab cae9 0827 4665 84a3 c2e1  ./Nm.....'Fe....\n00001010: 001f                                     ..\n",
    );
  });

  it("ends quietly when its reader goes away", () => {
    file("chip.bin", pattern(8 * 1024 * 1024));
    const command = `"${process.execPath}" "${cliProgram}" dump -p 'image:chip.bin?pageBytes=256&eraseBytes=4096' 2>err; echo $? >code`;
    const out = execFileSync("/bin/sh", ["-c", `(${command}) | head -n 1`], { cwd: folder, encoding: "utf8" });
    expect(out).toMatch(/^00000000: /);
    expect(readFileSync(join(folder, "err"), "utf8")).toBe("");
    expect(readFileSync(join(folder, "code"), "utf8")).toBe("0\n");
  });

  it("--json carries the bytes as hex", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const { stdout } = await onChip(["dump", "--offset", "0x1000", "--length", "3", "--json"]);
    expect(jsonLines(stdout)).toEqual([
      { v: 1, type: "data", address: 0x1000, lengthBytes: 3, data: "102f4e" },
      { v: 1, type: "result", ok: true, ran: "dump", exit: 0, address: 0x1000, lengthBytes: 3, readBytes: 3 },
    ]);
  });
});

describe("verify and diff", () => {
  it("equal is exit 0", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    file("a.bin", pattern(5000));
    const sha256 = createHash("sha256").update(pattern(5000)).digest("hex");
    const verify = await onChip(["verify", "a.bin"]);
    expect(verify.code).toBe(0);
    expect(verify.stdout).toMatch(new RegExp(`^equal: 5000 bytes in [0-9.]+ s, sha256 ${sha256}\n$`));
    const diff = await onChip(["diff", "a.bin"]);
    expect([diff.code, diff.stdout]).toEqual([0, "equal: 5000 bytes\n"]);
  });

  it("different is exit 1, and diff shows both sides", async () => {
    const changed = pattern(CHIP_BYTES);
    changed.set([1, 2], 0x1234);
    file("chip.bin", changed);
    file("a.bin", pattern(CHIP_BYTES));
    const verify = await onChip(["verify", "a.bin"]);
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/^the chip differs from the file in 0x001/);
    const diff = await onChip(["diff", "a.bin"]);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toBe(
      "0x001234..0x001235 (2 bytes)\n" +
        "  chip 00001234: 0102                                     ..\n" +
        "  file 00001234: 5e7d                                     ^}\n" +
        "2 bytes in 1 range differ\n",
    );
    const json = jsonLines((await onChip(["diff", "a.bin", "--json"])).stdout).filter(
      (line) => line["type"] !== "progress",
    );
    expect(json).toEqual([
      { v: 1, type: "difference", address: 0x1234, lengthBytes: 2, chip: "0102", file: "5e7d" },
      {
        v: 1,
        type: "result",
        ok: false,
        code: "CHECK_FAILED",
        message: "2 bytes in 1 range differ",
        hint: "`norbridge write` makes the chip equal to the file.",
        ran: "diff",
        exit: 1,
        address: 0,
        lengthBytes: CHIP_BYTES,
        comparedBytes: CHIP_BYTES,
        differingBytes: 2,
        ranges: 1,
        files: [{ address: 0, file: "a.bin", format: "bin", lengthBytes: CHIP_BYTES }],
      },
    ]);
  });

  it("--offset places the file, --length cuts it", async () => {
    const chip = blank(CHIP_BYTES);
    chip.set(pattern(100), 0x2000);
    file("chip.bin", chip);
    file("a.bin", pattern(200));
    expect((await onChip(["verify", "a.bin", "--offset", "8k", "--length", "100"])).code).toBe(0);
    expect((await onChip(["verify", "a.bin", "--offset", "8k", "--length", "101"])).code).toBe(1);
    expect((await onChip(["verify", "a.bin", "--length", "100"])).code).toBe(1);
    expect((await onChip(["verify", "a.bin", "--length", "0"])).code).toBe(2);
  });
});

describe("write", () => {
  it("changes what it should and nothing else, and says so in one line", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    file("a.bin", Uint8Array.of(1, 2, 3, 4));
    const expected = pattern(CHIP_BYTES);
    expected.set([1, 2, 3, 4], 0x4ffe);
    const { code, stdout } = await onChip(["write", "a.bin", "--offset", "0x4ffe"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^wrote 4 bytes, \d+ pages? programmed, \d+ erases?, [0-9.]+ s, verified, sha256 [0-9a-f]{64}\n$/,
    );
    expect(chipNow().equals(expected)).toBe(true);
  });

  it("reads - from stdin", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    const { code } = await onChip(["write", "-", "--offset", "4k"], { input: Uint8Array.of(0xca, 0xfe) });
    expect(code).toBe(0);
    expect([...chipNow().subarray(4095, 4099)]).toEqual([0xff, 0xca, 0xfe, 0xff]);
  });

  it("--dry-run shows the plan and changes nothing", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    file("a.bin", new Uint8Array(4096).fill(7));
    const { code, stdout } = await onChip(["write", "a.bin", "--offset", "8k", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^erase {4}0x002000\.\.0x002fff \(4 KiB\)/m);
    expect(stdout).toMatch(/^program {2}0x002000\.\.0x002fff \(4 KiB\)$/m);
    expect(stdout).toMatch(/nothing was changed\n$/);
    expect(chipNow().equals(pattern(CHIP_BYTES))).toBe(true);
    const json = jsonLines((await onChip(["write", "a.bin", "--offset", "8k", "--dry-run", "--json"])).stdout).at(-1);
    expect(json).toMatchObject({
      ok: true,
      dryRun: true,
      imageBytes: 4096,
      erases: [{ address: 0x2000, lengthBytes: 4096 }],
      programs: [{ address: 0x2000, lengthBytes: 4096 }],
      keeps: [],
    });
  });

  it.each([
    ["missing", "missing.bin"],
    ["empty", "empty.bin"],
    ["a directory", "."],
    ["too long", "long.bin"],
  ])("a file that is %s: exit 9, nothing touched", async (_why, name) => {
    file("chip.bin", pattern(CHIP_BYTES));
    file("empty.bin", new Uint8Array(0));
    file("long.bin", pattern(CHIP_BYTES + 1));
    const { code, stdout, stderr } = await onChip(["write", name]);
    expect([code, stdout]).toEqual([9, ""]);
    expect(stderr).toMatch(/^error: /);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(chipNow().equals(pattern(CHIP_BYTES))).toBe(true);
  });

  it("--json: counts, phases and hash", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    file("a.bin", pattern(300));
    const { stdout, stderr } = await onChip(["write", "a.bin", "--json"]);
    expect(stderr).toBe("");
    const result = jsonLines(stdout).at(-1);
    expect(result).toMatchObject({ v: 1, type: "result", ok: true, imageBytes: 300 });
    expect(result).toHaveProperty("phases.verify");
    expect(result?.["sha256"]).toBe(createHash("sha256").update(pattern(300)).digest("hex"));
  });

  it("-q says nothing", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    file("a.bin", pattern(300));
    expect(await onChip(["write", "a.bin", "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("erase and blank-check", () => {
  it("a range", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    expect((await onChip(["blank-check", "--range", "8k,4k"])).code).toBe(1);
    const erase = await onChip(["erase", "--range", "8k,4k"]);
    expect(erase.code).toBe(0);
    expect(erase.stdout).toMatch(/^erased 0x002000\.\.0x002fff \(4 KiB\): 1 erase, [0-9.]+ s\n$/);
    const expected = pattern(CHIP_BYTES).fill(0xff, 0x2000, 0x3000);
    expect(chipNow().equals(expected)).toBe(true);
    const check = await onChip(["blank-check", "--range", "8k,4k"]);
    expect([check.code, check.stdout]).toEqual([0, "blank: 0x002000..0x002fff (4 KiB)\n"]);
  });

  it("the whole chip", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const check = await onChip(["blank-check", "--json"]);
    expect(check.code).toBe(1);
    expect(jsonLines(check.stdout).at(-1)).toMatchObject({ ok: false, code: "CHECK_FAILED", lengthBytes: CHIP_BYTES });
    expect((await onChip(["erase", "--all"])).code).toBe(0);
    expect((await onChip(["blank-check"])).code).toBe(0);
    expect(chipNow().equals(blank(CHIP_BYTES))).toBe(true);
  });

  it("a range beyond the end is refused", async () => {
    file("chip.bin", pattern(CHIP_BYTES));
    const { code, stderr } = await onChip(["erase", "--range", "60k,8k"]);
    expect(code).toBe(2);
    expect(stderr).toContain("0x00f000..0x010fff (8 KiB) ends 4 KiB after the end of the chip, which has 64 KiB");
    expect(chipNow().equals(pattern(CHIP_BYTES))).toBe(true);
  });
});

describe("info", () => {
  it("shows the chip", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    const { code, stdout } = await onChip(["info"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}capacity {3,}64 KiB \(65536 bytes\)$/m);
    expect(stdout).toMatch(/^ {2}protected {2,}nothing$/m);
    const json = jsonLines((await onChip(["info", "--json"])).stdout);
    expect(json).toHaveLength(1);
    expect(json[0]).toMatchObject({ ok: true, bridge: null, chip: { capacityBytes: CHIP_BYTES, pageBytes: 256 } });
  });

  it("takes the port from NORBRIDGE_PORT, and --port before it; unknown variables are ignored", async () => {
    file("chip.bin", blank(CHIP_BYTES));
    const env = { NORBRIDGE_PORT: "image:chip.bin?pageBytes=256&eraseBytes=4096", NORBRIDGE_FROB: "1" };
    expect((await runCli(["info"], { cwd: folder, env })).code).toBe(0);
    expect((await runCli(["info", "-p", "image:missing.bin"], { cwd: folder, env })).code).toBe(9);
    expect((await runCli(["info"], { cwd: folder, env: { NORBRIDGE_PORT: "tcp://" } })).code).toBe(2);
  });
});

it("leaves no unrequested file", async () => {
  file("chip.bin", blank(CHIP_BYTES));
  file("a.bin", pattern(300));
  for (const words of [["info"], ["write", "a.bin"], ["verify", "a.bin"], ["blank-check"], ["dump", "--length", "1"]]) {
    await onChip(words);
  }
  expect(readdirSync(folder).sort()).toEqual(["a.bin", "chip.bin"]);
  expect(existsSync(join(folder, "chip.bin.partial"))).toBe(false);
});
