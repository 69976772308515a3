/** The doors to the disk: what is read is a regular file and bounded, what is written is whole and stays its owner's. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createAppendFile, reopenAppendFile } from "../../src/disk/append-file.ts";
import { readWhole, readWholeIfThere } from "../../src/disk/read-whole.ts";
import { openRegularFile } from "../../src/disk/regular-file.ts";
import { createOutputFile, replaceFile } from "../../src/disk/replace-file.ts";
import { itUnless, missing } from "../support/needs.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-disk-"));
afterAll(() => {
  removeFolder(folder);
});
const use = { what: "a thing", mostBytes: 1000 };
const ABC = Uint8Array.of(0x61, 0x62, 0x63);
const isRoot = process.getuid?.() === 0;

async function special(): Promise<Record<string, string>> {
  const fifo = join(folder, "fifo");
  if (!existsSync(fifo)) execFileSync("mkfifo", [fifo]);
  const socket = join(folder, "socket");
  if (!existsSync(socket)) await new Promise<void>((resolve) => createServer().unref().listen(socket, resolve));
  const link = join(folder, "link-to-fifo");
  if (!existsSync(link)) symlinkSync(fifo, link);
  return { fifo, socket, link, "/dev/zero": "/dev/zero", "/dev/tty": "/dev/tty", folder };
}

describe("reading", () => {
  it("takes a file to its end, whatever size it says", async () => {
    const path = join(folder, "plain");
    for (const lengthBytes of [0, 1, 999, 1000]) {
      writeFileSync(path, new Uint8Array(lengthBytes).fill(7));
      expect(await readWhole(path, use)).toEqual(new Uint8Array(lengthBytes).fill(7));
    }
    // A file of /proc says that it holds nothing.
    if (process.platform === "linux") {
      expect(statSync("/proc/self/status").size).toBe(0);
      const text = new TextDecoder().decode(await readWhole("/proc/self/status", { ...use, mostBytes: 1e6 }));
      expect(text).toContain("Name:");
      await expect(readWhole("/proc/self/status", { ...use, mostBytes: 100 })).rejects.toMatchObject({
        code: "FILE_INVALID",
      });
    }
  });

  it("refuses one that is too long before it is read", async () => {
    const path = join(folder, "huge");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
    await expect(readWhole(path, use)).rejects.toMatchObject({
      code: "FILE_INVALID",
      message: `${path}: holds 1024 GiB; a thing has at most 1000 bytes`,
    });
    rmSync(path);
  });

  itUnless(missing.specialFiles)("refuses what is no regular file, at once and in every way", async () => {
    for (const path of Object.values(await special())) {
      const message: unknown = expect.stringMatching(/: is a (pipe|socket|device|directory)/);
      const refusal = { code: "FILE_INVALID", message };
      if (path === "/dev/tty" && !existsSync(path)) continue;
      await expect(readWhole(path, use), path).rejects.toMatchObject(refusal);
      await expect(readWholeIfThere(path, use), path).rejects.toMatchObject(refusal);
      expect(() => openRegularFile(path), path).toThrow(expect.objectContaining(refusal));
    }
  });

  it("ends at once when it is cancelled", async () => {
    const path = join(folder, "plain");
    await expect(readWhole(path, { ...use, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ECANCELED" });
    const stop = new AbortController();
    const reading = readWhole(path, { ...use, signal: stop.signal });
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: "ECANCELED" });
  });

  it("knows a file that is not there from one that cannot be read", async () => {
    expect(await readWholeIfThere(join(folder, "none"), use)).toBeUndefined();
    await expect(readWholeIfThere(folder, use)).rejects.toMatchObject({ code: "FILE_INVALID" });
    await expect(readWhole(join(folder, "none"), use)).rejects.toThrow("no such file or directory");
  });

  itUnless(missing.notDirectory)("knows a file that is not there from one that cannot be", async () => {
    writeFileSync(join(folder, "file"), "x");
    await expect(readWholeIfThere(join(folder, "file", "below"), use)).rejects.toMatchObject({ code: "FILE_INVALID" });
  });

  it("says when a file becomes shorter between two pieces", () => {
    const path = join(folder, "shrinks");
    writeFileSync(path, new Uint8Array(100));
    const file = openRegularFile(path);
    expect(file.read(90, 10)).toHaveLength(10);
    truncateSync(path, 50);
    expect(() => file.read(40, 20)).toThrow("became shorter while it was read");
    file.close();
  });
});

describe("writing", () => {
  itUnless(missing.modes)("keeps the mode, whatever umask says, and the owner", () => {
    const path = join(folder, "kept");
    for (const mode of [0o600, 0o444, 0o640, 0o755, 0o000]) {
      writeFileSync(path, "old");
      chmodSync(path, mode);
      replaceFile(path, ABC);
      expect(statSync(path).mode & 0o7777, mode.toString(8)).toBe(mode);
      rmSync(path);
    }
    if (!isRoot) return;
    writeFileSync(path, "old");
    chownSync(path, 12_345, 23_456);
    replaceFile(path, ABC);
    expect(statSync(path)).toMatchObject({ uid: 12_345, gid: 23_456 });
    rmSync(path);
  });

  it("accepts every name that the system accepts, and changes no .partial file of others", () => {
    for (const name of ["n".repeat(255), "ü".repeat(127), "x", "a.partial"]) {
      const path = join(folder, name);
      writeFileSync(join(folder, `${name.slice(0, 100)}.partial`), "mine");
      replaceFile(path, ABC);
      expect(readFileSync(path)).toEqual(Buffer.from(ABC));
      expect(readFileSync(join(folder, `${name.slice(0, 100)}.partial`), "utf8")).toBe("mine");
      rmSync(path);
      rmSync(join(folder, `${name.slice(0, 100)}.partial`), { force: true });
    }
    expect(readdirSync(folder).filter((name) => /\.[0-9a-f]{8}\.partial$/.test(name))).toEqual([]);
  });

  itUnless(missing.links)("replaces a link and never follows it", () => {
    const precious = join(folder, "precious");
    writeFileSync(precious, "precious");
    const path = join(folder, "link");
    symlinkSync(precious, path);
    replaceFile(path, ABC);
    expect(readFileSync(precious, "utf8")).toBe("precious");
    expect(lstatSync(path).isFile()).toBe(true);
  });

  itUnless(missing.specialFiles)("refuses what is no file before anything is made", async () => {
    const before = readdirSync(folder);
    for (const path of Object.values(await special())) {
      if (path.endsWith("link-to-fifo")) continue;
      expect(() => createOutputFile(path), path).toThrow(expect.objectContaining({ code: "FILE_EXISTS" }));
    }
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(before));
    expect(readdirSync(folder).some((name) => name.endsWith(".partial"))).toBe(false);
  });

  it("leaves the old file and nothing else where it is given up", () => {
    const path = join(folder, "stays");
    writeFileSync(path, "old");
    const output = createOutputFile(path);
    output.write(ABC);
    output.abort();
    output.abort();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(() => {
      output.write(ABC);
    }).toThrow(expect.objectContaining({ code: "FILE_EXISTS" }));
    expect(readdirSync(folder).some((name) => name.endsWith(".partial"))).toBe(false);
  });
});

describe("files that grow", () => {
  it("are new, and only their owner's", () => {
    const path = join(folder, "grows");
    const file = createAppendFile(path);
    file.append(ABC, true);
    file.append(ABC, false);
    file.close();
    file.close();
    expect(readFileSync(path, "utf8")).toBe("abcabc");
    if (missing.modes === undefined) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => createAppendFile(path)).toThrow(expect.objectContaining({ code: "EEXIST" }));
    const again = reopenAppendFile(path, 4);
    again.append(ABC, true);
    again.close();
    expect(readFileSync(path, "utf8")).toBe("abcaabc");
    expect(() => reopenAppendFile(path, 100)).toThrow("shorter");
  });

  itUnless(missing.links)("are no links and no pipes", () => {
    const path = join(folder, "grows");
    symlinkSync(path, join(folder, "grows-link"));
    expect(() => reopenAppendFile(join(folder, "grows-link"), 0)).toThrow();
    expect(() => createAppendFile(join(folder, "grows-link"))).toThrow();
    expect(() => reopenAppendFile(join(folder, "fifo"), 0)).toThrow();
    mkdirSync(join(folder, "directory"));
    expect(() => reopenAppendFile(join(folder, "directory"), 0)).toThrow();
  });
});
