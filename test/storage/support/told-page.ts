/**
 * A page of text about a piece of storage: every call of it, the flash operations it made, one line a turnaround, and what it
 * returned. The page shows how a flash in some state is recognised, and what is done to it; every change shows.
 */
import { expect } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../../../src/errors.ts";
import type { RegionOp, RegionResult } from "../../../src/flash/flash-region.ts";
import type { Stream } from "../../../src/stream.ts";
import { NorRegion, type NorRegionOptions } from "./nor-region.ts";

/** What comes instead of the answer of an operation: another one, or an error. */
export type Trouble = (op: RegionOp, answer: RegionResult) => RegionResult;

/** Flash that keeps what it was asked, turnaround by turnaround. */
export class ToldRegion extends NorRegion {
  /** Operations of each turnaround since `takeTold`. */
  #told: RegionOp[][] = [];
  trouble: Trouble | undefined;

  constructor(options: NorRegionOptions) {
    super({ address: 0x1000, ...options });
  }

  override async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    const turn: RegionOp[] = [];
    this.#told.push(turn);
    const noted = async function* (): AsyncGenerator<RegionOp> {
      for await (const op of ops) {
        turn.push(op);
        yield op;
      }
    };
    for await (const answer of super.run(noted())) {
      const op = turn.at(-1);
      yield op !== undefined && this.trouble !== undefined ? this.trouble(op, answer) : answer;
    }
  }

  /** The turnarounds since this was last asked. */
  takeTold(): readonly (readonly RegionOp[])[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }
}

export class ToldPage {
  readonly #lines: string[] = [];
  #region: ToldRegion | undefined;
  #lastHint = "";

  get text(): string {
    this.#endPart();
    return `${this.#lines.join("\n")}\n`;
  }

  /** Begins a part of the page, on a flash of its own. */
  part(title: string, region: ToldRegion): void {
    this.heading(title);
    this.#region = region;
  }

  /** Begins a part that has no flash. */
  heading(title: string): void {
    this.#endPart();
    if (this.#lines.length > 0) this.#lines.push("");
    this.#lines.push(`# ${title}`);
  }

  /** A line of its own, above that of the call that is under way. */
  note(line: string): void {
    this.#lines.push(`    ${line}`);
  }

  /** Calls, and writes down the operations and the answer; a sequence is written item by item. */
  async call<T>(name: string, act: () => T | Promise<T>): Promise<T | undefined> {
    let answer: T | undefined;
    let outcome: string[];
    try {
      answer = await act();
      outcome = answer === undefined ? [] : await itemsOf(answer);
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      const { code, message, hint, operation, range } = error;
      const where = range === undefined ? "" : ` [${range.address}+${range.lengthBytes}]`;
      outcome = [`${code} (${operation}): ${message}${where}${this.#hintText(code, hint)}`];
    }
    const lines = wrapped(`${name}: `, outcome.length === 0 ? ["done"] : outcome, "; ");
    const turns = (this.#region?.takeTold() ?? []).map(opsText);
    const short = `${lines[0] ?? ""}  <- ${turns.join(" | ")}`;
    if (turns.length > 0 && lines.length === 1 && short.length <= WIDTH) this.#lines.push(short);
    else this.#lines.push(...lines, ...(turns.length === 0 ? [] : wrapped("    <- ", turns, " | ")));
    return answer;
  }

  /** What the table does not say, once where it comes again and again. */
  #hintText(code: ErrorCode, hint: string): string {
    if (hint === ERROR_TABLE[code].hint) return "";
    const isKnown = hint === this.#lastHint;
    this.#lastHint = hint;
    return isKnown ? " / as before" : ` / ${hint}`;
  }

  #endPart(): void {
    const { violations = [] } = this.#region ?? {};
    if (violations.length > 0) this.#lines.push(`RULES BROKEN: ${violations.join("; ")}`);
    this.#region = undefined;
  }
}

async function itemsOf(answer: unknown): Promise<string[]> {
  if (typeof answer !== "object" || answer === null) return [String(answer)];
  if (answer instanceof Uint8Array) return [toHex(answer)];
  if (Symbol.asyncIterator in answer) {
    const items: string[] = [];
    for await (const item of answer as AsyncIterable<unknown>) items.push(valueText(item));
    return items.length === 0 ? ["nothing"] : items;
  }
  if (Array.isArray(answer)) return answer.length === 0 ? ["nothing"] : answer.map(valueText);
  return [valueText(answer)];
}

/** `1:36`: offset 36 of sector 1; what is false or absent is left out. */
function valueText(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(" ")}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, one]) => `${valueText(key)} ${valueText(one)}`).join(", ")}}`;
  if (typeof value !== "object" || value === null) return String(value);
  const { kind, sector, offset, data, ...rest } = value as Readonly<Record<string, unknown>>;
  const words: string[] = typeof kind === "string" && kind !== "record" ? [kind] : [];
  if (typeof sector === "number") words.push(typeof offset === "number" ? `${sector}:${offset}` : String(sector));
  else if (typeof offset === "number") words.push(`offset ${offset}`);
  if (data !== undefined) words.push(valueText(data));
  for (const [name, one] of Object.entries(rest)) {
    // It follows from the offset and the length.
    if (name === "dataOffset") continue;
    if (one === true) words.push(name);
    else if (one !== false && one !== undefined) words.push(`${name} ${valueText(one)}`);
  }
  return words.join(" ");
}

const WIDTH = 128;

/** Texts after each other, in as many lines as it takes. */
function wrapped(start: string, texts: readonly string[], between: string): string[] {
  const lines: string[] = [];
  let line = start;
  for (const [index, text] of texts.entries()) {
    if (line.trim() !== "" && index > 0 && line.length + text.length > WIDTH) {
      lines.push(line.trimEnd());
      line = "      ";
    }
    line += text + (index === texts.length - 1 ? "" : between);
  }
  return [...lines, line];
}

/** Operations in one line; many of one size at one distance are told as such. */
function opsText(ops: readonly RegionOp[]): string {
  const texts: string[] = [];
  for (let index = 0; index < ops.length; ) {
    const op = ops[index]!;
    const count = op.kind === "program" ? 1 : evenly(ops.slice(index));
    const second = ops[index + 1];
    if (op.kind === "program") texts.push(`program ${op.offset} ${toHex(op.data)}`);
    else if (count < 3) texts.push(...ops.slice(index, index + count).map(rangeText));
    else texts.push(`${count} times ${rangeText(op)} every ${(second?.offset ?? 0) - op.offset}`);
    index += count;
  }
  return texts.length === 0 ? "nothing" : texts.join(" ");
}

function rangeText(op: RegionOp): string {
  return op.kind === "program" ? "" : `${op.kind} ${op.offset}+${op.lengthBytes}`;
}

/** How many at the start are alike and evenly apart. */
function evenly(ops: readonly RegionOp[]): number {
  const [first, second] = ops;
  const distance = (second?.offset ?? 0) - (first?.offset ?? 0);
  let count = 1;
  for (const op of ops.slice(1)) {
    const before = ops[count - 1]!;
    if (op.kind !== before.kind || op.kind === "program" || before.kind === "program") break;
    if (op.lengthBytes !== before.lengthBytes || op.offset - before.offset !== distance) break;
    count++;
  }
  return count;
}

/** Holds a page against the one that is kept, test/golden/told/NAME.txt. */
export async function matchPage(page: ToldPage, name: string): Promise<void> {
  await expect(page.text).toMatchFileSnapshot(`../../golden/told/${name}.txt`);
}
