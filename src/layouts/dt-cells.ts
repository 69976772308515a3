/** Cells of a device-tree property, `<0x0 DT_SIZE_K(48)>`, as numbers. Pure. */

import { Scanner } from "./dt-scanner.ts";

/** Why a value cannot be read, and where in it. */
export interface CellsProblem {
  readonly at: number;
  readonly reason: string;
}

const NUMBER = /0x[0-9a-f]+|[0-9]+/iy;
const SUFFIX = /[ul]+/iy;
const WORD = /[A-Za-z_&]\w*/y;
const OPERATOR = /<<|>>|[-+*/|]/y;
const SIZES: Readonly<Record<string, number>> = { DT_SIZE_K: 1024, DT_SIZE_M: 1024 * 1024 };
/** Operators, the weakest first. */
const LEVELS: readonly (readonly string[])[] = [["|"], ["<<", ">>"], ["+", "-"], ["*", "/"]];
const MAX_DEPTH = 32;

/** All cells of a value; lists that stand beside each other are one. */
export function cellsOf(text: string): readonly number[] | CellsProblem {
  const reader = new CellReader(text);
  try {
    return reader.all();
  } catch (error) {
    if (error instanceof Unreadable) return { at: error.at, reason: error.message };
    throw error;
  }
}

class Unreadable extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

class CellReader {
  readonly #in: Scanner;

  constructor(text: string) {
    this.#in = new Scanner(text);
  }

  all(): readonly number[] {
    const cells: number[] = [];
    while (!this.#in.isAtEnd) {
      if (this.#in.takes(",")) continue;
      if (!this.#in.takes("<")) throw new Unreadable(this.#in.at, 'expected numbers between "<" and ">"');
      while (!this.#in.takes(">")) cells.push(this.#primary(0));
    }
    return cells;
  }

  /** A number, a size macro, or a calculation in parentheses. */
  #primary(depth: number): number {
    const start = this.#in.skipBlanks();
    if (depth > MAX_DEPTH) throw new Unreadable(start, "parentheses are nested too deeply");
    if (this.#in.takes("(")) {
      const value = this.#calculation(0, depth + 1);
      if (!this.#in.takes(")")) throw new Unreadable(this.#in.at, 'expected ")"');
      return value;
    }
    const digits = this.#in.take(NUMBER)?.[0];
    if (digits !== undefined) {
      this.#in.take(SUFFIX);
      const value = Number(digits);
      if (!Number.isSafeInteger(value)) throw new Unreadable(start, "the number is too large");
      return value;
    }
    const word = this.#in.take(WORD)?.[0];
    const unit = word === undefined ? undefined : SIZES[word];
    if (unit !== undefined) return unit * this.#primary(depth + 1);
    if (word === undefined) throw new Unreadable(start, "expected a number");
    throw new Unreadable(start, `${word} is a name that only the build can replace by a number`);
  }

  #calculation(level: number, depth: number): number {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#primary(depth);
    let value = this.#calculation(level + 1, depth);
    for (;;) {
      const start = this.#in.skipBlanks();
      const operator = this.#in.take(OPERATOR)?.[0];
      if (operator === undefined || !operators.includes(operator)) {
        this.#in.at = start;
        return value;
      }
      value = calculated(value, operator, this.#calculation(level + 1, depth));
      if (!Number.isSafeInteger(value) || value < 0) throw new Unreadable(start, "the result is no address or size");
    }
  }
}

function calculated(a: number, operator: string, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? Number.NaN : Math.floor(a / b);
    case "<<":
      return a * 2 ** b;
    case ">>":
      return Math.floor(a / 2 ** b);
    default:
      return Number(BigInt(a) | BigInt(b));
  }
}
