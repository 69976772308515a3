/** The table of programs that tests use: what `npm test` says before it starts. And which files it starts first. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LONG, placeOf } from "../support/long-files.ts";
import { isInstalled, TEST_PROGRAMS, testNotes } from "../support/programs.ts";
import { ROOT } from "./pack.ts";

it("says what is skipped without which package", () => {
  const notes = testNotes((name) => name !== "flashrom" && name !== "socat", false).join("\n");
  expect(notes).toContain("flashrom");
  // python3 does as well.
  expect(notes).not.toContain("socat");
  expect(notes).toMatch(/apt-get install flashrom$/);
  expect(testNotes(() => true, true)).toHaveLength(1);
  expect(testNotes(() => false, true)).toHaveLength(TEST_PROGRAMS.length + 2);
  expect(testNotes(() => false, false).join()).not.toContain("qemu");
});

it("looks for programs on the PATH", () => {
  expect(isInstalled("node")).toBe(true);
  expect(isInstalled("no-such-program-of-norbridge")).toBe(false);
});

it("CI installs what its tests need, but for shells, and a compiler that every system has", () => {
  const run = readFileSync(join(ROOT, ".ci/run"), "utf8");
  for (const { names, packages } of TEST_PROGRAMS) {
    if (/^(cc|zsh|fish|wine64)$/.test(names[0] ?? "")) continue;
    for (const name of packages.split(" ")) expect(run, names.join()).toContain(name);
  }
});

it("the files that are started first are there, each in its place", () => {
  expect(LONG.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(LONG.map((file) => placeOf(join(ROOT, file)))).toEqual(LONG.map((_, index) => index));
  expect(placeOf(join(ROOT, "test/package/programs.test.ts"))).toBe(LONG.length);
});
