/** `fs list` and `fs get` on dumps: output, exit codes, hostile names, damage. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { parsePath, pathText } from "../../src/cli/values/fs-path.ts";
import { hostName } from "../../src/cli/host-files/host-name.ts";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { packedGolden, sha256 } from "../storage/support/packed-golden.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-fs-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const golden = packedGolden("littlefs");
const START = 0x8000;

function dump(name: string, cells: Uint8Array): string[] {
  const flash = new Uint8Array(START + cells.length + 0x8000).fill(0xff);
  flash.set(cells, START);
  const path = join(folder, name);
  writeFileSync(path, flash);
  return ["-p", `image:${path}`];
}

async function run(...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
  const code = await runCli([...words, "-q"], { ...io, clock: realClock });
  return { code, out: io.stdout.text, err: io.stderr.text };
}

/** Gives a name another one of the same length, wherever a commit has it, and repairs the CRC of the commit. */
function renamed(cells: Uint8Array, from: string, to: string): number {
  let count = 0;
  for (let start = 0; start < cells.length; start += 4096) {
    const block = Buffer.from(cells.buffer, cells.byteOffset + start, 4096);
    const at = block.indexOf(from);
    const commit = at < 0 ? undefined : commitAround(block, at);
    if (commit === undefined) continue;
    block.write(to, at);
    block.writeUInt32LE(~crc32(block.subarray(commit.begin, commit.crcAt)) >>> 0, commit.crcAt);
    count++;
  }
  return count;
}

/** A commit begins at a multiple of the program size, and ends with the CRC of all before it. */
function commitAround(block: Buffer, at: number): { begin: number; crcAt: number } | undefined {
  for (let begin = 0; begin < at; begin += 16) {
    let crc = crc32(block.subarray(begin, at));
    for (let crcAt = at; crcAt + 4 <= block.length; crcAt++) {
      if (block.readUInt32LE(crcAt) === ~crc >>> 0) return { begin, crcAt };
      crc = crc32(block.subarray(crcAt, crcAt + 1), crc);
    }
  }
  return undefined;
}

describe("fs", () => {
  const cells = golden.image("lfs21-4k-p16-basic");
  const chip = dump("basic.bin", cells);

  it("lists all of a file system that it finds by itself, and one directory", async () => {
    const all = await run("fs", "list", ...chip);
    expect([all.code, all.err]).toEqual([0, ""]);
    expect(all.out).toContain("file      50777  /big.bin\n");
    expect(all.out).toContain("dir           -  /log/2026\n");
    expect(all.out).toContain("/über.txt\n");
    const one = await run("fs", "list", "/log/2026", "--json", ...chip);
    expect(jsonLines(one.out)).toMatchObject([
      { type: "directory", path: "/log/2026" },
      { type: "file", path: "/log/2026/01.bin", length: 5000 },
      { type: "file", path: "/log/2026/boot.txt", length: 57 },
      { type: "result", exit: 0, files: 2, directories: 1, bytes: 5057, damaged: 0, version: "2.1" },
    ]);
  });

  it("copies a file to the named file or to stdout, and nowhere else", async () => {
    const before = readdirSync(folder);
    const got = await run("fs", "get", "/big.bin", "--out", join(folder, "big.out"), ...chip);
    expect([got.code, got.err]).toEqual([0, ""]);
    const expected = "685f460d09b9d5160a5d8f8c4a5da75375d4ee9d63bfc8fb18ffc4beca9390fc";
    expect(sha256(readFileSync(join(folder, "big.out")))).toBe(expected);
    expect(readdirSync(folder).filter((name) => !before.includes(name))).toEqual(["big.out"]);
    const piped = await run("fs", "get", "big.bin", "--out", "-", "--range", "0x8000,256k", ...chip);
    expect([piped.code, sha256(Buffer.from(piped.out, "latin1"))]).toEqual([0, expected]);
  });

  it("refuses what is no file, and regions without a file system", async () => {
    expect(await run("fs", "get", "/none", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "get", "/big.bin/more", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "list", "/none", ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "get", "/log", "--out", "-", ...chip)).toMatchObject({ code: 2 });
    expect(await run("fs", "get", "/", "--out", "-", ...chip)).toMatchObject({ code: 2 });
    expect(await run("fs", "get", "/big.bin", ...chip)).toMatchObject({ code: 2 });
    expect(await run("fs", "list", "--range", "0,32k", ...chip)).toMatchObject({ code: 9 });
    expect(existsSync(join(folder, "x"))).toBe(false);
    const two = new Uint8Array(2 * cells.length);
    two.set(cells);
    two.set(cells, cells.length);
    const both = await run("fs", "list", ...dump("two.bin", two));
    expect(both.code).toBe(9);
    expect(both.err).toContain("there are 2 littlefs: 0x008000..0x047fff (256 KiB), 0x048000..0x087fff (256 KiB)");
  });

  it("copies all below a directory into a new folder, the root too", async () => {
    const [log, root] = [join(folder, "log"), join(folder, "root")];
    expect(await run("fs", "get", "/log/2026", "--out", log, ...chip)).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(log).toSorted()).toEqual(["01.bin", "boot.txt"]);
    expect(readFileSync(join(log, "boot.txt"))).toHaveLength(57);
    const all = jsonLines((await run("fs", "get", "/", "--out", root, "--json", ...chip)).out);
    const listed = jsonLines((await run("fs", "list", "--json", ...chip)).out);
    const pathsOf = (lines: readonly Record<string, unknown>[]): (readonly [unknown, unknown])[] =>
      lines.filter(({ type }) => type === "file").map(({ path, length }) => [path, length] as const);
    expect(pathsOf(all)).toEqual(pathsOf(listed));
    const result = { exit: 0, skipped: 0, damaged: 0 };
    expect(all.at(-1)).toMatchObject({ ...result, files: listed.at(-1)!["files"], bytes: listed.at(-1)!["bytes"] });
    for (const [path, length] of pathsOf(listed)) {
      const one = join(folder, "one.out");
      await run("fs", "get", String(path), "--out", one, ...chip);
      expect(sha256(readFileSync(join(root, String(path))))).toBe(sha256(readFileSync(one)));
      expect(readFileSync(one)).toHaveLength(Number(length));
    }
    // Nothing that is there is touched: it could be a link to elsewhere.
    const again = await run("fs", "get", "/log", "--out", root, ...chip);
    expect(again).toMatchObject({ code: 9, err: expect.stringContaining("is a folder that is not empty") as string });
    expect(await run("fs", "get", "/log", "--out", join(log, "boot.txt"), ...chip)).toMatchObject({ code: 9 });
    symlinkSync(log, join(folder, "link"));
    expect(await run("fs", "get", "/log", "--out", join(folder, "link"), ...chip)).toMatchObject({ code: 9 });
  });

  it("leaves out names that lead elsewhere or cannot be made, and copies the rest", async () => {
    const hostile = cells.slice();
    expect(renamed(hostile, "boot.txt", "../a.txt")).toBeGreaterThan(0);
    expect(renamed(hostile, "01.bin", "\u001b[2J.b")).toBeGreaterThan(0);
    const out = join(folder, "hostile");
    const got = await run("fs", "get", "/", "--out", out, ...dump("hostile.bin", hostile));
    expect(existsSync(join(folder, "a.txt"))).toBe(false);
    expect(existsSync(join(out, "log", "a.txt"))).toBe(false);
    expect([got.code, existsSync(join(out, "big.bin")), readdirSync(join(out, "log/2026"))]).toEqual([1, true, []]);
    expect(got.err).toContain("/log/2026/..\\x2fa.txt is left out: its name contains a separator of folders");
    expect(got.err).toContain("/log/2026/\\x1b[2J.b is left out: its name contains a control character");
    expect(got.out).toContain("2 files and folders left out, 0 parts damaged");
  });

  it.each([
    ["", "another folder"],
    [".", "another folder"],
    ["..", "another folder"],
    ["../a", "separator"],
    ["a/b", "separator"],
    ["a\\b", "separator"],
    ["/etc", "separator"],
    ["a\u0000", "control"],
    ["\u001b[2J", "control"],
    ["x".repeat(256), "longer than 255"],
  ])("no name on this machine: %j", (name, why) => {
    expect(hostName(Buffer.from(name), "linux")).toEqual({ kind: "none", why: expect.stringContaining(why) as string });
  });

  it("names on this machine, and what Windows takes for another thing", () => {
    expect(hostName(Uint8Array.of(0xff, 0x41), "linux")).toMatchObject({ kind: "none" });
    for (const name of ["a:b", "nul.txt", "a.", "a?", "COM1"]) {
      expect([name, hostName(Buffer.from(name), "linux").kind]).toEqual([name, "name"]);
      expect([name, hostName(Buffer.from(name), "windows").kind]).toEqual([name, "none"]);
    }
    expect(hostName(Buffer.from("\u00fcber .txt"), "windows")).toEqual({ kind: "name", name: "\u00fcber .txt" });
  });

  it("names what a damaged directory or file costs, reads the rest, and exits with 1", async () => {
    const damaged = cells.slice();
    for (let block = 2; block < cells.length / 4096; block++) {
      // The pairs of /log and what is below it: the name of one of its files is in them.
      const text = Buffer.from(cells.subarray(block * 4096, block * 4096 + 4096)).toString("latin1");
      if (text.includes("a_name_of_more")) damaged.fill(0x5a, block * 4096, (block + 1) * 4096);
    }
    const port = dump("damaged.bin", damaged);
    const list = await run("fs", "list", ...port);
    expect(list.code).toBe(1);
    expect(list.out).toContain("/big.bin\n");
    expect(list.err).toMatch(
      /^warning: damage in \/log at 0x[0-9a-f]+: neither block \d+ nor block \d+ holds a valid commit/m,
    );
    expect(await run("fs", "get", "/log/moved", "--out", join(folder, "x"), ...port)).toMatchObject({ code: 1 });
    expect(existsSync(join(folder, "x"))).toBe(false);
    const json = jsonLines((await run("fs", "list", "--json", ...port)).out);
    expect(json.filter(({ type }) => type === "fs-damage").length).toBeGreaterThan(0);
  });

  it("shows no byte of a name that a terminal would obey, and takes the shown form back", () => {
    const names = [[0x1b, 0x5b, 0x32, 0x4a], [0xff, 0x41], [...Buffer.from("a\\x41/ü\u202e")], [...Buffer.from("..")]];
    for (const name of names) {
      const text = pathText([Uint8Array.from(name), Buffer.from("b")]);
      expect(text).toMatch(/^[\u0020-\u007eü]*$/u);
      expect(parsePath(text).map((part) => [...part])).toEqual([name, [0x62]]);
    }
    expect(pathText([Uint8Array.of(0x1b, 0x5b)])).toBe("/\\x1b[");
  });
});
