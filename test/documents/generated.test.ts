/** What the documents say of commands, options, ports, chips and errors is what the code has. `npm run docs` rewrites it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { chipCount } from "../../src/docs/chip-reference.ts";
import { exitCodesWithoutMeaning } from "../../src/docs/error-reference.ts";
import { REGION_NAMES, regionsOf, withRegions } from "../../src/docs/regions.ts";
import { ERROR_TABLE } from "../../src/errors.ts";
import { SIM_SETTINGS } from "../../src/sim/sim-parameters.ts";
import { isWriting, PAGES, ROOT } from "./support/pages.ts";

const textOf = (name: string): string => readFileSync(join(ROOT, name), "utf8");

it.each(PAGES.filter((name) => regionsOf(textOf(name)).length > 0))("%s: what is generated is up to date", (name) => {
  const page = textOf(name);
  const generated = withRegions(page);
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

it("says how many chips there are", () => {
  const { parts } = chipCount();
  expect(textOf("README.md")).toContain(`It knows ${parts} parts by name`);
  expect(textOf("docs/ports-and-simulator.md")).toContain(`All ${parts} parts of [chips.md](chips.md)`);
});

it("refuses a part that nobody makes, and one without an end", () => {
  expect(() => withRegions("<!-- generated nothing -->\n<!-- /generated -->")).toThrow(
    'no part of the documents is named "nothing"',
  );
  expect(() => withRegions("<!-- generated chips -->\n")).toThrow("1 generated parts begin and 0 end");
});
