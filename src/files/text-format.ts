/**
 * Whether a file is a text of records, although it may be damaged: its decoder then says where. A damaged text that is written as
 * raw bytes destroys what the chip holds, so one line that looks like a record is enough, whatever stands around it.
 */
import { fromHex, latin1Text } from "../bytes.ts";
import type { ByteSource } from "./byte-source.ts";

/** A format of records. */
export type TextFormat = "hex" | "srec";

const START_BYTES = 8192;
const SAMPLE_BYTES = 1024;
/** So much of a text is printable, however damaged. */
const MIN_PRINTABLE = 0.8;
/** So much of a record is hex digits. */
const MIN_DIGITS = 0.85;

const RECORD_STARTS: readonly (readonly [RegExp, TextFormat])[] = [
  [/^:[0-9A-F]{8}/i, "hex"],
  [/^S[0-9][0-9A-F]{6}/i, "srec"],
];
/** Records with a damaged start, or a file that was cut in its first record. */
const RECORD_PARTS: readonly (readonly [RegExp, TextFormat])[] = [
  [/^:.{8,}$/, "hex"],
  [/^.[0-9A-F]{10,}$/i, "hex"],
  [/^S.{8,}$/i, "srec"],
];
const CUT_RECORDS: readonly (readonly [RegExp, TextFormat])[] = [
  [/^\s*:[0-9A-F]*\s*$/i, "hex"],
  [/^\s*S(?:[0-9][0-9A-F]*)?\s*$/i, "srec"],
];
/** Whole records, which no other file has by chance. */
const WHOLE_RECORDS: readonly (readonly [RegExp, TextFormat])[] = [
  [/^:((?:[0-9A-F]{2}){5,})$/i, "hex"],
  [/^S[0-9]((?:[0-9A-F]{2}){4,})$/i, "srec"],
];

/** The format of a file that starts like a text of records. */
export function textFormatAtStart(file: ByteSource): TextFormat | undefined {
  return formatIn(file, 0, START_BYTES);
}

/** The same for a file whose start is destroyed: its middle and its end are looked at too. */
export function textFormatAnywhere(file: ByteSource): TextFormat | undefined {
  const atStart = textFormatAtStart(file);
  if (atStart !== undefined || file.lengthBytes <= START_BYTES) return atStart;
  const places = [file.lengthBytes >> 1, file.lengthBytes - SAMPLE_BYTES];
  for (const place of places) {
    const format = formatIn(file, place, SAMPLE_BYTES);
    if (format !== undefined) return format;
  }
  return undefined;
}

function formatIn(file: ByteSource, offset: number, mostBytes: number): TextFormat | undefined {
  const text = textIn(file, offset, mostBytes);
  if (offset === 0 && file.lengthBytes <= mostBytes) {
    const cut = CUT_RECORDS.find(([pattern]) => pattern.test(text));
    if (cut !== undefined) return cut[1];
  }
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const whole = lines.map(wholeRecord).find((format) => format !== undefined);
  if (whole !== undefined || !isPrintable(text)) return whole;
  // A row of digits without line ends is no text of records.
  const isText = lines.filter((line) => line !== "").length > 1;
  for (const patterns of isText ? [RECORD_STARTS, RECORD_PARTS] : [RECORD_STARTS]) {
    for (const line of lines) {
      const found = patterns.find(([pattern]) => pattern.test(line));
      if (found !== undefined && isMostlyDigits(line)) return found[1];
    }
  }
  return undefined;
}

/** Text of a part of the file, without padding and without the marks and NULs that UTF-16 adds. */
function textIn(file: ByteSource, offset: number, mostBytes: number): string {
  const bytes = file.read(offset, Math.min(mostBytes, file.lengthBytes - offset));
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0xff)) end--;
  return latin1Text(bytes.subarray(0, end))
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, "")
    .replace(/([^\0])\0(?=[^\0]|$)/g, "$1")
    .replace(/^\0/, "");
}

function isPrintable(text: string): boolean {
  const printed = text.replace(/[^\t\n\f\r\x1a\x20-\x7e]/g, "");
  return printed.length > 0 && printed.length >= text.length * MIN_PRINTABLE;
}

/** The format of a line that is a record with the right length and checksum. */
function wholeRecord(line: string): TextFormat | undefined {
  for (const [pattern, format] of WHOLE_RECORDS) {
    const bytes = fromHex(pattern.exec(line)?.[1] ?? "") ?? new Uint8Array();
    const isHex = format === "hex";
    const sum = bytes.reduce((total, byte) => total + byte, 0) & 0xff;
    if (bytes.length > 0 && sum === (isHex ? 0 : 0xff) && bytes[0] === bytes.length - (isHex ? 5 : 1)) return format;
  }
  return undefined;
}

function isMostlyDigits(line: string): boolean {
  const digits = line.slice(1).replace(/[^0-9A-F]/gi, "");
  return digits.length >= (line.length - 1) * MIN_DIGITS;
}
