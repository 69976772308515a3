/**
 * The step stream (host to bridge): records without gaps, cut into DATA frames wherever it suits.
 *
 *   00 run                                      BEGIN: a new run; forgets that a step failed. No result
 *   01 sendLength* receiveLength* send          TRANSFER, `send` as it is
 *   02 sendLength* receiveLength* coded send    TRANSFER, `send` in run-length code (run-length.ts)
 *   03 n send mask value intervalUs* timeoutMs* POLL, n = 1..8
 *   04 n send lengthBytes*                      DIGEST, n = 1..16
 *   05 durationUs*                              DELAY
 *   06 clockHz (4 bytes)                        SPI CLOCK: at or below the wish; answers the clock set
 *   07 mask level                               PINS: bit 0 reset, 1 WP#, 2 HOLD#, 3 target power
 *   08 index                                    CHIP SELECT
 *   10+k record                                 DEFINE slot k (0..7): keeps the record (01, 03 or 05) and runs it
 *   18+k                                        USE slot k: runs the record kept there
 *   80..FF length* bytes                        for later versions, at most 1,024 bytes: skipped, answered not-supported
 *
 * `*` marks a varint (varint.ts). A record is run only when all of it is there, so a lost host never leaves half a page
 * program on the chip.
 *
 * Vector: WREN kept in slot 0 = 10 01 01 00 06; then again = 18. Poll of bit 0 until 0, no pause, 15 ms, kept in slot 1 =
 * 11 03 01 05 01 00 00 0F.
 */
import type { SpiStep } from "./step.ts";
import { encodeRuns, RunDecoder } from "./run-length.ts";
import { readU32 } from "./frame.ts";
import { pushVarint, readVarint } from "./varint.ts";

export const RECORD = {
  begin: 0x00,
  transfer: 0x01,
  transferCoded: 0x02,
  poll: 0x03,
  digest: 0x04,
  delay: 0x05,
  spiClock: 0x06,
  pins: 0x07,
  chipSelect: 0x08,
  define: 0x10,
  use: 0x18,
  later: 0x80,
} as const;

/** Slots the codes leave room for; a bridge may have fewer. */
export const MAX_SLOTS = 8;
const MAX_POLL_SEND = 8;
const MAX_DIGEST_SEND = 16;
/** Longest record of a later version that is skipped. */
const MAX_LATER_BYTES = 1024;

/** Everything a record can ask: the four steps, and what is set between them. */
export type RecordMeaning =
  | { readonly kind: "begin"; readonly run: number }
  | { readonly kind: "step"; readonly step: SpiStep }
  | { readonly kind: "spi-clock"; readonly clockHz: number }
  | { readonly kind: "pins"; readonly mask: number; readonly level: number }
  | { readonly kind: "chip-select"; readonly index: number }
  | { readonly kind: "use"; readonly slot: number }
  | { readonly kind: "later"; readonly code: number };

/** Bytes of one step. A transfer's `send` is coded if that is shorter. */
export function encodeStep(step: SpiStep): Uint8Array {
  const head: number[] = [];
  switch (step.kind) {
    case "transfer":
      return encodeTransfer(step.send, step.receiveBytes);
    case "poll":
      head.push(RECORD.poll, step.send.length, ...step.send, step.mask, step.value);
      pushVarint(head, step.intervalUs);
      pushVarint(head, step.timeoutMs);
      break;
    case "digest":
      head.push(RECORD.digest, step.send.length, ...step.send);
      pushVarint(head, step.lengthBytes);
      break;
    case "delay":
      head.push(RECORD.delay);
      pushVarint(head, step.durationUs);
      break;
  }
  return Uint8Array.from(head);
}

function encodeTransfer(send: Uint8Array, receiveBytes: number): Uint8Array {
  const coded = send.length > 4 ? encodeRuns(send) : send;
  const isShorter = coded.length < send.length;
  const head: number[] = [isShorter ? RECORD.transferCoded : RECORD.transfer];
  pushVarint(head, send.length);
  pushVarint(head, receiveBytes);
  const body = isShorter ? coded : send;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Bytes of a setting between steps. */
export function encodeSetting(setting: Exclude<RecordMeaning, { kind: "step" | "use" | "later" }>): Uint8Array {
  switch (setting.kind) {
    case "begin":
      return Uint8Array.of(RECORD.begin, setting.run);
    case "spi-clock":
      return Uint8Array.of(RECORD.spiClock, ...[0, 8, 16, 24].map((shift) => (setting.clockHz >>> shift) & 0xff));
    case "pins":
      return Uint8Array.of(RECORD.pins, setting.mask, setting.level);
    case "chip-select":
      return Uint8Array.of(RECORD.chipSelect, setting.index);
  }
}

/** Limits a reader holds every record to before it allocates anything. */
export interface RecordLimits {
  readonly maxSendBytes: number;
  readonly maxReceiveBytes: number;
}

/**
 * One record read from the front of a buffer: what it means, its length, and the slot it asked to be kept in; or that
 * more bytes are needed; or that nobody can know where the next record begins.
 */
export type RecordReading =
  | { readonly meaning: RecordMeaning; readonly end: number; readonly defineSlot?: number | undefined }
  | "incomplete"
  | "invalid";

/** Reads the record at `at`. Total: any bytes give one of the three answers. */
export function readRecord(bytes: Uint8Array, at: number, limits: RecordLimits): RecordReading {
  const code = bytes[at];
  if (code === undefined) return "incomplete";
  if (code >= RECORD.later) return readLater(bytes, at, code);
  if (code >= RECORD.use && code < RECORD.use + MAX_SLOTS) {
    return { meaning: { kind: "use", slot: code - RECORD.use }, end: at + 1 };
  }
  if (code >= RECORD.define && code < RECORD.define + MAX_SLOTS) {
    const kept = bytes[at + 1];
    if (kept === undefined) return "incomplete";
    if (kept !== RECORD.transfer && kept !== RECORD.poll && kept !== RECORD.delay) return "invalid";
    const inner = readRecord(bytes, at + 1, limits);
    return typeof inner === "string" ? inner : { ...inner, defineSlot: code - RECORD.define };
  }
  return readPlain(bytes, at, code, limits);
}

function readPlain(bytes: Uint8Array, at: number, code: number, limits: RecordLimits): RecordReading {
  switch (code) {
    case RECORD.begin:
      return fixed(bytes, at, 2, () => ({ kind: "begin", run: bytes[at + 1] ?? 0 }));
    case RECORD.transfer:
    case RECORD.transferCoded:
      return readTransfer(bytes, at, code === RECORD.transferCoded, limits);
    case RECORD.poll:
      return readPoll(bytes, at);
    case RECORD.digest:
      return readDigest(bytes, at);
    case RECORD.delay: {
      const duration = readVarint(bytes, at + 1);
      if (typeof duration === "string") return duration;
      return { meaning: { kind: "step", step: { kind: "delay", durationUs: duration.value } }, end: duration.end };
    }
    case RECORD.spiClock:
      return fixed(bytes, at, 5, () => ({ kind: "spi-clock", clockHz: readU32(bytes, at + 1) }));
    case RECORD.pins:
      return fixed(bytes, at, 3, () => ({ kind: "pins", mask: bytes[at + 1] ?? 0, level: bytes[at + 2] ?? 0 }));
    case RECORD.chipSelect:
      return fixed(bytes, at, 2, () => ({ kind: "chip-select", index: bytes[at + 1] ?? 0 }));
    default:
      return "invalid";
  }
}

function fixed(bytes: Uint8Array, at: number, length: number, make: () => RecordMeaning): RecordReading {
  return at + length > bytes.length ? "incomplete" : { meaning: make(), end: at + length };
}

function readTransfer(bytes: Uint8Array, at: number, isCoded: boolean, limits: RecordLimits): RecordReading {
  const sendLength = readVarint(bytes, at + 1);
  if (typeof sendLength === "string") return sendLength;
  const receiveLength = readVarint(bytes, sendLength.end);
  if (typeof receiveLength === "string") return receiveLength;
  if (sendLength.value > limits.maxSendBytes || receiveLength.value > limits.maxReceiveBytes) return "invalid";
  const from = receiveLength.end;
  if (!isCoded) {
    const end = from + sendLength.value;
    if (end > bytes.length) return "incomplete";
    return { meaning: transfer(bytes.slice(from, end), receiveLength.value), end };
  }
  const decoder = new RunDecoder(sendLength.value);
  const end = decoder.take(bytes, from);
  if (end === "invalid") return "invalid";
  if (!decoder.done) return "incomplete";
  return { meaning: transfer(decoder.bytes, receiveLength.value), end };
}

function transfer(send: Uint8Array, receiveBytes: number): RecordMeaning {
  return { kind: "step", step: { kind: "transfer", send, receiveBytes } };
}

function readPoll(bytes: Uint8Array, at: number): RecordReading {
  const sendLength = bytes[at + 1];
  if (sendLength === undefined) return "incomplete";
  if (sendLength === 0 || sendLength > MAX_POLL_SEND) return "invalid";
  const maskAt = at + 2 + sendLength;
  const interval = readVarint(bytes, maskAt + 2);
  if (typeof interval === "string") return interval;
  const timeout = readVarint(bytes, interval.end);
  if (typeof timeout === "string") return timeout;
  const step: SpiStep = {
    kind: "poll",
    send: bytes.slice(at + 2, maskAt),
    mask: bytes[maskAt] ?? 0,
    value: bytes[maskAt + 1] ?? 0,
    intervalUs: interval.value,
    timeoutMs: timeout.value,
  };
  return { meaning: { kind: "step", step }, end: timeout.end };
}

function readDigest(bytes: Uint8Array, at: number): RecordReading {
  const sendLength = bytes[at + 1];
  if (sendLength === undefined) return "incomplete";
  if (sendLength === 0 || sendLength > MAX_DIGEST_SEND) return "invalid";
  const length = readVarint(bytes, at + 2 + sendLength);
  if (typeof length === "string") return length;
  const send = bytes.slice(at + 2, at + 2 + sendLength);
  return { meaning: { kind: "step", step: { kind: "digest", send, lengthBytes: length.value } }, end: length.end };
}

function readLater(bytes: Uint8Array, at: number, code: number): RecordReading {
  const length = readVarint(bytes, at + 1);
  if (typeof length === "string") return length;
  if (length.value > MAX_LATER_BYTES) return "invalid";
  if (length.end + length.value > bytes.length) return "incomplete";
  return { meaning: { kind: "later", code }, end: length.end + length.value };
}
