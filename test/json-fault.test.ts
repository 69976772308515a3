/** The place of an error in JSON text. JSON.parse is the second source for what is JSON. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFault, notJson } from "../src/json-fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("jsonFault", () => {
  it.each<[string, number, number]>([
    ["", 1, 1],
    ["{", 1, 2],
    ['{"a":}', 1, 6],
    ['{"a":1,}', 1, 8],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
    ["[1,,2]", 1, 4],
    ["[1}", 1, 3],
    ["[01]", 1, 3],
    ['{"a":"x\ty"}', 1, 6],
    ["{'a':1}", 1, 2],
    ["nul", 1, 1],
    ["1 2", 1, 3],
    ["\ufeff{}", 1, 1],
    ['["\\x"]', 1, 2],
  ])("finds the place in %j", (text, line, column) => {
    expect(isJson(text)).toBe(false);
    expect(jsonFault(text)).toEqual({ line, column });
  });

  it("agrees with JSON.parse about what is JSON, whatever character is put in, taken out or changed", () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom(...Array.from('{}[],:"\\0-.eE1tn \n\u0007\u00e9')),
      fc.constantFrom(0, 1),
    );
    fc.assert(
      fc.property(fc.json(), fc.array(edit, { maxLength: 3 }), (json, edits) => {
        let text = json;
        for (const [where, character, removed] of edits) {
          const at = where % (text.length + 1);
          text = text.slice(0, at) + character + text.slice(at + removed);
        }
        expect(jsonFault(text) === undefined, text).toBe(isJson(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("takes any depth and any length", () => {
    expect(jsonFault("[".repeat(200_000))).toEqual({ line: 1, column: 200_001 });
    expect(notJson(`"${"x".repeat(1_000_000)}`)).toBe("not JSON: line 1, column 1");
  });
});
