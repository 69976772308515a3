/** A place in a text that moves on over blanks, marks and patterns. Pure. */

/** Reads a text from its start. */
export class Scanner {
  /** Where it is, in characters. */
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Moves over blanks and line ends; the place after them. */
  skipBlanks(): number {
    while (/\s/.test(this.text[this.at] ?? "x")) this.at++;
    return this.at;
  }

  /** Whether the next character that is not a blank is `mark`; moves over it then. */
  takes(mark: string): boolean {
    const isThere = this.text[this.skipBlanks()] === mark;
    if (isThere) this.at++;
    return isThere;
  }

  /** Moves over what a sticky pattern fits at this place; undefined if it does not. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found;
  }

  /** Whether the text has ended, but for blanks. */
  get isAtEnd(): boolean {
    return this.skipBlanks() >= this.text.length;
  }
}
