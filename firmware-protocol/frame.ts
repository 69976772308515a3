/**
 * The frame: what travels on the wire, both ways. A whole number of units of 4 bytes.
 *
 *   offset  bytes  field     range and meaning
 *   0       1      marker    D5
 *   1       1      size      80h + number of units of the whole frame, 3..92 (12 to 368 bytes)
 *   2       1      kind      bits 7:2 type, bits 1:0 number of padding bytes in front of the CRC
 *   3       1      session   20h..FEh, chosen by the host in HELLO; 00h from a bridge that has none
 *   4       2      offset    DATA: stream offset of the first payload byte, mod 65 536. Others: a tag that is echoed
 *   6       2      ack       next stream offset expected from the other side, mod 65 536
 *   8       n      payload   0..356
 *   8+n     p      padding   0..3 bytes 55h
 *   -4      4      crc       CRC-32 of everything before it
 *
 * All numbers little-endian. The CRC reaches over length, kind, session and offset, so a damaged header is a damaged
 * frame. A decoder that finds a wrong CRC goes on one byte behind the marker: no damage costs more than the frames it
 * touched.
 *
 * Vector: BYE of session 21h, offset 7, ack 5:  D5 83 A8 21 07 00 05 00 + CRC.
 */
import { crc32 } from "./crc.ts";

export const UNIT_BYTES = 4;
export const FRAME_MARKER = 0xd5;
export const HEADER_BYTES = 8;
export const CRC_BYTES = 4;
export const MIN_FRAME_UNITS = (HEADER_BYTES + CRC_BYTES) / UNIT_BYTES;
/** 364 bytes under the CRC: up to 371 CRC-32 has Hamming distance 5. */
export const MAX_FRAME_UNITS = 92;
const SIZE_BIAS = 0x80;
const PADDING = 0x55;

/** Frame types; H: host to bridge, B: bridge to host. Not the wire byte: that is `type * 4 + padding`. */
export const FRAME_TYPE = {
  /** H: begins a session. Every byte of it is at least 20h, so that it is no command to anything else. */
  hello: 0x30,
  /** B: answers HELLO. */
  welcome: 0x31,
  /** H, B: a piece of the step stream or of the result stream. */
  data: 0x32,
  /** H, B: acknowledges, asks again, grants credit, keeps alive. */
  status: 0x33,
  /** H: asks for its payload back. */
  ping: 0x34,
  /** B: the payload of a PING. */
  pong: 0x35,
  /** H: no further step of the run whose number is in `offset`. */
  cancel: 0x36,
  /** H: wishes another line rate. */
  baud: 0x37,
  /** B: the rate it switches to after this frame, 0 for no. */
  baudReady: 0x38,
  /** B: the frame's session is not mine (I was restarted, or nobody said HELLO). */
  noSession: 0x39,
  /** H: ends the session. */
  bye: 0x2a,
  /** B: the session is over, chip select is high, pins are released. */
  byeDone: 0x2b,
  /** B: a type I do not know; payload is the type. */
  unknownType: 0x3f,
} as const;

/** A frame's meaning; `type` may be one this version does not know. */
export interface Frame {
  readonly type: number;
  readonly session: number;
  readonly offset: number;
  readonly ack: number;
  readonly payload: Uint8Array;
}

/** Most payload bytes of a frame of so many units. */
export function maxPayloadBytes(units: number): number {
  return units * UNIT_BYTES - HEADER_BYTES - CRC_BYTES;
}

/** Writes a frame. Payload: 0 to 356 bytes; the caller keeps to what the other side takes. */
export function encodeFrame(frame: Frame): Uint8Array {
  const payloadEnd = HEADER_BYTES + frame.payload.length;
  const padding = (UNIT_BYTES - (payloadEnd % UNIT_BYTES)) % UNIT_BYTES;
  const length = payloadEnd + padding + CRC_BYTES;
  if (length > MAX_FRAME_UNITS * UNIT_BYTES) throw new RangeError(`payload of ${frame.payload.length} bytes`);
  const bytes = new Uint8Array(length);
  bytes[0] = FRAME_MARKER;
  bytes[1] = SIZE_BIAS + length / UNIT_BYTES;
  bytes[2] = (frame.type << 2) | padding;
  bytes[3] = frame.session;
  bytes[4] = frame.offset & 0xff;
  bytes[5] = (frame.offset >>> 8) & 0xff;
  bytes[6] = frame.ack & 0xff;
  bytes[7] = (frame.ack >>> 8) & 0xff;
  bytes.set(frame.payload, HEADER_BYTES);
  bytes.fill(PADDING, payloadEnd, payloadEnd + padding);
  writeU32(bytes, length - CRC_BYTES, crc32(bytes.subarray(0, length - CRC_BYTES)));
  return bytes;
}

/** Length in bytes that a header at `at` promises, or undefined where no frame can start. Needs two bytes there. */
export function promisedLength(bytes: Uint8Array, at: number, maxUnits: number): number | undefined {
  if (bytes[at] !== FRAME_MARKER) return undefined;
  const units = (bytes[at + 1] ?? 0) - SIZE_BIAS;
  return units >= MIN_FRAME_UNITS && units <= maxUnits ? units * UNIT_BYTES : undefined;
}

/** Reads the frame in exactly these bytes; undefined if the CRC or the padding count is wrong. Payload is a copy. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const crcAt = bytes.length - CRC_BYTES;
  if (crc32(bytes.subarray(0, crcAt)) !== readU32(bytes, crcAt)) return undefined;
  const kind = bytes[2] ?? 0;
  const payloadEnd = crcAt - (kind & 3);
  if (payloadEnd < HEADER_BYTES) return undefined;
  return {
    type: kind >>> 2,
    session: bytes[3] ?? 0,
    offset: (bytes[4] ?? 0) | ((bytes[5] ?? 0) << 8),
    ack: (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8),
    payload: bytes.slice(HEADER_BYTES, payloadEnd),
  };
}

/** Little-endian 32-bit write; the value is taken mod 2^32. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 24) & 0xff;
}

/** Little-endian 32-bit read, unsigned; bytes that are not there count as 0. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

/** How far `to` lies behind `from` on the circle of 16-bit stream offsets: -32 768..32 767. */
export function offsetDistance(from: number, to: number): number {
  return (((to - from) & 0xffff) ^ 0x8000) - 0x8000;
}

const NAMES = new Map<number, string>(Object.entries(FRAME_TYPE).map(([name, type]) => [type, name]));

/** One readable line for logs and test names. */
export function describeFrame(frame: Frame): string {
  const name = NAMES.get(frame.type) ?? `type ${frame.type.toString(16)}h`;
  return `${name} session ${frame.session.toString(16)}h offset ${frame.offset} ack ${frame.ack} payload ${frame.payload.length}`;
}
