/** What the documents say of commands, options, ports, chips and errors is what the code has. `npm run docs` rewrites it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { chipCount } from "../../src/docs/chip-reference.ts";
import { exitCodesWithoutMeaning } from "../../src/docs/error-reference.ts";
import { REGION_NAMES, type RegionSources, regionsOf, withRegions } from "../../src/docs/regions.ts";
import { ERROR_TABLE } from "../../src/errors.ts";
import { SIM_SETTINGS } from "../../src/sim/sim-settings.ts";
import { isWriting, PAGES, ROOT } from "./support/pages.ts";

const textOf = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const outputSchema: unknown = JSON.parse(textOf("schema/norbridge-output-1.schema.json"));
const SOURCES: RegionSources = { outputSchema };

it.each(PAGES.filter((name) => regionsOf(textOf(name)).length > 0))("%s: what is generated is up to date", (name) => {
  const page = textOf(name);
  const generated = withRegions(page, SOURCES);
  if (isWriting) writeFileSync(join(ROOT, name), generated);
  else expect(generated).toBe(page);
});

it("shows every generated part on some page", () => {
  expect([...new Set(PAGES.flatMap((name) => regionsOf(textOf(name))))].toSorted()).toEqual(REGION_NAMES.toSorted());
});

it("has every command, every setting and every error code", () => {
  const cli = textOf("docs/cli.md");
  for (const { name, options } of commands) {
    expect(cli).toMatch(new RegExp(`^###?# ${name}$`, "m"));
    for (const option of options) expect(cli).toMatch(new RegExp(`\`--${option.name}[ \`]`));
  }
  const ports = textOf("docs/ports-and-simulator.md");
  for (const { name } of SIM_SETTINGS) expect(ports).toContain(`| \`${name}\` |`);
  const troubles = textOf("docs/troubleshooting.md");
  for (const [code, { exitCode }] of Object.entries(ERROR_TABLE)) {
    expect(troubles).toContain(`### ${code}\n\nExit code ${exitCode}. `);
  }
  expect(exitCodesWithoutMeaning()).toEqual([]);
});

it("has every record type, result and field of the JSON schema", () => {
  const page = textOf("docs/json.md");
  const fields = fieldNames(outputSchema);
  expect(fields.size).toBeGreaterThan(150);
  expect([...fields].filter((name) => !new RegExp(`^\\| \`(.*\\.)?${name}\` \\|`, "m").test(page))).toEqual([]);
  for (const { name } of commands) expect(page).toMatch(new RegExp(`^### ${name}$`, "m"));
});

it("says how many chips there are", () => {
  const { usable, described } = chipCount();
  expect(textOf("README.md")).toContain(`It knows ${usable} parts by name`);
  expect(textOf("docs/ports-and-simulator.md")).toContain(`All ${described} parts of [chips.md](chips.md)`);
});

it("refuses a part that is not generated, and one without an end", () => {
  expect(() => withRegions("<!-- generated nothing -->\n<!-- /generated -->", SOURCES)).toThrow(
    'no part of the documents is named "nothing"',
  );
  expect(() => withRegions("<!-- generated chips -->\n", SOURCES)).toThrow("1 generated parts begin and 0 end");
});

/** The names of all fields that the schema describes, at any depth. */
function fieldNames(schema: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown, isFieldMap: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (isFieldMap) names.add(key);
      visit(inner, key === "properties" && !isFieldMap);
    }
  };
  visit(schema, false);
  return names;
}
