/** `fs list` and `fs get` on dumps: output, exit codes, hostile names, damage. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parsePath, pathText } from "../../src/cli/fs-path.ts";
import { runCli } from "../../src/cli/run-cli.ts";
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
    expect(await run("fs", "get", "/log", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "get", "/none", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "get", "/big.bin/more", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "list", "/none", ...chip)).toMatchObject({ code: 1 });
    expect(await run("fs", "get", "/", "--out", join(folder, "x"), ...chip)).toMatchObject({ code: 2 });
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
