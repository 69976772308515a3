/** What Intel HEX and S-records share: hex digits with a count and a checksum. */
import { printable } from "../bytes.ts";
import type { NorbridgeError } from "../errors.ts";
import { lineInvalid, type TextLine } from "./text-lines.ts";

/** Value of a hex digit by its character, -1 for all others. */
const NIBBLES = Int8Array.from({ length: 256 }, (_, code) => "0123456789abcdef".indexOf(lowerCase(code)));
const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, value) => hexByte(value).toUpperCase());

/**
 * Reads the hex digits of `line` from its character `skip` on into `into`, and returns how many bytes they are.
 * Throws FILE_INVALID for a foreign character, an odd digit, and more bytes than `into` takes.
 */
export function readHexDigits(line: TextLine, skip: number, into: Uint8Array): number {
  const { bytes, end } = line;
  const start = Math.min(line.start + skip, end);
  const lengthBytes = (end - start) >> 1;
  if (lengthBytes > into.length) {
    throw lineInvalid(line, skip + 2 * into.length + 1, "the line is too long for a record");
  }
  let bad = 0;
  for (let i = 0, at = start; i < lengthBytes; i++, at += 2) {
    const value = ((NIBBLES[bytes[at] ?? 0] ?? -1) << 4) | (NIBBLES[bytes[at + 1] ?? 0] ?? -1);
    bad |= value;
    into[i] = value;
  }
  if (bad < 0 || ((end - start) & 1) !== 0) throw badDigits(line, start);
  return lengthBytes;
}

/** Looks closer at digits that are wrong: first for a foreign character, which is the likelier mistake. */
function badDigits(line: TextLine, start: number): NorbridgeError {
  for (let at = start; at < line.end; at++) {
    const code = line.bytes[at] ?? 0;
    if ((NIBBLES[code] ?? -1) >= 0) continue;
    const character = printable(String.fromCharCode(code));
    return lineInvalid(line, at - line.start + 1, `'${character}' is not a hex digit`);
  }
  const digits = line.end - start;
  return lineInvalid(line, line.end - line.start, `an odd number of hex digits (${digits})`);
}

/** What is wrong with a line that does not start as a record does, as FILE_INVALID. `kind` has its article. */
export function noRecord(line: TextLine, letter: string, kind: string): NorbridgeError {
  const first = line.bytes[line.start] ?? 0;
  const character = String.fromCharCode(first);
  if (character === " " || character === "\t") {
    return lineInvalid(line, 1, `the line does not start with '${letter}' but with a blank`);
  }
  if (character === ";" || character === "#" || character === "/") {
    return lineInvalid(line, 1, `the line does not start with '${letter}': ${kind} has no comments`);
  }
  return lineInvalid(line, 1, `the line does not start with '${letter}'`);
}

/** Something stands after the end record in line `endedAt`, as FILE_INVALID. */
export function afterEnd(line: TextLine, endedAt: number): NorbridgeError {
  const hint = `Nothing was changed. If this is a second image, for another chip, split the file after line ${endedAt}. If both parts belong together, delete line ${endedAt}.`;
  return lineInvalid(line, 1, "there is data after the end record", { hint });
}

/** Throws FILE_INVALID if the last byte of a record is not the checksum the others ask for. */
export function checkSum(line: TextLine, found: number | undefined, expected: number): void {
  if (found === expected) return;
  const column = line.end - line.start - 1;
  throw lineInvalid(line, column, `checksum is ${hexByte(found ?? 0)}, expected ${hexByte(expected)}`);
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

function lowerCase(code: number): string {
  return String.fromCharCode(code).toLowerCase();
}
