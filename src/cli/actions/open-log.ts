/** Opens a log from its options: detects what was not specified, and checks what was. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { formatRange, formatSize } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion } from "../../flash/flash-region.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { runOnRegion } from "../../jobs/run-on-region.ts";
import { CircularBuffer } from "../../storage/circular-buffer/circular-buffer.ts";
import { Fcb2, readOnly } from "../../storage/fcb2/fcb2.ts";
import { findFcb2 } from "../../storage/fcb2/recognise.ts";
import type { Fcb2Finding } from "../../storage/log-finding.ts";
import { PartRegion } from "../../storage/recognise/part-region.ts";
import { LogFs } from "../../storage/log-fs/log-fs.ts";
import { TsdbLog } from "../../storage/flashdb/tsdb-log.ts";
import { type FcbFinding, type LogFinding, type LogFsFinding, recogniseLog } from "../../storage/recognise-log.ts";
import { wholeChip } from "../chip-range.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { LogRequest } from "../layout-options.ts";
import type { Session } from "../session.ts";
import { findTsdb, noTsdb, type TsdbFinding } from "./find-tsdb.ts";

export interface LogTarget {
  readonly connection: ConnectionRequest;
  readonly log: LogRequest;
}

/** A log and how it was detected. */
export type OpenedLog = {
  /** Start of the region on the chip. */
  readonly address: number;
  /** Opens it again, to see what was written since. */
  reopen(): Promise<OpenedLog>;
} & (
  | { readonly layout: "fcb"; readonly log: CircularBuffer; readonly finding: FcbFinding }
  | { readonly layout: "px-log-fs"; readonly log: LogFs; readonly finding: LogFsFinding }
  | { readonly layout: "flashdb-tsdb"; readonly log: TsdbLog; readonly finding: TsdbFinding }
  | { readonly layout: "fcb2"; readonly log: Fcb2; readonly finding: Fcb2Finding }
);

/** What is found by other means than an FCB2. */
type OtherFinding = Exclude<OpenedLog["finding"], Fcb2Finding>;

export interface LogJob {
  readonly operation: string;
  readonly willChange: boolean;
  readonly howFar?: () => string;
  readonly resumeHint?: string;
  readonly endsByItself?: boolean;
}

/** Opens the log that is described and runs `body` on it; closes everything on every exit path. */
export async function withLog<T>(
  session: Session,
  { connection, log: request }: LogTarget,
  job: LogJob,
  body: (opened: OpenedLog, connected: Connected) => Promise<T>,
): Promise<T> {
  const { willChange } = job;
  return withDevice(session, connection, { willChange }, async (connected) => {
    const { device } = connected;
    checkErasedByte(device, request.fcb.erasedByte);
    const range = request.range ?? wholeChip(device.geometry);
    return runOnRegion(device, range, { ...job, signal: session.signal }, async (region) => {
      const fcb2 = request.layout === "px-log-fs" ? undefined : await openFcb2(region);
      if (fcb2 !== undefined && willChange) throw readOnly(job.operation);
      if (fcb2 !== undefined && request.layout === "auto") return body(fcb2, connected);
      const finding = await findLog(region, request, willChange);
      const opened = await openLog(region, finding, request);
      if (willChange) await refuseForeign(opened);
      return body(opened, connected);
    });
  });
}

/**
 * A new log in a place with other data would erase that data later. Only recovery may do so, and it has a log to recover.
 */
async function refuseForeign({ log, layout, address }: OpenedLog): Promise<void> {
  if (layout === "flashdb-tsdb") return;
  if (layout === "fcb2") throw readOnly("open log");
  const [sector] = await log.foreignSectors();
  if (sector === undefined) return;
  throw foreignData({ address: address + sector * log.sectorBytes, lengthBytes: log.sectorBytes }, "log");
}

/** The error for other data in the place of a new log or store. */
export function foreignData(range: ByteRange, what: string): NorbridgeError {
  return new NorbridgeError(
    "LAYOUT_MISMATCH",
    `there is no ${what} yet, and ${formatRange(range)} contains other data`,
    {
      operation: `begin ${what}`,
      range,
      hint: `Check --range. If this data is not needed: norbridge erase --range 0x${range.address.toString(16)},${range.lengthBytes}`,
    },
  );
}

/** Throws EINVAL if `erasedByte` was specified and this flash erases to another value. */
export function checkErasedByte(device: FlashDevice, erasedByte: number | undefined): void {
  const actual = device.geometry.erasedByte;
  if (erasedByte === undefined || erasedByte === actual) return;
  const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;
  throw new NorbridgeError("EINVAL", `--erase-value ${hex(erasedByte)}: this chip erases to ${hex(actual)}`, {
    operation: "open region",
    hint: "Omit the option for a real chip. For a dump, image:FILE?eraseValue=0x00 works as well.",
  });
}

async function findLog(region: FlashRegion, request: LogRequest, willChange: boolean): Promise<OtherFinding> {
  const { layout, sectorBytes, fcb, logFs } = request;
  checkSectorBytes(region, sectorBytes);
  if (layout === "flashdb-tsdb") return (await findTsdb(region, request)) ?? noTsdbIn(region);
  if (layout === "auto" && !willChange) return findAnyLog(region, request);
  const finding = await recogniseLog(region, { layout, sectorBytes, fcb, logFs });
  if (!willChange || finding.sureness === "told" || finding.sureness === "certain") return finding;
  throw new NorbridgeError(
    "LAYOUT_MISMATCH",
    `the detection of ${finding.layout} is not certain enough to write to the log (${finding.why})`,
    { operation: "open log", hint: missingOptions(finding) },
  );
}

/** A log of any layout; a database if no other log is certain. */
async function findAnyLog(region: FlashRegion, request: LogRequest): Promise<OtherFinding> {
  const { sectorBytes, fcb, logFs } = request;
  try {
    const finding = await recogniseLog(region, { layout: "auto", sectorBytes, fcb, logFs });
    if (finding.sureness === "certain" || finding.sureness === "told") return finding;
    return (await findTsdb(region, request)) ?? finding;
  } catch (error) {
    if (!(error instanceof NorbridgeError) || (error.code !== "LAYOUT_MISMATCH" && error.code !== "CHECK_FAILED"))
      throw error;
    const database = await findTsdb(region, request);
    if (database === undefined) throw error;
    return database;
  }
}

function noTsdbIn(region: FlashRegion): never {
  throw noTsdb(region);
}

function missingOptions(finding: LogFinding): string {
  const options = finding.layout === "fcb" ? "--magic, --align and --sector-size" : "--record-size and --version";
  return `Specify ${options}; \`norbridge log info\` shows what was detected.`;
}

function checkSectorBytes(region: FlashRegion, sectorBytes: number | undefined): void {
  if (sectorBytes === undefined) return;
  if (sectorBytes === 0 || sectorBytes % region.eraseBytes !== 0) {
    throw new NorbridgeError(
      "EINVAL",
      `--sector-size ${formatSize(sectorBytes)} is not a multiple of the erase block, which has ${formatSize(region.eraseBytes)}`,
      { operation: "open log" },
    );
  }
  if (region.lengthBytes % sectorBytes !== 0) {
    const message = `the region of ${formatSize(region.lengthBytes)} is not a whole number of sectors of ${formatSize(sectorBytes)}`;
    throw new NorbridgeError("EINVAL", message, { operation: "open log", hint: "Check --range and --sector-size." });
  }
}

/** The FCB2 of the region, unless there are none or several. Its directory entries have two checks each: it is never a guess. */
async function openFcb2(region: FlashRegion): Promise<OpenedLog | undefined> {
  const [found, ...others] = await findFcb2(region);
  if (found === undefined || others.length > 0) return undefined;
  const { options, why } = found;
  const log = await Fcb2.mount(new PartRegion(region, found), options);
  const finding = { layout: "fcb2", sureness: "certain", why, isBlank: false, options } as const;
  const reopen = async (): Promise<OpenedLog> => {
    const again = await openFcb2(region);
    if (again !== undefined) return again;
    throw new NorbridgeError("LAYOUT_MISMATCH", "the FCB2 is no longer there", { operation: "open log" });
  };
  return { layout: "fcb2", address: region.address + found.offset, log, finding, reopen };
}

async function openLog(region: FlashRegion, finding: OtherFinding, request: LogRequest): Promise<OpenedLog> {
  const reopen = (): Promise<OpenedLog> => openLog(region, finding, request);
  if (finding.layout === "fcb") {
    const log = await CircularBuffer.mount(region, finding.options);
    return { layout: "fcb", address: region.address, log, finding, reopen };
  }
  if (finding.layout === "flashdb-tsdb") {
    const { shape } = finding;
    const log = await TsdbLog.mount(region, shape);
    return { layout: "flashdb-tsdb", address: region.address + shape.offset, log, finding, reopen };
  }
  const log = await LogFs.mount(region, finding.options);
  return { layout: "px-log-fs", address: region.address, log, finding, reopen };
}
