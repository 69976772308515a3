/**
 * The frame of every command that writes or erases: a journal begun before the first change, a new connection where the bridge
 * was lost, and at the end either nothing left behind or every byte in a place that is named.
 */
import { systemReason } from "../disk/file-problem.ts";
import { NorbridgeError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { KeptPiece, UnrestoredHandler } from "../jobs/run-job.ts";
import { type Connected, type ConnectOptions, withDevice } from "./connect.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { JobJournal, type JournalSource } from "./job-journal.ts";
import { rescueFolders, saveRescueFiles } from "./rescue.ts";
import type { Session } from "./session.ts";

export interface ChangeTools {
  /** What the job did before, on this connection or the ones before it, and where it says what it does. */
  readonly journal: Journal;
  /** Whether the journal outlives this program. */
  readonly isKept: boolean;
  readonly onUnrestored: UnrestoredHandler;
}

/**
 * Connects and runs `job`, once more over each new connection. Throws what it throws; INTERRUPTED_FINAL says which files
 * hold the bytes, unless a journal does and a new attempt could put them back: then it is INTERRUPTED.
 */
export async function changeChip<T>(
  session: Session,
  connection: ConnectionRequest,
  source: JournalSource,
  job: (connected: Connected, tools: ChangeTools) => Promise<T>,
): Promise<T> {
  const journals = new JobJournal(source, session);
  let unrestored: readonly KeptPiece[] = [];
  const onUnrestored = (pieces: readonly KeptPiece[]): undefined => {
    unrestored = pieces;
  };
  let isDone = false;
  try {
    await journals.prepare();
    const prove: ConnectOptions["prove"] = ({ device }, lifted) => journals.begin(device, lifted);
    const done = await withDevice(
      session,
      connection,
      { willChange: true, mayReconnect: true, prove },
      async (connected) => {
        unrestored = [];
        const { journal, isKept } = journals;
        const result = await job(connected, { journal, isKept, onUnrestored });
        await journals.succeed(connected.device);
        return result;
      },
    );
    await journals.prune();
    isDone = true;
    return done;
  } catch (error) {
    const hint = journals.fail();
    if (!(error instanceof NorbridgeError)) throw error;
    if (hint !== undefined && error.code === "INTERRUPTED") throw withHint(error, hint);
    if (error.code !== "INTERRUPTED_FINAL") {
      if (hint !== undefined) session.report.note(`the journal is kept: ${hint}`);
      throw error;
    }
    // The journal has every byte; only where the chip itself fails a new attempt may fail as well.
    if (hint !== undefined && !isChipFailure(error)) throw withHint(error, hint, "INTERRUPTED");
    throw withHint(error, saveRescueFiles(rescueFolders(session.io), unrestored, connection.words));
  } finally {
    closeJournal(journals, isDone, session);
  }
}

/** Throws where the job went well and its journal is not whole: an undo was promised on it. */
function closeJournal(journals: JobJournal, isDone: boolean, { report }: Session): void {
  try {
    journals.close();
  } catch (error) {
    const why = `the journal could not be closed: ${systemReason(error)}`;
    if (isDone) throw new NorbridgeError("FILE_EXISTS", `the job was done, but ${why}`, { operation: "write journal" });
    report.warn(why);
  }
}

/** Whether it was erase, program or verify that failed, and not the way to the chip or the disk. */
function isChipFailure(error: unknown): boolean {
  if (!(error instanceof NorbridgeError)) return false;
  return ["EIO", "EFAULT", "EBUSY"].includes(error.code) || isChipFailure(error.cause);
}

function withHint(error: NorbridgeError, hint: string, code = error.code): NorbridgeError {
  const { operation, range } = error;
  const details = { operation, hint, cause: error, ...(range === undefined ? {} : { range }) };
  return new NorbridgeError(code, error.message, details);
}
