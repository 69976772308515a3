/** What the documents promise is what the code has: the table of errors, exit codes, rooms, settings of a sim: port. */
import { CATALOG, chipNames } from "../../drivers/catalog/catalog.ts";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ERROR_TABLE } from "../../src/errors.ts";
import { simulatedChipNames } from "../../src/sim/chip/chip-catalog.ts";
import { SIM_SETTINGS } from "../../src/sim/sim-parameters.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const architecture = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");

describe("README", () => {
  it.each(Object.entries(ERROR_TABLE))("has %s in its table of codes", (code, { exitCode, meaning }) => {
    expect(readme).toContain(`| ${code} | ${exitCode} | ${meaning} |`);
  });

  it("has no code that does not exist", () => {
    const named = [...readme.matchAll(/^\| ([A-Z_]{3,}) \| \d+ \|/gm)].map(([, code]) => code);
    expect(named).toEqual(Object.keys(ERROR_TABLE));
  });

  it("has every exit code in its table of exit codes", () => {
    const codes = new Set([0, ...Object.values(ERROR_TABLE).map(({ exitCode }) => exitCode)]);
    const listed = [...readme.matchAll(/^\| (\d+) \| [a-z]/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual([...codes].sort((a, b) => a - b));
  });

  it("says how many chips there are, and names every setting", () => {
    expect(simulatedChipNames().toSorted()).toEqual(chipNames().toSorted());
    expect(readme).toContain(`all ${CATALOG.length} parts that \`norbridge chips\` lists`);
    for (const { name } of SIM_SETTINGS) {
      if (name === "realtime" || name === "cutReads" || name === "stallForMs") continue;
      expect(readme).toMatch(new RegExp(`\`${name}[=|\`]`));
    }
  });
});

it.each([
  ["README.md", readme],
  ["ARCHITECTURE.md", architecture],
])("%s links to files that exist", (_, text) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThan(1);
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
});
