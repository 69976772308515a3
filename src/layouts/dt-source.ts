/**
 * Device-tree sources as nodes with properties, as far as partitions need it. Source: Devicetree Specification 0.4,
 * chapter 6. Lines of the C preprocessor are skipped; values are kept as text and read when they are needed. Pure.
 */
import { Scanner } from "./dt-scanner.ts";
import { textInvalid, type TextPlace } from "./layout.ts";

/** The text of a value, and where it begins in the file. */
export interface DtValue {
  readonly text: string;
  readonly start: number;
}

/** A node; a second body of the same node is added to the first. */
export interface DtNode {
  readonly name: string;
  readonly labels: readonly string[];
  readonly values: Map<string, DtValue>;
  readonly children: DtNode[];
  readonly parent: DtNode | undefined;
  readonly start: number;
}

const MAX_DEPTH = 64;
const PREPROCESSOR =
  /^[ \t]*#[ \t]*(?:(?:include|define|undef|ifdef|ifndef|if|elif|else|endif|error|warning|pragma|line)(?![\w,-])|\d+[ \t]+")(?:\\\r?\n|.)*$/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$|"(?:\\.|[^"\\])*"/gm;
const LABEL = /(?<label>[A-Za-z_]\w*)\s*:/y;
const NAME = /&\{[^}]*\}|&?[\w,.+?#@-]+|\//y;
const STRING = /"(?:\\.|[^"\\])*"/y;
const DIRECTIVE = /\/(?<what>[a-z0-9-]+)\//y;

/** A text as a tree. Throws FILE_INVALID with line and column. */
export class DtSource {
  /** The root, with nodes that are only referred to (`&flash0`) as its children. */
  readonly root: DtNode = { name: "/", labels: [], values: new Map(), children: [], parent: undefined, start: 0 };
  readonly #name: string;
  readonly #in: Scanner;
  readonly #byLabel = new Map<string, DtNode>();

  /** `name` is for messages. */
  constructor(text: string, name: string) {
    this.#name = name;
    // Blanks take the place of what is left out, so that places stay right.
    const blank = (part: string): string => part.replace(/[^\r\n]/g, " ");
    const plain = text.replace(COMMENT, (part) => (part.startsWith('"') ? part : blank(part)));
    this.#in = new Scanner(plain.replace(PREPROCESSOR, blank));
    while (!this.#in.isAtEnd) this.#statement(this.root, 0);
  }

  /** The error for a place of the text. */
  fail(start: number, reason: string, hint?: string): Error {
    return textInvalid(this.#name, this.#placeOf(start), reason, hint);
  }

  #placeOf(start: number): TextPlace {
    const before = this.#in.text.slice(0, start).split(/\r\n|\n|\r/);
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }

  /** A property, a node or a directive. */
  #statement(parent: DtNode, depth: number): void {
    const start = this.#in.skipBlanks();
    if (depth > MAX_DEPTH) throw this.fail(start, "nodes are nested too deeply");
    const directive = this.#in.take(DIRECTIVE)?.groups?.["what"];
    if (directive === "omit-if-no-ref") return;
    if (directive !== undefined) {
      this.#direct(parent, directive);
      return;
    }
    const labels: string[] = [];
    for (let label = this.#label(); label !== undefined; label = this.#label()) labels.push(label);
    const nameStart = this.#in.skipBlanks();
    const name = this.#in.take(NAME)?.[0];
    if (name === undefined) throw this.fail(nameStart, `expected a node or a property, found ${this.#shown()}`);
    if (this.#in.takes("{")) this.#body(this.#nodeFor(parent, name, labels, nameStart), nameStart, depth);
    else parent.values.set(name, this.#in.takes("=") ? this.#value() : { text: "", start: nameStart });
    if (!this.#in.takes(";"))
      throw this.fail(this.#in.skipBlanks(), `expected ";" after ${name}, found ${this.#shown()}`);
  }

  #label(): string | undefined {
    this.#in.skipBlanks();
    return this.#in.take(LABEL)?.groups?.["label"];
  }

  #body(node: DtNode, start: number, depth: number): void {
    while (!this.#in.takes("}")) {
      if (this.#in.isAtEnd) throw this.fail(start, `the node ${node.name} has no closing "}"`);
      this.#statement(node, depth + 1);
    }
  }

  #nodeFor(parent: DtNode, name: string, labels: readonly string[], start: number): DtNode {
    const known =
      name === "/"
        ? this.root
        : name.startsWith("&")
          ? this.#byLabel.get(name.slice(1))
          : parent.children.find((child) => child.name === name);
    const node = known ?? { name, labels, values: new Map<string, DtValue>(), children: [], parent, start };
    if (known === undefined) parent.children.push(node);
    for (const label of [...labels, ...(name.startsWith("&") ? [name.slice(1)] : [])]) this.#byLabel.set(label, node);
    return node;
  }

  #direct(parent: DtNode, directive: string): void {
    const { text } = this.#value();
    const name = text.trim();
    this.#in.takes(";");
    if (directive === "delete-property") parent.values.delete(name);
    if (directive !== "delete-node") return;
    const node = name.startsWith("&")
      ? this.#byLabel.get(name.slice(1))
      : parent.children.find((one) => one.name === name);
    const siblings = node?.parent?.children;
    if (node !== undefined && siblings !== undefined) siblings.splice(siblings.indexOf(node), 1);
  }

  /** Up to the semicolon; a string may hold one. */
  #value(): DtValue {
    const start = this.#in.skipBlanks();
    while (this.#in.at < this.#in.text.length && this.#in.text[this.#in.at] !== ";") {
      if (this.#in.text[this.#in.at] !== '"') {
        this.#in.at++;
        continue;
      }
      if (this.#in.take(STRING) === undefined) throw this.fail(this.#in.at, "a string has no closing quote");
    }
    if (this.#in.at >= this.#in.text.length) throw this.fail(start, 'a value has no ";" after it');
    return { text: this.#in.text.slice(start, this.#in.at), start };
  }

  #shown(): string {
    const rest = this.#in.text.slice(this.#in.skipBlanks(), this.#in.at + 12);
    return rest === "" ? "the end of the file" : JSON.stringify(rest.split(/\s/)[0]);
  }
}
