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
 *   02  2   extended segment: base = value * 16; offsets wrap at 64 KiB within the segment (also without any base)
 *   03  4   start CS:IP; ignored
 *   04  2   extended linear: base = value << 16; addresses wrap at 4 GiB only
 *   05  4   start EIP; ignored
 *
 *   vector: `:0300300002337A1E` is 02 33 7A at 0x0030; `:00000001FF` ends the file
 */
import { advice } from "../advice.ts";
import { formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ByteArena, type ByteSource } from "./byte-source.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { collectPieces, type DecodedImage } from "./segment-builder.ts";
import { byteSum, checkSum, linesOf, hexByte, hexText, readHexDigits, textLines } from "./text-records.ts";

const COLON = 0x3a;
const TYPE = { data: 0, end: 1, segment: 2, startSegment: 3, linear: 4, startLinear: 5 } as const;
/** Bytes of a record around its data: LL AAAA TT CC. */
const FRAME_BYTES = 5;
const DATA_AT = 4;
const KIB_64 = 0x10000;
const GIB_4 = 0x1_0000_0000;
const ENCODED_DATA_BYTES = 16;

interface HexRecord {
  readonly type: number;
  readonly offset: number;
  readonly data: Uint8Array;
}

type TakeData = (address: number, data: Uint8Array, lineNumber: number) => void;

/** Reads a whole file. Throws FILE_INVALID with file, line and reason. */
export function decodeIntelHex(file: ByteSource): DecodedImage {
  let bytes = new ByteArena(file.name);
  const origin = { name: file.name, describe: (line: number) => `line ${line}` };
  const pieces = collectPieces(origin, (add) => {
    bytes = new ByteArena(file.name);
    visitData(file, (address, data, line) => add(address, bytes.append(data), data.length, line));
  });
  return { pieces, bytes, notes: [] };
}

/** One record from a line without its end. Throws FILE_INVALID with `where` and reason. */
export function parseHexRecord(line: Uint8Array, where: string): HexRecord {
  if (line[0] !== COLON) throw fileInvalid(where, "the line does not start with ':'");
  const record = new Uint8Array(FRAME_BYTES + 255);
  const lengthBytes = readHexDigits(line, 1, record, where);
  if (lengthBytes < FRAME_BYTES) {
    throw fileInvalid(where, `the record is truncated: ${lengthBytes} of at least ${FRAME_BYTES} bytes`);
  }
  const dataBytes = record[0] ?? 0;
  if (lengthBytes !== dataBytes + FRAME_BYTES) {
    const held = lengthBytes - FRAME_BYTES;
    throw fileInvalid(where, `the length byte specifies ${dataBytes} data bytes, the line has ${held}`);
  }
  checkSum(record[lengthBytes - 1], -byteSum(record, lengthBytes - 1) & 0xff, where);
  return {
    type: record[3] ?? 0,
    offset: (record[1] ?? 0) * 256 + (record[2] ?? 0),
    data: record.subarray(DATA_AT, DATA_AT + dataBytes),
  };
}

function visitData(file: ByteSource, take: TakeData): void {
  let base = 0;
  let wrapAt: "segment" | "linear" = "segment";
  let ended = false;
  for (const { text, lineNumber } of linesOf(file)) {
    const where = `${file.name}:${lineNumber}`;
    if (ended) throw fileInvalid(where, "there is data after the end record");
    const record = parseHexRecord(text, where);
    switch (record.type) {
      case TYPE.data:
        if (wrapAt === "linear") placeWrapped(0, base + record.offset, GIB_4, record.data, lineNumber, take);
        else placeWrapped(base, record.offset, KIB_64, record.data, lineNumber, take);
        break;
      case TYPE.end:
        expectLength(record, 0, "end", where);
        ended = true;
        break;
      case TYPE.segment:
        expectLength(record, 2, "extended segment address", where);
        base = word(record.data) * 16;
        wrapAt = "segment";
        break;
      case TYPE.linear:
        expectLength(record, 2, "extended linear address", where);
        base = word(record.data) * KIB_64;
        wrapAt = "linear";
        break;
      case TYPE.startSegment:
      case TYPE.startLinear:
        expectLength(record, 4, "start address", where);
        break;
      default:
        throw fileInvalid(where, `record type ${hexByte(record.type)} is unknown`);
    }
  }
  if (!ended) throw fileInvalid(file.name, "the end record (:00000001FF) is missing; the file may be truncated");
}

/** Data that passes the end of its space goes on at the space's start, as the specification says. */
function placeWrapped(
  base: number,
  offset: number,
  spaceBytes: number,
  data: Uint8Array,
  lineNumber: number,
  take: TakeData,
): void {
  const room = spaceBytes - offset;
  take(base + offset, data.subarray(0, room), lineNumber);
  if (data.length > room) take(base, data.subarray(room), lineNumber);
}

function expectLength(record: HexRecord, lengthBytes: number, name: string, where: string): void {
  if (record.data.length === lengthBytes) return;
  throw fileInvalid(where, `the ${name} record has ${record.data.length} data bytes, expected ${lengthBytes}`);
}

function word(data: Uint8Array): number {
  return (data[0] ?? 0) * 256 + (data[1] ?? 0);
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
