/**
 * What a program hands in, looked at before anything is done with it: TypeScript is not asked at run time, and a negative
 * offset or a NaN must not reach a chip. Each function answers the value, or throws EINVAL (not of this kind) or ERANGE (a
 * number out of its range), naming the field and what it takes.
 */
import { type ByteRange, rangeEnd } from "../drivers/geometry.ts";
import { formatSize, printable } from "./bytes.ts";
import { NorbridgeError } from "./errors.ts";

/** Longest piece of a strange value that a message shows. */
const MAX_SHOWN = 40;

/** The error for a value that is not of the kind it must be: "write: offset must be a whole number, not "5"". */
export function notValid(operation: string, name: string, wanted: string, value: unknown): NorbridgeError {
  return new NorbridgeError("EINVAL", `${operation}: ${name} must be ${wanted}, not ${shown(value)}`, { operation });
}

/** A whole number from `least` to `most`, both included. */
export function checkWhole(
  value: unknown,
  name: string,
  operation: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const wanted =
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least} on` : `a whole number, ${least} to ${most}`;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw notValid(operation, name, wanted, value);
  if (value >= least && value <= most) return value;
  throw new NorbridgeError("ERANGE", `${operation}: ${name} must be ${wanted}, not ${value}`, { operation });
}

/** A number, whole or not, from `least` to `most`. */
export function checkNumber(value: unknown, name: string, operation: string, least: number, most: number): number {
  const wanted = `a number, ${least} to ${most}`;
  if (typeof value !== "number" || Number.isNaN(value)) throw notValid(operation, name, wanted, value);
  if (value >= least && value <= most) return value;
  throw new NorbridgeError("ERANGE", `${operation}: ${name} must be ${wanted}, not ${value}`, { operation });
}

/** Bytes; a `Buffer` is one. */
export function checkBytes(value: unknown, name: string, operation: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw notValid(operation, name, "a Uint8Array", value);
}

/** An address and a length, of at most `capacityBytes` together. */
export function checkByteRange(value: unknown, name: string, operation: string, capacityBytes?: number): ByteRange {
  const fields = checkObject(value, name, operation);
  const address = checkWhole(fields["address"], `${name}.address`, operation);
  const lengthBytes = checkWhole(fields["lengthBytes"], `${name}.lengthBytes`, operation);
  const range = { address, lengthBytes };
  if (rangeEnd(range) <= (capacityBytes ?? Number.MAX_SAFE_INTEGER)) return range;
  const end = capacityBytes === undefined ? "2^53" : `the ${formatSize(capacityBytes)} there are`;
  const message = `${operation}: ${name} reaches from ${address} over ${lengthBytes} bytes, past ${end}`;
  throw new NorbridgeError("ERANGE", message, { operation, range });
}

/** An object, as the fields that it has. */
export function checkObject(value: unknown, name: string, operation: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw notValid(operation, name, "an object", value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these methods. */
export function checkMethods(value: unknown, name: string, operation: string, methods: readonly string[]): void {
  const fields = checkObject(value, name, operation);
  for (const method of methods) {
    if (typeof fields[method] !== "function")
      throw notValid(operation, `${name}.${method}`, "a function", fields[method]);
  }
}

/** A function, or nothing. */
export function checkCallback(value: unknown, name: string, operation: string): void {
  if (value !== undefined && typeof value !== "function") throw notValid(operation, name, "a function", value);
}

/** Text of at least `leastLength` characters. */
export function checkText(value: unknown, name: string, operation: string, leastLength = 0): string {
  if (typeof value === "string" && value.length >= leastLength) return value;
  throw notValid(operation, name, leastLength === 0 ? "text" : "text that is not empty", value);
}

export function checkFlag(value: unknown, name: string, operation: string): boolean {
  if (typeof value === "boolean") return value;
  throw notValid(operation, name, "true or false", value);
}

/** One of a few. */
export function checkChoice<T extends string | number>(
  value: unknown,
  name: string,
  operation: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw notValid(operation, name, `one of ${choices.join(", ")}`, value);
}

/** A list of something, each checked by `check`, which gets its name. */
export function checkList<T>(
  value: unknown,
  name: string,
  operation: string,
  check: (one: unknown, name: string) => T,
): readonly T[] {
  if (!Array.isArray(value)) throw notValid(operation, name, "a list", value);
  return value.map((one: unknown, index) => check(one, `${name}[${index}]`));
}

/** An array, a generator or an async generator. */
export function checkStream(value: unknown, name: string, operation: string): void {
  const isStream =
    typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
  if (!isStream) throw notValid(operation, name, "a list or a generator", value);
}

/** An `AbortSignal`, or nothing. */
export function checkSignal(value: unknown, name: string, operation: string): void {
  if (value === undefined || value instanceof AbortSignal) return;
  throw notValid(operation, name, "an AbortSignal", value);
}

/** Checks what was given, and passes over what was left out. */
export function ifGiven<T>(value: unknown, check: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : check(value);
}

/** A value in a message: short, printable, with text distinguished from numbers. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(printable(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value));
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return `${String(value).slice(0, MAX_SHOWN)}n`;
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Whether every property is undefined or absent: none of the options is set. */
export function isUnset(options: object): boolean {
  return Object.values(options).every((value) => value === undefined);
}
