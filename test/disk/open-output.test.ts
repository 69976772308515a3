/** Outputs that are open already, and what they do not take. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { systemReason } from "../../src/disk/file-problem.ts";
import { mayStall, writeAll } from "../../src/disk/open-output.ts";
import { createRandom } from "../../src/sim/random.ts";
import { describeUnless, itUnless, missing } from "../support/needs.ts";
import { removeFolder } from "../support/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-open-output-"));
afterAll(() => {
  removeFolder(folder);
});

function opened<T>(path: string, flags: number, use: (fd: number) => T): T {
  const fd = openSync(path, flags, 0o600);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function reasonOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return systemReason(error);
  }
  return "it went well";
}

it("a file takes all of it, and does not stall", () => {
  const path = join(folder, "file");
  const bytes = createRandom("file").bytes(100_000);
  opened(path, constants.O_WRONLY | constants.O_CREAT, (fd) => {
    expect(mayStall(fd)).toBe(false);
    writeAll(fd, bytes.subarray(0, 1));
    writeAll(fd, bytes.subarray(1));
  });
  expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
});

describeUnless(missing.specialFiles)("where there is no room", () => {
  it("is given up, and what went through is there", () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    const bytes = createRandom("pipe").bytes(4 * 2 ** 20);
    opened(path, constants.O_RDWR | constants.O_NONBLOCK, (fd) => {
      expect(mayStall(fd)).toBe(true);
      expect(reasonOf(() => writeAll(fd, bytes, 10))).toBe("it does not accept data");
      const taken = Buffer.alloc(4096);
      expect(readSync(fd, taken)).toBe(taken.length);
      expect(Buffer.compare(taken, bytes.subarray(0, taken.length))).toBe(0);
    });
  });

  itUnless(existsSync("/dev/full") ? undefined : "there is no /dev/full")("on a disk that is said at once", () => {
    expect(opened("/dev/full", constants.O_WRONLY, (fd) => reasonOf(() => writeAll(fd, Uint8Array.of(1))))).toBe(
      "no space is left on the disk",
    );
  });
});
