/**
 * A recording: every byte on the wire with its time, as lines of JSON, and how to read one.
 *
 *     {"v":1,"type":"recording","command":["info"],"protocol":"auto"}      the first line
 *     {"type":"open","us":0,"name":"/dev/ttyACM0","baudRate":115200,"isChecked":false}
 *     {"type":"random","us":0,"value":123}                                  32 bits that the host drew
 *     {"type":"up","us":12,"data":"<hex>"}                                  from host to bridge
 *     {"type":"down","us":950,"data":"<hex>"}
 *     {"type":"baud","us":2000,"baudRate":2000000,"ok":true}
 *     {"type":"bridge","us":1900,"info":{...}}                              what the bridge reported of itself
 *     {"type":"clock","us":1950,"wishHz":8000000,"gotHz":7500000}
 *     {"type":"step","us":2100,"step":{...},"result":{...}}                 what the chip was asked, and what it answered
 *     {"type":"gone","us":9000}                                             closed from the other side
 *     {"type":"close","us":9100}
 *     {"type":"full","us":9100}                                             no more room: what follows is not in it
 *     {"type":"end","us":9200,"exitCode":0,"code":""}
 *
 * The bytes tell what the link did, exactly where everything depends on them alone (simulated bridges, serprog). What a program
 * sends first when several things happen at once depends on the machine, so the steps are there as well: by them a chip that
 * answered oddly answers the same again.
 *
 * What is in it: the bytes that went over the wire, which are the chip's and the image's. What is not: paths, names of users,
 * the environment.
 */
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import type { BridgeInfo } from "../bridge/bridge.ts";
import { fromHex, toHex } from "../bytes.ts";

export type RecordLine =
  | {
      readonly type: "open";
      readonly us: number;
      readonly name: string;
      readonly baudRate: number;
      readonly isChecked: boolean;
      /** See `ByteDuplex.maxBaudRate`; recordings of older versions have none. */
      readonly maxBaudRate?: number | undefined;
    }
  | { readonly type: "random"; readonly us: number; readonly value: number }
  | { readonly type: "up" | "down"; readonly us: number; readonly data: Uint8Array }
  | { readonly type: "baud"; readonly us: number; readonly baudRate: number; readonly ok: boolean }
  | { readonly type: "bridge"; readonly us: number; readonly info: BridgeInfo }
  | { readonly type: "clock"; readonly us: number; readonly wishHz: number; readonly gotHz: number }
  | { readonly type: "step"; readonly us: number; readonly step: string; readonly result: StepResult }
  | { readonly type: "gone" | "close" | "full"; readonly us: number }
  | { readonly type: "end"; readonly us: number; readonly exitCode: number; readonly code: string };

export interface RecordingHead {
  readonly v: 1;
  readonly type: "recording";
  /** The words of the command line, without the port and without folders. */
  readonly command: readonly string[];
}

export interface Recording {
  readonly head: RecordingHead;
  readonly lines: readonly RecordLine[];
}

/** What is wrong with a recording, and where. */
export class RecordingDamage extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/**
 * Bounds of what a recording reports, wider than what any program writes: the source of a recording is untrusted, and what it
 * says is waited for, allocated and shown.
 */
const MAX_LINES = 2_500_000;
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const MAX_US = 1e12;
const MAX_STEP_BYTES = 2 ** 24;
const MAX_BAUD = 1e8;
const MAX_CLOCK_HZ = 1e9;
const MAX_NAME_CHARACTERS = 256;
const MAX_FEATURES = 64;
const LF = 0x0a;

/** Reads a recording, a line at a time; a last line that is torn is left out. Throws RecordingDamage. */
export function parseRecording(bytes: Uint8Array): Recording {
  const decoder = new TextDecoder();
  const lines: RecordLine[] = [];
  let head: RecordingHead | undefined;
  let start = 0;
  for (let end = bytes.indexOf(LF), number = 1; end >= 0; end = bytes.indexOf(LF, start), number++) {
    if (end - start > MAX_LINE_BYTES) throw new RecordingDamage(number, "the record is too long");
    if (number > MAX_LINES) throw new RecordingDamage(number, "there are too many records");
    const fields = fieldsOf(decoder.decode(bytes.subarray(start, end)), number);
    if (head === undefined) head = headOf(fields);
    else lines.push(lineOf(fields));
    start = end + 1;
  }
  if (head === undefined) throw new RecordingDamage(1, "it is empty");
  return { head, lines };
}

interface Fields {
  readonly number: number;
  readonly values: ReadonlyMap<string, unknown>;
}

function fieldsOf(line: string, number: number): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RecordingDamage(number, "it is not JSON");
  }
  if (typeof value !== "object" || value === null) throw new RecordingDamage(number, "it is not a record");
  return { number, values: new Map(Object.entries(value)) };
}

function headOf(fields: Fields): RecordingHead {
  const command = fields.values.get("command");
  if (fields.values.get("type") !== "recording") throw new RecordingDamage(1, "it is not a recording");
  if (fields.values.get("v") !== 1) throw new RecordingDamage(1, "it was made by another version of norbridge");
  if (!Array.isArray(command) || !command.every((word) => typeof word === "string")) {
    throw new RecordingDamage(1, "command is not a list of words");
  }
  return { v: 1, type: "recording", command };
}

function lineOf(fields: Fields): RecordLine {
  const us = count(fields, "us", MAX_US);
  const type = fields.values.get("type");
  switch (type) {
    case "open":
      return {
        type,
        us,
        name: name(fields, "name"),
        baudRate: count(fields, "baudRate", MAX_BAUD),
        isChecked: flag(fields, "isChecked"),
        maxBaudRate: fields.values.has("maxBaudRate") ? count(fields, "maxBaudRate", MAX_BAUD) : undefined,
      };
    case "random":
      return { type, us, value: count(fields, "value", 0xffff_ffff) };
    case "up":
    case "down": {
      const data = fromHex(text(fields, "data"));
      if (data === undefined) throw new RecordingDamage(fields.number, "data is not hex");
      return { type, us, data };
    }
    case "baud":
      return { type, us, baudRate: count(fields, "baudRate", MAX_BAUD), ok: flag(fields, "ok") };
    case "bridge":
      return { type, us, info: infoOf(object(fields, "info")) };
    case "clock":
      return { type, us, wishHz: count(fields, "wishHz", MAX_CLOCK_HZ), gotHz: count(fields, "gotHz", MAX_CLOCK_HZ) };
    case "step":
      return { type, us, step: text(fields, "step"), result: resultOf(object(fields, "result")) };
    case "gone":
    case "close":
    case "full":
      return { type, us };
    case "end":
      return { type, us, exitCode: count(fields, "exitCode", 255), code: name(fields, "code") };
    default:
      throw new RecordingDamage(fields.number, "it is not a record");
  }
}

/** A step as one word: two that are asked for the same are the same word. */
export function stepWord(step: SpiStep): string {
  switch (step.kind) {
    case "transfer":
      return `transfer ${toHex(step.send)} ${step.receiveBytes}`;
    case "poll":
      return `poll ${toHex(step.send)} ${step.mask} ${step.value}`;
    case "digest":
      return `digest ${toHex(step.send)} ${step.lengthBytes}`;
    case "delay":
      return `delay ${step.durationUs}`;
  }
}

/** A result as a line has it. */
export function encodeResult(result: StepResult): Record<string, string | number | undefined> {
  return result.kind === "transfer" ? { kind: result.kind, received: toHex(result.received) } : { ...result };
}

const FAILURES = ["timeout", "aborted", "not-supported", "lost"] as const;

function resultOf(fields: Fields): StepResult {
  const kind = fields.values.get("kind");
  switch (kind) {
    case "transfer": {
      const received = fromHex(text(fields, "received"));
      if (received === undefined) throw new RecordingDamage(fields.number, "received is not hex");
      return { kind, received };
    }
    case "poll":
      return { kind, status: count(fields, "status", 0xff) };
    case "digest":
      // Versions before the block check recorded a CRC-32, which a program of today does not ask for.
      if (fields.values.has("crc32"))
        throw new RecordingDamage(fields.number, "it was made by an earlier version of norbridge");
      return { kind, check: count(fields, "check", 0xffff_ffff) };
    case "delay":
    case "skipped":
      return { kind };
    case "failed": {
      const reason = FAILURES.find((one) => one === fields.values.get("reason"));
      if (reason === undefined) throw new RecordingDamage(fields.number, "the reason is unknown");
      return { kind, reason, status: fields.values.has("status") ? count(fields, "status", 0xff) : undefined };
    }
    default:
      throw new RecordingDamage(fields.number, "it is not a result");
  }
}

function infoOf(fields: Fields): BridgeInfo {
  const protocol = text(fields, "protocol");
  const features = fields.values.get("features");
  if (protocol !== "native" && protocol !== "serprog") throw new RecordingDamage(fields.number, "unknown protocol");
  if (
    !Array.isArray(features) ||
    features.length > MAX_FEATURES ||
    !features.every((feature) => typeof feature === "string" && feature.length <= MAX_NAME_CHARACTERS)
  ) {
    throw new RecordingDamage(fields.number, "features is not a list of names");
  }
  return {
    protocol,
    protocolVersion: count(fields, "protocolVersion", 0xff),
    boardName: name(fields, "boardName"),
    firmwareVersion: name(fields, "firmwareVersion"),
    serialNumber: name(fields, "serialNumber"),
    maxSendBytes: count(fields, "maxSendBytes", MAX_STEP_BYTES),
    maxReceiveBytes: count(fields, "maxReceiveBytes", MAX_STEP_BYTES),
    bufferBytes: count(fields, "bufferBytes", 0xffff_ffff),
    spiClockMinHz: count(fields, "spiClockMinHz", 0xffff_ffff),
    spiClockMaxHz: count(fields, "spiClockMaxHz", 0xffff_ffff),
    features,
    isUnchecked: flag(fields, "isUnchecked"),
  };
}

function object({ values, number }: Fields, name: string): Fields {
  const value = values.get(name);
  if (typeof value !== "object" || value === null) throw new RecordingDamage(number, `${name} is not a record`);
  return { number, values: new Map(Object.entries(value)) };
}

/** A whole number from 0 to `most`. */
function count({ values, number }: Fields, name: string, most: number): number {
  const value = values.get(name);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new RecordingDamage(number, `${name} is not a number from 0 to ${most}`);
}

/** A text of a name's length; the code that prints it escapes it. */
function name(fields: Fields, field: string): string {
  const value = text(fields, field);
  if (value.length <= MAX_NAME_CHARACTERS) return value;
  throw new RecordingDamage(fields.number, `${field} is too long for a name`);
}

function text({ values, number }: Fields, name: string): string {
  const value = values.get(name);
  if (typeof value === "string") return value;
  throw new RecordingDamage(number, `${name} is not text`);
}

function flag({ values, number }: Fields, name: string): boolean {
  const value = values.get(name);
  if (typeof value === "boolean") return value;
  throw new RecordingDamage(number, `${name} is neither true nor false`);
}
