/** Writes an image, or returns what writing it would do. */
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { ImageSource } from "../../files/image-source.ts";
import type { JobContext } from "../job-event.ts";
import { type JobTools, withTools } from "../job-tools.ts";
import { checkImage, checkWriteRequest } from "../check-request.ts";
import { digestBytes } from "../digest-unit.ts";
import { readBy } from "../job-source.ts";
import { PhaseCount } from "../phase-count.ts";
import { runJob } from "../run-job.ts";
import { placedImage } from "../target.ts";
import { planWrite, type SurveyUnit, type WritePlan } from "./plan.ts";
import { putContent } from "./put-content.ts";
import { Surveyor, windowsOf } from "./survey.ts";
import type { WritePhaseBytes } from "./write-counts.ts";
import type { WriteRequest } from "./write-request.ts";

export type { WriteRequest } from "./write-request.ts";

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
  readonly phases: WritePhaseBytes;
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
    const target = placedImage(image, request.offset ?? 0, device.geometry);
    const put = { ...request, operation: "write" };
    const { rewrittenBytes, ...report } = await putContent({ device, target, request: put, context: tools });
    return { imageBytes: target.totalBytes, skippedBytes: target.totalBytes - rewrittenBytes, ...report };
  });
}

/** What `writeImage` would do now. Only digests are requested. */
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
    const { geometry } = device;
    const surveyed = { target: readBy(pipe, target), geometry, context, count };
    const surveyor = new Surveyor({ ...surveyed, digestBytes: digestBytes(geometry, undefined), samples: false });
    const survey: SurveyUnit[] = [];
    // One window is requested ahead of the one that is awaited.
    let asked: Promise<readonly SurveyUnit[]> | undefined;
    const take = async (): Promise<void> => {
      for (const unit of (await asked) ?? []) survey.push(unit);
    };
    for (const window of windowsOf(target, geometry)) {
      const next = surveyAhead(surveyor.survey(pipe, window));
      await take();
      asked = next;
    }
    await take();
    return planWrite(survey, geometry);
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
