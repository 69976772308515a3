/**
 * Intel HEX, all record types. Source: Intel, "Hexadecimal Object File Format Specification", revision A, 1988.
 *
 *   column  digits
 *   0       1      ':'
 *   1       2      LL     number of data bytes, 0..255
 *   3       4      AAAA   load offset, big-endian
 *   7       2      TT     record type
 *   9       2*LL   data
 *   last    2      CC     two's complement of the low byte of the sum of all bytes before it
 *
 *   TT  LL  meaning
 *   00  any data at the load offset
 *   01  0   end of file: nothing but blank lines may follow, and it must be there
 *   02  2   extended segment: base = value * 16; data that passes the end of the segment is refused: the specification
 *           continues at its start, most programs at the next address
 *   03  4   start CS:IP; ignored
 *   04  2   extended linear: base = value << 16; data may pass a multiple of 64 KiB, as without any base, but not 4 GiB
 *   05  4   start EIP; ignored
 *
 *   vector: `:0300300002337A1E` is 02 33 7A at 0x0030; `:00000001FF` ends the file
 */
import { advice } from "../advice.ts";
import { formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ByteArena, type ByteSource } from "./byte-source.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";
import { lineInvalid, placeInvalid, type TextLine, visitLines } from "./text-lines.ts";
import { afterEnd, byteSum, checkSum, hexByte, hexText, noRecord, readHexDigits, textLines } from "./text-records.ts";

const COLON = 0x3a;
const TYPE = { data: 0, end: 1, segment: 2, startSegment: 3, linear: 4, startLinear: 5 } as const;
/** Bytes of a record around its data: LL AAAA TT CC. */
const FRAME_BYTES = 5;
const DATA_AT = 4;
/** Where the fields start in a line, from 1. */
const LENGTH_COLUMN = 2;
const OFFSET_COLUMN = 4;
const TYPE_COLUMN = 8;
const KIB_64 = 0x10000;
const GIB_4 = 0x1_0000_0000;
const ENCODED_DATA_BYTES = 16;

/** The record that was parsed last. `bytes` are LL AAAA TT, then the data, then CC; the next record takes their place. */
interface HexRecord {
  type: number;
  offset: number;
  dataBytes: number;
  readonly bytes: Uint8Array;
}

/** Takes `bytes` from `start` to `end`, which the next record overwrites. */
type TakeData = (address: number, bytes: Uint8Array, start: number, end: number, lineNumber: number) => void;

/** Reads a whole file. Throws FILE_INVALID with file, line, column and reason. */
export function decodeIntelHex(file: ByteSource): DecodedImage {
  let bytes = new ByteArena(file.name);
  const origin = { name: file.name, describe: (line: number) => `line ${line}` };
  const pieces = collectPieces(origin, (add) => {
    bytes = new ByteArena(file.name);
    visitData(file, (address, data, start, end, line) => {
      add(address, bytes.append(data, start, end), end - start, line);
    });
  });
  return { pieces, bytes, notes: [] };
}

function parseHexRecord(line: TextLine, record: HexRecord): void {
  if (line.bytes[line.start] !== COLON) throw noRecord(line, ":", "Intel HEX");
  const { bytes } = record;
  const lengthBytes = readHexDigits(line, 1, bytes);
  if (lengthBytes < FRAME_BYTES) {
    const reason = `the record is truncated: ${lengthBytes} of at least ${FRAME_BYTES} bytes`;
    throw lineInvalid(line, line.end - line.start + 1, reason);
  }
  record.dataBytes = bytes[0] ?? 0;
  if (lengthBytes !== record.dataBytes + FRAME_BYTES) {
    const held = lengthBytes - FRAME_BYTES;
    const reason = `the length byte specifies ${record.dataBytes} data bytes, the line has ${held}`;
    throw lineInvalid(line, LENGTH_COLUMN, reason);
  }
  checkSum(line, bytes[lengthBytes - 1], -byteSum(bytes, lengthBytes - 1) & 0xff);
  record.offset = (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0);
  record.type = bytes[3] ?? 0;
}

function visitData(file: ByteSource, take: TakeData): void {
  const record: HexRecord = { type: 0, offset: 0, dataBytes: 0, bytes: new Uint8Array(FRAME_BYTES + 255) };
  let base = 0;
  /** Within a segment a record may not pass its end. Without a base, addresses are linear. */
  let isSegmented = false;
  /** Its line; 0 while there is none. */
  let endedAt = 0;
  const lastLine = visitLines(file, (line) => {
    if (endedAt > 0) throw afterEnd(line, endedAt);
    parseHexRecord(line, record);
    switch (record.type) {
      case TYPE.data: {
        const last = record.offset + record.dataBytes;
        if (isSegmented && last > KIB_64) throw pastSegment(line, base + record.offset);
        if (base + last > GIB_4) throw lineInvalid(line, OFFSET_COLUMN, "the data exceeds 32-bit addresses");
        take(base + record.offset, record.bytes, DATA_AT, DATA_AT + record.dataBytes, line.lineNumber);
        break;
      }
      case TYPE.end:
        expectLength(line, record, 0, "end");
        endedAt = line.lineNumber;
        break;
      case TYPE.segment:
        expectLength(line, record, 2, "extended segment address");
        base = baseValue(record) * 16;
        isSegmented = true;
        break;
      case TYPE.linear:
        expectLength(line, record, 2, "extended linear address");
        base = baseValue(record) * KIB_64;
        isSegmented = false;
        break;
      case TYPE.startSegment:
      case TYPE.startLinear:
        expectLength(line, record, 4, "start address");
        break;
      default:
        throw lineInvalid(line, TYPE_COLUMN, `record type ${hexByte(record.type)} is unknown`);
    }
  });
  if (endedAt > 0) return;
  const reason = "the end record (:00000001FF) is missing; the file may be truncated";
  throw placeInvalid(file.name, lastLine + 1, 1, reason);
}

/** The specification continues at the start of the segment, most programs at the next address: one of them is wrong. */
function pastSegment(line: TextLine, address: number): NorbridgeError {
  const reason = `the data at ${formatAddress(address)} passes the end of its segment (record 02)`;
  return lineInvalid(line, OFFSET_COLUMN, reason, {
    hint: "Nothing was changed. Programs disagree on where such data continues. Create the file with linear addresses (records 04).",
  });
}

function expectLength(line: TextLine, record: HexRecord, lengthBytes: number, name: string): void {
  if (record.dataBytes === lengthBytes) return;
  const reason = `the ${name} record has ${record.dataBytes} data bytes, expected ${lengthBytes}`;
  throw lineInvalid(line, LENGTH_COLUMN, reason);
}

function baseValue({ bytes }: HexRecord): number {
  return (bytes[DATA_AT] ?? 0) * 256 + (bytes[DATA_AT + 1] ?? 0);
}

/** 16 bytes a line, cut at multiples of 16 and so at 64 KiB; linear base records where the upper half changes. */
export function intelHexEncoder(): ImageEncoder {
  let upper = 0;
  return {
    data(address, bytes) {
      if (address + bytes.length > GIB_4) throw beyond4GiB(address);
      const lines: string[] = [];
      for (let done = 0; done < bytes.length; ) {
        const at = address + done;
        const lengthBytes = Math.min(ENCODED_DATA_BYTES - (at % ENCODED_DATA_BYTES), bytes.length - done);
        if (Math.floor(at / KIB_64) !== upper) {
          upper = Math.floor(at / KIB_64);
          lines.push(hexRecord(TYPE.linear, 0, Uint8Array.of(upper >> 8, upper & 0xff)));
        }
        lines.push(hexRecord(TYPE.data, at % KIB_64, bytes.subarray(done, done + lengthBytes)));
        done += lengthBytes;
      }
      return textLines(lines);
    },
    end: () => textLines([hexRecord(TYPE.end, 0, new Uint8Array(0))]),
  };
}

function hexRecord(type: number, offset: number, data: Uint8Array): string {
  const record = new Uint8Array(FRAME_BYTES + data.length);
  record.set([data.length, offset >> 8, offset & 0xff, type]);
  record.set(data, DATA_AT);
  record[record.length - 1] = -byteSum(record, record.length - 1) & 0xff;
  return `:${hexText(record)}`;
}

function beyond4GiB(address: number): NorbridgeError {
  return new NorbridgeError("EINVAL", `Intel HEX cannot express addresses past 4 GiB (${formatAddress(address)})`, {
    operation: "write image",
    hint: advice("Use a smaller base, or the format bin.", "set-base", "set-output-format"),
  });
}
