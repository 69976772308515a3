/** `norbridge jobs`: the journals of interrupted jobs. */
import { printable } from "../../bytes.ts";
import { isoTime } from "../../clock.ts";
import { NorbridgeError } from "../../errors.ts";
import { discardJournal } from "../../journal/folder-shelf.ts";
import { journalFolders, leftHeads, leftJobs } from "../../journal/journal-folder.ts";
import type { LeftJob } from "../../journal/left-job.ts";
import { jobText, pickJob, stateOf } from "../../runner/left-job.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { count } from "../../runner/quantities.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";

export interface JobsRequest {
  readonly folder: string | undefined;
  readonly discard: string | undefined;
}

export async function jobs(request: JobsRequest, session: Session): Promise<Outcome> {
  const folder = request.folder ?? journalFolders(session.io.env);
  session.report.waitsFor("the folder of the journals");
  if (request.discard !== undefined) {
    const job = pickJob(await leftHeads(folder, session.signal), request.discard, "discard");
    await discardJournal(job);
    return { kind: "done", summary: `removed the journal ${job.id}`, fields: { id: job.id } };
  }
  session.endWithStdout();
  const all = await leftJobs(folder, session.signal);
  session.report.text(alignedRows(all.map((job) => [job.id, stateOf(job), textOf(job)].map(printable))));
  if (all.length === 0) return { kind: "done", summary: "no interrupted jobs", fields: { jobs: [] } };
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
      capacityBytes: chip.capacityBytes,
    },
    startedAt: startedAtMs === undefined ? null : isoTime(startedAtMs),
    heldBytes: journal.heldBytes,
    canUndo: keepsOld,
  };
}

/** A job in one line, with the number of preserved bytes. */
function textOf({ journal }: LeftJob): string {
  if (journal instanceof NorbridgeError) return journal.message;
  const { heldBytes } = journal;
  const held = heldBytes === 0 ? "no bytes to restore" : `${count(heldBytes, "byte")} to restore`;
  return `${jobText(journal.job)}, ${held}`;
}
