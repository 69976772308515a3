/**
 * The lines of a journal, and their meaning taken together. Each line is
 *
 *     <crc32 of the JSON, 8 hex digits> <JSON>\n
 *
 * - `{"kind":"job", ...}`, the first: what was requested, of which chip, with which image;
 * - `{"kind":"hold","units":[{"address","lengthBytes","pieces":[{"address","data"}],"old":[{"address","data"}]}]}`: before
 *   an erase; `pieces` is what the target does not hold, `old` what it replaces (only if the job can be undone);
 * - `{"kind":"blank","value","ranges":[{"address","lengthBytes"}]}`: before blank cells are programmed, likewise for an undo;
 * - `{"kind":"release","address","asBefore"}`: the unit is proved; with `asBefore`: it is as it was, and was never written;
 * - `{"kind":"progress","bytesWritten"}`: of a stream;
 * - `{"kind":"undo"}`: from here on the job is being undone;
 * - `{"kind":"done","digests":[{"address","lengthBytes","check"}]}`: it ended; what is left is there for an undo.
 *
 * A last line that is torn counts as never written: it was in progress when the job was killed, so its erase was not sent.
 * Any other damage makes the file one that cannot be trusted: JournalDamage. A journal may come from another host, so
 * every field is checked, whatever the check of the line says.
 */
import { crc32 } from "../../firmware-protocol/crc.ts";
import { encodeBase64 } from "../base64.ts";
import { latin1Text } from "../bytes.ts";
import { MAX_JOB_LINE_BYTES, MAX_LINE_BYTES } from "./journal-bounds.ts";
import { Fields, JournalDamage } from "./journal-fields.ts";
import type { JournalLine } from "./journal-record.ts";
import { checkShape, textOf } from "./journal-shape.ts";
import { lineOf } from "./read-record.ts";

export { JournalDamage } from "./journal-fields.ts";
export type { JobRecord, JournalLine, RangeDigest } from "./journal-record.ts";

/** The line with its check and its newline. */
export function encodeLine(line: JournalLine): Uint8Array {
  const { kind } = line;
  const fields = kind === "job" ? { kind, ...line.job } : line;
  const text = JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Uint8Array ? encodeBase64(value) : value,
  );
  const bytes = new TextEncoder().encode(`         ${text}\n`);
  new TextEncoder().encodeInto(checksum(bytes.subarray(CHECK_CHARACTERS + 1, -1)), bytes);
  return bytes;
}

/** All whole lines of a journal. Throws JournalDamage. */
export function* decodeLines(bytes: Uint8Array): Generator<JournalLine> {
  let start = 0;
  // After the last newline is nothing, or what a kill has torn.
  for (let number = 1, end = bytes.indexOf(LF); end >= 0; number++, end = bytes.indexOf(LF, start)) {
    yield decodeJournalLine(bytes.subarray(start, end), number);
    start = end + 1;
  }
}

const LF = 0x0a;
const CHECK_CHARACTERS = 8;

/** One line without its newline; `number` from 1. Throws JournalDamage. */
export function decodeJournalLine(line: Uint8Array, number: number): JournalLine {
  if (line.length > MAX_LINE_BYTES) throw new JournalDamage(number, "the line is too long");
  const json = line.subarray(CHECK_CHARACTERS + 1);
  const check = latin1Text(line.subarray(0, CHECK_CHARACTERS + 1));
  if (check !== `${checksum(json)} `) throw new JournalDamage(number, "its checksum is wrong");
  const text = textOf(json, number);
  checkShape(json, number);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JournalDamage(number, "it is not JSON");
  }
  const fields = new Fields(value, number);
  const isJob = fields.text("kind") === "job";
  if (isJob && line.length > MAX_JOB_LINE_BYTES) throw fields.wrong("the job is too long");
  return lineOf(fields);
}

function checksum(text: Uint8Array): string {
  return crc32(text).toString(16).padStart(8, "0");
}
