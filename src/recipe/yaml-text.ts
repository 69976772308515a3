/**
 * YAML 1.2 as recipes use it: every scalar stays the text that is written there, a key stands once in its map, and
 * there are no anchors, aliases, tags and directives. So `0123`, `1e3` and `no` mean what they say.
 *
 * The tree of the parser is walked here and never converted by it, so that each value keeps its place.
 */
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument } from "yaml";
import { printable } from "../bytes.ts";
import type { Complaint, TextPlace } from "./complaint.ts";

/** A value of a recipe before it is checked. */
export type YamlValue = string | YamlValue[] | { [key: string]: YamlValue };

/** Keys and indices from the top of the document. */
export type YamlPath = readonly PropertyKey[];

/** A document, or what is wrong with it. */
export interface YamlText {
  /** Undefined if there are complaints. */
  readonly value: YamlValue | undefined;
  readonly complaints: readonly Complaint[];
  /** Where the value at a path starts; if it is missing, where its nearest parent does. */
  placeOf(path: YamlPath): TextPlace;
  /** Where the key of the value at a path starts. */
  keyPlaceOf(path: YamlPath): TextPlace;
}

/** Deeper than any recipe. The parser is recursive, so depth is limited before it runs. */
const MAX_DEPTH = 32;
/** Longest line, characters. */
const MAX_LINE = 4096;
const START: TextPlace = { line: 1, column: 1 };

/** What the parser reports, in words of this program; other codes keep its words. */
const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands twice",
  MULTIPLE_DOCS: "a recipe is one YAML document",
  NON_STRING_KEY: "a key must be a plain word",
  TAB_AS_INDENT: "a line is indented with a tab; use spaces",
  BAD_ALIAS: "aliases are not used in recipes",
};

/** Reads a document. `name` is that of the file, for complaints. */
export function readYaml(name: string, text: string): YamlText {
  const lines = new LineCounter();
  const tooDeep = depthProblem(text);
  if (tooDeep !== undefined) return { ...noTree, value: undefined, complaints: [{ file: name, ...tooDeep }] };
  const document = parseDocument(text, {
    schema: "failsafe",
    version: "1.2",
    uniqueKeys: true,
    stringKeys: true,
    strict: true,
    merge: false,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const at = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const complain = (offset: number, message: string): Complaint => ({ file: name, ...at(offset), message });
  const complaints = document.errors.map(({ code, message, pos: [start] }) =>
    complain(start, WORDS[code] ?? `not valid YAML: ${printable(message.split("\n")[0] ?? "")}`),
  );
  if (/^%/m.test(text.slice(0, document.contents?.range[0] ?? 0))) {
    complaints.push(complain(text.search(/^%/m), "directives are not used in recipes"));
  }
  const tree = new Tree(at, (offset, message) => complaints.push(complain(offset, message)));
  const value = document.contents === null ? undefined : tree.take(document.contents, []);
  if (value === undefined && complaints.length === 0) complaints.push(complain(0, "the recipe is empty"));
  return {
    value: complaints.length === 0 ? value : undefined,
    complaints,
    placeOf: (path) => tree.placeOf(path),
    keyPlaceOf: (path) => tree.keyPlaceOf(path),
  };
}

const noTree: Pick<YamlText, "placeOf" | "keyPlaceOf"> = { placeOf: () => START, keyPlaceOf: () => START };

/** The walk over the parser's tree. */
class Tree {
  readonly #at: (offset: number) => TextPlace;
  readonly #complain: (offset: number, message: string) => void;
  readonly #values = new Map<string, TextPlace>();
  readonly #keys = new Map<string, TextPlace>();

  constructor(at: (offset: number) => TextPlace, complain: (offset: number, message: string) => void) {
    this.#at = at;
    this.#complain = complain;
  }

  /** A node as plain values, its places noted under `path`. */
  take(node: unknown, path: YamlPath): YamlValue {
    if (isAlias(node)) {
      this.#complain(node.range?.[0] ?? 0, "aliases are not used in recipes");
      return "";
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return "";
    const start = node.range?.[0] ?? 0;
    this.#values.set(keyOf(path), this.#at(start));
    this.#refuseExtras(node, start);
    if (isScalar(node)) return typeof node.value === "string" ? node.value : "";
    if (isSeq(node)) return node.items.map((item, index) => this.take(item, [...path, index]));
    const map: { [key: string]: YamlValue } = {};
    for (const { key, value } of node.items) {
      const keyStart = isScalar(key) ? (key.range?.[0] ?? start) : start;
      const word = isScalar(key) && typeof key.value === "string" ? key.value : "";
      if (isScalar(key)) this.#refuseExtras(key, keyStart);
      if (word === "__proto__") {
        this.#complain(keyStart, "__proto__ cannot be a key");
        continue;
      }
      const inner = [...path, word];
      this.#keys.set(keyOf(inner), this.#at(keyStart));
      map[word] = this.take(value, inner);
    }
    return map;
  }

  placeOf(path: YamlPath): TextPlace {
    for (let length = path.length; length >= 0; length--) {
      const key = keyOf(path.slice(0, length));
      const place = this.#values.get(key) ?? this.#keys.get(key);
      if (place !== undefined) return place;
    }
    return START;
  }

  keyPlaceOf(path: YamlPath): TextPlace {
    return this.#keys.get(keyOf(path)) ?? this.placeOf(path);
  }

  #refuseExtras(
    node: Node & { readonly anchor?: string | undefined; readonly tag?: string | undefined },
    start: number,
  ): void {
    if (node.anchor !== undefined) this.#complain(start, "anchors are not used in recipes");
    // The parser notes the tag of its own schema only where one is written.
    if (node.tag !== undefined) this.#complain(start, "tags are not used in recipes");
  }
}

function keyOf(path: YamlPath): string {
  return JSON.stringify(path.map(String));
}

/** Where the text nests too deeply for the parser, or has a line that no person wrote. */
function depthProblem(text: string): Omit<Complaint, "file"> | undefined {
  let line = 1;
  let column = 1;
  let flowDepth = 0;
  let marksInLine = 0;
  for (const token of new Lexer().lex(text)) {
    const kind = CST.tokenType(token);
    if (kind === "flow-map-start" || kind === "flow-seq-start") flowDepth++;
    if (kind === "flow-map-end" || kind === "flow-seq-end") flowDepth = Math.max(0, flowDepth - 1);
    if (kind === "seq-item-ind" || kind === "explicit-key-ind" || kind === "map-value-ind") marksInLine++;
    const isDeep = flowDepth > MAX_DEPTH || (flowDepth === 0 && marksInLine > MAX_DEPTH);
    const isIndented = kind === "space" && column === 1 && token.length > 8 * MAX_DEPTH;
    if (isDeep || isIndented) return { line, column, message: `nested more than ${MAX_DEPTH} levels deep` };
    const breaks = token.split("\n");
    if (breaks.length > 1) {
      line += breaks.length - 1;
      column = 1;
      marksInLine = 0;
    }
    // The lexer's marks of a scalar and of the document take no room in the text.
    if (!/^[\u0002\u0018\u001f\ufeff]/.test(token)) column += (breaks.at(-1) ?? "").length;
    if (column > MAX_LINE) return { line, column: 1, message: `the line has more than ${MAX_LINE} characters` };
  }
  return undefined;
}
