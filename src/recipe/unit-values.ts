/** The values of one unit: those that were given, checked, and those that follow from them. */
import { advice } from "../advice.ts";
import { isoTime } from "../clock.ts";
import { fromHex, printable, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { CheckedRecipe } from "./load-recipe.ts";
import { type Content, valuesIn } from "./content.ts";
import { parseInteger } from "./encoding.ts";
import { DATE_FIELDS, dateFieldsOf } from "./date-fields.ts";
import { macText, parseMac } from "./mac-pool.ts";
import type { PlannedStep } from "./plan.ts";
import type { ValueShape } from "./value-shapes.ts";

/** What a unit has. */
export interface UnitValues {
  /** The serial number. */
  readonly serial: string;
  /** Text of every value that was given or follows, by its name; columns as `cal.gain`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Number in its pool of every value that comes from one. */
  readonly numbers: ReadonlyMap<string, bigint>;
}

const OPERATION = "compose";
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

/**
 * The values of the unit with this serial number. `given`: texts by name, without the serial; a constant and a column
 * of a table are not given.
 *
 * @throws NorbridgeError EINVAL for a value that is missing, unknown or wrong, with its name; FILE_INVALID for a table
 * that has no row for its key.
 */
export function unitValues(checked: CheckedRecipe, serial: string, given: ReadonlyMap<string, string>): UnitValues {
  const all = new Map(given);
  if (all.has(checked.serialName)) throw wrong(`${checked.serialName} is the serial number, and is given already`);
  all.set(checked.serialName, serial);
  const { texts, numbers } = takeGiven(checked, all);
  refuseOtherDate(checked, texts);
  for (const [name, value] of checked.recipe.values) {
    if (value.kind === "constant") texts.set(name, value.body.constant);
  }
  const needed = new Set(checked.steps.flatMap(contentsOf).flatMap(valuesIn));
  const tables = tablesOf(checked, needed);
  refuseMissing(checked, [...needed, ...tables.map(({ key }) => key)], texts);
  for (const { name, key } of tables) takeRow(checked, name, key, texts);
  return { serial, texts, numbers };
}

function takeGiven(
  checked: CheckedRecipe,
  given: ReadonlyMap<string, string>,
): { readonly texts: Map<string, string>; readonly numbers: Map<string, bigint> } {
  const texts = new Map<string, string>();
  const numbers = new Map<string, bigint>();
  for (const [name, text] of given) {
    const shape = checked.shapes.get(name);
    const kind = shape?.value.kind;
    if (shape === undefined || kind === "csv") throw wrong(`there is no value ${printable(name)} to give`);
    if (kind === "constant") throw wrong(`${name} is a constant of the recipe`);
    const read = readGiven(shape, text);
    if (typeof read === "string") throw wrong(`${name} ${JSON.stringify(printable(text))} is not valid: ${read}`);
    texts.set(name, read.text);
    if (read.number !== undefined) numbers.set(name, read.number);
  }
  return { texts, numbers };
}

/** A serial number with a date, and a time that the unit was made, are of one day. */
function refuseOtherDate({ shapes }: CheckedRecipe, texts: ReadonlyMap<string, string>): void {
  const times = [...texts].filter(([name]) => shapes.get(name)?.value.kind === "time");
  for (const [name, text] of texts) {
    const parts = shapes.get(name)?.template?.parse(text);
    if (parts === undefined || typeof parts === "string") continue;
    for (const [timeName, time] of times) {
      const date = dateFieldsOf(Date.parse(time), parts.date.ww !== undefined);
      const other = DATE_FIELDS.find(({ name: one }) => parts.date[one] !== undefined && parts.date[one] !== date[one]);
      if (other === undefined) continue;
      const [own = "", wanted = ""] = [parts.date[other.name], date[other.name]];
      throw wrong(
        `${name} ${JSON.stringify(printable(text))} has {${other.name}} ${own}, and ${timeName} ${time} gives ${wanted}`,
        `Specify ${timeName} as it was when the unit got its numbers.`,
      );
    }
  }
}

interface GivenValue {
  /** As every form of it is written. */
  readonly text: string;
  readonly number?: bigint | undefined;
}

/** A text by the rules of its value; a sentence if it breaks one. */
export function readGiven(shape: ValueShape, text: string): GivenValue | string {
  switch (shape.value.kind) {
    case "pool":
      return readNumber(shape, text);
    case "scan":
      if (text === "") return "it is empty";
      return shape.match?.test(text) === false ? "it does not match what the recipe expects" : { text };
    case "time": {
      const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
      const isTime = Number.isFinite(ms) && isoTime(ms).startsWith(text.slice(0, -1));
      return isTime ? { text } : "a time is written 2026-03-01T12:00:00Z";
    }
    case "chip": {
      const bytes = fromHex(text.replace(/[-: ]/g, ""));
      const { bytes: lengthBytes } = shape.value.body;
      if (bytes?.length !== lengthBytes) return `it is not ${lengthBytes} bytes in hex digits`;
      const isSame = bytes.every((byte) => byte === bytes[0]) && (bytes[0] === 0 || bytes[0] === 0xff);
      return isSame ? "all its bytes are the same: the chip has no unique ID" : { text: toHex(bytes) };
    }
    case "constant":
    case "csv":
      return "it is not given";
  }
}

function readNumber({ pool, template }: ValueShape, text: string): GivenValue | string {
  if (pool === undefined) return "its pool is not defined";
  if (pool.kind === "mac") {
    const address = parseMac(text);
    if (address === undefined) return "it is not a MAC address";
    const isOutside = address < pool.first || address > pool.last;
    return isOutside ? "it is not in the block of its pool" : { text: macText(address), number: address };
  }
  const parts = template?.parse(text);
  if (typeof parts === "string") return parts;
  const number = parts?.number ?? (/^[0-9]{1,18}$/.test(text) ? parseInteger(text) : undefined);
  if (number === undefined) return "it is not a number";
  if (number < pool.first || number > pool.last)
    return `its number ${number} is not in the pool, ${pool.first} to ${pool.last}`;
  return { text: template === undefined ? String(number) : text, number };
}

/** How a number of a pool is written. `madeAtMs`: when the unit is made, for the date in a template. */
export function numberText({ pool, template }: ValueShape, value: bigint, madeAtMs: number): string {
  if (pool?.kind === "mac") return macText(value);
  return template?.format(value, madeAtMs) ?? String(value);
}

/** Every content of a step. */
export function contentsOf(step: PlannedStep): readonly Content[] {
  switch (step.kind) {
    case "image":
      return [];
    case "patch":
      return [step.value.content];
    case "settings":
    case "safe":
      return [...step.set.values()].map(({ content }) => content);
    case "log":
      return step.append.map(({ content }) => content);
  }
}

/** The tables whose columns are used. */
function tablesOf(
  { recipe }: CheckedRecipe,
  needed: ReadonlySet<string>,
): readonly { readonly name: string; readonly key: string }[] {
  return [...recipe.values].flatMap(([name, value]) => {
    const isUsed = value.kind === "csv" && [...needed].some((one) => one.startsWith(`${name}.`));
    return isUsed ? [{ name, key: value.body.key }] : [];
  });
}

function refuseMissing({ recipe }: CheckedRecipe, needed: readonly string[], texts: ReadonlyMap<string, string>): void {
  const missing = [...new Set(needed)].filter((name) => !texts.has(name) && !name.includes("."));
  if (missing.length === 0) return;
  const words = missing.map((name) => `${name} (${SOURCES[recipe.values.get(name)?.kind ?? "scan"]})`);
  throw new NorbridgeError("EINVAL", `values of the unit are missing: ${words.join(", ")}`, {
    operation: OPERATION,
    hint: advice("Specify each as it was when the unit was made.", "set-unit-value"),
  });
}

const SOURCES = {
  pool: "a number of its pool",
  scan: "scanned",
  time: "when the unit was made",
  chip: "the chip's unique ID",
  constant: "a constant",
  csv: "a table",
} as const;

function takeRow(checked: CheckedRecipe, name: string, key: string, texts: Map<string, string>): void {
  const table = checked.tables.get(name);
  const text = texts.get(key) ?? "";
  const row = table?.rows.get(text);
  if (table === undefined || row === undefined) {
    throw new NorbridgeError(
      "FILE_INVALID",
      `${printable(table?.file ?? name)} has no row for ${key} ${JSON.stringify(printable(text))}`,
      {
        operation: OPERATION,
        hint: "Check the value, or ask for the row to be added.",
      },
    );
  }
  for (const [column, cell] of row) texts.set(`${name}.${column}`, cell.text);
}

/** The bytes of a content for this unit. Throws EINVAL if a value does not fit. */
export function bytesOfContent(checked: CheckedRecipe, content: Content, { texts, numbers }: UnitValues): Uint8Array {
  switch (content.kind) {
    case "bytes":
      return content.bytes;
    case "file":
      return checked.contents.get(content.path) ?? new Uint8Array();
    case "value": {
      const { value: name } = content;
      const shape = checked.shapes.get(name);
      return fitting(name, shape?.encoding?.encode(encodedText(shape, name, texts, numbers)));
    }
    case "text": {
      const text = content.pieces
        .map((one) => ("literal" in one ? one.literal : (texts.get(one.value) ?? "")))
        .join("");
      return fitting(JSON.stringify(printable(text)), content.encoding.encode(text));
    }
  }
}

/** What a number's encoding takes of a value: its number in the pool, and of a time its seconds since 1970. */
function encodedText(
  shape: ValueShape,
  name: string,
  texts: ReadonlyMap<string, string>,
  numbers: ReadonlyMap<string, bigint>,
): string {
  const text = texts.get(name) ?? "";
  if (shape.encoding?.isNumber !== true) return text;
  if (shape.value.kind === "time") return String(Date.parse(text) / 1000);
  return numbers.get(name)?.toString() ?? text;
}

function fitting(what: string, bytes: Uint8Array | string | undefined): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw wrong(`${what} does not fit: ${bytes ?? "it has no encoding"}`);
}

function wrong(message: string, hint?: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: OPERATION, hint });
}
