/** CSV cells from bytes of a chip: none may end a line early. */
import { describe, expect, it } from "vitest";
import { csvCell, csvLine } from "../../../src/cli/output/csv.ts";

describe("CSV cells", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["a,b", '"a,b"'],
    ['say "x"', '"say ""x"""'],
    [" padded ", '" padded "'],
    ["-12.5", "-12.5"],
    ["+3e4", "+3e4"],
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["-cmd|x", "'-cmd|x"],
    ["+HYPERLINK", "'+HYPERLINK"],
    ["\t=1", "\\x09=1"],
    ["\r=1", "\\x0d=1"],
    ["two\nlines", "two\\x0alines"],
    ["\u001b[31mred", "\\x1b[31mred"],
    ["\u202eevil", "\\u{202e}evil"],
  ])("%j is written %j", (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it("never gives a line more than one end, whatever is in it", () => {
    const line = csvLine(["a\r\nb", "c\u2028d", "=x\n"]);
    expect(line).toBe("a\\x0d\\x0ab,c\\u{2028}d,'=x\\x0a\r\n");
  });
});
