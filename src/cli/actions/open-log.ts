/** Opens a log from its options: detects what was not specified, and checks what was. */
import { formatRange, formatSize } from "../../bytes.ts";
import { ERROR_TABLE, NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { withRegion } from "../../runner/with-region.ts";
import { CircularBuffer } from "../../storage/circular-buffer/circular-buffer.ts";
import { Fcb2, readOnly } from "../../storage/fcb2/fcb2.ts";
import { type Fcb2Region, findFcb2 } from "../../storage/fcb2/recognise.ts";
import type { Fcb2Finding } from "../../storage/log-finding.ts";
import { PartRegion } from "../../storage/recognise/part-region.ts";
import { locateLogFs } from "../../storage/log-fs/locate.ts";
import { LogFs } from "../../storage/log-fs/log-fs.ts";
import { TsdbLog } from "../../storage/flashdb/tsdb-log.ts";
import { locateFcb } from "../../storage/circular-buffer/locate.ts";
import { surer } from "../../storage/log-finding.ts";
import { type FcbFinding, type LogFsFinding, recogniseLog } from "../../storage/recognise-log.ts";
import { describeRegions, overwriteAdvice } from "../../storage/recognise/foreign.ts";
import { placesIn } from "../../storage/recognise/places.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { LogRequest } from "../options/layout-options.ts";
import type { Session } from "../program/session.ts";
import { severalLogs, seenLogs, textsOf } from "./seen-logs.ts";
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
  readonly howFar?: (() => string) | undefined;
  readonly resumeHint?: string | undefined;
  readonly endsByItself?: boolean | undefined;
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
    return withRegion(session, device, { ...job, range: request.range }, async (region) => {
      const { layout } = request;
      if (layout === "fcb2") return body(await openFcbPlaceHints2(region), connected);
      const only = layout === "auto" && !willChange ? await openOnly(region, { ...request, layout }, job) : undefined;
      for (const note of only?.notes ?? []) session.report.note(note);
      if (only !== undefined) return body(only.opened, connected);
      // Beside an FCB2 there may be an FCB.
      const isFcb2 = willChange && layout !== "px-log-fs" && (await openFcb2(region)) !== undefined;
      if (isFcb2 && (await locate(region, request, job)) === undefined) throw readOnly(job.operation);
      const found = await findLog(region, { ...request, layout }, job);
      const opened = await (willChange ? openToChange(found, request) : openLog(found, request));
      for (const note of found.notes) session.report.note(note);
      if (willChange) await refuseForeign(opened);
      return body(opened, connected);
    });
  });
}

interface OnlyLog {
  readonly opened: OpenedLog;
  readonly notes: readonly string[];
}

/**
 * For commands that only read, without a layout: the only log that is certain. Undefined if it has to be looked for in other
 * ways. Throws LAYOUT_MISMATCH if there are several; `log info` shows one that is also written and names the others.
 */
async function openOnly(region: FlashRegion, request: OtherRequest, job: LogJob): Promise<OnlyLog | undefined> {
  const { fcb, logFs, sectorBytes } = request;
  checkSectorBytes(region, sectorBytes);
  const isFcbTold = [fcb.magic, fcb.version, fcb.alignBytes, fcb.scratchSectors].some((one) => one !== undefined);
  const located = await locate(region, request, job);
  if (isFcbTold || logFs.recordBytes !== undefined || logFs.pageBytes !== undefined) {
    // What was specified belongs to one layout; an FCB2 has magic and version of an FCB.
    const fcb2 = isFcbTold && located === undefined ? await openFcb2(region) : undefined;
    return fcb2 && { opened: fcb2, notes: [] };
  }
  const sureFcb = located?.finding.sureness === "certain" ? located : undefined;
  const seen = await seenLogs(region, request);
  const place = sureFcb?.region;
  const texts = textsOf(region, seen, place && placeWithin(region, place));
  // Of several px_log_fs none is taken either.
  const px = seen.logFs && (await narrowed({ region, finding: seen.logFs, notes: [] }, request, job));
  const ours = sureFcb ?? px;
  const isShown = texts.length === 1 || (ours !== undefined && job.operation === "log info");
  if (texts.length > 0 && !isShown) throw severalLogs(texts, job.operation);
  if (ours !== undefined) {
    const others = texts.filter((_, index) => index !== (sureFcb === undefined ? seen.fcb2s.length : 0));
    return {
      opened: await openLog(ours, request),
      notes: [...ours.notes, ...others.map((one) => `also here: ${one}`)],
    };
  }
  const [fcb2] = seen.fcb2s;
  if (fcb2 !== undefined) return { opened: await mountFcb2(region, fcb2), notes: [] };
  const finding = seen.tsdbs.length === 0 ? undefined : await findTsdb(region, request);
  return finding && { opened: await openLog({ region, finding, notes: [] }, request), notes: [] };
}

function placeWithin(region: FlashRegion, { address, lengthBytes }: FlashRegion): OffsetRange {
  return { offset: address - region.address, lengthBytes };
}

/** Before the first change: nothing of another stands in the place of the log, as far as it reaches. */
async function refuseForeign(opened: OpenedLog): Promise<void> {
  switch (opened.layout) {
    case "fcb":
      return opened.log.refuseUnlessOwn([], "log");
    case "px-log-fs":
      return opened.log.refuseUnlessOwn("log");
    case "fcb2":
      throw readOnly("open log");
    case "flashdb-tsdb":
      return;
  }
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

/** A log that was found, and where. */
interface FoundLog {
  readonly region: FlashRegion;
  readonly finding: OtherFinding;
  /** For the user: what else is there. */
  readonly notes: readonly string[];
}

/** A request for what is found by other means than an FCB2. */
type OtherRequest = LogRequest & { readonly layout: Exclude<LogRequest["layout"], "fcb2"> };

async function findLog(region: FlashRegion, request: OtherRequest, job: LogJob): Promise<FoundLog> {
  const { layout, sectorBytes, fcb, logFs } = request;
  checkSectorBytes(region, sectorBytes);
  if (layout === "flashdb-tsdb") {
    return { region, finding: (await findTsdb(region, request)) ?? noTsdbIn(region), notes: [] };
  }
  const located = layout === "px-log-fs" ? undefined : await locate(region, request, job);
  const isSure = located !== undefined && ["told", "certain"].includes(located.finding.sureness);
  const found = isSure
    ? located
    : await surest(
        located,
        () =>
          layout === "auto" && !job.willChange
            ? findAnyLog(region, request)
            : recogniseLog(region, { layout, sectorBytes, fcb, logFs }),
        region,
      );
  const { finding } = found;
  const named = withOverwrite(await narrowed(found, request, job), request);
  if (!job.willChange || finding.sureness === "told" || finding.sureness === "certain") return named;
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

/** The FCB in the region, or the surer one of it and what `recognise` finds. */
async function surest(
  located: FoundLog | undefined,
  recognise: () => Promise<OtherFinding>,
  region: FlashRegion,
): Promise<FoundLog> {
  if (located === undefined) return { region, finding: await recognise(), notes: [] };
  const other = await recognise().catch((error: unknown) => {
    if (error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH") return undefined;
    throw error;
  });
  if (other?.layout === "flashdb-tsdb") return { region, finding: other, notes: [] };
  const fcb = located.finding.layout === "fcb" ? located.finding : undefined;
  const isOther = other?.layout === "px-log-fs" && surer(fcb, other) === other;
  return isOther ? { region, finding: other, notes: [] } : located;
}

async function locate(region: FlashRegion, request: LogRequest, job: LogJob): Promise<FoundLog | undefined> {
  const { range, sectorBytes, fcb } = request;
  const { magic, version, alignBytes, scratchSectors, hasCrc } = fcb;
  const isRegionTold = range !== undefined;
  const isAllTold = magic !== undefined && version !== undefined && alignBytes !== undefined;
  if (isAllTold && isRegionTold && sectorBytes !== undefined && !job.willChange) return undefined;
  const told = { magic, version, alignBytes, sectorBytes, scratchSectors, hasCrc, isRegionTold };
  const { operation, willChange } = job;
  const takesLongest = operation === "log info";
  const located = await locateFcb(region, told, { wants: "log", willChange, takesLongest, operation });
  if (located === undefined) return undefined;
  const { found, others } = located;
  // Without an entry there is nothing to be sure of: what depends on it is refused when it comes to that.
  const isTold = magic !== undefined && (alignBytes !== undefined || found.certainty === "possible");
  const sureness = isTold ? "told" : found.isSure ? "certain" : found.certainty === "possible" ? "possible" : "likely";
  const finding: FcbFinding = { layout: "fcb", sureness, why: found.why, isBlank: false, options: located.options };
  const notes = others.map((one) => `also here: ${describeRegions(region, [one])}`);
  if (isRegionTold && located.region !== region) {
    notes.unshift(
      `the ring of this log is ${describeRegions(region, [found]).replace(/^.* at /, "")}, not the whole range`,
    );
  }
  return {
    region: located.region,
    finding,
    notes: job.operation === "log info" ? notes : notes.slice(0, isRegionTold ? 1 : 0),
  };
}

/** A px_log_fs where its page numbers show that it is. */
async function narrowed(found: FoundLog, request: LogRequest, job: LogJob): Promise<FoundLog> {
  const { region, finding, notes } = found;
  if (finding.layout !== "px-log-fs" || finding.isBlank) return found;
  const { operation, willChange } = job;
  const purpose = {
    isRegionTold: request.range !== undefined,
    willChange,
    takesLongest: operation === "log info",
    overwrite: placesIn(region, request.overwrite),
    operation,
  };
  return { ...(await locateLogFs(region, finding, purpose)), notes };
}

/** With the places that the user named, counted from the region of the log. */
function withOverwrite(found: FoundLog, { overwrite }: LogRequest): FoundLog {
  const { region, finding } = found;
  if (overwrite.length === 0) return found;
  const places = placesIn(region, overwrite);
  switch (finding.layout) {
    case "fcb":
      return { ...found, finding: { ...finding, options: { ...finding.options, overwrite: places } } };
    case "px-log-fs":
      return { ...found, finding: { ...finding, options: { ...finding.options, overwrite: places } } };
    case "flashdb-tsdb":
      return found;
  }
}

function missingOptions(finding: OpenedLog["finding"]): string {
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
  return found === undefined || others.length > 0 ? undefined : mountFcb2(region, found);
}

/** The same for a user who specified the layout: none and several are errors. */
async function openFcbPlaceHints2(region: FlashRegion): Promise<OpenedLog> {
  const [found, ...others] = await findFcb2(region);
  if (found !== undefined && others.length === 0) return mountFcb2(region, found);
  const range = { address: region.address, lengthBytes: region.lengthBytes };
  const message =
    found === undefined
      ? `no FCB2 was found in ${formatRange(range)}`
      : `there are ${1 + others.length} logs: ${describeRegions(region, [found, ...others])}`;
  const hint =
    found === undefined
      ? "Check --range. It must begin where an erase block does. `norbridge regions` lists what is there."
      : "Specify one of them with --range.";
  throw new NorbridgeError("LAYOUT_MISMATCH", message, { operation: "open log", range, hint });
}

async function mountFcb2(region: FlashRegion, found: Fcb2Region): Promise<OpenedLog> {
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

/** As `openLog`; a region that holds something else may be named as one to overwrite. */
async function openToChange(found: FoundLog, request: LogRequest): Promise<OpenedLog> {
  try {
    return await openLog(found, request);
  } catch (error) {
    const isOther = error instanceof NorbridgeError && error.code === "LAYOUT_MISMATCH";
    if (!isOther || error.hint !== ERROR_TABLE.LAYOUT_MISMATCH.hint) throw error;
    const { address, lengthBytes } = found.region;
    const { operation, range = { address, lengthBytes } } = error;
    const hint = overwriteAdvice([{ address, lengthBytes }]);
    throw new NorbridgeError(error.code, error.message, { operation, range, hint, cause: error });
  }
}

async function openLog(found: FoundLog, request: LogRequest): Promise<OpenedLog> {
  const { region, finding } = found;
  const reopen = (): Promise<OpenedLog> => openLog(found, request);
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
