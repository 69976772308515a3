/**
 * What Intel HEX and S-records share: lines of hex digits with a count and a checksum.
 *
 * Lines end with LF or CR LF; blanks at their end and blank lines are nothing. A line that is longer than any record
 * can be is refused before it is gathered, so a file without line ends costs no memory.
 */
import { printable } from "../bytes.ts";
import type { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";

/** Largest text file that is read: 1 GiB. */
export const MAX_TEXT_BYTES = 1024 ** 3;
const WINDOW_BYTES = 64 * 1024;
/** The longest record is an Intel HEX line of 1 + 2 * (5 + 255) = 521 characters; this leaves room for blanks. */
const MAX_LINE_BYTES = 1024;

/** Value of a hex digit by its character, -1 for all others. */
const NIBBLES = Int8Array.from({ length: 256 }, (_, code) => "0123456789abcdef".indexOf(lowerCase(code)));
const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, value) => hexByte(value).toUpperCase());

const LF = 0x0a;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x09, 0x0d, 0x20]);

/** A line without its end and the blanks before it. */
export interface TextLine {
  readonly text: Uint8Array;
  /** From 1. */
  readonly lineNumber: number;
}

/** Every line that is not blank. Throws FILE_INVALID for a file over 1 GiB and a line longer than any record. */
export function* linesOf(file: ByteSource): Generator<TextLine> {
  if (file.lengthBytes > MAX_TEXT_BYTES) throw fileInvalid(file.name, "is larger than 1 GiB, the maximum");
  refuseMark(file);
  let lineNumber = 1;
  let rest: Uint8Array = new Uint8Array(0);
  for (let offset = 0; offset < file.lengthBytes; offset += WINDOW_BYTES) {
    const window = file.read(offset, Math.min(WINDOW_BYTES, file.lengthBytes - offset));
    let start = 0;
    for (let end = window.indexOf(LF); end >= 0; end = window.indexOf(LF, start)) {
      const text = trimmed(file, joined(rest, window.subarray(start, end)), lineNumber);
      if (text.length > 0) yield { text, lineNumber };
      rest = new Uint8Array(0);
      start = end + 1;
      lineNumber++;
    }
    rest = joined(rest, window.slice(start));
    if (rest.length > MAX_LINE_BYTES) throw tooLong(file, lineNumber);
  }
  const text = trimmed(file, rest, lineNumber);
  if (text.length > 0) yield { text, lineNumber };
}

/** The eye does not see such a mark, and neither would a message about the first character. */
function refuseMark(file: ByteSource): void {
  const [a, b, c] = file.read(0, Math.min(3, file.lengthBytes));
  const isUtf8 = a === 0xef && b === 0xbb && c === 0xbf;
  const isUtf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  if (!isUtf8 && !isUtf16) return;
  const mark = isUtf8 ? "a UTF-8 byte order mark (EF BB BF)" : "the byte order mark of UTF-16 text";
  throw fileInvalid(`${file.name}:1`, `the file starts with ${mark}`, {
    hint: "Nothing was changed. Save the file as plain ASCII text.",
  });
}

/**
 * Reads the hex digits of `line` from column `start` into `into` and answers how many bytes they are.
 * Throws FILE_INVALID for a foreign character, an odd digit, and more bytes than `into` takes.
 */
export function readHexDigits(line: Uint8Array, start: number, into: Uint8Array, where: string): number {
  const lengthBytes = Math.floor((line.length - start) / 2);
  if (lengthBytes > into.length) throw fileInvalid(where, "the line is too long for a record");
  let bad = 0;
  for (let i = 0; i < lengthBytes; i++) {
    const column = start + 2 * i;
    const value = (nibble(line[column]) << 4) | nibble(line[column + 1]);
    bad |= value;
    into[i] = value;
  }
  if (bad < 0 || (line.length - start) % 2 !== 0) throw badDigits(line, start, where);
  return lengthBytes;
}

/** Looks closer at digits that are wrong: first for a foreign character, which is the likelier slip. */
function badDigits(line: Uint8Array, start: number, where: string): NorbridgeError {
  const column = line.findIndex((character, index) => index >= start && nibble(character) < 0);
  if (column < 0) return fileInvalid(where, `an odd number of hex digits (${line.length - start})`);
  const character = printable(String.fromCharCode(line[column] ?? 0));
  return fileInvalid(where, `'${character}' in column ${column + 1} is not a hex digit`);
}

/** Throws FILE_INVALID where the last byte of a record is not the checksum the others ask for. */
export function checkSum(found: number | undefined, expected: number, where: string): void {
  if (found !== expected) throw fileInvalid(where, `checksum is ${hexByte(found ?? 0)}, expected ${hexByte(expected)}`);
}

/** The low byte of the sum of the first `count` bytes. */
export function byteSum(bytes: Uint8Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += bytes[i] ?? 0;
  return sum & 0xff;
}

/** Two hex digits, lower case. */
export function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

/** Upper-case hex digits, as records are written. */
export function hexText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_PAIRS[byte] ?? "";
  return text;
}

const ascii = new TextEncoder();

/** Lines as the bytes of a text file. */
export function textLines(lines: readonly string[]): Uint8Array {
  return ascii.encode(lines.map((line) => `${line}\n`).join(""));
}

function nibble(character: number | undefined): number {
  return NIBBLES[character ?? 0] ?? -1;
}

function lowerCase(code: number): string {
  return String.fromCharCode(code).toLowerCase();
}

function trimmed(file: ByteSource, line: Uint8Array, lineNumber: number): Uint8Array {
  if (line.length > MAX_LINE_BYTES) throw tooLong(file, lineNumber);
  let end = line.length;
  while (end > 0 && BLANKS.has(line[end - 1])) end--;
  return line.subarray(0, end);
}

function tooLong(file: ByteSource, lineNumber: number): NorbridgeError {
  return fileInvalid(`${file.name}:${lineNumber}`, "the line is too long for a record");
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
