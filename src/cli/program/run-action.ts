/** Runs a command under Ctrl-C and says how it ended. */
import { type Clock, withDeadline } from "../../clock.ts";
import { ERROR_TABLE, NorbridgeError } from "../../errors.ts";
import type { CliIo, OutputLoss } from "./cli-io.ts";
import type { Action } from "../arguments/command.ts";
import { failureOf } from "./exit-code.ts";
import { Interrupt, LEAVE_WITHIN_US } from "./interrupt.ts";
import { Report, type ReportOptions } from "../output/report.ts";
import { type CommandLine, Session } from "./session.ts";

/** Exit code of a check that says no. */
const EXIT_NO = 1;
/** Whether the job keeps a journal is not known here. */
const HOW_TO_RESUME =
  "`norbridge resume` completes the job and restores lifted protection. If `norbridge jobs` lists no job, run the same command again.";
/** At least so often something is said while a command waits, microseconds; and how often is looked whether it is due. */
const QUIET_US = 4_000_000;
const BEAT_US = 1_000_000;

/** Runs an action to its end; returns the exit code. Never throws. */
export async function runAction(
  action: Action,
  io: CliIo,
  options: ReportOptions,
  line: CommandLine = { words: [], parse: neverParsed },
): Promise<number> {
  const report = new Report(io, options);
  const interrupt = new Interrupt(io, {
    onFirst: () => {
      report.warn("stopping after the current step; press Ctrl-C again to exit at once");
    },
    onStuck: (seconds) => {
      report.warn(`no progress for ${seconds} s: exiting now`);
    },
    progress: () => report.events,
  });
  const session = new Session(io, report, interrupt, line);
  const ended = new AbortController();
  void beat(report, io.clock, ended.signal);
  try {
    const outcome = await Promise.race([action(session), interrupt.leave]);
    if (outcome === "leave") return await leaveAtOnce(session);
    const exitCode = outcome.kind === "done" ? 0 : EXIT_NO;
    session.recorder?.end(exitCode, "");
    return withRecording(exitCode, session, (exit) => {
      report.outcome(outcome, exit);
    });
  } catch (error) {
    // The reader of a dump went away: it has what it wanted.
    if (session.endedWithStdout && error instanceof NorbridgeError && error.code === "ECANCELED") return 0;
    const { exitCode, code } = failureOf(error);
    session.recorder?.end(exitCode, code);
    return withRecording(exitCode, session, (exit) => {
      report.failure(failureOf(error), exit);
    });
  } finally {
    ended.abort();
    report.endProgress();
    interrupt.dispose();
  }
}

/** Says that the command waits, as long as it does. */
async function beat(report: Report, clock: Clock, ended: AbortSignal): Promise<void> {
  for (;;) {
    await clock.wait(BEAT_US, ended);
    if (ended.aborted) return;
    report.beat(QUIET_US);
  }
}

/** A recording that was asked for and is not whole is a failure, if there is no greater one. Returns the exit code. */
function withRecording(
  exitCode: number,
  { report, recordingProblem }: Session,
  say: (exitCode: number) => void,
): number {
  const exit = recordingProblem !== undefined && exitCode <= EXIT_NO ? ERROR_TABLE.FILE_EXISTS.exitCode : exitCode;
  say(exit);
  if (recordingProblem === undefined) return exit;
  report.afterwards(`${recordingProblem}; the command itself ended with exit ${exitCode}`);
  return exit;
}

/** The exit code of a command whose outputs lost something: that is reported, and counts if nothing worse happened. */
export function withLosses(exitCode: number, losses: readonly OutputLoss[], io: CliIo): number {
  for (const { name, reason } of losses) {
    io.stderr.write(
      `error: ${name} could not be written: ${reason}; the output is incomplete\n` +
        `hint:  Only the output was lost: the command itself ended with exit ${exitCode}.\n`,
    );
  }
  return exitCode <= EXIT_NO ? ERROR_TABLE.FILE_EXISTS.exitCode : exitCode;
}

/** For commands that run no other. */
function neverParsed(): Promise<never> {
  return Promise.reject(new NorbridgeError("BUG", "no command line can be run here", { operation: "run" }));
}

/** Says what went wrong before there was a command; returns the exit code. */
export function reportFailure(error: unknown, io: CliIo, options: ReportOptions): number {
  return fail(new Report(io, options), error);
}

async function leaveAtOnce(session: Session): Promise<number> {
  session.report.endProgress();
  const left = session.leave().catch(() => undefined);
  await withDeadline(session.io.clock, left, LEAVE_WITHIN_US);
  const operation = "run the command";
  const error = session.mayHaveChanged
    ? new NorbridgeError("INTERRUPTED", "exited in the middle of the job", { operation, hint: HOW_TO_RESUME })
    : new NorbridgeError("ECANCELED", "exited before anything was changed", { operation });
  return fail(session.report, error);
}

function fail(report: Report, error: unknown): number {
  const failure = failureOf(error);
  report.failure(failure, failure.exitCode);
  return failure.exitCode;
}
