/**
 * Where a text stops being JSON. The message of `JSON.parse` is the engine's own: it differs from one Node.js to the next,
 * and often names no place.
 */

export interface TextPlace {
  /** Both count from 1; the column in UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /[{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may stand next: "first" where a list or an object may also end at once. */
type Expected = "value" | "first value" | "key" | "first key" | "colon" | "after value";

/** The first place at which a text is not JSON; undefined if it is JSON. */
export function jsonFault(text: string): TextPlace | undefined {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  for (let at = 0; ; ) {
    at += matchAt(SPACE, text, at)?.length ?? 0;
    const token = matchAt(TOKEN, text, at);
    if (token === undefined) {
      const isWhole = at === text.length && expected === "after value" && open.length === 0;
      return isWhole ? undefined : placeOf(text, at);
    }
    const next = follow(token, expected, open);
    if (next === undefined) return placeOf(text, at);
    expected = next;
    at += token.length;
  }
}

/** `not JSON: line 3, column 7`: for the message of an error. */
export function notJson(text: string): string {
  const fault = jsonFault(text);
  return fault === undefined ? "not JSON" : `not JSON: line ${fault.line}, column ${fault.column}`;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** What is expected after a token; undefined if the token is not. Keeps `open` up to date. */
function follow(token: string, expected: Expected, open: ("{" | "[")[]): Expected | undefined {
  switch (token) {
    case "{":
    case "[":
      if (!expected.endsWith("value") || expected === "after value") return undefined;
      open.push(token);
      return token === "{" ? "first key" : "first value";
    case "}":
      return (expected === "first key" || expected === "after value") && open.pop() === "{" ? "after value" : undefined;
    case "]":
      return (expected === "first value" || expected === "after value") && open.pop() === "["
        ? "after value"
        : undefined;
    case ",":
      if (expected !== "after value" || open.length === 0) return undefined;
      return open.at(-1) === "{" ? "key" : "value";
    case ":":
      return expected === "colon" ? "value" : undefined;
  }
  if (expected === "key" || expected === "first key") return token.startsWith('"') ? "colon" : undefined;
  return expected === "value" || expected === "first value" ? "after value" : undefined;
}

function placeOf(text: string, at: number): TextPlace {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
