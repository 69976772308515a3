/** Rows of a chip as files: no cell becomes a formula, and every text comes back. */
import { expect, it } from "vitest";
import { addressIn } from "../../src/page/addresses.ts";
import { csvText, jsonLines } from "../../src/page/csv.ts";

it("quotes what needs it, and marks what a spreadsheet would compute", () => {
  const rows = [
    [1, "plain", null],
    [2, "=cmd|calc", '"quoted", with comma'],
    [3, "-5 texts", "two\nlines"],
  ] as const;
  expect(csvText(["n", "text", "more"], rows)).toBe(
    'n,text,more\r\n1,plain,\r\n2,"\'=cmd|calc","""quoted"", with comma"\r\n3,"\'-5 texts","two\nlines"\r\n',
  );
  expect(jsonLines(["n", "text"], rows).split("\n")[1]).toBe('{"n":2,"text":"=cmd|calc"}');
});

it.each([
  ["", undefined],
  [" 0x1000 ", 4096],
  ["4096", 4096],
  ["0x", "wrong"],
  ["12k", "wrong"],
  ["99999999999999999999", "wrong"],
])("an address typed as %j is %j", (text, value) => {
  expect(addressIn(text)).toBe(value);
});
