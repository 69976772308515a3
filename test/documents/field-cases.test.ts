/** docs/field-cases.md: every case once, with a verdict; every test file that it names exists and has the name of the case. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./support/pages.ts";

/** Numbers that are left out stand for cases of the same kind as another one. */
const CASES = [
  ...["C01", "C04", "C05", "C06", "C08", "C09", "C10", "C11", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C20"],
  ...["C21", "C22", "C23", "C24", "C25", "C26", "C27", "C28", "C29", "C30", "C31", "C32", "C33", "C34", "C36c", "C37"],
  ...["C38", "C40", "C41", "C43", "C46", "C47", "C48"],
];
const VERDICT = /^\*\*(right|refused|not yet)\*\*/;

const rows = readFileSync(join(ROOT, "docs/field-cases.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| C[0-9]/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

it("has every case once, with a verdict", () => {
  expect(rows.map(([name]) => name).toSorted()).toEqual(CASES);
  for (const row of rows) {
    expect(row).toHaveLength(4);
    expect(row[2]).toMatch(VERDICT);
  }
});

it.each(rows.filter(([, , , tests]) => tests !== ""))("%s: its test exists and has its name", (...row) => {
  const [name = "", , , tests = ""] = row;
  const files = [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, file = ""]) => file);
  expect(files).not.toEqual([]);
  for (const file of files) {
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(readFileSync(join(ROOT, file), "utf8"), file).toMatch(new RegExp(`\\b${name}\\b`));
  }
});
