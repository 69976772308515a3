/**
 * Makes the chip hold a target: survey, plan, erase, program and verify in one stream, window by window. While a window
 * is written, the next ones are surveyed in the side lane and their kept bytes are read, so that nothing waits between.
 *
 * The chip erase is weighed only if the target covers the whole chip: windows are surveyed until it is clear that
 * it cannot pay. One blank or right window usually settles that, so it costs next to nothing.
 */
import { type ByteRange, eraseBlockAt, type FlashGeometry, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { formatRange, formatSize } from "../../bytes.ts";
import { causeIn, isOf } from "../../error-groups.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { Turns } from "../../turns.ts";
import { totalBytes } from "../byte-ranges.ts";
import { compareDigests } from "../compare-digests.ts";
import type { JobTools } from "../job-tools.ts";
import type { JobSafe } from "../job-safe.ts";
import type { OpPipe, PipeFailure } from "../op-pipe.ts";
import { digestBytes } from "../digest-unit.ts";
import { PhaseCount } from "../phase-count.ts";
import { readBy } from "../job-source.ts";
import { canceled, type JobFrame, type JobPast, outsideOfPipe, runJob, type UnrestoredHandler } from "../run-job.ts";
import { blocksTouched, type Target } from "../target.ts";
import { KeptBytes } from "./kept-bytes.ts";
import {
  cheapestErases,
  dearestErases,
  isChipErase,
  type PlanStep,
  planSteps,
  type SurveyUnit,
  windowUnit,
} from "./plan.ts";
import { checkProtection } from "./check-protection.ts";
import { afterErase } from "./mend-erase.ts";
import { mendWrappedPage } from "./mend-page.ts";
import { repairWrong } from "./repair.ts";
import { Surveyor, type Window, windowsOf } from "./survey.ts";
import { Untouched } from "./untouched.ts";
import { noWriteCounts, type UnitCopy, UnitWriter, type WriteCounts, type WriterParts } from "./unit-writer.ts";

/** Windows that are surveyed while one is written. */
const WINDOWS_AHEAD = 2;
/** Bytes that are read to verify what was written, at once. */
const TRAVELLING_DIGEST_BYTES = 4096;
/** Survey digests let in while as much is programmed as one of them covers. */
const SURVEYS_PER_DIGEST = 2;

export interface PutRequest {
  /** For messages: "write", "erase". */
  readonly operation: string;
  readonly verify: boolean;
  readonly assumeBlank: boolean;
  /** How often a unit that came out wrong is done again. */
  readonly retries: number;
  /** Compare the rest of the chip before and after. */
  readonly checkUntouched?: boolean | undefined;
  readonly onUnrestored?: UnrestoredHandler | undefined;
  readonly safe?: JobSafe | undefined;
  /** Places where an erase may have been cut: erased again whatever they read. */
  readonly distrusted?: readonly ByteRange[] | undefined;
  /** Parts of the target that are bytes of the chip from before, and are nowhere else. */
  readonly precious?: readonly ByteRange[] | undefined;
  /** What earlier parts of the same work have changed. */
  readonly past?: JobPast | undefined;
}

export interface PutReport extends WriteCounts {
  readonly durationUs: number;
  readonly retriedUnits: number;
  /** Bytes each phase went through. */
  readonly phases: {
    readonly survey: number;
    readonly erase: number;
    readonly program: number;
    readonly verify: number;
  };
}

/** How often a job continues by itself after the line has lost synchronization. */
const MOST_SLIPS = 8;

/**
 * Over a line that loses synchronization the job starts again, with a survey that skips what is right: what was under way when
 * bytes were lost is looked at and not sent once more.
 *
 * @throws NorbridgeError EROFS before anything is touched if the target touches a protected range.
 */
export async function putContent(
  device: FlashDevice,
  target: Target,
  request: PutRequest,
  context: JobTools,
): Promise<PutReport> {
  // Two that change one chip at the same time would put back what the other has replaced.
  const turn = await changesOf(device).take(context.signal);
  if (turn === undefined) throw canceled(request.operation);
  const { operation, past = { changed: false } } = request;
  try {
    const frame = { operation, past };
    const rest = request.checkUntouched === true ? new Untouched(device, target, frame) : undefined;
    await rest?.look(context);
    const report = await putDespiteSlips(device, target, { ...request, past }, context);
    await rest?.compare(context);
    if (rest !== undefined) await compareAll(device, target, frame, context);
    return report;
  } finally {
    request.safe?.ended?.(past.changed);
    turn.end();
  }
}

const CHANGES = new WeakMap<FlashDevice, Turns>();

/** Jobs that change a device, one after the other. */
function changesOf(device: FlashDevice): Turns {
  const turns = CHANGES.get(device) ?? new Turns();
  CHANGES.set(device, turns);
  return turns;
}

/** What was right from the beginning, and so left alone, is still right. */
async function compareAll(device: FlashDevice, target: Target, frame: JobFrame, context: JobTools): Promise<void> {
  const { operation } = frame;
  const count = new PhaseCount(context, "verify", target.totalBytes);
  const isUnchecked = device.link?.isUnchecked ?? false;
  await runJob(device, context, frame, async (pipe) => {
    for await (const { range, isEqual } of compareDigests(pipe, target, device.geometry, count, isUnchecked)) {
      if (isEqual) continue;
      const message = `${operation}: ${formatRange(range)} was verified and has changed since`;
      throw new NorbridgeError("EIO", message, { operation, range });
    }
  });
}

async function putDespiteSlips(
  device: FlashDevice,
  target: Target,
  request: PutRequest,
  context: JobTools,
): Promise<PutReport> {
  const counts = noWriteCounts();
  const startUs = context.clock.nowUs();
  let { geometry } = device;
  for (let slips = 0; ; slips++) {
    const run: PutRun = { geometry, counts, maySample: slips === 0, failure: undefined };
    try {
      // What was written twice is one rewriting.
      counts.rewrittenBytes = 0;
      // After a loss of synchronization nothing is treated as blank that was not looked at: no cell is programmed twice.
      const again = slips === 0 ? request : { ...request, assumeBlank: false };
      const report = await putOnce(device, target, again, context, run);
      return { ...report, durationUs: context.clock.nowUs() - startUs };
    } catch (error) {
      const smaller = withoutIgnored(geometry, run.failure);
      if (smaller !== undefined) {
        geometry = smaller;
        const command = run.failure?.kind === "chip" ? (run.failure.finding?.command ?? "") : "";
        context.onEvent?.({
          kind: "note",
          message: `the chip ignored the erase command ${command}: erasing smaller blocks`,
        });
        continue;
      }
      if (slips >= MOST_SLIPS || !isSlip(error) || context.signal?.aborted === true) throw error;
      const message =
        `the link lost synchronization during the ${request.operation}: comparing the chip again and continuing; ` +
        "data next to the written range is not checked";
      context.onEvent?.({ kind: "note", message, remedies: ["compare-neighbours"] });
    }
  }
}

/** One run of a job, and how it ended. */
interface PutRun {
  /** The chip's, or without the erase units that it turned out not to have. */
  readonly geometry: FlashGeometry;
  readonly counts: WriteCounts;
  /** Whether blocks may be judged by samples. */
  readonly maySample: boolean;
  failure: PipeFailure | undefined;
}

/** The geometry without the unit whose erase the chip ignored; undefined if that is not what ended a run, or nothing is left. */
function withoutIgnored(geometry: FlashGeometry, failure: PipeFailure | undefined): FlashGeometry | undefined {
  if (failure?.kind !== "chip" || failure.outcome !== "ignored" || failure.op !== "erase") return undefined;
  const { address, lengthBytes } = failure.range;
  const eraseUnits = geometry.eraseUnits.filter((unit) => eraseBlockAt(unit, address)?.lengthBytes !== lengthBytes);
  const smallest = eraseBlockAt(smallestEraseUnit(geometry), address)?.lengthBytes ?? lengthBytes;
  if (lengthBytes <= smallest || eraseUnits.length === geometry.eraseUnits.length) return undefined;
  return { ...geometry, eraseUnits };
}

/** Nothing but doubt: no bytes of the user are in memory only, and the bridge is in step again. */
function isSlip(error: unknown): boolean {
  return causeIn(error, (one) => isOf(one, "outOfSync"), "resumable") !== undefined;
}

async function putOnce(
  device: FlashDevice,
  target: Target,
  request: PutRequest,
  context: JobTools,
  run: PutRun,
): Promise<PutReport> {
  const { geometry, counts, maySample } = run;
  const startUs = context.clock.nowUs();
  const { operation, onUnrestored, past } = request;
  try {
    await checkProtection(device, target, operation);
  } catch (error) {
    throw outsideOfPipe({ operation, past }, error);
  }
  const survey = request.assumeBlank ? undefined : new PhaseCount(context, "survey", target.totalBytes);
  const phases = {
    erase: new PhaseCount(context, "erase", 0),
    program: new PhaseCount(context, "program", target.totalBytes),
    verify: request.verify ? new PhaseCount(context, "verify", target.totalBytes) : undefined,
  };
  const kept = new KeptBytes(geometry.erasedByte);
  const mostBytes = digestBytes(geometry, device.queueBytes);
  const isUnchecked = device.link?.isUnchecked ?? false;
  // Where digests travel each of them makes the chip wait for the line: fewer and longer ones then.
  const blocks = device.link?.digestsTravel === true ? Math.ceil(TRAVELLING_DIGEST_BYTES / mostBytes) : 1;
  const verifyBytes = mostBytes * blocks;
  const { safe, distrusted = [], precious = [] } = request;
  // A sample is not a proof: only if what is written is verified, and the old content is not kept.
  const samples = maySample && request.verify && safe?.keepsOld !== true && device.link?.digestsTravel === true;
  let torn: () => readonly ByteRange[] = () => [];
  let afterWrap: string | undefined;
  const frame = {
    operation,
    past,
    onUnrestored,
    mainPerAside: mainPerAside(geometry, mostBytes),
    howFar: () => `${formatSize(phases.erase.doneBytes)} erased and ${formatSize(phases.program.doneBytes)} programmed`,
    unrestored: () => kept.atRisk(torn()),
    afterWrap: () => afterWrap,
  };
  return runJob(device, context, frame, async (pipe) => {
    torn = () => pipe.torn;
    const readable = readBy(pipe, target);
    const surveyor = new Surveyor(readable, geometry, context, survey, mostBytes, samples, distrusted);
    const parts = {
      ...{ target: readable, geometry, context, operation, phases, kept, safe, precious },
      ...{ digestBytes: verifyBytes, isUnchecked, counts },
    };
    const writer = new UnitWriter(pipe, parts);
    let retriedUnits: number;
    let isRepairing = false;
    try {
      await new WindowLine(pipe, writer, surveyor, parts).writeAll();
      await writer.settled();
      if (request.assumeBlank && writer.wrong.size > 0) noteNotBlank(context, writer.wrong.size);
      isRepairing = true;
      retriedUnits = await repairWrong(pipe, writer, parts, request.retries);
    } catch (error) {
      // If the chip is not to blame, what was asked for is brought to its end: units in progress become whole, and are proved.
      await finishInHand(pipe, writer, parts, request.retries).catch(() => undefined);
      run.failure = pipe.failure;
      if (pipe.failure?.kind === "chip") {
        const { page } = pipe.failure;
        if (page !== undefined) afterWrap = await mendWrappedPage(device, target, page, parts);
        const known = isRepairing ? { ...parts, safe: undefined } : parts;
        await afterErase(device, target, pipe.failure, { ...known, inHandBefore: distrusted });
      }
      throw error;
    }
    return {
      ...writer.counts,
      durationUs: context.clock.nowUs() - startUs,
      retriedUnits,
      phases: {
        survey: survey?.doneBytes ?? 0,
        erase: phases.erase.doneBytes,
        program: phases.program.doneBytes,
        verify: phases.verify?.doneBytes ?? 0,
      },
    };
  });
}

/**
 * If the safe takes nothing more, what came out wrong is corrected as well: the bytes of a unit in progress are in memory
 * and in the safe. Other units were never erased, and stay as they are.
 */
async function finishInHand(pipe: OpPipe, writer: UnitWriter, parts: WriterParts, retries: number): Promise<void> {
  await writer.settled();
  if (!writer.safeHasFailed) return;
  for (const unit of [...writer.wrong]) {
    if (parts.safe?.holds?.(unit.block.address) === false) writer.wrong.delete(unit);
  }
  await repairWrong(pipe, writer, parts, retries);
}

/** A window that is surveyed and planned, with the bytes read that its erases would lose. */
interface Prepared {
  readonly units: readonly SurveyUnit[];
  readonly steps: readonly PlanStep[];
  readonly copies: ReadonlyMap<SurveyUnit, UnitCopy>;
}

/** Windows in a row: some surveyed ahead, one being written. */
class WindowLine {
  readonly #pipe: OpPipe;
  readonly #writer: UnitWriter;
  readonly #surveyor: Surveyor;
  readonly #parts: WriterParts;

  constructor(pipe: OpPipe, writer: UnitWriter, surveyor: Surveyor, parts: WriterParts) {
    this.#pipe = pipe;
    this.#writer = writer;
    this.#surveyor = surveyor;
    this.#parts = parts;
  }

  async writeAll(): Promise<void> {
    const { target, geometry } = this.#parts;
    const windows = windowsOf(target, geometry);
    const early = await this.#surveyForChipErase(windows);
    if (early.eraseChip) {
      const units = early.surveyed.flat();
      await this.#write({ units, steps: planSteps(units, geometry), copies: new Map() });
      return;
    }
    const ahead: Promise<Prepared>[] = early.surveyed.map((units) => this.#plan(units));
    const askNext = (): boolean => {
      const next = windows.next();
      if (next.done === true) return false;
      ahead.push(this.#prepare(next.value));
      return true;
    };
    if (ahead.length === 0) askNext();
    for (let first = ahead.shift(); first !== undefined; first = ahead.shift()) {
      const prepared = await first;
      const writing = this.#write(prepared);
      // Not before the first page is asked: a burst of digests would leave the link idle.
      while (ahead.length < WINDOWS_AHEAD && askNext());
      await writing;
    }
  }

  #prepare(window: Window): Promise<Prepared> {
    const prepared = this.#surveyor.survey(this.#pipe, window).then((units) => this.#plan(units));
    prepared.catch(() => undefined);
    return prepared;
  }

  async #plan(units: readonly SurveyUnit[]): Promise<Prepared> {
    const steps = planSteps(units, this.#parts.geometry);
    const erased = steps.flatMap((step) => (step.erase === undefined ? [] : step.units));
    const reads = erased.map(async (unit) => [unit, await this.#writer.copy(unit, "aside")] as const);
    return { units, steps, copies: new Map(await Promise.all(reads)) };
  }

  async #write({ units, steps, copies }: Prepared): Promise<void> {
    const touched = new Set(steps.flatMap((step) => step.units));
    const idleBytes = units
      .filter((unit) => !touched.has(unit))
      .reduce((total, { pieces }) => total + totalBytes(pieces), 0);
    this.#parts.phases.program.expect(-idleBytes);
    this.#parts.phases.verify?.expect(-idleBytes);
    for (const step of steps) await this.#writer.do(step, copies);
  }

  /** Surveys windows for as long as a chip erase could pay. */
  async #surveyForChipErase(
    windows: Generator<Window>,
  ): Promise<{ readonly surveyed: readonly (readonly SurveyUnit[])[]; readonly eraseChip: boolean }> {
    const { target, geometry } = this.#parts;
    const chip = geometry.eraseUnits.find((unit) => isChipErase(unit, geometry))?.regions[0];
    const surveyed: (readonly SurveyUnit[])[] = [];
    // If all that is replaced is kept, erase block by block: a whole chip should not have to fit into memory.
    const keepsOld = this.#parts.safe?.keepsOld === true;
    if (chip === undefined || keepsOld || totalBytes(target.segments) < geometry.capacityBytes) {
      return { surveyed, eraseChip: false };
    }
    const withoutChip = { ...geometry, eraseUnits: geometry.eraseUnits.filter((u) => !isChipErase(u, geometry)) };
    if (withoutChip.eraseUnits.length === 0) return { surveyed, eraseChip: false };
    let chipUs = chip.typicalUs;
    let blocksUs = 0;
    for (const block of blocksTouched(target, windowUnit(geometry))) blocksUs += dearestErases(block, geometry);
    const ahead: { readonly window: Window; readonly units: Promise<readonly SurveyUnit[]> }[] = [];
    while (chipUs < blocksUs) {
      // The first alone: it usually settles the matter, and then no digest stands before the first page needlessly.
      const limit = surveyed.length === 0 ? 1 : 1 + WINDOWS_AHEAD;
      while (ahead.length < limit) {
        const next = windows.next();
        if (next.done === true) break;
        const units = this.#surveyor.survey(this.#pipe, next.value);
        units.catch(() => undefined);
        ahead.push({ window: next.value, units });
      }
      const first = ahead.shift();
      if (first === undefined) return { surveyed, eraseChip: true };
      const units = await first.units;
      surveyed.push(units);
      const { costUs, againUs } = cheapestErases(units, withoutChip);
      const dearest = first.window.reduce((total, block) => total + dearestErases(block, geometry), 0);
      chipUs += againUs;
      blocksUs += costUs - dearest;
    }
    for (const { units } of ahead) surveyed.push(await units);
    return { surveyed, eraseChip: false };
  }
}

/** How many operations of the work go between two survey digests, so that the survey keeps ahead without bursts. */
function mainPerAside(geometry: FlashGeometry, mostBytes: number): number {
  return Math.max(1, Math.floor(mostBytes / geometry.pageBytes / SURVEYS_PER_DIGEST));
}

function noteNotBlank(context: JobTools, count: number): void {
  const units = count === 1 ? "1 sector was" : `${count} sectors were`;
  context.onEvent?.({ kind: "note", message: `${units} not blank as assumed: erased and written again` });
}
