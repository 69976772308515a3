/** `norbridge jobs`: the journals that were left behind. */
import { formatAddress, formatRange, printable } from "../../bytes.ts";
import { isoTime } from "../../clock.ts";
import { NorbridgeError } from "../../errors.ts";
import { type FileLock, lockFile } from "../../disk/file-lock.ts";
import type { ListedJob } from "../../journal/journal-summary.ts";
import { journalFolders, leftHeads, type LeftJob, leftJobs, removeJournal } from "../../journal/journal-folder.ts";
import type { JsonFields, Outcome } from "../outcome.ts";
import { count } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../session.ts";

export interface JobsRequest {
  readonly folder: string | undefined;
  readonly discard: string | undefined;
}

export async function jobs(request: JobsRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolders(session.io.env);
  session.report.waitsFor("the folder of the journals");
  if (request.discard !== undefined) {
    const job = pickJob(await leftHeads(folder, session.signal), request.discard, "discard");
    await discard(job);
    return { kind: "done", summary: `removed the journal ${job.id}`, fields: { id: job.id } };
  }
  session.endWithStdout();
  const all = await leftJobs(folder, session.signal);
  session.report.text(alignedRows(all.map((job) => [job.id, stateOf(job), textOf(job)].map(printable))));
  if (all.length === 0) return { kind: "done", summary: "no job was left behind", fields: { jobs: [] } };
  return { kind: "done", fields: { jobs: all.map(fieldsOf) } };
}

function fieldsOf(left: LeftJob): JsonFields {
  const { id, path, journal, runner } = left;
  const common = { id, state: stateOf(left), text: textOf(left), journal: path, process: runner ?? null };
  if (journal instanceof NorbridgeError) return { ...common, heldBytes: null, canUndo: false };
  const { command, imageFile, address, lengthBytes, chip, keepsOld, startedAtMs } = journal.job;
  return {
    ...common,
    command,
    file: imageFile ?? null,
    address,
    lengthBytes,
    chip: {
      name: chip.name,
      jedecId: chip.jedecId,
      uniqueId: chip.uniqueId,
      ...(chip.capacityBytes === undefined ? {} : { capacityBytes: chip.capacityBytes }),
    },
    startedAt: startedAtMs === undefined ? null : isoTime(startedAtMs),
    heldBytes: journal.heldBytes,
    canUndo: keepsOld,
  };
}

/** Throws EBUSY where somebody works on it, FILE_EXISTS and FILE_INVALID where it cannot be removed. */
async function discard(job: AnyJob): Promise<void> {
  const lock = await lockJournal(job, "discard");
  try {
    removeJournal(job.path);
  } finally {
    lock.release();
  }
}

/** A job of whose journal nothing is asked but what it is called. */
type AnyJob = LeftJob<unknown>;

/** The journal of a job, ours until it is released. Throws EBUSY where somebody else works on it. */
export async function lockJournal({ id, path, runner }: AnyJob, operation: string): Promise<FileLock> {
  const lock = await lockFile(path);
  if (lock.kind === "taken") {
    throw stillRuns(id, lock.pid, operation, `If no such program runs, remove ${printable(lock.claim)}.`);
  }
  // One of the version before has no lock: only the process that began it is known.
  if (runner === undefined) return lock;
  lock.release();
  throw stillRuns(
    id,
    runner,
    operation,
    `If that is another program, remove ${printable(path)} by hand to give it up.`,
  );
}

/** The job of that ID, or the only one. Throws CHECK_FAILED where there is none, USAGE where several could be meant. */
export function pickJob<T extends AnyJob>(all: readonly T[], id: string, operation: string): T {
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

function stillRuns(id: string, pid: number, operation: string, otherwise: string): NorbridgeError {
  return new NorbridgeError("EBUSY", `the job ${printable(id)} still runs, as process ${pid}`, {
    operation,
    hint: `Wait for it, or end it first. ${otherwise}`,
  });
}

/** A job in one line, with what it holds. */
function textOf({ journal }: LeftJob): string {
  if (journal instanceof NorbridgeError) return journal.message;
  const { heldBytes } = journal;
  const held = heldBytes === 0 ? "no bytes to restore" : `${count(heldBytes, "byte")} to restore`;
  return `${jobText(journal.job)}, ${held}`;
}

/** A job in one line, for people: whatever a journal says is somebody else's text. */
export function jobText({ command, imageFile, address, lengthBytes, chip }: ListedJob): string {
  const what = imageFile === undefined ? "" : ` ${printable(imageFile)}`;
  const where = command === "write" ? `at ${formatAddress(address)}` : formatRange({ address, lengthBytes });
  return `${command}${what} ${where} on ${printable(chip.name)}`;
}

function stateOf({ journal, runner }: LeftJob): string {
  if (journal instanceof NorbridgeError) return "damaged";
  if (runner !== undefined) return "running";
  return { begun: "interrupted", undoing: "undo interrupted", done: "done" }[journal.state];
}

/** So many IDs are named. */
const MOST_NAMED = 20;

function namesOf(jobs: readonly AnyJob[]): string {
  const ids = jobs.slice(0, MOST_NAMED).map(({ id }) => printable(id));
  return jobs.length > MOST_NAMED ? `${ids.join(", ")} and others` : ids.join(", ");
}
