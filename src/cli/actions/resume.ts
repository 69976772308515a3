/** `norbridge resume`, `norbridge undo`: what it takes to end a job that was killed, or to take one back. */
import { NorbridgeError } from "../../errors.ts";
import { fileInvalid } from "../../disk/file-problem.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import type { ImageSource } from "../../files/image-source.ts";
import { carryOnErase, carryOnWrite } from "../../jobs/carry-on.ts";
import { printable } from "../../bytes.ts";
import type { JobContext } from "../../jobs/job-event.ts";
import { checkSameChip } from "../../journal/chip-proof.ts";
import { firstEndingBehind } from "../../jobs/byte-ranges.ts";
import { type JournalHead, readJournal, reopenJournal } from "../../journal/journal-file.ts";
import { journalFolder, journalFolders, leftHeads, type LeftJob } from "../../journal/journal-folder.ts";
import type { JobRecord } from "../../journal/journal-line.ts";
import { listedJob } from "../../journal/journal-summary.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import { takeBack } from "../../journal/take-back.ts";
import { type ChangeTools, changeChip } from "../../runner/change-chip.ts";
import type { Connected } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { ImageRequest } from "../image-request.ts";
import type { JournalSource } from "../../runner/job-journal.ts";
import { connectionOfJournal } from "../journal-connection.ts";
import { openImageRequest } from "../open-image-request.ts";
import type { Outcome } from "../outcome.ts";
import { count } from "../../runner/quantities.ts";
import type { Session } from "../session.ts";
import { shellWords } from "../shell-words.ts";
import { streamInto, streamSource } from "./stream.ts";
import { jobText, lockJournal, pickJob } from "./jobs.ts";

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
  const all = await headsOf(request, session);
  const left = pickJob(
    all.filter(({ journal }) => journal instanceof NorbridgeError || !journal.isDone),
    request.id,
    "resume",
  );
  return withJournal(left, "resume", session, async () => {
    const journal = await readJournal(left.path, "units", session);
    // What an undo puts back is read only where one was begun: it may be the whole chip.
    if (journal.state === "undoing") return undoJob(left, request, session);
    const connection = connectionOf(left, "resume", journal, request, session);
    const image = await imageOf(journal.job, request, session);
    try {
      checkApart(left, journal, image);
      const source = leftJournal(left, journal, folderOf(request, session), image);
      const text = jobText(listedJob(journal.job));
      return await changeChip(session, connection, source, (connected, tools) =>
        goOn({ id: left.id, text, job: journal.job }, image, connected, tools, session),
      );
    } finally {
      await image?.close();
    }
  });
}

export async function undo(request: UndoRequest, session: Session): Promise<Outcome> {
  const all = await headsOf(request, session);
  const able = all.filter(({ journal }) => !(journal instanceof NorbridgeError) && journal.job.keepsOld);
  const left = pickJob(request.id === "" ? able : all, request.id, "undo");
  return withJournal(left, "undo", session, () => undoJob(left, request, session));
}

function folderOf({ folder }: UndoRequest, { io }: Session): string {
  return folder ?? journalFolder(io.env);
}

function headsOf(request: UndoRequest, session: Session): Promise<readonly LeftHead[]> {
  session.report.waitsFor("the folder of the journals");
  return leftHeads(request.folder ?? journalFolders(session.io.env), session.signal);
}

type LeftHead = LeftJob<JournalHead>;

/** While nobody else can work on the journal. Throws why it cannot be used, EBUSY where somebody does. */
async function withJournal<T>(
  left: LeftHead,
  operation: string,
  { report }: Session,
  work: () => Promise<T>,
): Promise<T> {
  if (left.journal instanceof NorbridgeError) throw left.journal;
  const lock = await lockJournal(left, operation);
  try {
    report.waitsFor("the journal");
    return await work();
  } finally {
    lock.release();
  }
}

function keptBytes(held: ReadJournal["held"]): number {
  return held.flatMap(({ pieces }) => pieces).reduce((sum, { data }) => sum + data.length, 0);
}

/** The journal of a job that was left behind; the chip is looked at before anything is done to it. */
function leftJournal(
  left: LeftHead,
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
    async begin({ device }) {
      await checkSameChip(device, read, image);
      const journal = reopenJournal(left.path, read);
      begin(journal);
      return { journal, path: left.path };
    },
  };
}

/** The job to resume. `text` names it in the report at its end. */
interface LeftWork {
  readonly id: string;
  readonly text: string;
  readonly job: JobRecord;
}

async function goOn(
  { id, text, job }: LeftWork,
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
    const source = streamSource(image, job.image?.sha256 ?? "");
    return streamInto(connected, work, source, { journal, isKept: true }, session);
  }
  const restored = keptBytes(held);
  return {
    kind: "done",
    summary: `completed: ${text}; ${count(held.length, "sector")} written again, ${count(restored, "byte")} restored`,
    fields: { id, command: job.command, redoneUnits: held.length, restoredBytes: restored },
  };
}

/** Makes the chip hold again what the job found. Cut off, it goes on with `resume` or `undo` alike. */
async function undoJob(left: LeftHead, request: UndoRequest, session: Session): Promise<Outcome> {
  const read = await readJournal(left.path, "all", session);
  if (!read.job.keepsOld) {
    throw new NorbridgeError("CHECK_FAILED", `the job ${printable(left.id)} did not keep the old content`, {
      operation: "undo",
      hint: "Only a job that was started with --keep-old can be undone. `norbridge resume` restores the bytes around it.",
    });
  }
  const connection = connectionOf(left, "undo", read, request, session);
  const text = jobText(listedJob(read.job));
  const source = leftJournal(left, read, folderOf(request, session), undefined, (journal) => journal.beginUndo());
  return changeChip(session, connection, source, async (connected, { journal, onUnrestored }) => {
    const write = { offset: 0, verify: true, assumeBlank: false, retries: RETRIES, safe: journal, onUnrestored };
    const context = contextOf(connected, session);
    const restoredBytes = await takeBack(connected.device, read.old, journal.held, write, context);
    return {
      kind: "done",
      summary: `undone: ${text}; ${count(restoredBytes, "byte")} restored`,
      fields: { id: left.id, command: read.job.command, restoredBytes },
    };
  });
}

function contextOf({ device, clock }: Connected, session: Session): JobContext {
  return { clock, signal: session.signal, onEvent: session.report.watch(device.geometry, clock) };
}

/** As it was typed then, as far as a journal may say it, unless something is typed now. */
function connectionOf(
  left: LeftHead,
  command: string,
  { job, state }: ReadJournal,
  { connection, folder }: UndoRequest,
  { report }: Session,
): ConnectionRequest {
  // Who lifted the protection for a job meant it for all of it; what it was then is put back, unless that was done already.
  const protection = state === "done" ? undefined : job.protection;
  const lifted = { unprotect: connection.unprotect || protection !== undefined, protection };
  const isTyped = connection.hasTypedWords ?? connection.words.length > 0;
  // What holds here anyway, by the user's own settings, needs nobody's word.
  if (isTyped || shellWords(connection.words) === shellWords(job.connection)) return { ...connection, ...lifted };
  const named = { ...left, folderWords: folder === undefined ? [] : ["--journal", folder] };
  const then = connectionOfJournal(named, command, job.connection);
  if (then.words.length > 0) report.note(`connecting as the journal says: ${shellWords(then.words)}`);
  const { recordFile } = connection;
  return { ...then, port: then.port ?? connection.port, recordFile, ...lifted };
}

/** The image of the job. Throws FILE_INVALID for another one, USAGE for one that nobody can read again. */
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
  session.report.waitsFor("the image");
  const image = await openImageRequest({ file, format, base, offset: job.address, lengthBytes }, session);
  try {
    // A journal may name any file: one of another length is not read.
    const isLength =
      job.command === "stream" ? image.totalBytes <= job.lengthBytes : image.totalBytes === job.lengthBytes;
    if (isLength && (await imageSha256(image, { clock: session.io.clock, signal: session.signal })) === sha256)
      return image;
  } catch (error) {
    await image.close();
    throw error;
  }
  await image.close();
  throw fileInvalid(file, "is not the image that the job began with", {
    hint: "Nothing was changed. Name the right one with --image, or write the new one and discard the journal.",
  });
}

/** What lies around the target is no part of it. Throws FILE_INVALID for a journal that says so. */
function checkApart({ path }: LeftHead, { job, held }: ReadJournal, image: ImageSource | undefined): void {
  const { address, lengthBytes } = job;
  const target = image?.segments.map((part) => ({ ...part, address: part.address + address })) ?? [
    { address, lengthBytes },
  ];
  for (const piece of held.flatMap(({ pieces }) => pieces)) {
    const part = target[firstEndingBehind(target, piece.address)];
    if (part === undefined || part.address >= piece.address + piece.data.length) continue;
    throw fileInvalid(path, "cannot be used: what it holds from around the target is in the middle of it", {
      hint: "Nothing was changed. The preserved bytes are in its lines, as base64.",
    });
  }
}

const FORMATS: readonly NonNullable<ImageRequest["format"]>[] = ["bin", "hex", "srec", "uf2", "elf"];
