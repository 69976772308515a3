/** A table that a spreadsheet has saved: numbers that it has rounded have lost digits, and must not reach a chip. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-spreadsheet-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const RECIPE = `norbridge: recipe/1
name: t
revision: 1
product: P
chip: {accept: [AT25SF041]}
pools: {s: {counter: 1..9}}
values:
  serial: {pool: s}
  board: {scan: label}
  row: {csv: t.csv, key: board, columns: {imei: "ascii:16/pad0", gain: f32le}}
steps:
  - patch: {at: 0x200, value: "\${row.imei}"}
  - patch: {at: 0x300, value: "\${row.gain}"}
`;

async function messages(rows: string): Promise<readonly string[]> {
  writeFileSync(join(folder, "t.yaml"), RECIPE);
  writeFileSync(join(folder, "t.csv"), `board,imei,gain\n${rows}\n`);
  const { checked, complaints } = await loadRecipe(join(folder, "t.yaml"));
  await checked?.close();
  return complaints.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

it.each([
  ["a text that was a long number", "B1,3.56938E+14,1", ["2:4", "spreadsheet has rounded"]],
  ["a key that was a long number", "3.56938E+14,1,1", ["2:1", "spreadsheet has rounded"]],
])("refuses %s", async (_name, rows, parts) => {
  const [message, ...others] = await messages(rows);
  for (const part of parts) expect(message).toContain(part);
  expect(others).toEqual([]);
});

it.each([
  ["a key of hex digits", "8E07,356938035643809,1"],
  ["a number with an exponent, where a number is wanted", "B1,356938035643809,1.5e+10"],
])("takes %s", async (_name, rows) => {
  expect(await messages(rows)).toEqual([]);
});
