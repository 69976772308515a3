/** The journal of a command that changes the chip: begun before it, removed when it is done, left where it was killed. */
import { printable } from "../bytes.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { JobSafe } from "../jobs/job-safe.ts";
import { JournalFile, type JobRecord } from "../journal/journal-file.ts";
import { ownMark } from "../journal/process-mark.ts";
import { journalFolder, leftJobs, newJournalPath, removeJournal } from "../journal/journal-folder.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import type { JournalRequest } from "./journal-request.ts";
import type { Session } from "./session.ts";

/** What identifies a chip: its ID, and its own number where it has one. */
export async function chipOf(device: FlashDevice): Promise<JobRecord["chip"]> {
  const { name, jedecId } = device.identity;
  return { name, jedecId, uniqueId: (await device.services?.readUniqueId?.()) ?? "" };
}

/**
 * Runs `job` with a journal. A simulated chip and a dump get one only where a folder is named: they live and die with this
 * program. Throws what `job` throws; the journal stays then if anything in it is still to be done.
 */
export async function withJournal<T>(
  device: FlashDevice,
  connection: ConnectionRequest,
  request: JournalRequest,
  session: Session,
  record: Omit<JobRecord, "v" | "chip" | "connection" | "process">,
  job: (safe: JobSafe | undefined) => Promise<T>,
): Promise<T> {
  const isReal = connection.port?.kind !== "sim" && connection.port?.kind !== "image";
  if (request.isOff || (request.folder === undefined && !isReal)) return job(undefined);
  const folder = request.folder ?? journalFolder(session.io.env);
  const chip = await chipOf(device);
  noteLeftJobs(folder, chip, session);
  const path = newJournalPath(folder, session.io.random);
  const journal = JournalFile.create(path, { v: 1, ...record, chip, connection: connection.words, process: ownMark() });
  const units = new Set<number>();
  const safe: JobSafe = {
    hold(held) {
      journal.hold(held);
      for (const { address } of held) units.add(address);
    },
    release(address) {
      journal.release(address);
      units.delete(address);
    },
  };
  try {
    const result = await job(safe);
    removeJournal(path);
    return result;
  } catch (error) {
    if (units.size === 0) removeJournal(path);
    else session.report.note(`the journal is kept: \`norbridge resume ${idOf(path)}\` goes on with it`);
    throw error;
  } finally {
    journal.close();
  }
}

/** The name of a journal without folder and ending. */
function idOf(path: string): string {
  return /([0-9a-f]+)\.journal$/.exec(path)?.[1] ?? "";
}

function noteLeftJobs(folder: string, chip: JobRecord["chip"], session: Session): void {
  for (const { id, journal, isRunning } of leftJobs(folder)) {
    if (journal instanceof Error || isRunning) continue;
    const { chip: other } = journal.job;
    if (other.jedecId !== chip.jedecId || other.uniqueId !== chip.uniqueId) continue;
    session.report.warn(
      `a job on a ${printable(other.name)} was interrupted and never ended: \`norbridge resume ${id}\` puts back what it holds`,
    );
  }
}
