/** Opening an image by path or from standard input: how its format is recognised, and which files are refused. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { formatByName } from "../../src/files/image-format.ts";
import { openImage } from "../../src/files/open-image.ts";
import { itUnless, missing } from "../support/needs.ts";
import { errorOf, expectError, fileIn, listing, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const HEX = ":0300300002337A1E\r\n:00000001FF\r\n";
const SREC = "S1060030020304C0\nS9030000FC\n";
const openFiles = (): number => readdirSync("/proc/self/fd").length;

async function* chunks(...parts: unknown[]): AsyncGenerator {
  for (const each of parts) yield await Promise.resolve(each);
}

describe("the format", () => {
  it.each([
    ["a.bin", "bin"],
    ["a.IMG", "bin"],
    ["a.rom", "bin"],
    ["a.hex", "hex"],
    ["a.mcs", "hex"],
    ["a.s19", "srec"],
    ["a.mot", "srec"],
    ["a.UF2", "uf2"],
    ["dir.hex/a.elf", "elf"],
    ["a.txt", undefined],
    ["hex", undefined],
  ])("by name: %s is %s", (name, format) => expect(formatByName(name)).toBe(format));

  it.each([
    ["a whole HEX record", HEX, "hex"],
    ["a whole S-record", SREC, "srec"],
    ["text", "hello\n", "bin"],
    ["bytes", Uint8Array.of(0, 1, 2), "bin"],
  ])("by content: %s", async (_name, contents, format) => {
    const image = await openImage(fileIn(folder, "unnamed", contents));
    expect(image.format).toBe(format);
    await image.close();
  });

  it("what the user says counts first, then the name", async () => {
    const path = fileIn(folder, "named.bin", HEX);
    expect((await openImage(path, { format: "hex" })).format).toBe("hex");
    const raw = await openImage(path, { format: "bin" });
    expect(raw.format).toBe("bin");
    await raw.close();
    // Neither was said.
    await expectError(
      () => openImage(path),
      "FILE_INVALID",
      `${path}: this is an Intel HEX file, not the bytes of a chip`,
    );
  });
});

describe("files", () => {
  it("are named by a path or a file URL, and by nothing else", async () => {
    const path = fileIn(folder, "by url #1.bin", Uint8Array.of(1, 2, 3));
    const image = await openImage(pathToFileURL(path));
    expect(image.totalBytes).toBe(3);
    await image.close();
    for (const wrong of [undefined, null, 7, "", new URL("https://example.com/a.bin")]) {
      await expectError(() => openImage(wrong as string), "EINVAL", /open image: image must be a path or a file URL/);
    }
  });

  it("places a raw file, relocates any", async () => {
    const raw = fileIn(folder, "raw.bin", Uint8Array.of(1, 2, 3));
    const placed = await openImage(raw, { baseAddress: 0x1000 });
    expect(await listing(placed)).toEqual(["0x1000: 010203"]);
    await placed.close();
    const hex = fileIn(folder, "relocate.hex", HEX);
    expect(await listing(await openImage(hex, { relocate: 0x30 }))).toEqual(["0x0: 02337a"]);
    await expectError(
      () => openImage(hex, { relocate: 0x31 }),
      "FILE_INVALID",
      /cannot subtract the base 0x000031: the lowest address is 0x000030$/,
    );
    expect((await errorOf(() => openImage(raw, { relocate: 1 }))).hint).toMatch(/without a base/);
  });

  itUnless(missing.procFiles)("keeps no file open after close, after a text format, after an error", async () => {
    const before = openFiles();
    const raw = await openImage(fileIn(folder, "fd.bin", "x"));
    expect(openFiles()).toBe(before + 1);
    await raw.close();
    await raw.close();
    await openImage(fileIn(folder, "fd.hex", HEX));
    await errorOf(() => openImage(fileIn(folder, "fd2.hex", "x")));
    await errorOf(() => openImage(fileIn(folder, "fd.uf2", "x")));
    await errorOf(() => openImage(folder));
    expect(openFiles()).toBe(before);
  });

  itUnless(missing.links)("follows a link to a regular file", async () => {
    symlinkSync(fileIn(folder, "target.bin", "ab"), join(folder, "link.bin"));
    const image = await openImage(join(folder, "link.bin"));
    expect(await listing(image)).toEqual(["0x0: 6162"]);
    await image.close();
  });

  it("refuses what is not a regular file with bytes in it", async () => {
    mkdirSync(join(folder, "dir.bin"));
    await expectError(
      () => openImage(join(folder, "dir.bin")),
      "FILE_INVALID",
      `${join(folder, "dir.bin")}: is a directory, not a file`,
    );
    await expectError(
      () => openImage(join(folder, "none.bin")),
      "FILE_INVALID",
      `${join(folder, "none.bin")}: cannot be read: no such file or directory`,
    );
    await expectError(
      () => openImage(`${folder}/\u001b[31m`),
      "FILE_INVALID",
      `${folder}/\\x1b[31m: cannot be read: no such file or directory`,
    );
    for (const format of ["bin", "hex", "srec", "uf2", "elf"] as const) {
      const path = fileIn(folder, "empty", "");
      await expectError(() => openImage(path, { format }), "FILE_INVALID", `${path}: the file is empty`);
    }
  });

  itUnless(missing.specialFiles)("refuses a pipe, a device, and a path below a file", async () => {
    const fifo = join(folder, "fifo.bin");
    execFileSync("mkfifo", [fifo]);
    await expectError(() => openImage(fifo), "FILE_INVALID", `${fifo}: is a pipe, not a regular file`);
    await expectError(() => openImage("/dev/zero"), "FILE_INVALID", "/dev/zero: is a device, not a regular file");
    await expectError(
      () => openImage(join(fileIn(folder, "file.bin", "x"), "x")),
      "FILE_INVALID",
      /cannot be read: a part of the path is not a directory$/,
    );
  });

  itUnless(missing.deniedFiles)("refuses what it may not read", async () => {
    const path = fileIn(folder, "secret.bin", "x");
    execFileSync("chmod", ["000", path]);
    await expectError(() => openImage(path), "FILE_INVALID", `${path}: cannot be read: permission denied`);
  });

  it("says so when a file becomes shorter while it is read", async () => {
    const path = fileIn(folder, "shrinks.bin", "abcdef");
    const image = await openImage(path);
    truncateSync(path, 2);
    await expectError(
      () => image.read({ address: 0, lengthBytes: 6 }),
      "FILE_INVALID",
      `${path}: became shorter while it was read`,
    );
    await image.close();
  });

  it("reads a raw file of 256 MiB without holding it", async () => {
    const path = join(folder, "sparse.bin");
    const fd = openSync(path, "w");
    ftruncateSync(fd, 256 * 1024 * 1024);
    writeSync(fd, Uint8Array.of(0xa5), 0, 1, 256 * 1024 * 1024 - 1);
    closeSync(fd);
    const before = process.memoryUsage.rss();
    const image = await openImage(path);
    let last = 0;
    for (let address = 0; address < image.totalBytes; address += 1024 * 1024) {
      last = (await image.read({ address, lengthBytes: 64 * 1024 })).at(-1) ?? 0;
    }
    expect(last).toBe(0);
    expect(await image.read({ address: 256 * 1024 * 1024 - 1, lengthBytes: 1 })).toEqual(Uint8Array.of(0xa5));
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    await image.close();
  });
});

describe("standard input", () => {
  it("is gathered and recognised", async () => {
    const standardInput = chunks(Buffer.from(HEX.slice(0, 7)), Buffer.from(HEX.slice(7)));
    const image = await openImage("-", { standardInput });
    expect(image).toMatchObject({ name: "standard input", format: "hex" });
    expect(await listing(image)).toEqual(["0x30: 02337a"]);
  });

  it("takes a format and a place", async () => {
    const image = await openImage("-", { standardInput: chunks(Buffer.from(HEX)), format: "bin", baseAddress: 5 });
    expect(image.segments).toEqual([{ address: 5, lengthBytes: HEX.length }]);
  });

  it("may be empty, broken or cancelled", async () => {
    await expectError(() => openImage("-", { standardInput: chunks() }), "FILE_INVALID", "standard input: is empty");
    await expectError(() => openImage("-", { standardInput: chunks("text") }), "FILE_INVALID", /cannot be read/);
    const options = { standardInput: chunks(Buffer.from("x")), signal: AbortSignal.abort() };
    await expectError(() => openImage("-", options), "ECANCELED", /cancelled/);
  });
});
