/** One line of `index.jsonl`, taken apart and checked. */
import { LineFault, LineFields } from "./line-fields.ts";
import type { CompactLine, DecodedLog, DecodeLine, DumpLine, ExtractionLine, StoreLine } from "./store-lines.ts";

/** Version of the lines that this program writes and reads. */
export const LINES_VERSION = 1;

/** A line and its number in the index. */
export interface NumberedLine {
  /** From 1; each line has a higher one than those before it. */
  readonly seq: number;
  /** Undefined for a kind of line that a newer program has added: it is left alone. */
  readonly line: StoreLine | undefined;
}

/** Throws LineFault for what is not a line of an index. */
export function readLine(text: string): NumberedLine {
  const fields = new LineFields(parsed(text));
  const version = fields.count("v");
  if (version !== LINES_VERSION) throw new LineFault(`it has version ${version}: a newer norbridge wrote it`);
  const seq = fields.count("seq");
  switch (fields.text("type")) {
    case "extraction":
      return { seq, line: extraction(fields) };
    case "decode":
      return { seq, line: decode(fields) };
    case "compact":
      return { seq, line: compact(fields) };
    default:
      return { seq, line: undefined };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LineFault("it is not JSON");
  }
}

function extraction(fields: LineFields): ExtractionLine {
  const chip = fields.object("chip");
  const flash = fields.object("flash");
  return {
    type: "extraction",
    id: idOf(fields.text("id")),
    time: fields.text("time"),
    serial: fields.text("serial"),
    product: fields.text("product"),
    chip: {
      vendor: chip.text("vendor"),
      name: chip.text("name"),
      jedecId: chip.text("jedecId"),
      uniqueId: chip.text("uniqueId"),
    },
    flash: {
      capacityBytes: flash.count("capacityBytes"),
      pageBytes: flash.count("pageBytes"),
      erasedByte: flash.count("erasedByte"),
    },
    dumps: fields.list("dumps", dump),
  };
}

function dump(fields: LineFields): DumpLine {
  return {
    address: fields.count("address"),
    lengthBytes: fields.count("lengthBytes"),
    sha256: matching(fields.text("sha256"), /^[0-9a-f]{64}$/, "a SHA-256"),
    eraseBytes: fields.count("eraseBytes"),
  };
}

function decode(fields: LineFields): DecodeLine {
  return {
    type: "decode",
    time: fields.text("time"),
    extraction: idOf(fields.text("extraction")),
    struct: structName(fields.text("struct")),
    structSha256: matching(fields.text("structSha256"), /^(?:[0-9a-f]{64})?$/, "a SHA-256"),
    decoder: fields.count("decoder"),
    recordBytes: fields.count("recordBytes"),
    logs: fields.list("logs", decodedLog),
    file: filePath(fields.text("file")),
  };
}

function decodedLog(fields: LineFields): DecodedLog {
  return {
    address: fields.count("address"),
    lengthBytes: fields.count("lengthBytes"),
    layout: fields.text("layout"),
    records: fields.count("records"),
    unconfirmed: fields.count("unconfirmed"),
    damaged: fields.count("damaged"),
    short: fields.count("short"),
    firstTime: fields.text("firstTime"),
    lastTime: fields.text("lastTime"),
    orderDoubt: fields.text("orderDoubt"),
  };
}

function compact(fields: LineFields): CompactLine {
  return {
    type: "compact",
    time: fields.text("time"),
    struct: structName(fields.text("struct")),
    file: filePath(fields.text("file")),
    extractions: fields.texts("extractions").map(idOf),
  };
}

/** Names of files are made of it. */
function idOf(text: string): string {
  return matching(text, /^[0-9TZ]{1,32}-[0-9a-f]{8}$/, "an ID");
}

function structName(text: string): string {
  return matching(text, /^[a-z0-9_.-]{1,64}$/, "the name of a struct");
}

/** Never leads out of the store. */
function filePath(text: string): string {
  return matching(text, /^(?:records(?:\/[a-z0-9@=_-][A-Za-z0-9@=_.-]*){4})?$/, "a file of records");
}

function matching(text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw new LineFault(`it holds something else than ${what}`);
  return text;
}
