/** ARCHITECTURE.md links to what exists. README and docs are checked in test/documents. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
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

it("every decision has a number, its four parts, and a link in ARCHITECTURE.md and in the list", () => {
  const folder = join(ROOT, "docs/decisions");
  const names = readdirSync(folder).filter((name) => name !== "README.md");
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  const architecture = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const list = readFileSync(join(folder, "README.md"), "utf8");
  for (const [index, name] of names.entries()) {
    const page = readFileSync(join(folder, name), "utf8");
    const title = new RegExp(`^# ${index + 1}\\. (.*)\n`).exec(page)?.[1];
    expect(title, name).toBeDefined();
    const parts = [...page.matchAll(/^## (.*)$/gm)].map(([, part]) => part);
    expect(parts, name).toEqual(["Context", "Decision", "Rejected", "Consequences"]);
    expect(architecture.replaceAll(/\s+/g, " "), name).toContain(`[${title}](docs/decisions/${name})`);
    expect(list, name).toContain(`[${index + 1}. ${title}](${name})`);
  }
});

it("every part of the catalogue can be simulated, as the documents promise", () => {
  // And older siblings of them beside, which an ID alone does not tell apart.
  expect(simulatedChipNames()).toEqual(expect.arrayContaining([...chipNames()]));
});
