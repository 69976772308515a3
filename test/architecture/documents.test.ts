/** ARCHITECTURE.md links to what exists. README and docs are checked in test/documents. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { chipNames } from "../../drivers/catalog/catalog.ts";
import { simulatedChipNames } from "../../src/sim/chip/chip-catalog.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

it("ARCHITECTURE.md links to files that exist", () => {
  const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThan(1);
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
});

it("every part of the catalogue can be simulated, as the documents promise", () => {
  // And older siblings of them beside, which an ID alone does not tell apart.
  expect(simulatedChipNames()).toEqual(expect.arrayContaining([...chipNames()]));
});
