/**
 * The lines of a text of records: Intel HEX or S-records.
 *
 * Lines end with LF, CR LF or CR; blanks at their end and blank lines are nothing. At the end of the file NUL and Ctrl-Z (1A) are
 * nothing either: old systems pad with them. A line that is longer than any record can be is refused before it is gathered, so a
 * file without line ends costs no memory.
 */
import type { NorbridgeError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileInvalid, type FileProblem } from "../disk/file-problem.ts";

/** Largest text file that is read: 1 GiB. */
const MAX_TEXT_BYTES = 1024 ** 3;
const WINDOW_BYTES = 64 * 1024;
/** The longest record is an Intel HEX line of 1 + 2 * (5 + 255) = 521 characters; this leaves room for blanks. */
const MAX_LINE_BYTES = 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
/** What may stand after the last record. */
const PADDING: ReadonlySet<number | undefined> = new Set([0x00, 0x1a, LF, CR, SPACE, TAB]);

/** A line without its end and the blanks before it: `bytes` from `start` to `end`. The next line takes its place. */
export interface TextLine {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly lineNumber: number;
}

/**
 * Calls `take` for every line that is not blank, with the same object each time.
 *
 * @returns the number of the last line that is not blank, 0 if there is none.
 * @throws NorbridgeError FILE_INVALID for a file over 1 GiB, a byte order mark, and a line longer than any record.
 */
export function visitLines(file: ByteSource, take: (line: TextLine) => void): number {
  if (file.lengthBytes > MAX_TEXT_BYTES) throw fileInvalid(file.name, "is larger than 1 GiB, the maximum");
  refuseWideText(file);
  return new LineScanner(file, take).run(unpaddedBytes(file));
}

/** A fault of a line, as FILE_INVALID. `column` counts from 1. */
export function lineInvalid(line: TextLine, column: number, reason: string, problem: FileProblem = {}): NorbridgeError {
  return placeInvalid(line.fileName, line.lineNumber, column, reason, problem);
}

/** A fault at a line and column, both from 1, as FILE_INVALID. */
export function placeInvalid(
  fileName: string,
  lineNumber: number,
  column: number,
  reason: string,
  problem: FileProblem = {},
): NorbridgeError {
  return fileInvalid(`${fileName}:${lineNumber}:${column}`, reason, problem);
}

/** Cuts windows of the file into lines. The window and the line are the same objects for all of them: a file has millions. */
class LineScanner {
  readonly #file: ByteSource;
  readonly #take: (line: TextLine) => void;
  readonly #buffer = new Uint8Array(MAX_LINE_BYTES + 1 + WINDOW_BYTES);
  readonly #line: { -readonly [Key in keyof TextLine]: TextLine[Key] };
  #lineNumber = 1;
  #lastLine = 0;
  /** The window before ended with a CR: a LF at the start of this one belongs to it. */
  #endedWithCr = false;

  constructor(file: ByteSource, take: (line: TextLine) => void) {
    this.#file = file;
    this.#take = take;
    this.#line = { fileName: file.name, bytes: this.#buffer, start: 0, end: 0, lineNumber: 0 };
  }

  run(lengthBytes: number): number {
    let held = 0;
    for (let offset = 0; offset < lengthBytes; ) {
      const count = Math.min(WINDOW_BYTES, lengthBytes - offset);
      this.#file.readInto(offset, this.#buffer.subarray(held, held + count));
      offset += count;
      const filled = held + count;
      const rest = this.#lines(this.#buffer.subarray(0, filled), held);
      this.#buffer.copyWithin(0, rest, filled);
      held = filled - rest;
      if (held > MAX_LINE_BYTES) throw this.#tooLong();
    }
    this.#emit(0, held);
    return this.#lastLine;
  }

  /** Takes all lines that end in this window; returns where the rest starts. The first `held` bytes have no line end. */
  #lines(window: Uint8Array, held: number): number {
    let start = this.#endedWithCr && window[0] === LF ? 1 : 0;
    this.#endedWithCr = false;
    let lf = found(window, LF, Math.max(start, held));
    let cr = found(window, CR, Math.max(start, held));
    while (lf < window.length || cr < window.length) {
      const end = Math.min(lf, cr);
      this.#emit(start, end);
      this.#lineNumber++;
      start = end + 1;
      if (end === cr && start === window.length) this.#endedWithCr = true;
      else if (end === cr && start === lf) start++;
      if (lf < start) lf = found(window, LF, start);
      if (cr < start) cr = found(window, CR, start);
    }
    return start;
  }

  #emit(start: number, end: number): void {
    const line = this.#line;
    let last = end;
    while (last > start && isBlank(this.#buffer[last - 1])) last--;
    if (last - start > MAX_LINE_BYTES) throw this.#tooLong();
    if (last === start) return;
    line.start = start;
    line.end = last;
    line.lineNumber = this.#lineNumber;
    this.#lastLine = this.#lineNumber;
    this.#take(line);
  }

  #tooLong(): NorbridgeError {
    const reason = "the line is too long for a record";
    return placeInvalid(this.#file.name, this.#lineNumber, MAX_LINE_BYTES + 1, reason);
  }
}

function found(bytes: Uint8Array, value: number, from: number): number {
  const at = bytes.indexOf(value, from);
  return at < 0 ? bytes.length : at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Length of the file without the padding at its end. */
function unpaddedBytes(file: ByteSource): number {
  let end = file.lengthBytes;
  while (end > 0) {
    const start = Math.max(0, end - WINDOW_BYTES);
    const window = file.read(start, end - start);
    const last = window.findLastIndex((byte) => !PADDING.has(byte));
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/** The eye does not see a byte order mark, and neither would a message about the first character. */
function refuseWideText(file: ByteSource): void {
  const [a, b, c, d] = file.read(0, Math.min(4, file.lengthBytes));
  const isUtf8 = a === 0xef && b === 0xbb && c === 0xbf;
  const hasMark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const isUtf16 = (a === 0 && c === 0 && b !== 0 && d !== 0) || (b === 0 && d === 0 && a !== 0 && c !== 0);
  if (!isUtf8 && !hasMark && !isUtf16) return;
  const start = isUtf8
    ? "a UTF-8 byte order mark (EF BB BF)"
    : hasMark
      ? "the byte order mark of UTF-16 text"
      : "text in UTF-16";
  throw placeInvalid(file.name, 1, 1, `the file starts with ${start}`, {
    hint: "Nothing was changed. Save the file as plain ASCII text.",
  });
}
