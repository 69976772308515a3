/** `norbridge log read`: the records, oldest first, as lines; with --follow also new ones. */
import { setFlagsFromString } from "node:v8";
import { formatAddress, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { FILE_USES } from "../../disk/file-uses.ts";
import { readTextFile } from "../../files/text-file.ts";
import { followLog } from "../../jobs/follow-log.ts";
import type { LogDamage, LogRecord } from "../../storage/record-log.ts";
import { type DecodedField } from "../../storage/decode-record.ts";
import { parseStruct } from "../../storage/struct-record.ts";
import type { Connected } from "../../runner/with-chip.ts";
import type { Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { type RecordFormat, type RecordOutput, recordOutput } from "../output/record-output.ts";
import type { Session } from "../program/session.ts";
import { type LogTarget, type OpenedLog, withLog } from "./open-log.ts";
import { describeFinding, saySureness } from "./log-info.ts";
import { type Decoder, mynewtDecoder, mynewtVersion, structDecoder } from "../../extract/record-decoder.ts";
import { itemsInOrder } from "./record-order.ts";
import { type IsWanted, type Since, wantedSince } from "./record-since.ts";

export interface LogReadRequest extends LogTarget {
  readonly format: RecordFormat | undefined;
  /** Path of the struct file. */
  readonly struct: string | undefined;
  readonly last: number | undefined;
  /** Only the records of this sector. */
  readonly sector: number | undefined;
  readonly since: Since | undefined;
  readonly isFollowing: boolean;
}

/** Interval of --follow. */
const FOLLOW_INTERVAL_US = 1_000_000;
/** Text is handed on in pieces of about this size. */
const FLUSH_CHARACTERS = 32 * 1024;

export async function logRead(request: LogReadRequest, session: Session): Promise<Outcome> {
  session.endWithStdout();
  // Millions of short-lived records: without this the heap's young half grows to tens of megabytes for no gain.
  setFlagsFromString("--semi-space-growth-factor=1");
  const struct =
    request.struct === undefined
      ? undefined
      : parseStruct(await readTextFile(request.struct, FILE_USES.struct, session.signal), request.struct);
  if (request.since?.kind === "time" && struct !== undefined && struct.timeField === undefined) {
    throw new NorbridgeError("FILE_INVALID", `${printable(request.struct ?? "")} names no field with a time`, {
      operation: "log read",
      hint: 'Add a "time" entry to the field that contains the time; see docs/logs-and-settings.md.',
    });
  }
  const { isFollowing } = request;
  return withLog(
    session,
    request,
    { operation: "log read", willChange: false, endsByItself: isFollowing },
    async (opened, connected) => {
      saySureness(opened, session);
      const mynewt = struct === undefined ? await mynewtVersion(opened, headerVersion(opened)) : undefined;
      if (mynewt !== undefined) session.report.detail(`records are log records of Mynewt, version ${mynewt}`);
      const decoder = mynewt === undefined ? structDecoder(struct) : mynewtDecoder(mynewt);
      const reader = new RecordReader(request, decoder, session, connected, opened);
      for await (const item of itemsInOrder(opened, request, decoder, session)) {
        reader.take(item);
        if (reader.isFull) await reader.flush();
      }
      await reader.flush();
      if (isFollowing) await follow(opened, reader, session);
      return reader.outcome(opened);
    },
  );
}

function headerVersion(opened: OpenedLog): number | undefined {
  return opened.layout === "fcb" || opened.layout === "fcb2" ? opened.finding.options.version : undefined;
}

async function follow(opened: OpenedLog, reader: RecordReader, session: Session): Promise<void> {
  session.report.detail("waiting for new records; Ctrl-C stops");
  session.report.waitsFor(undefined);
  const reopen = async (): Promise<OpenedLog["log"]> => (await opened.reopen()).log;
  const options = { clock: session.io.clock, signal: session.signal, intervalUs: FOLLOW_INTERVAL_US };
  try {
    for await (const item of followLog(reopen, { ...options, after: reader.newest })) {
      if (item.kind === "gap")
        session.report.warn("the log was cleared or overwritten between two reads: some records are missing");
      else reader.take(item.record);
      await reader.flush();
      session.report.detail(`${count(reader.records, "record")} so far`);
    }
  } catch (error) {
    // Ctrl-C during a read is the normal end.
    if (!(session.signal.aborted && error instanceof NorbridgeError && error.code === "ECANCELED")) throw error;
  }
}

/** Counts, filters and writes the records. */
class RecordReader {
  /** The newest record that was read. */
  newest: LogRecord | undefined;
  readonly #output: RecordOutput;
  readonly #decoder: Decoder | undefined;
  readonly #isWanted: IsWanted;
  readonly #session: Session;
  readonly #connected: Connected;
  readonly #regionAddress: number;
  readonly #sectorBytes: number;
  #text: string;
  #records = 0;
  #unconfirmed = 0;
  #damaged = 0;
  #undecoded = 0;
  /** Time of the record before, and how often it went back. */
  #timeMs = Number.NEGATIVE_INFINITY;
  #timesBack = 0;

  constructor(
    request: LogReadRequest,
    decoder: Decoder | undefined,
    session: Session,
    connected: Connected,
    opened: OpenedLog,
  ) {
    const format = session.report.json ? "jsonl" : (request.format ?? "hex");
    this.#output = recordOutput(format, decoder, opened.layout === "flashdb-tsdb");
    this.#decoder = decoder;
    this.#isWanted = wantedSince(request.since, opened, decoder);
    this.#session = session;
    this.#connected = connected;
    this.#regionAddress = opened.address;
    this.#sectorBytes = opened.log.sectorBytes;
    this.#text = this.#output.begin;
  }

  /** Records written so far. */
  get records(): number {
    return this.#records;
  }

  /** Whether so much text has gathered that it should be flushed. */
  get isFull(): boolean {
    return this.#text.length >= FLUSH_CHARACTERS;
  }

  take(item: LogRecord | LogDamage): void {
    if (item.kind === "damage") this.#damage(item);
    else this.#record(item);
  }

  async flush(): Promise<void> {
    const { report, signal, io } = this.#session;
    report.lines(this.#text);
    this.#text = "";
    // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
    if (this.#connected.clock === io.clock) await report.room(signal);
    // Reads of an image file never wait; Ctrl-C and a closed reader must be noticed in between.
    await this.#connected.clock.wait(0);
  }

  outcome(opened: OpenedLog): Outcome {
    const fields = {
      layout: opened.layout,
      records: this.#records,
      unconfirmed: this.#unconfirmed,
      damaged: this.#damaged,
    };
    if (this.#records === 0 && opened.log.isBlank) {
      return { kind: "no", message: "the region is blank: it holds no log", fields };
    }
    if (this.newest === undefined && this.#damaged > 0) {
      const hint = "`norbridge regions` shows what is on the chip.";
      return { kind: "no", message: "no entry is valid with these options", hint, fields };
    }
    this.#session.report.detail(describeFinding(opened.finding));
    this.#sayDoubts(opened);
    return { kind: "done", fields };
  }

  #sayDoubts({ layout }: OpenedLog): void {
    const { report } = this.#session;
    // The page numbers of two blocks cannot show that one was skipped for a whole round of numbers; the times do.
    if (layout === "px-log-fs" && this.#timesBack > 0) {
      report.note(
        `the time goes back ${count(this.#timesBack, "time")}: the clock of the device was set back, or the device skipped a block`,
      );
    }
    if (this.#unconfirmed > 0) {
      report.note(
        `${count(this.#unconfirmed, "record")} unconfirmed: a power cut could have left the same bytes (only an 8-bit CRC protects them)`,
      );
    }
    if (this.#undecoded > 0) {
      report.warn(
        `${count(this.#undecoded, "record")} shorter than the struct: only the fields that are there are shown`,
      );
    }
  }

  #record(record: LogRecord): void {
    const fields = this.#decode(record);
    this.newest = record;
    this.#noteTime(fields);
    if (!this.#isWanted(record, fields)) return;
    this.#text += this.#output.record({ index: this.#records, record, fields });
    this.#records++;
    if (record.isUnconfirmed) this.#unconfirmed++;
  }

  #decode(record: LogRecord): readonly DecodedField[] | undefined {
    if (this.#decoder === undefined) return undefined;
    const { fields, isComplete } = this.#decoder.decode(record.data);
    if (!isComplete) this.#undecoded++;
    return fields;
  }

  #noteTime(fields: readonly DecodedField[] | undefined): void {
    const timeMs = fields?.find(({ name }) => name === this.#decoder?.timeField)?.timeMs;
    if (timeMs === undefined) return;
    if (timeMs < this.#timeMs) this.#timesBack++;
    this.#timeMs = timeMs;
  }

  #damage(damage: LogDamage): void {
    this.#damaged++;
    const address = this.#regionAddress + damage.sector * this.#sectorBytes + damage.offset;
    const text = this.#output.damage(damage, address);
    this.#text += text;
    if (text !== "") return;
    this.#session.report.warn(
      `damage at ${formatAddress(address)} (sector ${damage.sector}, offset ${damage.offset}): ${damage.reason}`,
    );
  }
}
