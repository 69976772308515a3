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
 * frame. A decoder that finds a wrong CRC continues one byte after the marker: no damage costs more than the frames it
 * touched.
 *
 * Vector: BYE of session 21h, offset 7, ack 5:  D5 83 A8 21 07 00 05 00 + CRC.
 */
import { crc32 } from "./crc.ts";

/** Length of a unit in bytes. Every frame is a whole number of units (PROTOCOL.md section 2). */
export const UNIT_BYTES = 4;
/** First byte of every frame (PROTOCOL.md section 2). */
export const FRAME_MARKER = 0xd5;
/** Bytes before the payload: marker, size, kind, session, offset and ack (PROTOCOL.md section 2). */
export const HEADER_BYTES = 8;
/** Bytes of the CRC-32 at the end of a frame (PROTOCOL.md section 2). */
export const CRC_BYTES = 4;
/** Units of the shortest frame: header and CRC without payload, 12 bytes. */
export const MIN_FRAME_UNITS = (HEADER_BYTES + CRC_BYTES) / UNIT_BYTES;
/**
 * Units of the longest frame, 368 bytes. 364 of them are covered by the CRC; up to 371 bytes, CRC-32 has Hamming
 * distance 5.
 */
export const MAX_FRAME_UNITS = 92;
const SIZE_BIAS = 0x80;
const PADDING = 0x55;

/**
 * Frame types (PROTOCOL.md section 2). H: from host to bridge, B: from bridge to host. The byte on the wire is `type *
 * 4` plus the number of padding bytes.
 */
export const FRAME_TYPE = {
  /** H: starts a session. Every byte of this frame is at least 20h, so no other device reads a command in it. */
  hello: 0x30,
  /** B: the response to HELLO. */
  welcome: 0x31,
  /** H, B: a piece of the step stream or of the result stream. */
  data: 0x32,
  /** H, B: acknowledges, requests retransmission, grants credit and keeps the session alive. */
  status: 0x33,
  /** H: requests its payload back. */
  ping: 0x34,
  /** B: returns the payload of a PING. */
  pong: 0x35,
  /** H: starts no further step of the run whose number is in `offset`. */
  cancel: 0x36,
  /** H: requests another line rate. */
  baud: 0x37,
  /** B: the rate that the bridge uses after this frame, in baud; 0: refused. */
  baudReady: 0x38,
  /** B: the session of the received frame is not the current one. The bridge restarted, or no HELLO arrived. */
  noSession: 0x39,
  /** H: ends the session. */
  bye: 0x2a,
  /** B: the session has ended, chip select is high, the pins are released. */
  byeDone: 0x2b,
  /** B: the type of the received frame is unknown. The payload is that type. */
  unknownType: 0x3f,
} as const;

/** The content of a frame. `type` may be a value that this version does not know. */
export interface Frame {
  /** Frame type, 6 bits; see `FRAME_TYPE`. */
  readonly type: number;
  /** Number of the session, 20h to FEh, selected by the host. 00h from a bridge without a session. */
  readonly session: number;
  /** DATA: stream offset of the first payload byte, mod 65,536. Other types: a tag that the response repeats. */
  readonly offset: number;
  /** Next stream offset that the sender of the frame expects from the other side, mod 65,536. */
  readonly ack: number;
  /** Payload without padding, 0 to 356 bytes. `type` defines its meaning. */
  readonly payload: Uint8Array;
}

/** Longest payload, in bytes, of a frame of `units` units. */
export function maxPayloadBytes(units: number): number {
  return units * UNIT_BYTES - HEADER_BYTES - CRC_BYTES;
}

/**
 * Encodes a frame with padding and CRC. The payload has 0 to 356 bytes; the caller respects the limit of the other
 * side. Throws RangeError for a longer payload.
 */
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

/**
 * Length in bytes that the header at index `at` declares. Undefined if no frame of at most `maxUnits` units can start
 * there. Two bytes must be present at `at`.
 */
export function promisedLength(bytes: Uint8Array, at: number, maxUnits: number): number | undefined {
  if (bytes[at] !== FRAME_MARKER) return undefined;
  const units = (bytes[at + 1] ?? 0) - SIZE_BIAS;
  return units >= MIN_FRAME_UNITS && units <= maxUnits ? units * UNIT_BYTES : undefined;
}

/**
 * Decodes the frame in exactly these bytes. Returns undefined if the CRC or the number of padding bytes is wrong. The
 * payload is a copy.
 */
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

/** Writes 32 bits, little-endian, at index `at`. The value is taken mod 2^32. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 24) & 0xff;
}

/** Reads 32 unsigned bits, little-endian, at index `at`. Missing bytes count as 0. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

/** Number of bytes from `from` forward to `to` on the circle of 16-bit stream offsets: -32,768 to 32,767. */
export function offsetDistance(from: number, to: number): number {
  return (((to - from) & 0xffff) ^ 0x8000) - 0x8000;
}

const NAMES = new Map<number, string>(Object.entries(FRAME_TYPE).map(([name, type]) => [type, name]));

/** A frame in one readable line, for logs and test names. */
export function describeFrame(frame: Frame): string {
  const name = NAMES.get(frame.type) ?? `type ${frame.type.toString(16)}h`;
  return `${name} session ${frame.session.toString(16)}h offset ${frame.offset} ack ${frame.ack} payload ${frame.payload.length}`;
}
