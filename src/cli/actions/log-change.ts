/** `norbridge log append`, `rotate` and `clear`: the commands that write to a log. */
import { fromHex, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { readTextFile } from "../../files/text-file.ts";
import type { Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import type { Session } from "../program/session.ts";
import { bytesOfValue, type ValueText } from "../values/value-text.ts";
import { type LogTarget, type OpenedLog, withLog } from "./open-log.ts";

export interface LogAppendRequest extends LogTarget {
  readonly input: { readonly value: ValueText } | { readonly file: string };
}

export async function logAppend(request: LogAppendRequest, session: Session): Promise<Outcome> {
  const records = await recordsOf(request.input, session.signal);
  let stored = 0;
  const job = {
    operation: "log append",
    willChange: true,
    howFar: () => `${stored} of ${count(records.length, "record")} stored`,
    resumeHint: `\`norbridge log read --last 1\` shows the last stored record; ${records.length} records were to be stored.`,
  };
  return withLog(session, request, job, async (opened) => {
    const lengths = records.map(({ length }) => length);
    if (opened.layout === "fcb") await opened.log.refuseUnlessOwn(lengths, "log append");
    for (const data of records) {
      try {
        const place = await opened.log.append(data);
        session.report.record("appended", { sector: place.sector, offset: place.offset, length: data.length });
        stored++;
      } catch (error) {
        throw withCount(error, stored, records.length);
      }
    }
    const bytes = records.reduce((sum, { length }) => sum + length, 0);
    return {
      kind: "done",
      summary: `appended ${count(records.length, "record")}, ${count(bytes, "byte")}`,
      fields: { layout: opened.layout, records: records.length, bytes },
    };
  });
}

/** The same error, with how many records were stored before it. */
function withCount(error: unknown, stored: number, total: number): unknown {
  if (total === 1 || !(error instanceof NorbridgeError)) return error;
  const { operation, advice: hint, range } = error;
  return new NorbridgeError(error.code, `${error.message}; ${stored} of ${total} records are stored`, {
    operation,
    hint,
    range,
    cause: error,
  });
}

export async function logRotate(request: LogTarget, session: Session): Promise<Outcome> {
  return withLog(session, request, { operation: "log rotate", willChange: true }, async (opened) => {
    if (opened.layout !== "fcb") {
      throw new NorbridgeError("USAGE", "only an FCB can be rotated", { operation: "log rotate" });
    }
    refuseBlank(opened, "log rotate");
    const erased = opened.log.state.oldestSector;
    await opened.log.rotate();
    const { oldestSector, freeSectors } = opened.log.state;
    return {
      kind: "done",
      summary: `erased sector ${erased}; the oldest is now ${oldestSector}, ${count(freeSectors, "sector")} free`,
      fields: { layout: opened.layout, erasedSector: erased, oldestSector, freeSectors },
    };
  });
}

export async function logAppendToScratch(request: LogTarget, session: Session): Promise<Outcome> {
  return withLog(session, request, { operation: "log append-to-scratch", willChange: true }, async (opened) => {
    if (opened.layout !== "fcb") {
      throw new NorbridgeError("USAGE", "only an FCB has scratch sectors", { operation: "log append-to-scratch" });
    }
    refuseBlank(opened, "log append-to-scratch");
    await opened.log.appendToScratch();
    const { activeSector, freeSectors } = opened.log.state;
    return {
      kind: "done",
      summary: `sector ${activeSector} is active now, ${count(freeSectors, "sector")} free`,
      fields: { layout: opened.layout, activeSector, freeSectors },
    };
  });
}

export async function logClear(request: LogTarget, session: Session): Promise<Outcome> {
  return withLog(session, request, { operation: "log clear", willChange: true }, async (opened) => {
    refuseBlank(opened, "log clear");
    await opened.log.clear();
    return { kind: "done", summary: "the log is empty", fields: { layout: opened.layout } };
  });
}

function refuseBlank({ log }: OpenedLog, operation: string): void {
  if (log.isBlank) throw new NorbridgeError("CHECK_FAILED", "the region is blank: it holds no log", { operation });
}

async function recordsOf(input: LogAppendRequest["input"], signal: AbortSignal): Promise<readonly Uint8Array[]> {
  if ("value" in input) return [await bytesOfValue(input.value, signal)];
  const name = input.file === "-" ? "stdin" : printable(input.file);
  const lines = (await readTextFile(input.file, FILE_USES.records, signal)).split("\n");
  const records = lines.flatMap((line, index) => recordOfLine(line, `${name}, line ${index + 1}`) ?? []);
  if (records.length > 0) return records;
  throw invalid(`${name} holds no record`);
}

/** The data of a JSON line of type "record"; undefined for lines of other types and empty ones. */
function recordOfLine(line: string, where: string): Uint8Array | undefined {
  if (line.trim() === "") return undefined;
  const value = parseObject(line, where);
  if (value.get("type") !== "record") return undefined;
  const data = value.get("data");
  const bytes = typeof data === "string" ? fromHex(data) : undefined;
  if (bytes === undefined) throw invalid(`${where}: "data" is not a string of hex digits`);
  return bytes;
}

function parseObject(line: string, where: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return new Map(Object.entries(value));
  } catch {
    // Said below: that a line is broken and that it is not an object come to the same.
  }
  throw invalid(`${where}: not a JSON object`);
}

function invalid(message: string): NorbridgeError {
  const hint =
    'A record is a line such as {"type":"record","data":"68656c6c6f"}, as `norbridge log read --json` writes it.';
  return new NorbridgeError("FILE_INVALID", message, { operation: "read records", hint });
}
