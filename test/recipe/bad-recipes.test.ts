/**
 * Ten recipes with everything that is refused in them, and what is said about each: test/golden/recipes/bad/*.txt. To
 * write the texts again: NORBRIDGE_WRITE_DOCS=1.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { complaintText } from "../../src/recipe/complaint.ts";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";
import { POOLS_NOT_YET, STEPS_NOT_YET, VALUES_NOT_YET } from "../../src/recipe/not-yet.ts";
import { readRecipe } from "../../src/recipe/recipe.ts";

const FOLDER = fileURLToPath(new URL("../golden/recipes/bad/", import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

async function textOf(name: string): Promise<string> {
  const { checked, complaints } = await loadRecipe(join(FOLDER, name));
  await checked?.close();
  return complaints.map((one) => `${complaintText(one).replaceAll(FOLDER, "").replaceAll("\\", "/")}\n`).join("");
}

it("has ten of them", () => {
  expect(NAMES).toHaveLength(10);
});

it.each(NAMES)("says what is wrong in %s, and where", async (name) => {
  const golden = join(FOLDER, name.replace(".yaml", ".txt"));
  const text = await textOf(name);
  if (process.env["NORBRIDGE_WRITE_DOCS"] !== undefined) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
  expect(text).not.toBe("");
});

describe("what is not in this version", () => {
  const HEAD = "norbridge: recipe/1\nname: t\nrevision: 1\nproduct: P\nchip: {accept: [AT25SF041]}\n";
  const messages = (text: string): readonly string[] =>
    readRecipe("r.yaml", HEAD + text).complaints.map((one) => one.message);

  it.each(STEPS_NOT_YET)("refuses the step %s by its name", (step) => {
    expect(messages(`steps:\n  - ${step}: {}\n`)).toEqual([`the step ${step} is not in this version`]);
  });

  it.each(VALUES_NOT_YET)("refuses the value %s by its name", (kind) => {
    const text = `values:\n  v: {${kind}: x}\nsteps:\n  - image: {file: a}\n`;
    expect(messages(text)).toEqual([`the value ${kind} is not in this version`]);
  });

  it.each(POOLS_NOT_YET)("refuses the pool %s by its name", (kind) => {
    const text = `pools:\n  p: {${kind}: x}\nsteps:\n  - image: {file: a}\n`;
    expect(messages(text)).toEqual([`the pool ${kind} is not in this version`]);
  });
});
