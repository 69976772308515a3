/** A cache is code, so it counts only if this user alone can have written it, and only if it is whole and of this program. */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CacheKey, cacheFolder, cachePath, readCodeCache, writeCodeCache } from "../../src/launcher/code-cache.ts";

const uid = process.getuid?.();
const key: CacheKey = { build: "0123abcd", programBytes: 1000, programTimeMs: 5, runtime: "v20.19.0-11.3-linux-x64" };
const cache = { data: new Uint8Array(300).map((_, index) => index & 0xff), commands: ["info", ""] };
const own = { key, uid };
let base = "";
let folder = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "norbridge-cache-"));
  folder = join(base, "deeper", "norbridge");
  writeCodeCache(folder, key, cache, uid);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const read = (changes: Partial<typeof own> = {}): unknown => {
  const { key: asked, uid: user } = { ...own, ...changes };
  return readCodeCache(folder, asked, user);
};
const path = (): string => cachePath(folder, key);

describe("a cache", () => {
  it("is read as it was written", () => {
    expect(read()).toEqual({ data: cache.data, commands: cache.commands });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.each<Partial<CacheKey>>([
    { build: "0123abce" },
    { programBytes: 1001 },
    { programTimeMs: 6 },
    { runtime: "v20.19.1-11.3-linux-x64" },
  ])("of another program or another Node.js is none: %j", (change) => {
    const other = { ...key, ...change };
    expect(read({ key: other })).toBeUndefined();
    // Also if it stands under the name of the other.
    if (cachePath(folder, other) !== path()) renameSync(path(), cachePath(folder, other));
    expect(read({ key: other })).toBeUndefined();
  });

  it("that lost or changed a byte anywhere is none", () => {
    const whole = readFileSync(path());
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      writeFileSync(path(), damaged);
      const seen = readCodeCache(folder, key, uid);
      // A name in the list of commands may change: it is not a code.
      if (seen !== undefined) expect(seen.data).toEqual(cache.data);
      writeFileSync(path(), whole.subarray(0, at));
      expect(read(), `cut at ${at}`).toBeUndefined();
    }
  });

  it("goes with the newest three, and replaces what a killed process left", () => {
    for (let n = 1; n <= 6; n++) {
      const name = join(folder, n === 1 ? "a.v8cache.999" : `old-${n}.v8cache`);
      writeFileSync(name, "");
      utimesSync(name, n, n);
    }
    writeFileSync(join(folder, "of the user"), "");
    writeCodeCache(folder, key, cache, uid);
    expect(readdirSync(folder).toSorted()).toEqual(
      [path(), "old-4.v8cache", "old-5.v8cache", "old-6.v8cache", "of the user"]
        .map((name) => name.replace(`${folder}/`, ""))
        .toSorted(),
    );
  });
});

describe.skipIf(uid === undefined)("a cache that another user may have written", () => {
  it("belongs to another user", () => {
    expect(read({ uid: (uid ?? 0) + 1 })).toBeUndefined();
  });

  it.each([0o620, 0o602])("has mode %o", (mode) => {
    chmodSync(path(), mode);
    expect(read()).toBeUndefined();
  });

  it.each([0o770, 0o707])("lies in a folder of mode %o, where nothing is written either", (mode) => {
    chmodSync(folder, mode);
    expect(read()).toBeUndefined();
    writeCodeCache(folder, { ...key, build: "other" }, cache, uid);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("is a link, or lies in a folder that is one", () => {
    const elsewhere = join(base, "elsewhere");
    renameSync(path(), elsewhere);
    symlinkSync(elsewhere, path());
    expect(read()).toBeUndefined();
    rmSync(path());
    renameSync(elsewhere, path());
    expect(read()).toBeDefined();
    renameSync(folder, elsewhere);
    symlinkSync(elsewhere, folder);
    expect(read()).toBeUndefined();
  });

  it("is no file", () => {
    rmSync(path());
    mkdirSync(path());
    expect(read()).toBeUndefined();
  });
});

describe("writing", () => {
  it("creates no folder in a home that belongs to another user", () => {
    const other = join(base, "new", "norbridge");
    writeCodeCache(other, key, cache, (uid ?? 0) + 1);
    expect(readdirSync(base)).toEqual(uid === undefined ? ["deeper", "new"] : ["deeper"]);
  });

  it("never writes through what already has the name of its temporary file", () => {
    const precious = join(base, "precious");
    writeFileSync(precious, "kept");
    rmSync(path());
    linkSync(precious, `${path()}.${process.pid}`);
    writeCodeCache(folder, key, cache, uid);
    expect(readFileSync(precious, "utf8")).toBe("kept");
    expect(read()).toBeUndefined();
  });

  it("is quiet where it cannot", () => {
    writeFileSync(join(base, "file"), "");
    writeCodeCache(join(base, "file", "norbridge"), key, cache, uid);
    expect(readFileSync(join(base, "file"), "utf8")).toBe("");
  });
});

it("lies where each system keeps caches, and nowhere if that is not an absolute path or switched off", () => {
  expect(cacheFolder("linux", { HOME: "/home/a" })).toBe("/home/a/.cache/norbridge");
  expect(cacheFolder("linux", { HOME: "/home/a", XDG_CACHE_HOME: "/x" })).toBe("/x/norbridge");
  expect(cacheFolder("linux", { HOME: "/home/a", XDG_CACHE_HOME: "x" })).toBe("/home/a/.cache/norbridge");
  expect(cacheFolder("macos", { HOME: "/Users/a" })).toBe("/Users/a/Library/Caches/norbridge");
  expect(cacheFolder("windows", { LOCALAPPDATA: tmpdir() })).toBe(join(tmpdir(), "norbridge"));
  for (const platform of ["linux", "macos", "windows"] as const) {
    expect(cacheFolder(platform, { HOME: "", LOCALAPPDATA: "relative" })).toBeUndefined();
    expect(
      cacheFolder(platform, { HOME: "/home/a", LOCALAPPDATA: tmpdir(), NODE_DISABLE_COMPILE_CACHE: "1" }),
    ).toBeUndefined();
  }
});
