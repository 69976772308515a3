/** docs/originals.md: every documented function of the originals once, and every test that it names exists under its title. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./support/pages.ts";

/** How many functions each original documents. */
const COUNTS = { S: 24, F: 38, E: 16, P: 30, Q: 32 } as const;

const rows = readFileSync(join(ROOT, "docs/originals.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| [A-Z][0-9]{2} \|/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

it("lists all of the 140 functions once, each with what is here and a test", () => {
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, "0")}`),
  );
  expect(rows.map(([name]) => name)).toEqual(wanted);
  expect(wanted).toHaveLength(140);
  for (const row of rows) {
    expect(row).toHaveLength(4);
    for (const cell of row) expect(cell).not.toBe("");
  }
});

it.each(rows)("%s: %s has its test", (...row) => {
  const [, , , test = ""] = row;
  const [, file = "", title = ""] = /^`(test\/[^`]+\.test\.ts)`: (.+)$/.exec(test) ?? [];
  expect(existsSync(join(ROOT, file)), file).toBe(true);
  // As a string of its own: the title of an it, a describe, or one of a table of them.
  expect(readFileSync(join(ROOT, file), "utf8")).toContain(`"${title}"`);
});
