/** Image files that are written: they read back, and an older file is replaced only when the new one is complete. */
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createImageWriter } from "../../src/files/image-writer.ts";
import { openImage } from "../../src/files/open-image.ts";
import { itUnless, missing } from "../support/needs.ts";
import { expectError, fileIn, listing, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const range = { address: 0, lengthBytes: 3 };
const ABC = Uint8Array.of(0x61, 0x62, 0x63);

/** What is being written for this path. */
function partials(path: string): string[] {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(".partial"))
    .map((name) => join(dirname(path), name));
}

describe("an image file that is written", () => {
  it.each(["bin", "hex", "srec", "uf2"] as const)("reads back: %s", async (extension) => {
    const path = join(folder, `out.${extension}`);
    const writer = await createImageWriter(path, undefined, { range, baseAddress: 0x1000 });
    expect(writer.format).toBe(extension);
    await writer.write(0, ABC.subarray(0, 1));
    await writer.write(1, ABC.subarray(1));
    expect(existsSync(path)).toBe(false);
    await writer.commit();
    await writer.abort();
    expect(partials(path)).toEqual([]);
    const image = await openImage(path, { baseAddress: 0x1000 });
    expect(await listing(image)).toEqual(["0x1000: 616263"]);
    await image.close();
  });

  it("replaces an older file only on commit", async () => {
    const path = fileIn(folder, "old.bin", "old");
    const aborted = await createImageWriter(path, "bin", { range });
    await aborted.write(0, ABC);
    await aborted.abort();
    await aborted.abort();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(partials(path)).toEqual([]);
    const writer = await createImageWriter(path, "bin", { range });
    await writer.write(0, ABC);
    expect(readFileSync(path, "utf8")).toBe("old");
    await writer.commit();
    expect(readFileSync(path, "utf8")).toBe("abc");
    await expectError(
      () => createImageWriter(path, "bin", { range, force: false }),
      "FILE_EXISTS",
      `cannot write ${path}: it exists already`,
    );
  });

  itUnless(missing.links)("follows no link", async () => {
    const precious = fileIn(folder, "precious", "precious");
    const path = join(folder, "link.bin");
    symlinkSync(precious, path);
    const writer = await createImageWriter(path, "bin", { range });
    await writer.write(0, ABC);
    await writer.commit();
    expect(readFileSync(precious, "utf8")).toBe("precious");
    expect(lstatSync(path).isFile()).toBe(true);
  });

  itUnless(missing.replacingOpenFiles)(
    "leaves a partial file alone that another program has put in its place",
    async () => {
      const path = join(folder, "stolen.bin");
      const writer = await createImageWriter(path, "bin", { range });
      const [partial = ""] = partials(path);
      renameSync(fileIn(folder, "other", "other"), partial);
      await expectError(() => writer.commit(), "FILE_EXISTS", `cannot write ${path}: another program replaced it`);
      expect(readFileSync(partial, "utf8")).toBe("other");
      expect(existsSync(path)).toBe(false);
    },
  );

  it("refuses places where no file can be", async () => {
    mkdirSync(join(folder, "dir.bin"));
    const write = (path: string) => () => createImageWriter(path, "bin", { range });
    await expectError(write(join(folder, "dir.bin")), "FILE_EXISTS", /dir\.bin: it is a directory$/);
    await expectError(write(join(folder, "none/x.bin")), "FILE_EXISTS", /x\.bin: no such file or directory$/);
    await expectError(write(join(folder, "precious/x.bin")), "FILE_EXISTS", /^cannot write .*x\.bin: /);
  });

  itUnless(missing.specialFiles)("refuses what is no file, and a path below one", async () => {
    const write = (path: string) => () => createImageWriter(path, "bin", { range });
    const below = join(fileIn(folder, "file", ""), "x.bin");
    await expectError(write(below), "FILE_EXISTS", `cannot write ${below}: a part of the path is not a directory`);
    await expectError(write("/dev/null"), "FILE_EXISTS", "cannot write /dev/null: it is not a regular file");
    await expectError(write("/proc/none.bin"), "FILE_EXISTS", /^cannot write \/proc\/none\.bin: /);
  });

  it("refuses ELF, steps backwards, and gaps where the format has none", async () => {
    const path = join(folder, "bad.bin");
    await expectError(() => createImageWriter(path, "elf", { range }), "EINVAL", /can be read but not written/);
    const writer = await createImageWriter(path, "bin", { range });
    await writer.write(0, ABC);
    await expectError(() => writer.write(2, ABC), "EINVAL", "data at 0x000002 comes after higher addresses");
    await expectError(() => writer.write(4, ABC), "EINVAL", "a raw file cannot leave out the bytes before 0x000004");
    await writer.abort();
    expect(readdirSync(folder).filter((name) => name.startsWith("bad"))).toEqual([]);
  });

  it("writes to standard output only where there is one, and no bytes to a terminal", async () => {
    const taken: number[] = [];
    const standardOutput = (isTerminal: boolean) => ({
      ...{ isTerminal, commit: () => undefined, abort: () => undefined },
      write: (bytes: Uint8Array) => void taken.push(...bytes),
    });
    await expectError(() => createImageWriter("-", "bin", { range }), "FILE_EXISTS", /there is no standard output/);
    await expectError(
      () => createImageWriter("-", "bin", { range, standardOutput: standardOutput(true) }),
      "FILE_EXISTS",
      /it is a terminal, and this format is binary/,
    );
    const writer = await createImageWriter("-", "bin", { range, standardOutput: standardOutput(false) });
    await writer.write(0, ABC);
    await writer.commit();
    expect(taken).toEqual([...ABC]);
  });
});
