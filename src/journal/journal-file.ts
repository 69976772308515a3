/**
 * The file of one job: what it is, and what it would take to go on. Lines that are only ever appended, each with its CRC:
 *
 *     <crc32 of the JSON, 8 hex digits> <JSON>\n
 *
 * - `{"kind":"job", ...}`, the first: what was asked, of which chip, with which image;
 * - `{"kind":"hold","units":[{"address":A,"lengthBytes":L,"pieces":[{"address":A,"data":"<base64>"}]}]}`: before an erase;
 * - `{"kind":"release","address":A}`: the unit is proved.
 *
 * A last line that is torn counts as never written: it was on its way when the job was killed, so its erase was not sent.
 * Any other damage makes the file one that cannot be trusted, and it says so.
 */
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { NorbridgeError } from "../errors.ts";
import type { HeldUnit, JobSafe } from "../jobs/job-safe.ts";
import type { ProcessMark } from "./process-mark.ts";

/** What a job was asked to do, in the words of the command line. */
export interface JobRecord {
  readonly v: 1;
  readonly command: "write" | "erase";
  /** Name of a file or `-`, as an absolute path, and how it was read; undefined for an erase. */
  readonly image?: {
    readonly file: string;
    readonly format?: string;
    readonly base: number;
    readonly lengthBytes?: number;
    readonly sha256: string;
  };
  /** Where on the chip: offset of the image, or the range that is erased. */
  readonly address: number;
  readonly lengthBytes: number;
  readonly chip: { readonly name: string; readonly jedecId: string; readonly uniqueId: string };
  /** The connection options as they were typed. */
  readonly connection: readonly string[];
  /** Process that runs the job. */
  readonly process: ProcessMark;
}

/** A journal as it was read. */
export interface ReadJournal {
  readonly job: JobRecord;
  /** Units that nobody has proved, in order of address, each with the bytes that are to be put back. */
  readonly held: readonly HeldUnit[];
}

/** A journal that is being written. */
export class JournalFile implements JobSafe {
  readonly path: string;
  readonly #file: number;
  #isFull = false;

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
  }

  /** A new file; throws FILE_EXISTS where it cannot be made. */
  static create(path: string, job: JobRecord): JournalFile {
    return attempt(path, () => {
      const journal = new JournalFile(path, openSync(path, "wx", 0o600));
      journal.#append({ kind: "job", ...job }, true);
      return journal;
    });
  }

  /** One that was left behind, to go on in it. */
  static reopen(path: string): JournalFile {
    return attempt(path, () => {
      // What a kill has torn must not stand in front of what is appended now: the two would be one broken line.
      truncateSync(path, readFileSync(path).lastIndexOf("\n") + 1);
      return new JournalFile(path, openSync(path, "a", 0o600));
    });
  }

  hold(units: readonly HeldUnit[]): void {
    const lines = units.map(({ address, lengthBytes, pieces }) => ({
      address,
      lengthBytes,
      pieces: pieces.map((piece) => ({ address: piece.address, data: Buffer.from(piece.data).toString("base64") })),
    }));
    attempt(this.path, () => this.#append({ kind: "hold", units: lines }, true));
  }

  /** Not waited for, and no reason to stop: a unit that is taken for unproved is only done once more. */
  release(address: number): void {
    try {
      this.#append({ kind: "release", address }, false);
    } catch {
      // Whoever holds next is told.
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(record: object, isDurable: boolean): void {
    if (this.#isFull) throw new Error("the disk was full before");
    const text = JSON.stringify(record);
    const line = Buffer.from(`${checksum(text)} ${text}\n`);
    try {
      for (let at = 0; at < line.length; ) at += writeSync(this.#file, line, at);
      if (isDurable) fsyncSync(this.#file);
    } catch (error) {
      // The line may be torn, and would break what is appended behind it: so nothing is.
      this.#isFull = true;
      throw error;
    }
  }
}

/** Reads a journal. Throws FILE_INVALID with the line that is wrong. */
export function readJournal(path: string): ReadJournal {
  const lines = readFileSync(path, "utf8").split("\n");
  // Behind the last newline is nothing, or what a kill has torn.
  lines.pop();
  const held = new Map<number, HeldUnit>();
  let job: JobRecord | undefined;
  lines.forEach((line, index) => {
    const record = parseLine(path, line, index + 1);
    if (index === 0) job = jobOf(path, record);
    else apply(path, record, index + 1, held);
  });
  if (job === undefined) throw damaged(path, 1, "it holds no job");
  return { job, held: [...held.values()].toSorted((a, b) => a.address - b.address) };
}

type Fields = Readonly<Record<string, unknown>>;

function parseLine(path: string, line: string, number: number): Fields {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) throw damaged(path, number, "its check does not fit");
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw damaged(path, number, "it is no record");
  return value as Fields;
}

function jobOf(path: string, record: Fields): JobRecord {
  const { v, command, address, lengthBytes, chip, connection, process } = record;
  const isSound =
    v === 1 &&
    (command === "write" || command === "erase") &&
    isCount(address) &&
    isCount(lengthBytes) &&
    typeof chip === "object" &&
    typeof process === "object" &&
    Array.isArray(connection);
  if (!isSound) throw damaged(path, 1, v === 1 ? "it is no job" : "it is of another version of norbridge");
  // The check has proved that it is what this program wrote.
  return record as unknown as JobRecord;
}

function apply(path: string, record: Fields, number: number, held: Map<number, HeldUnit>): void {
  if (record["kind"] === "release" && isCount(record["address"])) {
    held.delete(record["address"]);
    return;
  }
  const units: unknown = record["units"];
  if (record["kind"] !== "hold" || !Array.isArray(units)) throw damaged(path, number, "it is no record");
  for (const unit of units as { address: number; lengthBytes: number; pieces: { address: number; data: string }[] }[]) {
    const { address, lengthBytes } = unit;
    // What was read first is what the chip held: a later hold is of a unit that is being done again.
    if (held.has(address)) continue;
    const pieces = unit.pieces.map((piece) => ({
      address: piece.address,
      data: new Uint8Array(Buffer.from(piece.data, "base64")),
    }));
    held.set(address, { address, lengthBytes, pieces });
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function checksum(text: string): string {
  return crc32(Buffer.from(text)).toString(16).padStart(8, "0");
}

function damaged(path: string, line: number, why: string): NorbridgeError {
  return new NorbridgeError("FILE_INVALID", `the journal ${path} cannot be used: line ${line}: ${why}`, {
    operation: "read journal",
    hint: "Nothing was changed. The bytes it holds are in its lines, as base64.",
  });
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof NorbridgeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NorbridgeError("FILE_EXISTS", `the journal ${path} cannot be written: ${why}`, {
      operation: "write journal",
      hint: "Name another folder with --journal, or do without one with --no-journal.",
      cause: error,
    });
  }
}
