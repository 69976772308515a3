/**
 * Templates of serial numbers, `MK3-{yy}{ww}-{n:5}{check:mod37-36}`, and their inverse: a text is taken apart, its check
 * characters are proved, and its number is found.
 *
 * Every field has a fixed width, so a text can be taken apart in one way only, and the length of a serial is known from its
 * template.
 */
import { type CheckAlgorithm, CHECK_ALGORITHMS, checkAlgorithm, checkCharacters } from "./check-digits.ts";
import { DATE_FIELDS, type DateFieldName, type DateFields, dateFieldsOf } from "./date-fields.ts";

/** Digits of base 34: without I and O, which look like 1 and 0. */
const BASE_34 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** A piece of a template. */
type Field =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "number"; readonly width: number; readonly digits: string }
  | { readonly kind: "date"; readonly name: DateFieldName; readonly width: number }
  | { readonly kind: "check"; readonly algorithm: CheckAlgorithm };

/** What a serial says. */
export interface SerialParts {
  /** The number of the pool. */
  readonly number: bigint;
  /** Year, week and so on, as far as the template has them: digits as they stand in the serial. */
  readonly date: DateFields;
}

/** A template that was found right. */
export interface SerialTemplate {
  /** As it is written. */
  readonly text: string;
  /** Length of every serial, characters; all are ASCII. */
  readonly length: number;
  /** The highest number that it has room for. */
  readonly most: bigint;
  /** Whether it needs the time at which the unit was made. */
  readonly hasDate: boolean;
  /**
   * The serial of a number. Throws RangeError if the number has no room (check with `most`), or if the template needs
   * the time and `madeAtMs` is undefined.
   */
  format(number: bigint, madeAtMs: number | undefined): string;
  /** The inverse; a sentence if the text is no such serial. */
  parse(serial: string): SerialParts | string;
}

/** A wrong template. */
export interface TemplateProblem {
  readonly problem: string;
}

const TOKEN = /\{([^{}]*)\}|[^{}]+|[{}]/g;
const LITERAL = /^[\x20-\x7e]+$/;
const NUMBER = /^n:([1-9][0-9]?)(b34)?$/;
const MAX_DIGITS = 18;

/** Reads a template. */
export function parseTemplate(text: string): SerialTemplate | TemplateProblem {
  const fields: Field[] = [];
  for (const [token, inner] of text.matchAll(TOKEN)) {
    const field = inner === undefined ? literalField(token) : fieldOf(inner);
    if ("problem" in field) return field;
    fields.push(field);
  }
  const problem = problemOf(fields);
  return problem === undefined ? templateOf(text, fields) : { problem };
}

function literalField(text: string): Field | TemplateProblem {
  if (text === "{" || text === "}") return { problem: "a brace stands alone; a field is written {name}" };
  return LITERAL.test(text) ? { kind: "literal", text } : { problem: "a serial has ASCII characters only" };
}

function fieldOf(inner: string): Field | TemplateProblem {
  const number = NUMBER.exec(inner);
  if (number !== null) {
    const width = Number(number[1]);
    if (width > MAX_DIGITS) return { problem: `{${inner}}: a number has at most ${MAX_DIGITS} digits` };
    return { kind: "number", width, digits: number[2] === undefined ? BASE_34.slice(0, 10) : BASE_34 };
  }
  if (inner === "n") return { problem: "{n} needs its width: {n:5}" };
  const date = DATE_FIELDS.find(({ name }) => name === inner);
  if (date !== undefined) return { kind: "date", ...date };
  if (inner === "lot" || inner === "station") return { problem: `the field {${inner}} is not in this version` };
  if (!inner.startsWith("check:")) return { problem: `there is no field {${inner}}` };
  const algorithm = checkAlgorithm(inner.slice("check:".length));
  if (algorithm !== undefined) return { kind: "check", algorithm };
  return { problem: `{${inner}}: the check is one of ${CHECK_ALGORITHMS.map(({ name }) => name).join(", ")}` };
}

function problemOf(fields: readonly Field[]): string | undefined {
  const numbers = fields.filter(({ kind }) => kind === "number");
  if (numbers.length !== 1) return numbers.length === 0 ? "the number {n:WIDTH} is missing" : "the number stands twice";
  const names = fields.flatMap((field) => (field.kind === "date" ? [field.name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `the field {${twice}} stands twice`;
  const other = names.find((name) => ["mm", "dd", "doy"].includes(name));
  if (names.includes("ww") && other !== undefined) return `{ww} and {${other}} cannot be used together`;
  return fields.map((_, index) => checkProblem(fields, index)).find((problem) => problem !== undefined);
}

/** Why a check can never be computed over what stands left of it. */
function checkProblem(fields: readonly Field[], index: number): string | undefined {
  const field = fields[index];
  if (field?.kind !== "check") return undefined;
  const { algorithm } = field;
  const sample = fields
    .slice(0, index)
    .map((one) => sampleOf(one))
    .join("");
  if (sample === "") return `nothing stands left of {check:${algorithm.name}}`;
  if (checkCharacters(algorithm, sample) !== undefined) return undefined;
  const takes = algorithm.alphabet === "digits" ? "digits" : "digits and the letters A to Z";
  return `{check:${algorithm.name}} takes only ${takes} left of it`;
}

/** Text of the widest alphabet that a field can have. */
function sampleOf(field: Field): string {
  switch (field.kind) {
    case "literal":
      return field.text;
    case "number":
      return (field.digits.at(-1) ?? "").repeat(field.width);
    case "date":
      return "0".repeat(field.width);
    case "check":
      return (field.algorithm.name === "mod37-36" ? "Z" : field.algorithm.alphabet === "bytes" ? "F" : "0").repeat(
        field.algorithm.length,
      );
  }
}

function widthOf(field: Field): number {
  if (field.kind === "literal") return field.text.length;
  return field.kind === "check" ? field.algorithm.length : field.width;
}

function templateOf(text: string, fields: readonly Field[]): SerialTemplate {
  const number = fields.find((field) => field.kind === "number");
  const most = number === undefined ? 0n : BigInt(number.digits.length) ** BigInt(number.width) - 1n;
  const hasDate = fields.some(({ kind }) => kind === "date");
  const byWeek = fields.some((field) => field.kind === "date" && field.name === "ww");
  return {
    text,
    length: fields.reduce((sum, field) => sum + widthOf(field), 0),
    most,
    hasDate,
    format(value, madeAtMs) {
      if (value < 0n || value > most) throw new RangeError(`${value} has no room in ${text}`);
      if (hasDate && madeAtMs === undefined) throw new RangeError(`${text} needs a time`);
      const date = madeAtMs === undefined ? {} : dateFieldsOf(madeAtMs, byWeek);
      return fields.reduce((done, field) => done + written(field, value, date, done), "");
    },
    parse: (serial) => parseSerial(fields, serial),
  };
}

function written(field: Field, number: bigint, date: DateFields, before: string): string {
  switch (field.kind) {
    case "literal":
      return field.text;
    case "number":
      return inDigits(number, field.digits, field.width);
    case "date":
      return date[field.name] ?? "";
    case "check":
      return checkCharacters(field.algorithm, before) ?? "";
  }
}

function inDigits(number: bigint, digits: string, width: number): string {
  const base = BigInt(digits.length);
  let text = "";
  for (let rest = number; text.length < width; rest /= base) text = digits.charAt(Number(rest % base)) + text;
  return text;
}

function parseSerial(fields: readonly Field[], serial: string): SerialParts | string {
  const length = fields.reduce((sum, field) => sum + widthOf(field), 0);
  if (serial.length !== length) return `it has ${serial.length} characters, not ${length}`;
  let number = 0n;
  const date: { -readonly [name in DateFieldName]?: string } = {};
  let at = 0;
  for (const field of fields) {
    const piece = serial.slice(at, at + widthOf(field));
    const where = `at character ${at + 1}`;
    switch (field.kind) {
      case "literal":
        if (piece !== field.text) return `${where} stands ${JSON.stringify(piece)}, not ${JSON.stringify(field.text)}`;
        break;
      case "date":
        if (!/^[0-9]+$/.test(piece)) return `${where} stands ${JSON.stringify(piece)}, not ${piece.length} digits`;
        date[field.name] = piece;
        break;
      case "number": {
        const value = fromDigits(piece, field.digits);
        if (value === undefined) return `${where} stands ${JSON.stringify(piece)}, which is not the number`;
        number = value;
        break;
      }
      case "check": {
        const right = checkCharacters(field.algorithm, serial.slice(0, at));
        if (piece !== right)
          return `its check (${field.algorithm.name}) is ${JSON.stringify(piece)}, not ${JSON.stringify(right ?? "")}`;
        break;
      }
    }
    at += piece.length;
  }
  return { number, date };
}

function fromDigits(text: string, digits: string): bigint | undefined {
  const base = BigInt(digits.length);
  let value = 0n;
  for (const character of text) {
    const digit = digits.indexOf(character);
    if (digit < 0) return undefined;
    value = value * base + BigInt(digit);
  }
  return value;
}
