/** Reads the record of a line of a journal from its fields. */
import { type ByteRange, rangeContains, rangeEnd } from "../../drivers/geometry.ts";
import { decodeBase64 } from "../base64.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { LiftedProtection } from "../jobs/lift-protection.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import { type ChipOfJob, MAX_CHIP_BYTES, MAX_JOB_ENTRIES, MAX_NUMBER, MAX_VALUES } from "./journal-bounds.ts";
import type { Fields } from "./journal-fields.ts";
import type { JobRecord, JournalLine, RangeDigest } from "./journal-record.ts";

/** Throws JournalDamage for what is not a record. */
export function lineOf(fields: Fields): JournalLine {
  const kind = fields.text("kind");
  switch (kind) {
    case "job":
      return { kind, job: jobOf(fields) };
    case "hold":
      return { kind, units: fields.list("units", MAX_VALUES, unitOf) };
    case "blank":
      return { kind, value: fields.count("value", 0xff), ranges: fields.list("ranges", MAX_VALUES, rangeOf) };
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
      return { kind, digests: fields.list("digests", MAX_VALUES, digestOf) };
    default:
      throw fields.wrong("it is not a record");
  }
}

/** The last moment that a Date can hold. */
const MAX_TIME_MS = 8.64e15;
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
    number: fields.has("number") ? fields.count("number", MAX_NUMBER) : undefined,
    startedAtMs: fields.has("startedAtMs") ? fields.count("startedAtMs", MAX_TIME_MS) : undefined,
    command,
    image: image === undefined ? undefined : imageOf(image),
    stream:
      stream === undefined
        ? undefined
        : {
            bufferBytes: stream.count("bufferBytes", 1 << 24),
            writeBlockBytes: stream.count("writeBlockBytes", 1 << 24),
            erasePage: stream.has("erasePage") ? stream.count("erasePage") : undefined,
            overwrite: stream.has("overwrite") ? stream.list("overwrite", MAX_JOB_ENTRIES, rangeOf) : undefined,
          },
    ...rangeOf(fields),
    chip: chipOf(chip),
    beside: fields.list("beside", MAX_JOB_ENTRIES, digestOf),
    keepsOld: fields.flag("keepsOld"),
    protection: protection === undefined ? undefined : protectionOf(protection),
    connection: fields.texts("connection", MAX_JOB_ENTRIES),
    process: { pid: process.count("pid"), started: process.text("started") },
  };
}

function chipOf(fields: Fields): ChipOfJob {
  const named = { name: fields.text("name"), jedecId: fields.text("jedecId"), uniqueId: fields.text("uniqueId") };
  return fields.has("capacityBytes")
    ? { ...named, capacityBytes: fields.count("capacityBytes", MAX_CHIP_BYTES) }
    : named;
}

/** Of a register of the chip: a byte. */
function registerOf(fields: Fields): LiftedProtection["registers"][number] {
  return { name: fields.text("name"), value: fields.count("value", 0xff) };
}

function protectionOf(fields: Fields): LiftedProtection {
  return {
    ranges: fields.list("ranges", MAX_JOB_ENTRIES, rangeOf),
    registers: fields.list("registers", MAX_JOB_ENTRIES, registerOf),
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
    more: fields.has("more") ? fields.list("more", MAX_JOB_ENTRIES, placedFileOf) : undefined,
    format: fields.has("format") ? fields.text("format") : undefined,
    base: fields.count("base"),
    lengthBytes: fields.has("lengthBytes") ? fields.count("lengthBytes") : undefined,
    familyId: fields.has("familyId") ? fields.count("familyId", 0xffff_ffff) : undefined,
    crop: crop === undefined ? undefined : rangeOf(crop),
    only: fields.has("only") ? fields.list("only", MAX_JOB_ENTRIES, rangeOf) : undefined,
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
  const pieces = fields.list("pieces", MAX_VALUES, pieceOf);
  const old = fields.has("old") ? fields.list("old", MAX_VALUES, pieceOf) : [];
  let end = unit.address;
  for (const { address, data } of [...pieces, ...old].toSorted((a, b) => a.address - b.address)) {
    const range = { address, lengthBytes: data.length };
    if (data.length === 0 || address < end || !rangeContains(unit, range)) {
      throw fields.wrong("a piece is outside its unit, or overlaps another one");
    }
    end = rangeEnd(range);
  }
  return { ...unit, pieces, old: old.length === 0 ? undefined : old };
}

function pieceOf(fields: Fields): KeptPiece {
  const text = fields.data("data");
  const data = decodeBase64(text);
  if (data === undefined) throw fields.wrong("data is not base64");
  return { address: fields.count("address"), data };
}
