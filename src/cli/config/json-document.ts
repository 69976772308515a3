/**
 * JSON with the place of every value, so that a message about a file can name the place. Strict, as JSON.parse is, and a key that
 * stands twice in an object is refused: JSON.parse would take the last one in silence.
 */

/** Line and column, both from 1; a column is a UTF-16 unit, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface JsonMember {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: JsonNode;
}

export type JsonNode =
  | { readonly kind: "scalar"; readonly place: Place; readonly value: string | number | boolean | null }
  | { readonly kind: "array"; readonly place: Place; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly place: Place; readonly members: readonly JsonMember[] };

/** Text that is not JSON: where, and why. */
export class JsonSyntaxError extends Error {
  readonly place: Place;

  constructor(place: Place, why: string) {
    super(why);
    this.place = place;
  }
}

/** Deeper nesting than any file of ours has. */
const DEEPEST = 16;
const TOKEN = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?[0-9][0-9.eE+-]*|[a-z]+))/y;

/** Reads a whole text. Throws JsonSyntaxError. */
export function readJson(text: string): JsonNode {
  return new Reader(text).document();
}

interface Token {
  readonly text: string;
  readonly at: number;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #next: Token | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  document(): JsonNode {
    const node = this.#value(0);
    if (this.#next !== undefined) throw this.#unexpected("the end of the file");
    return node;
  }

  #value(depth: number): JsonNode {
    const token = this.#take("a value");
    const place = this.#placeOf(token.at);
    if (depth > DEEPEST) throw new JsonSyntaxError(place, `it is nested deeper than ${DEEPEST} levels`);
    if (token.text === "{") return { kind: "object", place, members: this.#members(depth) };
    if (token.text === "[") return { kind: "array", place, items: this.#items(depth) };
    return { kind: "scalar", place, value: this.#scalar(token) };
  }

  #members(depth: number): readonly JsonMember[] {
    const members: JsonMember[] = [];
    while (!this.#skip("}")) {
      if (members.length > 0) this.#expect(",");
      const token = this.#take('a key in double quotes, or "}"');
      const keyPlace = this.#placeOf(token.at);
      const key = token.text.startsWith('"') ? this.#scalar(token) : undefined;
      if (typeof key !== "string") throw new JsonSyntaxError(keyPlace, "expected a key in double quotes");
      if (members.some((member) => member.key === key))
        throw new JsonSyntaxError(keyPlace, `"${key}" stands here twice`);
      this.#expect(":");
      members.push({ key, keyPlace, value: this.#value(depth + 1) });
    }
    return members;
  }

  #items(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = [];
    while (!this.#skip("]")) {
      if (items.length > 0) this.#expect(",");
      items.push(this.#value(depth + 1));
    }
    return items;
  }

  #scalar({ text, at }: Token): string | number | boolean | null {
    try {
      const value: unknown = JSON.parse(text);
      if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        return value;
      }
    } catch {
      // Said below, in our own words: those of the engine differ from version to version.
    }
    throw new JsonSyntaxError(this.#placeOf(at), "expected a value: text in double quotes, a number, true or false");
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw this.#unexpected(`"${mark}"`);
  }

  #skip(mark: string): boolean {
    if (this.#next?.text !== mark) return false;
    this.#advance();
    return true;
  }

  #take(what: string): Token {
    const token = this.#next;
    if (token === undefined) throw this.#unexpected(what);
    this.#advance();
    return token;
  }

  #advance(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    const token = match?.[1] ?? match?.[2] ?? match?.[3];
    if (token === undefined) {
      const rest = this.#text.slice(this.#at);
      this.#at += rest.length - rest.trimStart().length;
      if (rest.trim() !== "") {
        throw new JsonSyntaxError(
          this.#placeOf(this.#at),
          "this is not JSON; comments and single quotes are not allowed",
        );
      }
      this.#next = undefined;
      return;
    }
    this.#next = { text: token, at: TOKEN.lastIndex - token.length };
    this.#at = TOKEN.lastIndex;
  }

  #unexpected(expected: string): JsonSyntaxError {
    const at = this.#next?.at ?? this.#text.length;
    const found = this.#next === undefined ? "the file ends" : "there is something else";
    return new JsonSyntaxError(this.#placeOf(at), `expected ${expected}, but ${found} here`);
  }

  #placeOf(at: number): Place {
    const before = this.#text.slice(0, at);
    const lastBreak = before.lastIndexOf("\n");
    return { line: before.split("\n").length, column: at - lastBreak };
  }
}
