/** `norbridge resume`, `norbridge undo`: what it takes to end a job that was killed, or to take one back. */
import { NorbridgeError } from "../../errors.ts";
import { fileInvalid } from "../../disk/file-problem.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageSource } from "../../files/image-source.ts";
import { carryOnErase, carryOnWrite } from "../../jobs/carry-on.ts";
import { printable } from "../../bytes.ts";
import type { JobContext } from "../../jobs/job-event.ts";
import { checkSameChip } from "../../journal/chip-proof.ts";
import { readJournal, reopenJournal } from "../../journal/journal-file.ts";
import { journalFolder, type LeftJob, leftJobs } from "../../journal/journal-folder.ts";
import type { JobRecord } from "../../journal/journal-line.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import { takeBack } from "../../journal/take-back.ts";
import { type ChangeTools, changeChip } from "../change-chip.ts";
import type { Connected } from "../connect.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import type { ImageRequest } from "../image-request.ts";
import type { JournalSource } from "../job-journal.ts";
import { connectionOfJournal } from "../journal-connection.ts";
import { openImageRequest } from "../open-image-request.ts";
import type { Outcome } from "../outcome.ts";
import { count } from "../output/quantities.ts";
import type { Session } from "../session.ts";
import { streamInto, streamSource } from "./stream.ts";
import { lockJournal, pickJob, refuseRunning, textOf } from "./jobs.ts";

export interface UndoRequest {
  /** "": the only one there is. */
  readonly id: string;
  readonly connection: ConnectionRequest;
  readonly folder: string | undefined;
}

export interface ResumeRequest extends UndoRequest {
  /** Where the image is now; undefined: where it was. */
  readonly imageFile: string | undefined;
}

const RETRIES = 2;

export async function resume(request: ResumeRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolder(session.io.env);
  const unfinished = (await leftJobs(folder, session.signal)).filter(({ journal }) => stateOf(journal) !== "done");
  const left = pickJob(unfinished, request.id, "resume");
  return withJournal(left, "resume", session, async (journal) => {
    if (journal.state === "undoing") return undoJob(left, journal, folder, request, session);
    const connection = connectionOf(left, journal, request);
    const image = await imageOf(journal.job, request, session);
    try {
      const source = leftJournal(left, journal, folder, image);
      return await changeChip(session, connection, source, (connected, tools) =>
        goOn(left, journal.job, image, connected, tools, session),
      );
    } finally {
      await image?.close();
    }
  });
}

export async function undo(request: UndoRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolder(session.io.env);
  const all = await leftJobs(folder, session.signal);
  const able = all.filter(({ journal }) => !(journal instanceof NorbridgeError) && journal.job.keepsOld);
  const left = pickJob(request.id === "" ? able : all, request.id, "undo");
  return withJournal(left, "undo", session, async (journal) => {
    if (!journal.job.keepsOld) {
      throw new NorbridgeError("CHECK_FAILED", `the job ${printable(left.id)} did not keep what it replaced`, {
        operation: "undo",
        hint: "Only a job that began with --keep-old can be undone. `norbridge resume` puts back what lies around it.",
      });
    }
    return undoJob(left, journal, folder, request, session);
  });
}

function stateOf(journal: LeftJob["journal"]): string {
  return journal instanceof NorbridgeError ? "damaged" : journal.state;
}

/** Reads the journal whole while nobody else can work on it. Throws why it cannot be used, EBUSY where somebody does. */
async function withJournal<T>(
  left: LeftJob,
  operation: string,
  session: Session,
  work: (journal: ReadJournal) => Promise<T>,
): Promise<T> {
  if (left.journal instanceof NorbridgeError) throw left.journal;
  refuseRunning(left, operation);
  const lock = await lockJournal(left, operation);
  try {
    return await work(await readJournal(left.path, session.signal));
  } finally {
    lock.release();
  }
}

/** The journal of a job that was left behind; the chip is looked at before anything is done to it. */
function leftJournal(
  left: LeftJob,
  read: ReadJournal,
  folder: string,
  image: ImageSource | undefined,
  begin: (journal: Awaited<ReturnType<JournalSource["begin"]>>["journal"]) => void = () => undefined,
): JournalSource {
  return {
    folder,
    // Whoever reads it has its lock.
    prepare: () => Promise.resolve(),
    release: () => undefined,
    async begin(device) {
      await checkSameChip(device, read, image);
      const journal = reopenJournal(left.path, read);
      begin(journal);
      return { journal, path: left.path };
    },
  };
}

async function goOn(
  left: LeftJob,
  job: JobRecord,
  image: ImageSource | undefined,
  connected: Connected,
  { journal, onUnrestored }: ChangeTools,
  session: Session,
): Promise<Outcome> {
  const context = contextOf(connected, session);
  const { held } = journal;
  const request = { offset: job.address, verify: true, assumeBlank: false, retries: RETRIES, safe: journal };
  if (image === undefined) {
    await carryOnErase(connected.device, job, held, { safe: journal, onUnrestored }, context);
  } else if (job.stream === undefined) {
    await carryOnWrite(connected.device, image, held, { ...request, onUnrestored }, context);
  } else {
    const { address, lengthBytes, stream } = job;
    const rest = { settings: undefined, progress: undefined, isRestart: false };
    const work = { file: image.name, range: { address, lengthBytes }, ...stream, ...rest };
    return streamInto(connected, work, await streamSource(image), { journal, isKept: true }, session);
  }
  const restored = held.flatMap(({ pieces }) => pieces).reduce((sum, { data }) => sum + data.length, 0);
  return {
    kind: "done",
    summary: `${textOf(left)}: done; ${count(held.length, "sector")} done again, ${count(restored, "byte")} put back`,
    fields: { id: left.id, command: job.command, redoneUnits: held.length, restoredBytes: restored },
  };
}

/** Makes the chip hold again what the job found. Cut off, it goes on with `resume` or `undo` alike. */
async function undoJob(
  left: LeftJob,
  read: ReadJournal,
  folder: string,
  request: UndoRequest,
  session: Session,
): Promise<Outcome> {
  const source = leftJournal(left, read, folder, undefined, (journal) => journal.beginUndo());
  return changeChip(
    session,
    connectionOf(left, read, request),
    source,
    async (connected, { journal, onUnrestored }) => {
      const write = { offset: 0, verify: true, assumeBlank: false, retries: RETRIES, safe: journal, onUnrestored };
      const context = contextOf(connected, session);
      const restoredBytes = await takeBack(connected.device, read.old, journal.held, write, context);
      return {
        kind: "done",
        summary: `${textOf(left)}: taken back; ${count(restoredBytes, "byte")} are as they were before it`,
        fields: { id: left.id, command: read.job.command, restoredBytes },
      };
    },
  );
}

function contextOf({ device, clock }: Connected, session: Session): JobContext {
  return { clock, signal: session.signal, onEvent: session.report.watch(device.geometry, clock) };
}

/** As it was typed then, as far as a journal may say it, unless something is typed now. */
function connectionOf(left: LeftJob, { job, state }: ReadJournal, { connection }: UndoRequest): ConnectionRequest {
  // Who lifted the protection for a job meant it for all of it; what it was then is put back, unless that was done already.
  const protection = state === "done" ? undefined : job.protection;
  const lifted = { unprotect: connection.unprotect || protection !== undefined, protection };
  if (connection.words.length > 0) return { ...connection, ...lifted };
  return { ...connectionOfJournal(left.id, job.connection), ...lifted };
}

async function imageOf(job: JobRecord, request: ResumeRequest, session: Session): Promise<ImageSource | undefined> {
  if (job.image === undefined) return undefined;
  const file = request.imageFile ?? job.image.file;
  if (file === "-") {
    throw new NorbridgeError("USAGE", "the image came from standard input", {
      operation: "resume",
      hint: "Save it to a file and name that with --image.",
    });
  }
  const { base, lengthBytes, sha256 } = job.image;
  const format = FORMATS.find((one) => one === job.image?.format);
  const image = await openImageRequest({ file, format, base, offset: job.address, lengthBytes }, session);
  if ((await imageSha256(image)) === sha256) return image;
  await image.close();
  throw fileInvalid(file, "is not the image that the job began with", {
    hint: "Nothing was changed. Name the right one with --image, or write the new one and discard the journal.",
  });
}

const FORMATS: readonly NonNullable<ImageRequest["format"]>[] = ["bin", "hex", "srec", "uf2", "elf"];
