/** Readers of recipes and tables never crash and never hang, whatever the bytes are; every complaint has a place in the text. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readCsv } from "../../src/recipe/csv-table.ts";
import { readRecipe } from "../../src/recipe/recipe.ts";
import { parseTemplate } from "../../src/recipe/serial-template.ts";
import { readYaml } from "../../src/recipe/yaml-text.ts";
import { createRandom, type Random } from "../../src/sim/random.ts";
import { effort } from "../support/effort.ts";

const GOOD = readFileSync(fileURLToPath(new URL("../golden/recipes/good/logger.yaml", import.meta.url)), "utf8");
const CHARACTERS = [
  "{",
  "}",
  "[",
  "]",
  ":",
  "-",
  "?",
  "&a",
  "*a",
  "!x",
  "|",
  ">",
  "'",
  '"',
  "%",
  "#",
  "\t",
  "\n",
  "  ",
  "\0",
  "é",
  "\ud800",
  "<<",
  "0x",
  "${",
];

function changed(random: Random): string {
  let text = GOOD;
  for (let change = 0; change <= random.intBelow(4); change++) {
    const at = random.intBelow(text.length);
    const end = at + random.intBelow(12);
    text = text.slice(0, at) + (random.chance(0.3) ? "" : random.pick(CHARACTERS)) + text.slice(end);
  }
  return text;
}

it("reads changed recipes to the end", () => {
  const random = createRandom(23);
  let accepted = 0;
  const runs = effort(40, 1000);
  for (let run = 0; run < runs; run++) {
    const text = changed(random);
    const { recipe, complaints } = readRecipe("r.yaml", text);
    if (recipe !== undefined) accepted++;
    expect(recipe === undefined, text).toBe(complaints.length > 0);
    const lines = text.split("\n").length;
    for (const { line, column, message } of complaints) {
      expect(line >= 1 && line <= lines && column >= 1 && message !== "", `${line}:${column} ${message}`).toBe(true);
    }
  }
  expect(accepted).toBeGreaterThan(0);
});

it.each([
  ["[".repeat(200_000)],
  ["{a: ".repeat(50_000)],
  ["- ".repeat(100_000)],
  ["? ".repeat(100_000)],
  [Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}-`).join("\n")],
  ["[\n".repeat(1000)],
])("refuses a text that nests too deeply (%#)", (text) => {
  expect(readYaml("r.yaml", text).complaints[0]?.message).toContain("nested more than 32 levels deep");
});

it("refuses a key that would change a map itself", () => {
  expect(readYaml("r.yaml", "__proto__: {a: 1}").complaints[0]?.message).toContain("__proto__");
});

it("keeps every scalar as it is written", () => {
  const text = "a: 0123\nb: 1e3\nc: no\nd: ~\ne: 0x1F\nf: 2026-01-01\ng: .inf\n";
  expect(readYaml("r.yaml", text).value).toEqual({
    a: "0123",
    b: "1e3",
    c: "no",
    d: "~",
    e: "0x1F",
    f: "2026-01-01",
    g: ".inf",
  });
});

it("reads changed tables to the end, and places each cell", () => {
  const good = '\ufeffboard;gain\r\n"B;1";"1\r\n2"\r\n\r\nB2;"""3"\r\n';
  const { table, complaints } = readCsv("t.csv", good, { key: "board", columns: ["gain"] });
  expect(complaints).toEqual([]);
  expect([...table.rows.keys()]).toEqual(["B;1", "B2"]);
  expect(table.rows.get("B;1")?.get("gain")).toEqual({ line: 2, column: 7, text: "1\r\n2" });
  expect(table.rows.get("B2")?.get("gain")).toEqual({ line: 5, column: 4, text: '"3' });
  const random = createRandom(24);
  for (let run = 0; run < effort(40, 1000); run++) {
    const at = random.intBelow(good.length);
    const piece = random.pick(['"', ";", "\r", "\n", "", ",", "\0"]);
    readCsv("t.csv", good.slice(0, at) + piece + good.slice(at + random.intBelow(3)), {
      key: "board",
      columns: ["gain"],
    });
  }
});

it("reads any template to the end", () => {
  const random = createRandom(25);
  const parts = ["{n:3}", "{", "}", "{yy}", "{check:luhn}", "{check:", "A", "é", "{n:", "{}"];
  for (let run = 0; run < effort(200, 2000); run++) {
    const text = Array.from({ length: random.intBelow(8) }, () => random.pick(parts)).join("");
    const read = parseTemplate(text);
    if ("problem" in read) continue;
    expect(read.parse(read.format(0n, 0)), text).toMatchObject({ number: 0n });
  }
});
