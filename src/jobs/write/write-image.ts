/** Writes an image, or says what writing it would do. */
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { ImageSource } from "../../files/image-source.ts";
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { JobContext } from "../job-event.ts";
import { type JobTools, withTools } from "../job-tools.ts";
import type { JobSafe } from "../job-safe.ts";
import { checkImage, checkWriteRequest } from "../check-request.ts";
import { digestBytes } from "../digest-unit.ts";
import { readBy } from "../job-source.ts";
import { PhaseCount } from "../phase-count.ts";
import { type JobPast, runJob, type UnrestoredHandler } from "../run-job.ts";
import { placedImage } from "../target.ts";
import { planWrite, type SurveyUnit, type WritePlan } from "./plan.ts";
import { putContent } from "./put-content.ts";
import { Surveyor, windowsOf } from "./survey.ts";

/** How often a sector that came out wrong is done again if it is not specified. */
export const USUAL_RETRIES = 2;

/** How to write an image. All of it may be left out. */
export interface WriteRequest {
  /** Added to every address of the image, bytes; default 0. May be negative if no byte comes to lie below address 0. */
  readonly offset?: number | undefined;
  /** Compare checksums after programming; default true. Without it a byte that was not written correctly is not noticed. */
  readonly verify?: boolean | undefined;
  /**
   * Program without first comparing checksums; default false. What was not blank fails the verify, and is then erased and
   * written again.
   */
  readonly assumeBlank?: boolean | undefined;
  /** How often a sector that was not written correctly is erased and written again, 0 to 100; default 2. */
  readonly retries?: number | undefined;
  /** Compare the rest of the chip before and after. */
  readonly checkUntouched?: boolean | undefined;
  /** Receives bytes outside of the image that the job erased and could not restore. */
  readonly onUnrestored?: UnrestoredHandler | undefined;
  /** Keeps bytes of an erase block while it is erased, so that a later run can restore them. */
  readonly safe?: JobSafe | undefined;
  /** What earlier parts of the same work have changed: decides what an error means. */
  readonly past?: JobPast | undefined;
  /** Places where an erase may have been cut: erased again whatever they read. */
  readonly distrusted?: readonly ByteRange[] | undefined;
  /**
   * Parts of the image that are bytes of the chip from before, and are nowhere else: they are kept as bytes outside of it are
   * if an erase could reach them.
   */
  readonly precious?: readonly ByteRange[] | undefined;
}

/** What a write did. */
export interface WriteReport {
  /** Bytes of the image, without its holes. */
  readonly imageBytes: number;
  /** Bytes that program commands sent, with those outside of the image that were restored. */
  readonly programmedBytes: number;
  /** Pages that were programmed. While a chip has to prove the size of its pages, one may take several commands. */
  readonly programmedPages: number;
  /** Bytes of the image that the chip held already. */
  readonly skippedBytes: number;
  /** Erase commands that were sent, of any block size. */
  readonly erasedUnits: number;
  /** Bytes that these erase commands covered, also outside of the image. */
  readonly erasedBytes: number;
  /** Bytes outside of the image that were erased and restored. */
  readonly restoredBytes: number;
  /** Bytes that were compared after programming; 0 with `verify: false`. */
  readonly verifiedBytes: number;
  /** Time from the start of the job to its end, microseconds. */
  readonly durationUs: number;
  /** Smallest erase blocks that were done again because their digest was wrong. */
  readonly retriedUnits: number;
  /** Bytes each phase went through. */
  readonly phases: {
    /** Compared before anything was changed. */
    readonly survey: number;
    /** Erased. */
    readonly erase: number;
    /** Programmed. */
    readonly program: number;
    /** Compared after programming. */
    readonly verify: number;
  };
}

/**
 * Makes the chip hold the image and keeps every byte outside of it. May be cut at any time: run again, it skips what is
 * right.
 *
 * @throws NorbridgeError FILE_INVALID (does not fit, changed meanwhile), EROFS, EIO, EBUSY; ECANCELED and link errors
 * before any change; INTERRUPTED after it; INTERRUPTED_FINAL if bytes outside of the image were erased and not restored.
 */
export async function writeImage(
  device: FlashDevice,
  image: ImageSource,
  request: WriteRequest = {},
  context: JobContext = {},
): Promise<WriteReport> {
  return withTools(device, context, "write", async (tools) => {
    checkWrite(image, request, "write");
    const { offset = 0, verify = true, assumeBlank = false, retries = USUAL_RETRIES } = request;
    const target = placedImage(image, offset, device.geometry);
    const put = { ...request, operation: "write", verify, assumeBlank, retries };
    const { rewrittenBytes, ...report } = await putContent(device, target, put, tools);
    return { imageBytes: target.totalBytes, skippedBytes: target.totalBytes - rewrittenBytes, ...report };
  });
}

/** What `writeImage` would do now. Only digests are asked. */
export async function planImage(
  device: FlashDevice,
  image: ImageSource,
  request: WriteRequest = {},
  context: JobContext = {},
): Promise<WritePlan> {
  return withTools(device, context, "plan", (tools) => {
    checkWrite(image, request, "plan");
    return plan(device, image, request, tools);
  });
}

function plan(device: FlashDevice, image: ImageSource, request: WriteRequest, context: JobTools): Promise<WritePlan> {
  const target = placedImage(image, request.offset ?? 0, device.geometry);
  const count = request.assumeBlank === true ? undefined : new PhaseCount(context, "survey", target.totalBytes);
  return runJob(device, context, { operation: "plan" }, async (pipe) => {
    const mostBytes = digestBytes(device.geometry, undefined);
    const surveyor = new Surveyor(readBy(pipe, target), device.geometry, context, count, mostBytes, false);
    const survey: SurveyUnit[] = [];
    // One window is asked ahead of the one that is awaited.
    let asked: Promise<readonly SurveyUnit[]> | undefined;
    const take = async (): Promise<void> => {
      for (const unit of (await asked) ?? []) survey.push(unit);
    };
    for (const window of windowsOf(target, device.geometry)) {
      const next = surveyAhead(surveyor.survey(pipe, window));
      await take();
      asked = next;
    }
    await take();
    return planWrite(survey, device.geometry);
  });
}

function checkWrite(image: unknown, request: unknown, operation: string): void {
  checkImage(image, operation);
  checkWriteRequest(request, operation);
}

/** A survey that is awaited later: if it fails meanwhile, that is not an unhandled rejection. */
function surveyAhead(survey: Promise<readonly SurveyUnit[]>): Promise<readonly SurveyUnit[]> {
  survey.catch(() => undefined);
  return survey;
}
