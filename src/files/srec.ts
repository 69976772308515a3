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
 *   S0         header text; ignored
 *   S1 S2 S3   data
 *   S5 S6      number of data records so far, in the address field; checked
 *   S7 S8 S9   end, with the start address, which is ignored: nothing but blank lines may follow; one must be there, or a count
 *              as the last record, as SRecord and bincopy write it without a start address
 *   S4         reserved: an error
 *
 *   vector: `S1060030020304C0` is 02 03 04 at 0x0030; `S9030000FC` ends the file
 */
import { advice } from "../advice.ts";
import { formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ByteArena, type ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";
import { byteSum, checkSum, linesOf, hexText, readHexDigits, textLines } from "./text-records.ts";

const LETTER_S = 0x53;
const LETTER_S_SMALL = 0x73;
const DIGIT_0 = 0x30;
const GIB_4 = 0x1_0000_0000;
const ENCODED_DATA_BYTES = 32;
/** By type; undefined is a type that may not appear. */
const ADDRESS_BYTES: readonly (number | undefined)[] = [2, 2, 3, 4, undefined, 2, 3, 4, 3, 2];

interface SRecord {
  /** 0..9 without 4. */
  readonly type: number;
  readonly address: number;
  readonly data: Uint8Array;
}

type TakeData = (address: number, data: Uint8Array, lineNumber: number) => void;

/** Reads a whole file. Throws FILE_INVALID with file, line and reason. */
export function decodeSrec(file: ByteSource): DecodedImage {
  let bytes = new ByteArena(file.name);
  let notes: readonly string[] = [];
  const origin = { name: file.name, describe: (line: number) => `line ${line}` };
  const pieces = collectPieces(origin, (add) => {
    bytes = new ByteArena(file.name);
    notes = visitData(file, (address, data, line) => add(address, bytes.append(data), data.length, line));
  });
  return { pieces, bytes, notes };
}

/** One record from a line without its end. Throws FILE_INVALID with `where` and reason. */
export function parseSRecord(line: Uint8Array, where: string): SRecord {
  if (line[0] !== LETTER_S && line[0] !== LETTER_S_SMALL) throw fileInvalid(where, "the line does not start with 'S'");
  const type = (line[1] ?? 0) - DIGIT_0;
  const addressBytes = ADDRESS_BYTES[type];
  if (addressBytes === undefined) throw fileInvalid(where, "the digit after 'S' is not a record type (0-3, 5-9)");
  const record = new Uint8Array(1 + 255);
  const lengthBytes = readHexDigits(line, 2, record, where);
  const count = record[0] ?? 0;
  if (lengthBytes === 0) throw fileInvalid(where, "the record is truncated: it has no count");
  if (lengthBytes - 1 !== count) {
    throw fileInvalid(where, `the count specifies ${count} bytes, the line has ${lengthBytes - 1}`);
  }
  if (count < addressBytes + 1) {
    throw fileInvalid(where, `the record is truncated: ${count} of at least ${addressBytes + 1} bytes`);
  }
  checkSum(record[count], ~byteSum(record, count) & 0xff, where);
  let address = 0;
  for (const byte of record.subarray(1, 1 + addressBytes)) address = address * 256 + byte;
  return { type, address, data: record.subarray(1 + addressBytes, count) };
}

/** Returns what a person should know of a file that is good. */
function visitData(file: ByteSource, take: TakeData): readonly string[] {
  let dataRecords = 0;
  /** The last record is a count that agrees: nothing can be missing after it but the end record. */
  let isCounted = false;
  let ended = false;
  for (const { text, lineNumber } of linesOf(file)) {
    const where = `${file.name}:${lineNumber}`;
    if (ended) throw fileInvalid(where, "there is data after the end record");
    const { type, address, data } = parseSRecord(text, where);
    isCounted = type === 5 || type === 6;
    if (type >= 1 && type <= 3) {
      if (address + data.length > spaceBytes(type)) {
        throw fileInvalid(where, `the data exceeds the addresses of an S${type} record`);
      }
      dataRecords++;
      take(address, data, lineNumber);
    } else if (type === 5 || type === 6) {
      if (address !== dataRecords) {
        throw fileInvalid(where, `the file declares ${address} data records but has ${dataRecords}`);
      }
    } else if (type >= 7) {
      ended = true;
    }
  }
  if (!ended && !isCounted) {
    throw fileInvalid(file.name, "the end record (S7, S8 or S9) is missing; the file may be truncated");
  }
  return ended ? [] : ["the file has no end record; its record count proves that it is complete"];
}

function spaceBytes(type: number): number {
  return 256 ** (ADDRESS_BYTES[type] ?? 0);
}

/** S3 records of 32 bytes with a count (where it can be expressed) and an S7 at the end: every reader takes these. */
export function srecEncoder(): ImageEncoder {
  let dataRecords = 0;
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
      return textLines(lines);
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
