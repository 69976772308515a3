/**
 * The step stream (host to bridge): records without gaps, cut into DATA frames wherever it suits.
 *
 *   00 run                                      BEGIN: a new run; forgets that a step failed. No result
 *   01 sendLength* receiveLength* send          TRANSFER, `send` as it is
 *   02 sendLength* receiveLength* coded send    TRANSFER, `send` in run-length code (run-length.ts)
 *   03 n send mask value intervalUs* timeoutMs* POLL, n = 1..8
 *   04 n send lengthBytes*                      DIGEST, n = 1..16
 *   05 durationUs*                              DELAY
 *   06 clockHz (4 bytes)                        SPI CLOCK: at or below the requested one; returns the clock set
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

/** First bytes of the records in the step stream (PROTOCOL.md section 5). */
export const RECORD = {
  /** BEGIN: starts a new run and clears a failure or cancellation. */
  begin: 0x00,
  /** TRANSFER with `send` as it is. */
  transfer: 0x01,
  /** TRANSFER with `send` in run-length code. */
  transferCoded: 0x02,
  /** POLL: repeats a read until a status byte matches. */
  poll: 0x03,
  /** DIGEST: reads a range and returns only its block check. */
  digest: 0x09,
  /** DELAY: waits with chip select high. */
  delay: 0x05,
  /** SPI CLOCK: sets the fastest clock that is not above the requested one. */
  spiClock: 0x06,
  /** PINS: sets the pins of the mask. */
  pins: 0x07,
  /** CHIP SELECT: selects the chip select for later records. */
  chipSelect: 0x08,
  /** DEFINE for slot 0: stores the record that follows and runs it. Add the slot number, 0 to 7. */
  define: 0x10,
  /** USE for slot 0: runs the stored record. Add the slot number, 0 to 7. */
  use: 0x18,
  /** First code of records of later versions, 80h to FFh: they are skipped and reported as not supported. */
  later: 0x80,
} as const;

/** Number of slots that the record codes provide for. A bridge may have fewer; see `Welcome.slotCount`. */
export const MAX_SLOTS = 8;
const MAX_POLL_SEND = 8;
const MAX_DIGEST_SEND = 16;
/** Longest record of a later version that is skipped. */
const MAX_LATER_BYTES = 1024;

/**
 * The content of a record: a step, or a setting between steps. The doc comment of each `kind` names its record in
 * PROTOCOL.md section 5.
 */
export type RecordMeaning =
  | {
      /** BEGIN: a new run starts. */
      readonly kind: "begin";
      /** Number of the run, 0 to 255. CANCEL refers to it. */
      readonly run: number;
    }
  | {
      /** TRANSFER, POLL, DIGEST or DELAY. */
      readonly kind: "step";
      /** The step. */
      readonly step: SpiStep;
    }
  | {
      /** SPI CLOCK. */
      readonly kind: "spi-clock";
      /** Requested clock, Hz. */
      readonly clockHz: number;
    }
  | {
      /** PINS. Bit 0 is reset, bit 1 WP#, bit 2 HOLD#, bit 3 target power. */
      readonly kind: "pins";
      /** Pins that change; all others stay as they are. */
      readonly mask: number;
      /** Level of each pin of the mask: 1 is high. */
      readonly level: number;
    }
  | {
      /** CHIP SELECT. */
      readonly kind: "chip-select";
      /** Number of the chip select, from 0. */
      readonly index: number;
    }
  | {
      /** USE: run the record of a slot. */
      readonly kind: "use";
      /** Number of the slot, 0 to 7. */
      readonly slot: number;
    }
  | {
      /** A record of a later version. It was skipped. */
      readonly kind: "later";
      /** First byte of the record, 80h to FFh. */
      readonly code: number;
    };

/** Encodes one step as a record. The `send` bytes of a transfer are run-length coded if that is shorter. */
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

/** Encodes a setting between steps as a record. */
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

/** Limits that `readRecord` enforces before it allocates memory. A bridge announces them in WELCOME. */
export interface RecordLimits {
  /** Longest `send` of a transfer, bytes. */
  readonly maxSendBytes: number;
  /** Longest `receiveBytes` of a transfer. */
  readonly maxReceiveBytes: number;
}

/**
 * The result of `readRecord`: a record with its length; `"incomplete"` if more bytes are needed; `"invalid"` if the
 * start of the next record cannot be known. On invalid bytes a bridge ends the session.
 */
export type RecordReading =
  | {
      /** The content of the record. */
      readonly meaning: RecordMeaning;
      /** Index of the first byte after the record. */
      readonly end: number;
      /** Number of the slot, 0 to 7, in which the record is to be stored; absent for any record but DEFINE. */
      readonly defineSlot?: number | undefined;
    }
  | "incomplete"
  | "invalid";

/** Reads the record at index `at`. It never throws: any bytes give one of the three results. */
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
