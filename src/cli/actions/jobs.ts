/** `norbridge jobs`: the journals that were left behind. */
import { formatRange, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { journalFolder, type LeftJob, leftJobs, removeJournal } from "../../journal/journal-folder.ts";
import type { KeptPiece } from "../../jobs/run-job.ts";
import type { ReadJournal } from "../../journal/read-journal.ts";
import type { Outcome } from "../outcome.ts";
import { count } from "../output/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../session.ts";

export interface JobsRequest {
  readonly folder: string | undefined;
  readonly discard: string | undefined;
}

export function jobs(request: JobsRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolder(session.io.env);
  const all = leftJobs(folder);
  if (request.discard !== undefined) {
    const job = pickJob(all, request.discard, "discard");
    refuseRunning(job, "discard");
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
    heldBytes: job.journal instanceof NorbridgeError ? null : heldBytes(heldPieces(job.journal)),
    canUndo: !(job.journal instanceof NorbridgeError) && job.journal.job.keepsOld,
  }));
  return Promise.resolve({ kind: "done", fields: { jobs: fields } });
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
    hint: `Name one: ${found.map((one) => one.id).join(", ")}. \`norbridge jobs\` says what they are.`,
  });
}

/** Throws EBUSY if the program that writes the journal is still at it. */
export function refuseRunning({ id, isRunning, journal }: LeftJob, operation: string): void {
  if (!isRunning || journal instanceof NorbridgeError) return;
  throw new NorbridgeError("EBUSY", `the job ${id} still runs, as process ${journal.job.process.pid}`, {
    operation,
    hint: "Wait for it, or end it first.",
  });
}

/** A job in one line. */
export function textOf({ journal }: LeftJob): string {
  if (journal instanceof NorbridgeError) return journal.message;
  const { command, image, address, lengthBytes, chip } = journal.job;
  const what = image === undefined ? "" : ` ${image.file}`;
  const where = command === "write" ? `at ${address}` : formatRange({ address, lengthBytes });
  return `${command}${what} ${where} on ${chip.name}, ${count(heldBytes(heldPieces(journal)), "byte")} held`;
}

function stateOf({ journal, isRunning }: LeftJob): string {
  if (journal instanceof NorbridgeError) return "damaged";
  if (isRunning) return "running";
  return { begun: "interrupted", undoing: "undo interrupted", done: "done" }[journal.state];
}

/** What an undo would put back, or else a resume. */
function heldPieces({ job, old, held }: ReadJournal): readonly KeptPiece[] {
  return job.keepsOld ? old : held.flatMap((unit) => unit.pieces);
}

function heldBytes(pieces: readonly { readonly data: Uint8Array }[]): number {
  return pieces.reduce((sum, { data }) => sum + data.length, 0);
}
