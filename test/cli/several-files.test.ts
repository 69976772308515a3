/** Several files in one command: one plan, one pass, one journal. */
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { concatBytes } from "../../src/bytes.ts";
import { intelHexEncoder } from "../../src/files/intel-hex.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { effort } from "../support/effort.ts";
import { jsonLines } from "../support/fake-io.ts";
import { runCli, runHere } from "../support/cli.ts";
import { makeHeldLine } from "../support/held-line.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-several-"));
afterAll(() => removeFolder(folder));

const path = (name: string): string => join(folder, name);
function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(path(name), contents);
  return path(name);
}

/** HEX with two parts and a gap between. */
function hexOf(parts: readonly (readonly [address: number, data: Uint8Array])[]): Uint8Array {
  const encoder = intelHexEncoder();
  return concatBytes([...parts.map(([address, data]) => encoder.data(address, data)), encoder.end()]);
}

const random = createRandom("several files");
const boot = random.bytes(6000);
const app = [
  [0x4010, random.bytes(20_000)],
  [0x10000, random.bytes(3000)],
] as const;
const fs = random.bytes(10_000);
const FS_AT = 0x3_0000;
const bootFile = file("boot.bin", boot);
const appFile = file("app.hex", hexOf(app));
const fsFile = file("fs@v1.bin", fs);
const WORDS = [`${bootFile}@0x0`, appFile, `${fsFile}@${FS_AT}`];

/** `cells` with the three files on it. */
function written(cells: Uint8Array): Uint8Array {
  const after = cells.slice();
  for (const [address, data] of [[0, boot] as const, ...app, [FS_AT, fs] as const]) after.set(data, address);
  return after;
}

const port = (name: string): string[] => ["-p", `sim:AT25SF041?file=${path(`${name}.chip`)}`];

async function cells(name: string): Promise<Uint8Array> {
  const { stdout } = await runHere(["dump", "--json", ...port(name)]);
  return concatBytes(
    jsonLines(stdout)
      .filter((line) => line["type"] === "data")
      .map((line) => Buffer.from(String(line["data"] ?? line["hex"] ?? line["bytes"]), "hex")),
  );
}

describe("several files", () => {
  it("are written in one pass, verified and compared; what lies between keeps its bytes", async () => {
    const old = createRandom("old").bytes(512 * 1024);
    expect((await runHere(["write", file("old.bin", old), "--no-journal", ...port("pass")])).code).toBe(0);
    const { code, stdout, stderr } = await runHere(["write", ...WORDS, "--no-journal", "--json", ...port("pass")]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = jsonLines(stdout);
    const result = lines.at(-1);
    expect(result).toMatchObject({
      imageBytes: 39_000,
      files: [
        { file: bootFile, format: "bin", address: 0, lengthBytes: 6000 },
        { file: appFile, format: "hex", address: 0x4010, lengthBytes: 23_000 },
        { file: fsFile, format: "bin", address: FS_AT, lengthBytes: 10_000 },
      ],
    });
    expect(Buffer.compare(await cells("pass"), written(old))).toBe(0);
    expect((await runHere(["verify", ...WORDS, ...port("pass")])).stdout).toMatch(/^equal: 39000 bytes/);
    expect((await runHere(["diff", ...WORDS, ...port("pass")])).code).toBe(0);
    const moved = await runHere(["verify", ...WORDS, "--offset", "0x1000", ...port("pass")]);
    expect(moved.code).toBe(1);
    const plan = await runHere(["write", ...WORDS, "--offset", "0x1000", "--dry-run", ...port("pass")]);
    expect(plan.stdout).toMatch(/^would erase/m);
    expect(plan.stderr).toContain(`note: ${fsFile}, raw bytes: 0x031000..0x03370f (10000 bytes)\n`);
  });

  it("that overlap are refused with both names, before the port is opened", async () => {
    const hex = file("over.hex", hexOf([[0x1000, Uint8Array.of(1, 2, 3)]]));
    const { code, stderr } = await runHere(["write", bootFile, hex, "-p", "sim:NONE"]);
    expect(code).toBe(9);
    expect(stderr).toContain(
      `error: ${bootFile} and ${hex} overlap: both have bytes at 0x001000..0x001002 (3 bytes)\n`,
    );
    expect(stderr).toContain(
      "hint:  Nothing was changed. Write one of them to another address. FILE@ADDRESS places a raw file.\n",
    );
  });

  it.each([
    [["--range", "0,4k"], "--range cannot be used with several files"],
    [["--length", "10"], "--length cannot be used with several files"],
    [["--crop", "0,10"], "--crop cannot be used with several files"],
    [["--format", "bin"], `the format bin does not fit ${appFile}, whose name says hex`],
    [["--family", "RP2040"], "a family can be chosen only for a UF2 file"],
  ])("refuse %j", async (options, message) => {
    const { code, stderr } = await runHere(["write", ...WORDS, ...options, ...port("refused")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${message}\n`)]);
  });

  it.each([
    [[`${appFile}@0x1000`], `${appFile} cannot be placed at 0x001000: it is a hex file, which has addresses`],
    [[bootFile, "0x1000"], "0x1000 is an address, and no file has this name"],
    [[`${bootFile}@12z`], `12z is not an address, in ${bootFile}@12z`],
    [["-", "-"], "standard input can be only one of the files"],
  ])("%j is refused", async (words, message) => {
    const { code, stderr } = await runHere(["write", ...words, ...port("refused")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${message}\n`)]);
  });

  it("a raw file larger than the chip from its place on is refused", async () => {
    const { code, stderr } = await runHere(["write", bootFile, `${fsFile}@0x7f000`, ...port("refused")]);
    expect([code, stderr]).toEqual([9, expect.stringContaining("the image does not fit")]);
  });
});

describe("names with @", () => {
  it.each([
    ["fw@1.bin", "fw@1.bin", 0],
    ["fw@1.bin", "fw@1.bin@0x2000", 0x2000],
    ["fw@0x100", "fw@0x100", 0],
    ["fw@0x200", "fw@0x200@", 0],
    ["fw@0x300", "fw@0x300@0x2000", 0x2000],
    ["@home", "@home", 0],
  ])("%s is written by %s", async (name, word, address) => {
    const data = random.bytes(100);
    file(name, data);
    const chip = port(`at-${name.replaceAll("@", "_")}-${address}`);
    const { code } = await runHere(["write", path(word), "--no-journal", ...chip]);
    expect(code).toBe(0);
    const found = await cells(`at-${name.replaceAll("@", "_")}-${address}`);
    expect(Buffer.compare(found.subarray(address, address + 100), data)).toBe(0);
  });

  it("a word that could be two files is refused", async () => {
    file("two", boot);
    file("two@0x100", boot);
    const { code, stderr } = await runHere(["write", path("two@0x100"), ...port("two")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("is the name of a file, and could be")]);
    expect((await runHere(["write", path("two@0x100@0"), "--no-journal", ...port("two")])).code).toBe(0);
  });
});

describe("a part of a file, and its gaps", () => {
  const low = random.bytes(256);
  const high = [random.bytes(100), random.bytes(50)] as const;
  const windows = file(
    "merged.hex",
    hexOf([
      [0, low],
      [0x1200_0000, high[0]],
      [0x1200_1000, high[1]],
    ]),
  );

  it("--crop takes the upper window by the file's own addresses, and keeps its gap", async () => {
    const words = [windows, "--base", "0x12000000"];
    const refused = await runHere(["write", ...words, ...port("crop")]);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining("Use --base and --crop.")]);
    const { code, stderr } = await runHere([
      "write",
      ...words,
      "--crop",
      "0x12000000,64k",
      "--no-journal",
      ...port("crop"),
    ]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("note: 256 bytes of the 406 bytes in the file are left out\n"),
    ]);
    const expected = new Uint8Array(0x2000).fill(0xff);
    expected.set(high[0], 0);
    expected.set(high[1], 0x1000);
    expect(Buffer.compare((await cells("crop")).subarray(0, 0x2000), expected)).toBe(0);
  });

  it("--fill fills the gaps, or all of what was cropped to", async () => {
    const chip = port("fill");
    await runHere(["write", file("zeros.bin", new Uint8Array(0x4000)), "--no-journal", ...chip]);
    const crop = ["--base", "0x12000000", "--crop", "0x12000000,0x2000", "--no-journal"];
    expect((await runHere(["write", windows, ...crop, "--fill", "0xa5", ...chip])).code).toBe(0);
    const expected = new Uint8Array(0x4000).fill(0xa5, 0, 0x2000);
    expected.set(high[0], 0);
    expected.set(high[1], 0x1000);
    expect(Buffer.compare((await cells("fill")).subarray(0, 0x4000), expected)).toBe(0);
    const joined = await runHere(["verify", bootFile, `${fsFile}@0x2000`, "--fill", "0xff", "--json", ...chip]);
    expect(jsonLines(joined.stdout).at(-1)).toMatchObject({ lengthBytes: 0x2000 + 10_000 });
  });

  it("a raw file is cropped from 0, and keeps its place", async () => {
    const chip = port("raw-crop");
    const { code } = await runHere(["write", bootFile, "--crop", "0x1000,256", "--no-journal", ...chip]);
    expect(code).toBe(0);
    const placed = await runHere(["write", `${bootFile}@0x8000`, "--crop", "0x100,256", "--no-journal", ...chip]);
    expect(placed.code).toBe(0);
    const expected = new Uint8Array(512 * 1024).fill(0xff);
    expected.set(boot.subarray(0x1000, 0x1100), 0x1000);
    expected.set(boot.subarray(0x100, 0x200), 0x8100);
    expect(Buffer.compare(await cells("raw-crop"), expected)).toBe(0);
  });

  it("a part that holds nothing is refused, with what there is", async () => {
    const { code, stderr } = await runHere(["verify", windows, "--crop", "0x1000,0x1000", ...port("crop")]);
    expect(code).toBe(9);
    expect(stderr).toContain(
      "has no bytes in 0x001000..0x001fff (4 KiB); it has 0x000000..0x0000ff (256 bytes), 0x12000000..0x12000063 (100 bytes), 0x12001000..0x12001031 (50 bytes)\n",
    );
  });
});

describe("kill -9 in the middle of three files", { timeout: 60_000 }, () => {
  it.each(effort(["resume"], ["resume", "undo"]))(
    "%s needs no files on the command line, and ends the job",
    async (command) => {
      const settings = new Map([
        ["times", "typical"],
        ["baud", "2000000"],
      ]);
      const server = await serveSimulation({
        params: parseSimParameters("AT25SF041B", settings),
        host: "127.0.0.1",
        port: 0,
        realtime: true,
        clock: realClock,
      });
      const { chip } = server.simulation;
      const old = createRandom("before").bytes(chip.geometry.capacityBytes);
      chip.load(0, old);
      const line = await makeHeldLine(server.address.port);
      const journal = ["--journal", path(`jobs-${command}`)];
      try {
        const isThere = line.holdWhen((sentBytes) => sentBytes >= 20_000);
        await runCli(["write", ...WORDS, "--keep-old", ...journal, "-p", line.port], {
          onStart: (signal) => void isThere.then(() => signal("SIGKILL")),
        });
        line.release();
        const half = chip.peek(0, old.length);
        expect(Buffer.compare(half, old)).not.toBe(0);
        expect(Buffer.compare(half, written(old))).not.toBe(0);
        const jobs = await runHere(["jobs", ...journal]);
        expect(jobs.stdout).toContain(`write ${bootFile} and 2 more at 0x000000`);
        const done = await runHere([command, ...journal, "-p", line.port]);
        expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("error")]);
        const expected = command === "resume" ? written(old) : old;
        expect(Buffer.compare(chip.peek(0, old.length), expected)).toBe(0);
        // What can still be undone is kept.
        const left = readdirSync(path(`jobs-${command}`)).filter((name) => name.endsWith(".journal"));
        expect(left).toHaveLength(command === "resume" ? 1 : 0);
      } finally {
        await line.close();
        await server.close();
      }
    },
  );
});
