/** One run of a job that makes the chip hold a target: survey, plan, erase, program, verify and repair in one stream. */
import type { FlashGeometry } from "../../../drivers/geometry.ts";
import { formatSize } from "../../bytes.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { digestBytes } from "../digest-unit.ts";
import { readBy } from "../job-source.ts";
import type { JobTools } from "../job-tools.ts";
import type { OpPipe, PipeFailure } from "../op-pipe.ts";
import { PhaseCount } from "../phase-count.ts";
import { outsideOfPipe, runJob } from "../run-job.ts";
import type { Target } from "../target.ts";
import { checkProtection } from "./check-protection.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { afterErase } from "./mend-erase.ts";
import { mendWrappedPage } from "./mend-page.ts";
import { repairWrong } from "./repair.ts";
import { Surveyor } from "./survey.ts";
import { UnitWriter } from "./unit-writer.ts";
import { WindowPipeline } from "./window-pipeline.ts";
import type { WriteCounts, WritePhaseBytes } from "./write-counts.ts";
import { type PutRequest, USUAL_RETRIES } from "./write-request.ts";
import type { WriterParts } from "./writer-parts.ts";

/** Bytes that are read to verify what was written, at once. */
const TRAVELLING_DIGEST_BYTES = 4096;
/** Survey digests let in while as much is programmed as one of them covers. */
const SURVEYS_PER_DIGEST = 2;

/** What is put where, and how. */
export interface PutJob {
  readonly device: FlashDevice;
  readonly target: Target;
  readonly request: PutRequest;
  readonly context: JobTools;
}

/** What a job did. */
export interface PutReport extends WriteCounts {
  readonly durationUs: number;
  readonly retriedUnits: number;
  /** Bytes each phase went through. */
  readonly phases: WritePhaseBytes;
}

/** One run of a job, and how it ended. */
export interface PutRun {
  /** The chip's, or without the erase units that it turned out not to have. */
  readonly geometry: FlashGeometry;
  readonly counts: WriteCounts;
  /** Whether blocks may be judged by samples. */
  readonly maySample: boolean;
  failure: PipeFailure | undefined;
  /** What became of the bytes around a program that wrapped, as a clause. */
  afterWrap: string | undefined;
}

/** Throws what `runJob` throws. */
export async function putOnce(job: PutJob, run: PutRun): Promise<PutReport> {
  const { device, target, request, context } = job;
  const { geometry, counts } = run;
  const { operation, onUnrestored, past, safe, precious = [] } = request;
  const startUs = context.clock.nowUs();
  try {
    await checkProtection(device, target, operation);
  } catch (error) {
    throw outsideOfPipe({ operation, past }, error);
  }
  const survey = request.assumeBlank === true ? undefined : new PhaseCount(context, "survey", target.totalBytes);
  const phases = {
    erase: new PhaseCount(context, "erase", 0),
    program: new PhaseCount(context, "program", target.totalBytes),
    verify: request.verify === false ? undefined : new PhaseCount(context, "verify", target.totalBytes),
  };
  const kept = new KeptBytes(geometry.erasedByte);
  const surveyBytes = digestBytes(geometry, device.queueBytes);
  const frame = {
    operation,
    past,
    onUnrestored,
    mainPerAside: mainPerAside(geometry, surveyBytes),
    howFar: () => `${formatSize(phases.erase.doneBytes)} erased and ${formatSize(phases.program.doneBytes)} programmed`,
    unrestored: kept.atRisk.bind(kept),
    afterWrap: () => run.afterWrap,
  };
  return runJob(device, context, frame, async (pipe) => {
    const readable = readBy(pipe, target);
    const isUnchecked = device.link?.isUnchecked ?? false;
    const shared = { target: readable, geometry, context };
    const verifyBytes = surveyBytes * blocksPerDigest(device, surveyBytes);
    const parts = { ...shared, operation, phases, kept, safe, precious, digestBytes: verifyBytes, isUnchecked, counts };
    const samples = maySample(job, run);
    const { distrusted } = request;
    const surveyor = new Surveyor({ ...shared, count: survey, digestBytes: surveyBytes, samples, distrusted });
    const retriedUnits = await writeTarget(pipe, surveyor, parts, { job, run });
    return {
      ...counts,
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

/** Returns how many units were done again. If the chip fails, what can be mended is, before the error is thrown. */
async function writeTarget(
  pipe: OpPipe,
  surveyor: Surveyor,
  parts: WriterParts,
  { job, run }: { readonly job: PutJob; readonly run: PutRun },
): Promise<number> {
  const { device, target, request, context } = job;
  const { assumeBlank = false, retries = USUAL_RETRIES, distrusted = [] } = request;
  const writer = new UnitWriter(pipe, parts);
  let isRepairing = false;
  try {
    await new WindowPipeline(pipe, writer, surveyor, parts).writeAll();
    await writer.settled();
    if (assumeBlank && writer.wrong.size > 0) noteNotBlank(context, writer.wrong.size);
    isRepairing = true;
    return await repairWrong(pipe, writer, parts, retries);
  } catch (error) {
    // If the chip is not to blame, what was requested is completed: units in progress become whole, and are proved.
    await finishHeld(pipe, writer, parts, retries).catch(() => undefined);
    run.failure = pipe.failure;
    if (pipe.failure?.kind === "chip") {
      const { page } = pipe.failure;
      if (page !== undefined) run.afterWrap = await mendWrappedPage(device, target, page, parts);
      const known = isRepairing ? { ...parts, safe: undefined } : parts;
      await afterErase(device, target, pipe.failure, { ...known, inHandBefore: distrusted });
    }
    throw error;
  }
}

/** Where digests travel each of them makes the chip wait for the link: fewer and longer ones then. */
function blocksPerDigest({ link }: FlashDevice, surveyBytes: number): number {
  return link?.digestsTravel === true ? Math.ceil(TRAVELLING_DIGEST_BYTES / surveyBytes) : 1;
}

/** A sample is not a proof: only if what is written is verified, and the old content is not kept. */
function maySample({ device, request }: PutJob, run: PutRun): boolean {
  const { verify = true, safe } = request;
  return run.maySample && verify && safe?.keepsOld !== true && device.link?.digestsTravel === true;
}

/**
 * If the safe takes nothing more, what came out wrong is corrected as well: the bytes of a unit in progress are in memory
 * and in the safe. Other units were never erased, and stay as they are.
 */
async function finishHeld(pipe: OpPipe, writer: UnitWriter, parts: WriterParts, retries: number): Promise<void> {
  await writer.settled();
  if (!writer.safeHasFailed) return;
  for (const unit of [...writer.wrong]) {
    if (parts.safe?.holds?.(unit.block.address) === false) writer.wrong.delete(unit);
  }
  await repairWrong(pipe, writer, parts, retries);
}

/** How many operations of the work go between two survey digests, so that the survey keeps ahead without bursts. */
function mainPerAside(geometry: FlashGeometry, surveyBytes: number): number {
  return Math.max(1, Math.floor(surveyBytes / geometry.pageBytes / SURVEYS_PER_DIGEST));
}

function noteNotBlank(context: JobTools, count: number): void {
  const units = count === 1 ? "1 sector was" : `${count} sectors were`;
  context.onEvent?.({ kind: "note", message: `${units} not blank as assumed: erased and written again` });
}
