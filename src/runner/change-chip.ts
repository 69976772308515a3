/**
 * Runs every command that writes or erases. It starts a journal before the first change and reconnects if the bridge was lost.
 * At the end, either nothing is left over, or the place of every byte is reported.
 */
import { advice, type Advice } from "../advice.ts";
import { causeIn, isOf } from "../error-groups.ts";
import { NorbridgeError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { KeptPiece, UnrestoredHandler } from "../jobs/run-job.ts";
import { type Connected, type ConnectOptions, withDevice } from "./with-chip.ts";
import type { ConnectionRequest } from "./connection-request.ts";
import { JobJournal, type JournalSource } from "./job-journal.ts";
import type { RunHost } from "./run-host.ts";

export interface ChangeTools {
  /** What the job did before, on this or an earlier connection; the job adds to it. */
  readonly journal: Journal;
  /** Whether the journal survives the end of this program. */
  readonly isKept: boolean;
  readonly onUnrestored: UnrestoredHandler;
}

/** A chip that jobs run on, whether it is opened for each of them or stays open. */
export interface ChipAccess {
  readonly connection: Pick<ConnectionRequest, "port" | "words">;
  /** Runs a job on the chip, again over each new connection. */
  run<T>(options: ConnectOptions, job: (connected: Connected) => Promise<T>): Promise<T>;
}

/** A chip that is opened for each job, and closed after it. */
export function openedForEach(host: RunHost, connection: ConnectionRequest): ChipAccess {
  return { connection, run: (options, job) => withDevice(host, connection, options, job) };
}

/** As `changeOn`, on a chip that is opened for this job. */
export function changeChip<T>(
  host: RunHost,
  connection: ConnectionRequest,
  source: JournalSource,
  job: (connected: Connected, tools: ChangeTools) => Promise<T>,
): Promise<T> {
  return changeOn(openedForEach(host, connection), host, source, job);
}

/**
 * Runs `job`, again over each new connection. Throws what it throws; INTERRUPTED_FINAL reports which files have the bytes.
 * If a journal has them and a new attempt can restore them, it is INTERRUPTED.
 */
export async function changeOn<T>(
  chip: ChipAccess,
  host: RunHost,
  source: JournalSource,
  job: (connected: Connected, tools: ChangeTools) => Promise<T>,
): Promise<T> {
  const rescue = await host.loadRescue();
  const journals = new JobJournal(source, host);
  let unrestored: readonly KeptPiece[] = [];
  const onUnrestored = (pieces: readonly KeptPiece[]): undefined => {
    unrestored = pieces;
  };
  let result: T;
  try {
    await journals.prepare();
    const prove: ConnectOptions["prove"] = (connected, lifted) => journals.begin(connected, lifted);
    // A program that is killed before the protection is restored leaves a journal that says what it was.
    const conclude: ConnectOptions["conclude"] = ({ device }) => journals.succeed(device);
    const options = { willChange: true, mayReconnect: true, prove, conclude };
    result = await chip.run(options, async (connected) => {
      unrestored = [];
      const { journal, isKept } = journals;
      return job(connected, { journal, isKept, onUnrestored });
    });
  } catch (error) {
    const remedies = journals.fail();
    const hint = remedies && advice("The journal is kept.", ...remedies);
    closeAfterFailure(journals, host);
    if (!(error instanceof NorbridgeError)) throw error;
    if (hint !== undefined && error.code === "INTERRUPTED") throw withHint(error, hint);
    if (error.code !== "INTERRUPTED_FINAL") {
      if (hint !== undefined) host.report.note("the journal is kept", hint.remedies);
      throw error;
    }
    // The journal has every byte; only if the chip itself failed, a new attempt may fail as well.
    if (hint !== undefined && causeIn(error, (one) => isOf(one, "changeFailed")) === undefined)
      throw withHint(error, hint, "INTERRUPTED");
    throw withHint(error, rescue(unrestored, chip.connection.words));
  }
  try {
    await journals.prune();
  } finally {
    journals.close();
  }
  return result;
}

/** The error of the job is more important than an error of its journal. */
function closeAfterFailure(journals: JobJournal, { report }: RunHost): void {
  try {
    journals.close();
  } catch (error) {
    report.warn(error instanceof Error ? error.message : String(error));
  }
}

function withHint(error: NorbridgeError, hint: string | Advice, code = error.code): NorbridgeError {
  const { operation, range } = error;
  const details = { operation, hint, cause: error, range };
  return new NorbridgeError(code, error.message, details);
}
