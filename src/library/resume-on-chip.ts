/** Resuming and undoing a job on a chip that is open. */
import { checkChoice, checkObject, checkSignal, checkText, ifGiven } from "../checks.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "../files/image-source.ts";
import { firstBytes } from "../files/image-views.ts";
import type { StreamReport } from "../jobs/stream-image.ts";
import type { JobRecord } from "../journal/journal-line.ts";
import { type EndedJob, isImageOfJob, type LeftJobTools, resumeLeftJob, undoLeftJob } from "../runner/resume-jobs.ts";
import type { CallOptions } from "./chip-options.ts";
import type { ChipSession } from "./chip-session.ts";
import { IMAGE_FORMATS, type ImageInput, type ImageOpener, noFiles, openInput } from "./image-input.ts";

/** Which folder of journals is meant. */
export interface JobFolderOptions {
  /** Folder of the journals; default: that of `openChip` for the calls of a chip, else the user's folders for state. */
  readonly folder?: string | undefined;
  /** Aborts the call, by ECANCELED. */
  readonly signal?: AbortSignal | undefined;
}

/** How to undo a job. All of it may be left out. */
export interface UndoOptions extends CallOptions, JobFolderOptions {
  /** Aborts the call: ECANCELED before anything was changed, INTERRUPTED after. */
  readonly signal?: AbortSignal | undefined;
}

/** How to resume a job. All of it may be left out. */
export interface ResumeOptions extends UndoOptions {
  /** The image of the job; default: the file that it was written from. It must hold the same bytes. */
  readonly image?: ImageInput | undefined;
}

/** What `Chip.undo` did. */
export interface UndoReport {
  /** ID of the job. */
  readonly id: string;
  /** What the job was. */
  readonly command: "write" | "erase" | "stream";
  /** Bytes that the chip holds again; 0 if the job had changed nothing. */
  readonly restoredBytes: number;
}

/** What `Chip.resume` did. */
export interface ResumeReport extends UndoReport {
  /** True if it was an undo that had been interrupted: the chip holds what it held before the job. */
  readonly isUndo: boolean;
  /** Sectors that were in progress and were written again; 0 for a stream and an undo. */
  readonly redoneSectors: number;
  /** Of a stream: what was streamed now; undefined for another job. */
  readonly stream: StreamReport | undefined;
}

/** `Chip.resume`, to be called in its turn. */
export async function resumeOn(
  session: ChipSession,
  jobId: string | undefined,
  options: ResumeOptions,
): Promise<ResumeReport> {
  const tools = toolsOf(session, options, options.image);
  const { id, job, end } = await resumeLeftJob(requestOf(session, jobId, options), session.host, tools);
  return {
    ...{ id, command: job.command, isUndo: end.kind === "undone", restoredBytes: restoredBytesIn(end) },
    redoneSectors: end.kind === "resumed" ? end.redoneUnits : 0,
    stream: end.kind === "streamed" ? end.report : undefined,
  };
}

/** `Chip.undo`, to be called in its turn. */
export async function undoOn(
  session: ChipSession,
  jobId: string | undefined,
  options: UndoOptions,
): Promise<UndoReport> {
  const tools = toolsOf(session, options, undefined);
  const { id, job, end } = await undoLeftJob(requestOf(session, jobId, options), session.host, tools);
  return { id, command: job.command, restoredBytes: restoredBytesIn(end) };
}

/** Throws EINVAL that names the option. */
export function checkJobOptions(jobId: unknown, options: UndoOptions, operation: string): void {
  ifGiven(jobId, (value) => checkText(value, "jobId", operation, 1));
  checkFolderOptions(options, operation);
}

export function checkFolderOptions(options: JobFolderOptions, operation: string): void {
  checkObject(options, "options", operation);
  ifGiven(options.folder, (value) => checkText(value, "folder", operation, 1));
  checkSignal(options.signal, "signal", operation);
}

function requestOf(
  { setup }: ChipSession,
  jobId: string | undefined,
  { folder }: UndoOptions,
): { readonly id: string; readonly folder: string | undefined } {
  return { id: jobId ?? "", folder: folder ?? setup.journal.folder };
}

function toolsOf(session: ChipSession, { onEvent }: CallOptions, image: ImageInput | undefined): LeftJobTools {
  return {
    chipOf: ({ protection }) => session.access(protection),
    openImage: (job, recorded) => imageOf(session, job, recorded, image),
    watch: () => (event) => onEvent?.(event),
  };
}

/** The image of the job. Throws FILE_INVALID for another one, EINVAL if it was in memory and is not given. */
async function imageOf(
  { host }: ChipSession,
  job: JobRecord,
  recorded: NonNullable<JobRecord["image"]>,
  given: ImageInput | undefined,
): Promise<ImageSource> {
  const operation = "resume";
  const input = given ?? recorded.file;
  if (input === "-") {
    throw new NorbridgeError("EINVAL", `${operation}: the image of this job was not a file`, {
      operation,
      hint: "Nothing was changed. Specify the image in the option image.",
    });
  }
  const opened = await openRecorded(input, recorded, host, operation);
  const part = opened.image;
  const close = (): Promise<void> => opened.close();
  // Not the methods of the caller's image: it is closed by its owner.
  const { name, segments, totalBytes } = part;
  const image = { name, format: part.format, segments, totalBytes, read: part.read.bind(part), close };
  try {
    if (await isImageOfJob(job, image, host)) return image;
  } catch (error) {
    await close();
    throw error;
  }
  await close();
  throw fileInvalid(name, "is not the image that the job started with", {
    hint: "Nothing was changed. Specify the right one in the option image, or discard the job and write the new one.",
  });
}

/** Opens the files that a journal names, or what takes the place of the only one. */
async function openRecorded(
  input: ImageInput,
  { file, place, more = [], ...recorded }: NonNullable<JobRecord["image"]>,
  opener: ImageOpener,
  operation: string,
): Promise<{ readonly image: ImageSource; close(): Promise<void> }> {
  const format = ifGiven(recorded.format, (value) => checkChoice(value, "format", operation, IMAGE_FORMATS));
  const { base, lengthBytes, familyId, crop, only, fillByte } = recorded;
  if (input !== file && more.length > 0) {
    throw new NorbridgeError(
      "EINVAL",
      `${operation}: the job wrote ${more.length + 1} files, which one image cannot replace`,
      {
        operation,
        hint: "Nothing was changed. Move the files to where they were, and omit the option image.",
      },
    );
  }
  if (typeof input === "string" || input instanceof URL) {
    const { files, signal } = opener;
    if (files === undefined) throw noFiles(operation);
    const first = { file: input === file ? file : files.pathOf(input, operation), place };
    const how = { format, base, lengthBytes, familyId, crop, only, fillByte, isKnownContent: true, signal };
    const image = await files.openAll([first, ...more], how);
    return { image, close: () => image.close() };
  }
  const opened = await openInput(input, { base, format, isKnownContent: true }, opener, operation);
  const image = lengthBytes === undefined ? opened.image : firstBytes(opened.image, lengthBytes);
  return { image, close: () => opened.close() };
}

function restoredBytesIn(end: EndedJob["end"]): number {
  return end.kind === "streamed" ? 0 : end.restoredBytes;
}
