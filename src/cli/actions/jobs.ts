/** `norbridge jobs`: the journals that were left behind. */
import { formatRange, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { type FileLock, lockFile } from "../../disk/file-lock.ts";
import { journalFolder, type LeftJob, leftJobs, removeJournal } from "../../journal/journal-folder.ts";
import type { Outcome } from "../outcome.ts";
import { count } from "../output/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../session.ts";

export interface JobsRequest {
  readonly folder: string | undefined;
  readonly discard: string | undefined;
}

export async function jobs(request: JobsRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolder(session.io.env);
  session.report.waitsFor("the folder of the journals");
  const all = await leftJobs(folder, session.signal);
  if (request.discard !== undefined) {
    const job = pickJob(all, request.discard, "discard");
    await discard(job);
    return { kind: "done", summary: `removed the journal ${job.id}`, fields: { id: job.id } };
  }
  session.report.text(alignedRows(all.map((job) => [job.id, stateOf(job), textOf(job)].map(printable))));
  if (all.length === 0) return { kind: "done", summary: "no job was left behind", fields: { jobs: [] } };
  const fields = all.map((job) => ({
    id: job.id,
    state: stateOf(job),
    text: textOf(job),
    heldBytes: job.journal instanceof NorbridgeError ? null : job.journal.heldBytes,
    canUndo: !(job.journal instanceof NorbridgeError) && job.journal.job.keepsOld,
  }));
  return { kind: "done", fields: { jobs: fields } };
}

/** Throws EBUSY where somebody works on it, FILE_EXISTS where it cannot be removed. */
async function discard(job: LeftJob): Promise<void> {
  refuseRunning(job, "discard");
  const lock = await lockJournal(job, "discard");
  try {
    removeJournal(job.path);
  } finally {
    lock.release();
  }
}

/** The journal of a job, ours until it is released. Throws EBUSY where somebody else works on it. */
export async function lockJournal({ id, path }: LeftJob, operation: string): Promise<FileLock> {
  const lock = await lockFile(path);
  if (lock.kind === "held") return lock;
  throw new NorbridgeError("EBUSY", `the job ${printable(id)} is being worked on, by process ${lock.pid}`, {
    operation,
    hint: `Wait for it, or end it first. If no such program runs, remove ${printable(lock.claim)}.`,
  });
}

/** The job of that ID, or the only one. Throws CHECK_FAILED where there is none, USAGE where several could be meant. */
export function pickJob(all: readonly LeftJob[], id: string, operation: string): LeftJob {
  const found = id === "" ? all : all.filter((job) => job.id === id);
  const [job, ...others] = found;
  if (job === undefined) {
    const what = id === "" ? `there is no job to ${operation}` : `no job ${printable(id)} was left behind`;
    throw new NorbridgeError("CHECK_FAILED", what, { operation, hint: "`norbridge jobs` lists them." });
  }
  if (others.length === 0) return job;
  throw new NorbridgeError("USAGE", `there are ${found.length} jobs to ${operation}`, {
    operation,
    hint: `Name one: ${namesOf(found)}. \`norbridge jobs\` says what they are.`,
  });
}

/** Throws EBUSY if the program that writes the journal is still at it. */
export function refuseRunning({ id, isRunning, journal }: LeftJob, operation: string): void {
  if (!isRunning) return;
  const which = journal instanceof NorbridgeError ? "" : ` (it was begun by process ${journal.job.process.pid})`;
  throw new NorbridgeError("EBUSY", `the job ${printable(id)} still runs${which}`, {
    operation,
    hint: "Wait for it, or end it first.",
  });
}

/** A job in one line. */
export function textOf({ journal }: LeftJob): string {
  if (journal instanceof NorbridgeError) return journal.message;
  const { command, image, address, lengthBytes, chip } = journal.job;
  // Whatever a journal says is somebody else's text.
  const what = image === undefined ? "" : ` ${printable(image.file)}`;
  const where = command === "write" ? `at ${address}` : formatRange({ address, lengthBytes });
  return `${command}${what} ${where} on ${printable(chip.name)}, ${count(journal.heldBytes, "byte")} held`;
}

function stateOf({ journal, isRunning }: LeftJob): string {
  if (journal instanceof NorbridgeError) return "damaged";
  if (isRunning) return "running";
  return { begun: "interrupted", undoing: "undo interrupted", done: "done" }[journal.state];
}

/** So many IDs are named. */
const MOST_NAMED = 20;

function namesOf(jobs: readonly LeftJob[]): string {
  const ids = jobs.slice(0, MOST_NAMED).map(({ id }) => printable(id));
  return jobs.length > MOST_NAMED ? `${ids.join(", ")} and others` : ids.join(", ");
}
