/**
 * schema/recipe-1.schema.json is that of the program, and says the same as the program does. To write it again:
 * NORBRIDGE_WRITE_DOCS=1.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { readRecipe } from "../../src/recipe/recipe.ts";
import { recipeJsonSchema } from "../../src/recipe/schema.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILE = join(ROOT, "schema/recipe-1.schema.json");
const RECIPES = join(ROOT, "test/golden/recipes");

it("is published as it is", () => {
  const text = `${JSON.stringify(recipeJsonSchema(), undefined, 2)}\n`;
  if (process.env["NORBRIDGE_WRITE_DOCS"] !== undefined) writeFileSync(FILE, text);
  expect(readFileSync(FILE, "utf8")).toBe(text);
});

const validate = new Ajv2020({ strict: false }).compile(recipeJsonSchema());

it("accepts a good recipe, as text and as an editor reads it", () => {
  const text = readFileSync(join(RECIPES, "good/logger.yaml"), "utf8");
  expect(validate(parse(text, { schema: "failsafe" })), JSON.stringify(validate.errors)).toBe(true);
  expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
});

it("accepts and refuses as the program does", () => {
  const names = readdirSync(join(RECIPES, "bad")).filter((name) => name.endsWith(".yaml") && !name.startsWith("01-"));
  for (const name of names) {
    const text = readFileSync(join(RECIPES, "bad", name), "utf8");
    const isRead = readRecipe(name, text).recipe !== undefined;
    expect(validate(parse(text, { schema: "failsafe" })), name).toBe(isRead);
  }
});
