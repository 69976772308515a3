/**
 * Motorola S-records, S0 to S9. Source: Motorola M68000 Family Programmer's Reference Manual, appendix C.
 *
 *   column  digits
 *   0       1      'S'
 *   1       1      type
 *   2       2      CC     number of bytes that follow: address, data, checksum
 *   4       4,6,8  address, big-endian: 2 bytes in S0 S1 S5 S9, 3 in S2 S6 S8, 4 in S3 S7
 *   ..      ..     data
 *   last    2      one's complement of the low byte of the sum of count, address and data
 *
 *   S0         header text; ignored S1 S2 S3   data; it may pass the highest address that such a record can start at,
 *   but not 4 GiB S5 S6      number of data records so far, or since the last such record, in the address field, which
 *   has 2 to 4 bytes; checked S7 S8 S9   end, with the start address, which is ignored: nothing but blank lines may
 *   follow; one must be there, or a count after the last data record, as SRecord and bincopy write it without a start
 *   address S4         reserved: an error
 *
 *   vector: `S1060030020304C0` is 02 03 04 at 0x0030; `S9030000FC` ends the file
 */
import { advice } from "../advice.ts";
import { formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ByteArena, type ByteSource } from "./byte-source.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";
import { lineInvalid, placeInvalid, type TextLine, visitLines } from "./text-lines.ts";
import { afterEnd, byteSum, checkSum, hexText, noRecord, readHexDigits, textLines } from "./text-records.ts";

const LETTER_S = 0x53;
const LETTER_S_SMALL = 0x73;
const DIGIT_0 = 0x30;
const GIB_4 = 0x1_0000_0000;
const ENCODED_DATA_BYTES = 32;
/** Where the fields start in a line, from 1. */
const COUNT_COLUMN = 3;
const ADDRESS_COLUMN = 5;
/** Some readers warn of a file without a header. */
const HEADER = "HDR";
/** By type; undefined is a type that may not appear. */
const ADDRESS_BYTES: readonly (number | undefined)[] = [2, 2, 3, 4, undefined, 2, 3, 4, 3, 2];

/** The record that was parsed last. `bytes` are count, address, data, checksum; the next record takes their place. */
interface SRecord {
  /** 0..9 without 4. */
  type: number;
  address: number;
  /** Where the data is in `bytes`. */
  start: number;
  end: number;
  readonly bytes: Uint8Array;
}

/** Takes `bytes` from `start` to `end`, which the next record overwrites. */
type TakeData = (address: number, bytes: Uint8Array, start: number, end: number, lineNumber: number) => void;

/** Reads a whole file. Throws FILE_INVALID with file, line, column and reason. */
export function decodeSrec(file: ByteSource): DecodedImage {
  let bytes = new ByteArena(file.name);
  let notes: readonly string[] = [];
  const origin = { name: file.name, describe: (line: number) => `line ${line}` };
  const pieces = collectPieces(origin, (add) => {
    bytes = new ByteArena(file.name);
    notes = visitData(file, (address, data, start, end, line) => {
      add(address, bytes.append(data, start, end), end - start, line);
    });
  });
  return { pieces, bytes, notes };
}

function parseSRecord(line: TextLine, record: SRecord): void {
  const letter = line.bytes[line.start];
  if (letter !== LETTER_S && letter !== LETTER_S_SMALL) throw noRecord(line, "S", "an S-record file");
  const digit = line.end - line.start > 1 ? line.bytes[line.start + 1] : undefined;
  const type = (digit ?? 0) - DIGIT_0;
  const addressBytes = ADDRESS_BYTES[type];
  if (addressBytes === undefined) {
    throw lineInvalid(line, 2, "the digit after 'S' is not a record type (0-3, 5-9)");
  }
  const { bytes } = record;
  const lengthBytes = readHexDigits(line, 2, bytes);
  const count = bytes[0] ?? 0;
  const endColumn = line.end - line.start + 1;
  if (lengthBytes === 0) throw lineInvalid(line, endColumn, "the record is truncated: it has no count");
  if (lengthBytes - 1 !== count) {
    throw lineInvalid(line, COUNT_COLUMN, `the count specifies ${count} bytes, the line has ${lengthBytes - 1}`);
  }
  if (count < addressBytes + 1) {
    throw lineInvalid(line, endColumn, `the record is truncated: ${count} of at least ${addressBytes + 1} bytes`);
  }
  checkSum(line, bytes[count], ~byteSum(bytes, count) & 0xff);
  // A count has no data: some writers give it four bytes whatever its type.
  const isCount = type === 5 || type === 6;
  if (isCount && count > 5) throw lineInvalid(line, COUNT_COLUMN, `a record count of ${count - 1} bytes is too long`);
  record.type = type;
  record.start = isCount ? count : 1 + addressBytes;
  record.end = count;
  let address = 0;
  for (let at = 1; at < record.start; at++) address = address * 256 + (bytes[at] ?? 0);
  record.address = address;
}

/** Returns what a person should know of a file that is good. */
function visitData(file: ByteSource, take: TakeData): readonly string[] {
  const record: SRecord = { type: 0, address: 0, start: 0, end: 0, bytes: new Uint8Array(1 + 255) };
  const counts = new RecordCounts();
  /** Its line; 0 while there is none. */
  let endedAt = 0;
  const lastLine = visitLines(file, (line) => {
    if (endedAt > 0) throw afterEnd(line, endedAt);
    parseSRecord(line, record);
    const { type, address, start, end } = record;
    if (type >= 1 && type <= 3) {
      if (address + end - start > GIB_4) throw lineInvalid(line, ADDRESS_COLUMN, "the data exceeds 32-bit addresses");
      counts.data();
      take(address, record.bytes, start, end, line.lineNumber);
    } else if (type === 5 || type === 6) {
      counts.check(line, address);
    } else if (type >= 7) {
      endedAt = line.lineNumber;
    }
  });
  if (endedAt > 0) return [];
  if (counts.isProved) return ["the file has no end record; its record count proves that it is complete"];
  throw placeInvalid(file.name, lastLine + 1, 1, MISSING_END, {
    hint: "Nothing was changed. A record count (S5) as the last record would also show that the file is complete. Create the file again.",
  });
}

const MISSING_END = "the end record (S7, S8 or S9) is missing; the file may be truncated";

/** Counts of data records: of the whole file so far, or of the part since the last count, as files that were joined have them. */
class RecordCounts {
  #all = 0;
  #sinceCount = 0;
  #hasCount = false;

  /** Nothing can be missing after the last count but the end record. */
  get isProved(): boolean {
    return this.#hasCount && this.#sinceCount === 0;
  }

  data(): void {
    this.#all++;
    this.#sinceCount++;
  }

  check(line: TextLine, declared: number): void {
    if (declared !== this.#all && declared !== this.#sinceCount) {
      throw lineInvalid(line, ADDRESS_COLUMN, `the file declares ${declared} data records but has ${this.#all}`);
    }
    this.#hasCount = true;
    this.#sinceCount = 0;
  }
}

function spaceBytes(type: number): number {
  return 256 ** (ADDRESS_BYTES[type] ?? 0);
}

/** An S0, S3 records of 32 bytes, a count (if it can be expressed) and an S7 at the end: every reader takes these. */
export function srecEncoder(): ImageEncoder {
  let dataRecords = 0;
  let hasHeader = false;
  return {
    data(address, bytes) {
      if (address + bytes.length > GIB_4) throw beyond4GiB(address);
      const lines: string[] = [];
      for (let done = 0; done < bytes.length; ) {
        const at = address + done;
        const lengthBytes = Math.min(ENCODED_DATA_BYTES - (at % ENCODED_DATA_BYTES), bytes.length - done);
        lines.push(sRecord(3, at, bytes.subarray(done, done + lengthBytes)));
        done += lengthBytes;
      }
      dataRecords += lines.length;
      const header = hasHeader ? [] : [sRecord(0, 0, new TextEncoder().encode(HEADER))];
      hasHeader = true;
      return textLines([...header, ...lines]);
    },
    end() {
      const count = dataRecords <= 0xffff ? 5 : 6;
      const lines = dataRecords < spaceBytes(count) ? [sRecord(count, dataRecords, new Uint8Array(0))] : [];
      return textLines([...lines, sRecord(7, 0, new Uint8Array(0))]);
    },
  };
}

function sRecord(type: number, address: number, data: Uint8Array): string {
  const addressBytes = ADDRESS_BYTES[type] ?? 0;
  const record = new Uint8Array(1 + addressBytes + data.length + 1);
  record[0] = record.length - 1;
  for (let i = 0; i < addressBytes; i++) record[1 + i] = Math.floor(address / 256 ** (addressBytes - 1 - i)) % 256;
  record.set(data, 1 + addressBytes);
  record[record.length - 1] = ~byteSum(record, record.length - 1) & 0xff;
  return `S${type}${hexText(record)}`;
}

function beyond4GiB(address: number): NorbridgeError {
  return new NorbridgeError("EINVAL", `S-records cannot express addresses past 4 GiB (${formatAddress(address)})`, {
    operation: "write image",
    hint: advice("Use a smaller base, or the format bin.", "set-base", "set-output-format"),
  });
}
