/** What is different about files on Windows, with the system handed in. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createOutputFile, isSameFile, type OutputSystem } from "../../src/disk/replace-file.ts";
import { type HeldFiles, whileHeld } from "../../src/disk/while-held.ts";
import { whyNoFile } from "../../src/disk/windows-name.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-windows-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const ABC = Uint8Array.of(0x61, 0x62, 0x63);

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: operation not permitted`), { code });
}

/** A system on which time only passes by sleeping. */
function held(platform: HeldFiles["platform"]): HeldFiles & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    ...{ platform, slept },
    nowUs: () => 1000 * slept.reduce((sum, ms) => sum + ms, 0),
    sleep: (durationMs) => void slept.push(durationMs),
  };
}

describe("a file that another program has open", () => {
  it.each(["EPERM", "EBUSY", "EACCES"])("is tried again while the system says %s", (code) => {
    const system = held("windows");
    let calls = 0;
    const action = (): string => {
      if (++calls < 4) throw systemError(code);
      return "done";
    };
    expect(whileHeld(action, system)).toBe("done");
    expect(system.slept).toEqual([5, 10, 20]);
  });

  it("is given up after two seconds", () => {
    const system = held("windows");
    const error = systemError("EBUSY");
    expect(() =>
      whileHeld(() => {
        throw error;
      }, system),
    ).toThrow(error);
    expect(system.nowUs()).toBeGreaterThanOrEqual(2_000_000);
    expect(system.nowUs()).toBeLessThanOrEqual(2_200_000);
  });

  it.each([
    ["windows", "ENOSPC"],
    ["linux", "EPERM"],
    ["macos", "EACCES"],
  ] as const)("is not waited for on %s after %s", (platform, code) => {
    const system = held(platform);
    expect(() =>
      whileHeld(() => {
        throw systemError(code);
      }, system),
    ).toThrow(code);
    expect(system.slept).toEqual([]);
  });
});

describe("an output file", () => {
  function systemWith(failures: number): OutputSystem & { readonly held: ReturnType<typeof held> } {
    let calls = 0;
    return {
      platform: "windows",
      held: held("windows"),
      rename(from, to) {
        if (++calls <= failures) throw systemError("EPERM");
        renameSync(from, to);
      },
    };
  }

  it("takes its name once a scanner has let go of the old file", () => {
    const path = join(folder, "scanned.bin");
    writeFileSync(path, "old");
    const system = systemWith(3);
    const output = createOutputFile(path, {}, system);
    output.write(ABC);
    output.commit();
    expect(readFileSync(path, "utf8")).toBe("abc");
    expect(system.held.slept).toHaveLength(3);
  });

  it("keeps all bytes under another name if a program never lets go", () => {
    const path = join(folder, "held.bin");
    writeFileSync(path, "old");
    const output = createOutputFile(path, {}, systemWith(Number.POSITIVE_INFINITY));
    output.write(ABC);
    expect(() => {
      output.commit();
    }).toThrow(
      expect.objectContaining({ code: "FILE_EXISTS", message: `cannot write ${path}: another program has it open` }),
    );
    output.abort();
    const [partial = ""] = readdirSync(folder).filter((name) => name.endsWith(".partial"));
    expect(readFileSync(join(folder, partial), "utf8")).toBe("abc");
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("is refused before anything is made where Windows would write to a device or a stream", () => {
    const before = readdirSync(folder);
    const system = systemWith(0);
    for (const name of ["NUL", "con.bin", "file.bin:stream"]) {
      expect(() => createOutputFile(join(folder, name), {}, system), name).toThrow(
        expect.objectContaining({ code: "FILE_EXISTS" }),
      );
    }
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe("names that Windows takes for something else", () => {
  it.each([
    ..."NUL nul CON prn AUX com1 COM9 LPT3 lpt\u00b9 CONIN$ conout$ nul.bin con.tar.gz C:\\a\\COM7 ./aux".split(" "),
    ...["ab:c", "C:\\x\\a.bin:hidden", "C:a:b", "a.bin.", "a.bin ", "NUL .txt"],
  ])("%s", (path) => {
    expect(whyNoFile(path, "windows")).toBeDefined();
    expect(whyNoFile(path, "linux")).toBeUndefined();
    expect(whyNoFile(path, "macos")).toBeUndefined();
  });

  it.each([
    ..."a.bin C:\\a.bin C:a.bin c:/x/y.bin \\\\server\\share\\a.bin console.bin com10 COM0x nullify com1x . ..".split(
      " ",
    ),
    ...["\\\\?\\C:\\odd.", ".hidden", "a b.bin", "lpt"],
  ])("%s is a file's", (path) => {
    expect(whyNoFile(path, "windows")).toBeUndefined();
  });
});

it("a volume has 64 bits by name and 32 by handle with some versions of Node: it is the same file", () => {
  const ino = 0x1234_5678_9abc_def0n;
  expect(isSameFile({ dev: 0xaabb_ccdd_1122_3344n, ino }, { dev: 0x1122_3344n, ino }, "windows")).toBe(true);
  expect(isSameFile({ dev: 0x1122_3345n, ino }, { dev: 0x1122_3344n, ino }, "windows")).toBe(false);
  expect(isSameFile({ dev: 1n, ino: ino + 1n }, { dev: 1n, ino }, "windows")).toBe(false);
  expect(isSameFile(undefined, { dev: 1n, ino }, "windows")).toBe(false);
  expect(isSameFile({ dev: 0x1_0000_0001n, ino }, { dev: 1n, ino }, "linux")).toBe(false);
});
