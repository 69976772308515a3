/** `norbridge resume`, `norbridge jobs`: jobs that were killed, and what it takes to end them. */
import { formatRange, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { fileInvalid } from "../../files/file-problem.ts";
import { imageSha256 } from "../../files/image-hash.ts";
import { type ImageSource, memoryImage } from "../../files/image-source.ts";
import { overlayImage } from "../../files/overlay-image.ts";
import { eraseRange } from "../../jobs/erase-range.ts";
import type { JobContext } from "../../jobs/job-event.ts";
import { writeImage } from "../../jobs/write/write-image.ts";
import { type JobRecord, JournalFile, type ReadJournal } from "../../journal/journal-file.ts";
import { journalFolder, type LeftJob, leftJobs, removeJournal } from "../../journal/journal-folder.ts";
import { type Connected, withDevice } from "../connect.ts";
import { type ConnectionRequest, readConnection } from "../connection-request.ts";
import type { ImageRequest } from "../image-request.ts";
import { chipOf } from "../job-journal.ts";
import { openImageRequest } from "../open-image-request.ts";
import { Arguments } from "../option.ts";
import type { Outcome } from "../outcome.ts";
import { count } from "../output/quantities.ts";
import { alignedRows } from "../output/table.ts";
import { saveRescueFiles } from "../rescue.ts";
import type { Session } from "../session.ts";

export interface ResumeRequest {
  /** "": the only one there is. */
  readonly id: string;
  readonly connection: ConnectionRequest;
  readonly folder: string | undefined;
  /** Where the image is now; undefined: where it was. */
  readonly imageFile: string | undefined;
}

export interface JobsRequest {
  readonly folder: string | undefined;
  readonly discard: string | undefined;
}

const RETRIES = 2;
const OPERATION = "resume";

export function jobs(request: JobsRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolder(session.io.env);
  const all = leftJobs(folder);
  if (request.discard !== undefined) {
    const job = pick(all, request.discard);
    removeJournal(job.path);
    return Promise.resolve({ kind: "done", summary: `removed the journal ${job.id}`, fields: { id: job.id } });
  }
  session.report.text(alignedRows(all.map((job) => [job.id, stateOf(job), textOf(job)].map(printable))));
  if (all.length === 0) {
    return Promise.resolve({ kind: "done", summary: "no job was left behind", fields: { jobs: [] } });
  }
  const fields = all.map((job) => ({
    id: job.id,
    state: stateOf(job),
    text: textOf(job),
    heldBytes: job.journal instanceof NorbridgeError ? null : heldBytes(job.journal),
  }));
  return Promise.resolve({ kind: "done", fields: { jobs: fields } });
}

export async function resume(request: ResumeRequest, session: Session): Promise<Outcome> {
  const left = pick(leftJobs(request.folder ?? journalFolder(session.io.env)), request.id);
  const { journal } = left;
  if (journal instanceof NorbridgeError) throw journal;
  if (left.isRunning) {
    throw new NorbridgeError("EBUSY", `the job ${left.id} still runs, as process ${journal.job.process.pid}`, {
      operation: OPERATION,
      hint: "Wait for it, or end it first.",
    });
  }
  const image = await imageOf(journal.job, request, session);
  try {
    return await withDevice(session, connectionOf(journal.job, request), { willChange: true }, async (connected) => {
      await checkChip(journal.job, connected);
      return goOn(left, journal, image, connected, session);
    });
  } finally {
    await image?.close();
  }
}

async function goOn(
  left: LeftJob,
  { job, held }: ReadJournal,
  image: ImageSource | undefined,
  { device, clock }: Connected,
  session: Session,
): Promise<Outcome> {
  const safe = JournalFile.reopen(left.path);
  const context: JobContext = {
    clock,
    signal: session.signal,
    onEvent: session.report.watch(device.geometry, clock),
  };
  const onUnrestored = (pieces: readonly { readonly address: number; readonly data: Uint8Array }[]): string =>
    saveRescueFiles(session.io.cwd, pieces, job.connection);
  const pieces = held.flatMap((unit) => unit.pieces);
  const request = { offset: 0, verify: true, assumeBlank: false, retries: RETRIES, safe, onUnrestored };
  try {
    if (image !== undefined) {
      const whole = overlayImage(image, job.address, pieces);
      await writeImage(device, whole, { ...request, distrusted: held }, context);
    } else {
      // What was around the range first: the erase behind it keeps it then like anything else.
      if (pieces.length > 0) {
        await writeImage(device, memoryImage("kept bytes", pieces), { ...request, distrusted: held }, context);
      }
      const { address, lengthBytes } = job;
      const erase = { keepOutside: true as const, safe, onUnrestored, distrusted: held };
      await eraseRange(device, { address, lengthBytes }, erase, context);
    }
  } finally {
    safe.close();
  }
  removeJournal(left.path);
  const restored = pieces.reduce((sum, { data }) => sum + data.length, 0);
  return {
    kind: "done",
    summary: `${textOf(left)}: done; ${count(held.length, "sector")} done again, ${count(restored, "byte")} put back`,
    fields: { id: left.id, command: job.command, redoneUnits: held.length, restoredBytes: restored },
  };
}

/** The job of that ID, or the only one. Throws CHECK_FAILED where there is none, USAGE where several could be meant. */
function pick(all: readonly LeftJob[], id: string): LeftJob {
  const found = id === "" ? all : all.filter((job) => job.id === id);
  const [job, ...others] = found;
  if (job === undefined) {
    const what = id === "" ? "no job was left behind" : `no job ${printable(id)} was left behind`;
    throw new NorbridgeError("CHECK_FAILED", what, { operation: OPERATION, hint: "`norbridge jobs` lists them." });
  }
  if (others.length === 0) return job;
  throw new NorbridgeError("USAGE", `${found.length} jobs were left behind`, {
    operation: OPERATION,
    hint: `Name one: ${found.map((one) => one.id).join(", ")}. \`norbridge jobs\` says what they are.`,
  });
}

/** As it was typed then, unless something is typed now. */
function connectionOf(job: JobRecord, { connection }: ResumeRequest): ConnectionRequest {
  if (connection.words.length > 0) return connection;
  const values = new Map<string, unknown>();
  for (let index = 0; index < job.connection.length; index++) {
    const name = (job.connection[index] ?? "").slice(2);
    const next = job.connection[index + 1];
    if (next === undefined || next.startsWith("--")) {
      values.set(name, true);
    } else {
      values.set(name, next);
      index++;
    }
  }
  return { ...readConnection(new Arguments(values, [])), unprotect: connection.unprotect };
}

async function imageOf(job: JobRecord, request: ResumeRequest, session: Session): Promise<ImageSource | undefined> {
  if (job.image === undefined) return undefined;
  const file = request.imageFile ?? job.image.file;
  if (file === "-") {
    throw new NorbridgeError("USAGE", "the image came from standard input", {
      operation: OPERATION,
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

/** Throws CHIP_CHANGED. */
async function checkChip({ chip }: JobRecord, { device }: Connected): Promise<void> {
  const now = await chipOf(device);
  if (now.jedecId === chip.jedecId && now.uniqueId === chip.uniqueId) return;
  const what =
    now.jedecId === chip.jedecId ? "it has another unique ID" : `it answers ${now.jedecId}, not ${chip.jedecId}`;
  throw new NorbridgeError("CHIP_CHANGED", `this is not the ${chip.name} that the job began with: ${what}`, {
    operation: OPERATION,
  });
}

function stateOf({ journal, isRunning }: LeftJob): string {
  return journal instanceof NorbridgeError ? "damaged" : isRunning ? "running" : "interrupted";
}

function textOf({ journal }: LeftJob): string {
  if (journal instanceof NorbridgeError) return journal.message;
  const { command, image, address, lengthBytes, chip } = journal.job;
  const what = image === undefined ? "" : ` ${image.file}`;
  const where = image === undefined ? formatRange({ address, lengthBytes }) : `at ${address}`;
  return `${command}${what} ${where} on ${chip.name}, ${count(heldBytes(journal), "byte")} held`;
}

function heldBytes({ held }: ReadJournal): number {
  return held.flatMap(({ pieces }) => pieces).reduce((sum, { data }) => sum + data.length, 0);
}
