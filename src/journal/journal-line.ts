/**
 * The lines of a journal, and their meaning taken together. Each line is
 *
 *     <crc32 of the JSON, 8 hex digits> <JSON>\n
 *
 * - `{"kind":"job", ...}`, the first: what was asked, of which chip, with which image;
 * - `{"kind":"hold","units":[{"address","lengthBytes","pieces":[{"address","data"}],"old":[{"address","data"}]}]}`: before
 *   an erase; `pieces` is what the target does not hold, `old` what it replaces (only if the job can be undone);
 * - `{"kind":"blank","value","ranges":[{"address","lengthBytes"}]}`: before blank cells are programmed, likewise for an undo;
 * - `{"kind":"release","address","asBefore"}`: the unit is proved; with `asBefore`: it is as it was, and was never written;
 * - `{"kind":"progress","bytesWritten"}`: of a stream;
 * - `{"kind":"undo"}`: from here on the job is being taken back;
 * - `{"kind":"done","digests":[{"address","lengthBytes","check"}]}`: it ended; what is left is there for an undo.
 *
 * A last line that is torn counts as never written: it was on its way when the job was killed, so its erase was not sent.
 * Any other damage makes the file one that cannot be trusted, and it says so. A journal may come from another host, so
 * every field is checked, whatever the check of the line says.
 */
import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { type ByteRange, rangeContains, rangeEnd } from "../../drivers/geometry.ts";
import type { ProcessMark } from "../disk/process-mark.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import {
  type ChipOfJob,
  MOST_CHIP_BYTES,
  MOST_DEPTH,
  MOST_FIELDS,
  MOST_JOB_ENTRIES,
  MOST_JOB_LINE_BYTES,
  MOST_LINE_BYTES,
  MOST_NUMBER,
  MOST_TEXT_CHARACTERS,
  MOST_VALUES,
} from "./journal-bounds.ts";

/** A range, and by which value its bytes are known again. Journals of earlier versions have a CRC-32. */
export type RangeDigest = ByteRange & ({ readonly check: number } | { readonly crc32: number });

/** What a job was asked to do, in the words of the command line. */
export interface JobRecord {
  readonly v: 1;
  /**
   * One more than any journal in the folder had when this one began: the order of jobs, whatever clocks say. Left out by the
   * version before: older than all that have one.
   */
  readonly number?: number | undefined;
  /** When it began by the machine's clock, milliseconds since 1970: for lists. Left out by the version before. */
  readonly startedAtMs?: number | undefined;
  readonly command: "write" | "erase" | "stream";
  /** Name of a file or `-`, as an absolute path, and how it was read; undefined for an erase. */
  readonly image?:
    | {
        readonly file: string;
        /** Where a raw file goes; undefined: at 0. */
        readonly place?: number | undefined;
        /** Further files of the same image. */
        readonly more?: readonly { readonly file: string; readonly place?: number | undefined }[] | undefined;
        readonly format?: string | undefined;
        readonly base: number;
        readonly lengthBytes?: number | undefined;
        readonly familyId?: number | undefined;
        /** The part of the file that is used, by its own addresses. */
        readonly crop?: ByteRange | undefined;
        /** Ranges of the chip that are written; what the image has elsewhere is left out. */
        readonly only?: readonly ByteRange[] | undefined;
        /** Value of the bytes in gaps. */
        readonly fillByte?: number | undefined;
        /** Of all bytes by their addresses. */
        readonly sha256: string;
      }
    | undefined;
  /** Of a stream: how the device's stream is set up. */
  readonly stream?:
    | {
        readonly bufferBytes: number;
        readonly writeBlockBytes: number;
        /** The page that contains this place of the range is erased first. */
        readonly erasePage?: number | undefined;
        /** Ranges of the chip that may be erased although they hold other data. */
        readonly overwrite?: readonly ByteRange[] | undefined;
      }
    | undefined;
  /** Where on the chip: offset of the image, or the range that is erased or streamed to. */
  readonly address: number;
  readonly lengthBytes: number;
  readonly chip: ChipOfJob;
  /** Parts of the chip that the job does not touch, to know it again where it has no number of its own. */
  readonly beside: readonly RangeDigest[];
  /** Keeps what it replaces, so that it can be undone. */
  readonly keepsOld: boolean;
  /** What protected the chip before the job lifted it, to be restored at its end; undefined if nothing was lifted. */
  readonly protection?: LiftedProtection | undefined;
  /** The connection options as they were typed. */
  readonly connection: readonly string[];
  /** Process that runs the job. */
  readonly process: ProcessMark;
}

export type JournalLine =
  | { readonly kind: "job"; readonly job: JobRecord }
  | { readonly kind: "hold"; readonly units: readonly HeldUnit[] }
  | { readonly kind: "blank"; readonly value: number; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "release"; readonly address: number; readonly asBefore?: true | undefined }
  | { readonly kind: "progress"; readonly bytesWritten: number }
  | { readonly kind: "undo" }
  | { readonly kind: "done"; readonly digests: readonly RangeDigest[] };

/** The line with its check and its newline. */
export function encodeLine(line: JournalLine): Uint8Array {
  const { kind } = line;
  const fields = kind === "job" ? { kind, ...line.job } : line;
  const text = JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );
  const bytes = Buffer.from(`         ${text}\n`);
  bytes.write(`${checksum(bytes.subarray(CHECK_CHARACTERS + 1, -1))} `, "latin1");
  return bytes;
}

/** Where in the file, and what is wrong. */
export class JournalDamage extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** All whole lines of a journal. Throws JournalDamage. */
export function* decodeLines(bytes: Uint8Array): Generator<JournalLine> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  // Behind the last newline is nothing, or what a kill has torn.
  for (let number = 1, end = buffer.indexOf(LF); end >= 0; number++, end = buffer.indexOf(LF, start)) {
    yield decodeJournalLine(buffer.subarray(start, end), number);
    start = end + 1;
  }
}

const LF = 0x0a;
const CHECK_CHARACTERS = 8;

/** One line without its newline; `number` from 1. Throws JournalDamage. */
export function decodeJournalLine(bytes: Uint8Array, number: number): JournalLine {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (line.length > MOST_LINE_BYTES) throw new JournalDamage(number, "the line is too long");
  const text = line.subarray(CHECK_CHARACTERS + 1);
  const check = line.toString("latin1", 0, CHECK_CHARACTERS + 1);
  if (check !== `${checksum(text)} `) throw new JournalDamage(number, "its checksum is wrong");
  checkShape(text, number);
  let value: unknown;
  try {
    value = JSON.parse(text.toString("utf8"));
  } catch {
    throw new JournalDamage(number, "it is not JSON");
  }
  const fields = new Fields(value, number);
  const isJob = fields.text("kind") === "job";
  if (isJob && line.length > MOST_JOB_LINE_BYTES) throw fields.wrong("the job is too long");
  return lineOf(fields);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;
const LIST = 0x5b;
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** A text of a few bytes may be a million objects, or one in another ten thousand times: it is counted before it is read. */
function checkShape(text: Buffer, number: number): void {
  if (!isUtf8(text)) throw new JournalDamage(number, "it is not JSON");
  /** What is open, and how many entries each has. */
  const open: { readonly most: number; entries: number }[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfText(text, at + 1);
    } else if (byte === OBJECT || byte === LIST) {
      values++;
      open.push({ most: byte === OBJECT ? MOST_FIELDS : MOST_VALUES, entries: 1 });
    } else if (byte === COMMA) {
      values++;
      const inner = open.at(-1);
      if (inner !== undefined && ++inner.entries > inner.most) values = Number.POSITIVE_INFINITY;
    } else if (CLOSING.includes(byte)) {
      open.pop();
    }
    if (open.length > MOST_DEPTH || values > MOST_VALUES) throw new JournalDamage(number, "it is not a record");
  }
}

/** Where the quote is that ends a text; the end of all where there is none. */
function endOfText(text: Buffer, from: number): number {
  for (let end = text.indexOf(QUOTE, from); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function lineOf(fields: Fields): JournalLine {
  const kind = fields.text("kind");
  switch (kind) {
    case "job":
      return { kind, job: jobOf(fields) };
    case "hold":
      return { kind, units: fields.list("units", MOST_VALUES, unitOf) };
    case "blank":
      return { kind, value: fields.count("value", 0xff), ranges: fields.list("ranges", MOST_VALUES, rangeOf) };
    case "release":
      return {
        kind,
        address: fields.count("address"),
        asBefore: fields.has("asBefore") && fields.flag("asBefore") ? true : undefined,
      };
    case "progress":
      return { kind, bytesWritten: fields.count("bytesWritten") };
    case "undo":
      return { kind };
    case "done":
      return { kind, digests: fields.list("digests", MOST_VALUES, digestOf) };
    default:
      throw fields.wrong("it is not a record");
  }
}

/** The last moment that a Date can hold. */
const MOST_TIME_MS = 8.64e15;
const COMMANDS = ["write", "erase", "stream"] as const;

function jobOf(fields: Fields): JobRecord {
  if (fields.count("v") !== 1) throw fields.wrong("it was made by another version of norbridge");
  const command = COMMANDS.find((one) => one === fields.text("command"));
  if (command === undefined) throw fields.wrong("it is not a job");
  const chip = fields.object("chip");
  const process = fields.object("process");
  const image = fields.optional("image");
  const stream = fields.optional("stream");
  const protection = fields.optional("protection");
  if ((image === undefined) !== (command === "erase")) throw fields.wrong("the image does not match the command");
  if ((stream === undefined) !== (command !== "stream")) throw fields.wrong("the stream does not match the command");
  return {
    v: 1,
    number: fields.has("number") ? fields.count("number", MOST_NUMBER) : undefined,
    startedAtMs: fields.has("startedAtMs") ? fields.count("startedAtMs", MOST_TIME_MS) : undefined,
    command,
    image: image === undefined ? undefined : imageOf(image),
    stream:
      stream === undefined
        ? undefined
        : {
            bufferBytes: stream.count("bufferBytes", 1 << 24),
            writeBlockBytes: stream.count("writeBlockBytes", 1 << 24),
            erasePage: stream.has("erasePage") ? stream.count("erasePage") : undefined,
            overwrite: stream.has("overwrite") ? stream.list("overwrite", MOST_JOB_ENTRIES, rangeOf) : undefined,
          },
    ...rangeOf(fields),
    chip: chipOf(chip),
    beside: fields.list("beside", MOST_JOB_ENTRIES, digestOf),
    keepsOld: fields.flag("keepsOld"),
    protection: protection === undefined ? undefined : protectionOf(protection),
    connection: fields.texts("connection", MOST_JOB_ENTRIES),
    process: { pid: process.count("pid"), started: process.text("started") },
  };
}

function chipOf(fields: Fields): ChipOfJob {
  const named = { name: fields.text("name"), jedecId: fields.text("jedecId"), uniqueId: fields.text("uniqueId") };
  return fields.has("capacityBytes")
    ? { ...named, capacityBytes: fields.count("capacityBytes", MOST_CHIP_BYTES) }
    : named;
}

/** Of a register of the chip: a byte. */
function registerOf(fields: Fields): LiftedProtection["registers"][number] {
  return { name: fields.text("name"), value: fields.count("value", 0xff) };
}

function protectionOf(fields: Fields): LiftedProtection {
  return {
    ranges: fields.list("ranges", MOST_JOB_ENTRIES, rangeOf),
    registers: fields.list("registers", MOST_JOB_ENTRIES, registerOf),
    heldBy: fields.text("heldBy"),
    lockedBy: fields.text("lockedBy"),
  };
}

function imageOf(fields: Fields): NonNullable<JobRecord["image"]> {
  const sha256 = fields.text("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw fields.wrong("sha256 is not a SHA-256 hash");
  const crop = fields.optional("crop");
  return {
    ...placedFileOf(fields),
    more: fields.has("more") ? fields.list("more", MOST_JOB_ENTRIES, placedFileOf) : undefined,
    format: fields.has("format") ? fields.text("format") : undefined,
    base: fields.count("base"),
    lengthBytes: fields.has("lengthBytes") ? fields.count("lengthBytes") : undefined,
    familyId: fields.has("familyId") ? fields.count("familyId", 0xffff_ffff) : undefined,
    crop: crop === undefined ? undefined : rangeOf(crop),
    only: fields.has("only") ? fields.list("only", MOST_JOB_ENTRIES, rangeOf) : undefined,
    fillByte: fields.has("fillByte") ? fields.count("fillByte", 0xff) : undefined,
    sha256,
  };
}

function placedFileOf(fields: Fields): { readonly file: string; readonly place?: number | undefined } {
  return { file: fields.text("file"), place: fields.has("place") ? fields.count("place") : undefined };
}

function rangeOf(fields: Fields): ByteRange {
  const range = { address: fields.count("address"), lengthBytes: fields.count("lengthBytes") };
  if (!Number.isSafeInteger(rangeEnd(range))) throw fields.wrong("a range has no valid end");
  return range;
}

function digestOf(fields: Fields): RangeDigest {
  const range = rangeOf(fields);
  if (fields.has("crc32")) return { ...range, crc32: fields.count("crc32", 0xffffffff) };
  return { ...range, check: fields.count("check", 0xffffffff) };
}

function unitOf(fields: Fields): HeldUnit {
  const unit = rangeOf(fields);
  const pieces = fields.list("pieces", MOST_VALUES, pieceOf);
  const old = fields.has("old") ? fields.list("old", MOST_VALUES, pieceOf) : [];
  let behind = unit.address;
  for (const { address, data } of [...pieces, ...old].toSorted((a, b) => a.address - b.address)) {
    const range = { address, lengthBytes: data.length };
    if (data.length === 0 || address < behind || !rangeContains(unit, range)) {
      throw fields.wrong("a piece is outside its unit, or overlaps another one");
    }
    behind = rangeEnd(range);
  }
  return { ...unit, pieces, old: old.length === 0 ? undefined : old };
}

function pieceOf(fields: Fields): KeptPiece {
  const text = fields.data("data");
  const data = Buffer.from(text, "base64");
  if (data.toString("base64") !== text) throw fields.wrong("data is not base64");
  return { address: fields.count("address"), data: new Uint8Array(data) };
}

/** The fields of an object that came from outside; every question answers what it should be, or throws JournalDamage. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #line: number;

  constructor(value: unknown, line: number) {
    this.#line = line;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong("it is not a record");
    this.#fields = new Map(Object.entries(value));
  }

  wrong(why: string): JournalDamage {
    return new JournalDamage(this.#line, why);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** A whole number from 0 to `most`. */
  count(name: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#fields.get(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
    throw this.wrong(`${name} is not a number from 0 to ${most}`);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value === "string" && value.length <= MOST_TEXT_CHARACTERS) return value;
    throw this.wrong(`${name} is not text`);
  }

  /** A text of any length: data. */
  data(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value !== "string") throw this.wrong(`${name} is not text`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name);
    if (typeof value !== "boolean") throw this.wrong(`${name} is neither true nor false`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#fields.get(name), this.#line);
  }

  optional(name: string): Fields | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** What `read` makes of each entry, one after the other: nonsense ends at the first that is none. */
  list<T>(name: string, most: number, read: (fields: Fields) => T): T[] {
    return this.#listOf(name, most).map((value) => read(new Fields(value, this.#line)));
  }

  texts(name: string, most: number): string[] {
    return this.#listOf(name, most).map((value) => {
      if (typeof value === "string" && value.length <= MOST_TEXT_CHARACTERS) return value;
      throw this.wrong(`${name} contains something that is not text`);
    });
  }

  #listOf(name: string, most: number): readonly unknown[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw this.wrong(`${name} is not a list`);
    if (value.length > most) throw this.wrong(`${name} has more than ${most} entries`);
    return value as readonly unknown[];
  }
}

function checksum(text: Uint8Array): string {
  return crc32(text).toString(16).padStart(8, "0");
}
