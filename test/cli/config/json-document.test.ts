/** JSON with places: the same values as JSON.parse, and every mistake with line and column. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonNode, JsonSyntaxError, readJson } from "../../../src/cli/config/json-document.ts";

function valueOf(node: JsonNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(valueOf);
  const entries = node.members.map(({ key, value }) => [key, valueOf(value)] as const);
  // As JSON.parse makes them: `__proto__` is a key like any other.
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true });
  return object;
}

describe("what JSON.parse takes", () => {
  it("is read as the same values, however it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(JSON.stringify(valueOf(readJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', '"b"', "1", "true", " ")), (parts) => {
        const text = parts.join("");
        const isJson = attempt(() => JSON.parse(text) as unknown);
        const isRead = attempt(() => readJson(text));
        // The only thing that is stricter here: a key that stands twice.
        if (isRead !== isJson) expect(() => readJson(text)).toThrow("stands here twice");
      }),
      { numRuns: 500 },
    );
  });
});

function attempt(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

describe("a mistake", () => {
  it.each([
    ["", 1, 1, "expected a value, but the file ends here"],
    ["{", 1, 2, 'expected a key in double quotes, or "}", but the file ends here'],
    ['{"a" 1}', 1, 6, 'expected ":", but there is something else here'],
    ['{\n  "a": 1,\n}', 3, 1, "expected a key in double quotes"],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'expected ",", but there is something else here'],
    ["{a: 1}", 1, 2, "expected a key in double quotes"],
    ["{'a': 1}", 1, 2, "this is not JSON; comments and single quotes are not allowed"],
    ['{"a": 1 // no\n}', 1, 9, "this is not JSON; comments and single quotes are not allowed"],
    ['{"a": yes}', 1, 7, "expected a value: text in double quotes, a number, true or false"],
    ['{"a": 01}', 1, 7, "expected a value: text in double quotes, a number, true or false"],
    ['{"a": "\\x"}', 1, 7, "expected a value: text in double quotes, a number, true or false"],
    ['{"a": 1,\r\n "a": 2}', 2, 2, '"a" stands here twice'],
    ['{"a": 1} x', 1, 10, "expected the end of the file, but there is something else here"],
    ["[".repeat(20), 1, 18, "it is nested deeper than 16 levels"],
    ['{"a": "x\n"}', 1, 7, "this is not JSON; comments and single quotes are not allowed"],
  ])("%j is at %d:%d", (text, line, column, why) => {
    let error: unknown;
    try {
      readJson(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(JsonSyntaxError);
    if (error instanceof JsonSyntaxError) expect([error.place, error.message]).toEqual([{ line, column }, why]);
  });

  it("costs little, however much of it there is", () => {
    expect(() => readJson("[".repeat(1_000_000))).toThrow("nested deeper");
    expect(() => readJson(`"${"a".repeat(1_000_000)}`)).toThrow(JsonSyntaxError);
  });
});
