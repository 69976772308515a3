/**
 * A transcript: a page of text about a piece of storage. It has every call, the flash operations that the call made, and what
 * it returned. It shows how a flash in some state is recognised, and what is done to it; every change shows.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { ERROR_TABLE, type ErrorCode, NorbridgeError } from "../../../src/errors.ts";
import type { RegionOp, RegionResult } from "../../../src/flash/flash-region.ts";
import type { Stream } from "../../../src/stream.ts";
import { NorRegion, type NorRegionOptions } from "./nor-region.ts";

/** What comes instead of the answer of an operation: another one, or an error. */
export type Trouble = (op: RegionOp, answer: RegionResult) => RegionResult;

/** Flash that keeps what it was asked, turnaround by turnaround. */
export class RecordingRegion extends NorRegion {
  /** Operations of each turnaround since `takeTurns`. */
  #turns: RegionOp[][] = [];
  trouble: Trouble | undefined;

  constructor(options: NorRegionOptions) {
    super({ address: 0x1000, ...options });
  }

  override async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    const turn: RegionOp[] = [];
    this.#turns.push(turn);
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
  takeTurns(): readonly (readonly RegionOp[])[] {
    const turns = this.#turns;
    this.#turns = [];
    return turns;
  }
}

export class Transcript {
  readonly #lines: string[] = [];
  #region: RecordingRegion | undefined;
  #lastHint = "";

  get text(): string {
    this.#endPart();
    return `${LEGEND}\n${this.#lines.join("\n")}\n`;
  }

  /** Begins a part of the page, on a flash of its own. */
  part(title: string, region: RecordingRegion): void {
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
    const turns = (this.#region?.takeTurns() ?? []).map(opsText);
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
    this.#lastHint = "";
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

/** At the head of each page. */
const LEGEND = `How to read this page. Each part starts with "# title" and describes one state of the flash.
  call: what it returned  <- operations on the flash
"|" separates turnarounds: the host waits for the results of one before it sends the next.
read, digest 8+4: 4 bytes from offset 8. program 8 0102: these bytes at offset 8.
"3 times read 0+4 every 64": reads at 0, 64 and 128. A place 1:36 is offset 36 of sector 1.
CODE (operation): message [start+length] / hint: an error. "as before": the same hint as in the last error.
RULES BROKEN: what a real chip would not have done. No page may have it.
`;

/** Tests write the pages anew instead of comparing them: NORBRIDGE_WRITE_TRANSCRIPTS=1. */
const isWriting = process.env["NORBRIDGE_WRITE_TRANSCRIPTS"] === "1";

/**
 * Compares a transcript with the one that is kept, test/golden/transcripts/NAME.txt: one test for each part of it. `rule`
 * is what all parts show. `record` makes the transcript.
 */
export function transcript(name: string, rule: string, record: () => Promise<Transcript>): void {
  const file = fileURLToPath(new URL(`../../golden/transcripts/${name}.txt`, import.meta.url));
  const kept = partsOf(existsSync(file) ? readFileSync(file, "utf8") : "");
  let now: ReadonlyMap<string, string> = new Map();
  describe(`${name}: ${rule}`, () => {
    beforeAll(async () => {
      const { text } = await record();
      now = partsOf(text);
      if (isWriting) writeFileSync(file, text);
    }, RECORDING_MS);
    const expected = (): ReadonlyMap<string, string> => (isWriting ? now : kept);
    it("has a legend and these parts in this order", () => {
      expect([...now.keys()]).toEqual([...expected().keys()]);
      expect(now.get("")).toBe(expected().get(""));
    });
    it.each([...kept.keys()].filter((title) => title !== ""))("%s", (title) => {
      expect(now.get(title)).toBe(expected().get(title));
      expect(now.get(title)).not.toContain("RULES BROKEN");
    });
  });
}

const RECORDING_MS = 60_000;

/** Parts by their titles; what stands before the first is "". Throws for two with one title. */
function partsOf(page: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of page.replaceAll("\r\n", "\n").split(/^(?=# )/m)) {
    const title = /^# (.*)/.exec(part)?.[1] ?? "";
    if (parts.has(title)) throw new Error(`two parts with the title ${title}`);
    parts.set(title, part);
  }
  return parts;
}
