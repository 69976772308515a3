/** `norbridge resume`, `norbridge undo`: completes an interrupted job, or restores what it replaced. */
import { basename } from "node:path";
import { printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { fileInvalid } from "../../disk/file-problem.ts";
import type { ImageSource } from "../../files/image-source.ts";
import type { PlacedFile } from "../../files/open-images.ts";
import type { JobRecord } from "../../journal/journal-line.ts";
import { listedJob } from "../../journal/journal-summary.ts";
import { openedForEach } from "../../runner/change-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { jobText } from "../../runner/left-job.ts";
import { count } from "../../runner/quantities.ts";
import {
  type EndedJob,
  type FoundJob,
  isImageOfJob,
  type LeftJobTools,
  resumeLeftJob,
  undoLeftJob,
} from "../../runner/resume-jobs.ts";
import type { ImageRequest } from "../options/image-request.ts";
import { connectionOfJournal } from "../untrusted/journal-connection.ts";
import { openImageRequest } from "../host-files/open-image-request.ts";
import { usageError } from "../arguments/option.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { shellWords } from "../output/shell-words.ts";
import { streamOutcome } from "./stream.ts";

export interface UndoRequest {
  /** "": the only job. */
  readonly id: string;
  readonly connection: ConnectionRequest;
  readonly folder: string | undefined;
}

export interface ResumeRequest extends UndoRequest {
  /** Where the image is now; undefined: where it was. */
  readonly imageFile: string | undefined;
}

export async function resume(request: ResumeRequest, session: Session): Promise<Outcome> {
  return outcomeOf(await resumeLeftJob(request, session, toolsOf(request, request.imageFile, session)));
}

export async function undo(request: UndoRequest, session: Session): Promise<Outcome> {
  return outcomeOf(await undoLeftJob(request, session, toolsOf(request, undefined, session)));
}

function toolsOf(request: UndoRequest, imageFile: string | undefined, session: Session): LeftJobTools {
  return {
    chipOf: (found) => openedForEach(session, connectionOf(found, request, session)),
    openImage: (job, image) => imageOf(job, image, imageFile, session),
    watch: (geometry, clock) => session.report.watch(geometry, clock),
  };
}

function outcomeOf({ id, job, end }: EndedJob): Outcome {
  const text = jobText(listedJob(job));
  const common = { id, command: job.command };
  switch (end.kind) {
    case "streamed":
      return streamOutcome(end.source.name, job, end.source, end.report);
    case "resumed": {
      const { redoneUnits, restoredBytes } = end;
      const done = `${count(redoneUnits, "sector")} written again, ${count(restoredBytes, "byte")} restored`;
      return {
        kind: "done",
        summary: `completed: ${text}; ${done}`,
        fields: { ...common, redoneUnits, restoredBytes },
      };
    }
    case "undone": {
      const { restoredBytes } = end;
      const summary = `undone: ${text}; ${count(restoredBytes, "byte")} restored`;
      return { kind: "done", summary, fields: { ...common, restoredBytes } };
    }
  }
}

/** The connection options of the journal, as far as they are accepted, unless options are typed now. */
function connectionOf(
  { left, operation, job, protection }: FoundJob,
  { connection, folder }: UndoRequest,
  { report }: Session,
): ConnectionRequest {
  const lifted = {
    unprotect: connection.unprotect || protection !== undefined,
    protection,
    settledBytes: job.chip.capacityBytes,
  };
  const isTyped = connection.hasTypedWords ?? connection.words.length > 0;
  // The user's own settings apply anyway.
  if (isTyped || shellWords(connection.words) === shellWords(job.connection)) return { ...connection, ...lifted };
  const named = { ...left, folderWords: folder === undefined ? [] : ["--journal", folder] };
  const then = connectionOfJournal(named, operation, job.connection);
  if (then.words.length > 0) report.note(`connecting with the options in the journal: ${shellWords(then.words)}`);
  const { recordFile } = connection;
  return { ...then, port: then.port ?? connection.port, recordFile, ...lifted };
}

/** The image of the job. Throws FILE_INVALID for another one, USAGE for one that cannot be read again. */
async function imageOf(
  job: JobRecord,
  recorded: NonNullable<JobRecord["image"]>,
  imageFile: string | undefined,
  session: Session,
): Promise<ImageSource> {
  const files = filesOf(recorded, imageFile);
  if (files.some(({ file }) => file === "-")) {
    throw new NorbridgeError("USAGE", "the image came from standard input", {
      operation: "resume",
      hint: "Save it to a file and specify that file with --image.",
    });
  }
  const { base, lengthBytes, familyId, crop, only, fillByte } = recorded;
  const format = FORMATS.find((one) => one === recorded.format);
  session.report.waitsFor("the image");
  const { image } = await openImageRequest(
    { files, format, base, familyId, crop, only, fillByte, offset: job.address, lengthBytes, isKnownContent: true },
    session,
  );
  try {
    if (await isImageOfJob(job, image, session)) return image;
  } catch (error) {
    await image.close();
    throw error;
  }
  await image.close();
  throw fileInvalid(files.map(({ file }) => file).join(", "), "is not the image that the job started with", {
    hint: "Nothing was changed. Specify the right one with --image, or discard the job and write the new one.",
  });
}

/** The files of the job. One that has moved since takes the place of the only file, or of the one with its name. */
function filesOf(
  { file, place, more = [] }: NonNullable<JobRecord["image"]>,
  moved: string | undefined,
): readonly PlacedFile[] {
  const files = [{ file, place }, ...more];
  if (moved === undefined) return files;
  const same = files.filter((one) => files.length === 1 || basename(one.file) === basename(moved));
  if (same.length === 1) return files.map((one) => (one === same[0] ? { ...one, file: moved } : one));
  throw usageError(
    `the job wrote ${files.length} files, and not exactly one of them is named ${printable(basename(moved))}`,
    `Move them to where they were: ${files.map((one) => printable(one.file)).join(", ")}.`,
  );
}

const FORMATS: readonly NonNullable<ImageRequest["format"]>[] = ["bin", "hex", "srec", "uf2", "elf"];
