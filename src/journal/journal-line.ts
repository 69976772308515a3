/**
 * The lines of a journal, and their meaning taken together. Each line is
 *
 *     <crc32 of the JSON, 8 hex digits> <JSON>\n
 *
 * - `{"kind":"job", ...}`, the first: what was asked, of which chip, with which image;
 * - `{"kind":"hold","units":[{"address","lengthBytes","pieces":[{"address","data"}],"old":[{"address","data"}]}]}`: before
 *   an erase; `pieces` is what the target does not hold, `old` what it replaces (only where the job can be undone);
 * - `{"kind":"blank","value","ranges":[{"address","lengthBytes"}]}`: before blank cells are programmed, likewise for an undo;
 * - `{"kind":"release","address"}`: the unit is proved;
 * - `{"kind":"progress","bytesWritten"}`: of a stream;
 * - `{"kind":"undo"}`: from here on the job is being taken back;
 * - `{"kind":"done","digests":[{"address","lengthBytes","crc32"}]}`: it ended; what is left is there for an undo.
 *
 * A last line that is torn counts as never written: it was on its way when the job was killed, so its erase was not sent.
 * Any other damage makes the file one that cannot be trusted, and it says so. A journal may come from another laptop, so
 * every field is checked, whatever the check of the line says.
 */
import { type ByteRange, rangeContains, rangeEnd } from "../../drivers/geometry.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import type { ProcessMark } from "../disk/process-mark.ts";

/** Bytes of a range as they were at some time. */
export interface RangeDigest extends ByteRange {
  readonly crc32: number;
}

/** What a job was asked to do, in the words of the command line. */
export interface JobRecord {
  readonly v: 1;
  /** One more than any journal in the folder had when this one began: the order of jobs, whatever clocks say. Left out: 0. */
  readonly number?: number;
  readonly command: "write" | "erase" | "stream";
  /** Name of a file or `-`, as an absolute path, and how it was read; undefined for an erase. */
  readonly image?: {
    readonly file: string;
    readonly format?: string;
    readonly base: number;
    readonly lengthBytes?: number;
    readonly sha256: string;
  };
  /** Of a stream: how the device's stream is set up. */
  readonly stream?: { readonly bufferBytes: number; readonly writeBlockBytes: number };
  /** Where on the chip: offset of the image, or the range that is erased or streamed to. */
  readonly address: number;
  readonly lengthBytes: number;
  readonly chip: { readonly name: string; readonly jedecId: string; readonly uniqueId: string };
  /** Parts of the chip that the job does not touch, to know it again where it has no number of its own. */
  readonly beside: readonly RangeDigest[];
  /** Keeps what it replaces, so that it can be undone. */
  readonly keepsOld: boolean;
  /** What protected the chip before the job lifted it, to be put back at its end; undefined where nothing was lifted. */
  readonly protection?: LiftedProtection;
  /** The connection options as they were typed. */
  readonly connection: readonly string[];
  /** Process that runs the job. */
  readonly process: ProcessMark;
}

export type JournalLine =
  | { readonly kind: "job"; readonly job: JobRecord }
  | { readonly kind: "hold"; readonly units: readonly HeldUnit[] }
  | { readonly kind: "blank"; readonly value: number; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "release"; readonly address: number }
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
  return Buffer.from(`${checksum(text)} ${text}\n`);
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
  for (let number = 1, end = buffer.indexOf(0x0a); end >= 0; number++, end = buffer.indexOf(0x0a, start)) {
    yield decodeJournalLine(buffer.subarray(start, end), number);
    start = end + 1;
  }
}

/** One line without its newline; `number` from 1. Throws JournalDamage. */
export function decodeJournalLine(bytes: Uint8Array, number: number): JournalLine {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) throw new JournalDamage(number, "its check does not fit");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JournalDamage(number, "it is no JSON");
  }
  return lineOf(new Fields(value, number));
}

function lineOf(fields: Fields): JournalLine {
  const kind = fields.text("kind");
  switch (kind) {
    case "job":
      return { kind, job: jobOf(fields) };
    case "hold":
      return { kind, units: fields.list("units").map(unitOf) };
    case "blank":
      return { kind, value: fields.count("value", 0xff), ranges: fields.list("ranges").map(rangeOf) };
    case "release":
      return { kind, address: fields.count("address") };
    case "progress":
      return { kind, bytesWritten: fields.count("bytesWritten") };
    case "undo":
      return { kind };
    case "done":
      return { kind, digests: fields.list("digests").map(digestOf) };
    default:
      throw fields.wrong("it is no record");
  }
}

const COMMANDS = ["write", "erase", "stream"] as const;

function jobOf(fields: Fields): JobRecord {
  if (fields.count("v") !== 1) throw fields.wrong("it is of another version of norbridge");
  const command = COMMANDS.find((one) => one === fields.text("command"));
  if (command === undefined) throw fields.wrong("it is no job");
  const chip = fields.object("chip");
  const process = fields.object("process");
  const image = fields.optional("image");
  const stream = fields.optional("stream");
  const protection = fields.optional("protection");
  if ((image === undefined) !== (command === "erase")) throw fields.wrong("the image does not go with the command");
  if ((stream === undefined) !== (command !== "stream")) throw fields.wrong("the stream does not go with the command");
  return {
    v: 1,
    ...(fields.has("number") ? { number: fields.count("number") } : {}),
    command,
    ...(image === undefined ? {} : { image: imageOf(image) }),
    ...(stream === undefined
      ? {}
      : {
          stream: {
            bufferBytes: stream.count("bufferBytes", 1 << 24),
            writeBlockBytes: stream.count("writeBlockBytes", 1 << 24),
          },
        }),
    ...rangeOf(fields),
    chip: { name: chip.text("name"), jedecId: chip.text("jedecId"), uniqueId: chip.text("uniqueId") },
    beside: fields.list("beside").map(digestOf),
    keepsOld: fields.flag("keepsOld"),
    ...(protection === undefined ? {} : { protection: protectionOf(protection) }),
    connection: fields.texts("connection"),
    process: { pid: process.count("pid"), started: process.text("started") },
  };
}

function protectionOf(fields: Fields): LiftedProtection {
  return {
    ranges: fields.list("ranges").map(rangeOf),
    registers: fields.list("registers").map((one) => ({ name: one.text("name"), value: one.count("value") })),
    heldBy: fields.text("heldBy"),
    lockedBy: fields.text("lockedBy"),
  };
}

function imageOf(fields: Fields): NonNullable<JobRecord["image"]> {
  const sha256 = fields.text("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw fields.wrong("sha256 is no SHA-256");
  return {
    file: fields.text("file"),
    ...(fields.has("format") ? { format: fields.text("format") } : {}),
    base: fields.count("base"),
    ...(fields.has("lengthBytes") ? { lengthBytes: fields.count("lengthBytes") } : {}),
    sha256,
  };
}

function rangeOf(fields: Fields): ByteRange {
  const range = { address: fields.count("address"), lengthBytes: fields.count("lengthBytes") };
  if (!Number.isSafeInteger(rangeEnd(range))) throw fields.wrong("a range ends nowhere");
  return range;
}

function digestOf(fields: Fields): RangeDigest {
  return { ...rangeOf(fields), crc32: fields.count("crc32", 0xffffffff) };
}

function unitOf(fields: Fields): HeldUnit {
  const unit = rangeOf(fields);
  const pieces = fields.list("pieces").map(pieceOf);
  const old = fields.has("old") ? fields.list("old").map(pieceOf) : [];
  let behind = unit.address;
  for (const { address, data } of [...pieces, ...old].toSorted((a, b) => a.address - b.address)) {
    const range = { address, lengthBytes: data.length };
    if (data.length === 0 || address < behind || !rangeContains(unit, range)) {
      throw fields.wrong("a piece is not within its unit, or on another one");
    }
    behind = rangeEnd(range);
  }
  return { ...unit, pieces, ...(old.length === 0 ? {} : { old }) };
}

function pieceOf(fields: Fields): KeptPiece {
  const text = fields.text("data");
  const data = Buffer.from(text, "base64");
  if (data.toString("base64") !== text) throw fields.wrong("data is no base64");
  return { address: fields.count("address"), data: new Uint8Array(data) };
}

/** The fields of an object that came from outside; every question answers what it should be, or throws JournalDamage. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #line: number;

  constructor(value: unknown, line: number) {
    this.#line = line;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong("it is no record");
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
    throw this.wrong(`${name} is no number from 0 to ${most}`);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value !== "string") throw this.wrong(`${name} is no text`);
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

  list(name: string): Fields[] {
    return this.#listOf(name).map((value) => new Fields(value, this.#line));
  }

  texts(name: string): string[] {
    return this.#listOf(name).map((value) => {
      if (typeof value !== "string") throw this.wrong(`${name} holds something that is no text`);
      return value;
    });
  }

  #listOf(name: string): readonly unknown[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw this.wrong(`${name} is no list`);
    return value as readonly unknown[];
  }
}

function checksum(text: string): string {
  return crc32(Buffer.from(text)).toString(16).padStart(8, "0");
}
