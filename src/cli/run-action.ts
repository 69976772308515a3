/** Runs a command under Ctrl-C and says how it ended. */
import { type Clock, withDeadline } from "../clock.ts";
import { ERROR_TABLE, NorbridgeError } from "../errors.ts";
import type { CliIo, OutputLoss } from "./cli-io.ts";
import type { Action } from "./command.ts";
import { failureOf } from "./exit-code.ts";
import { Interrupt, LEAVE_WITHIN_US } from "./interrupt.ts";
import { Report, type ReportOptions } from "./output/report.ts";
import { type CommandLine, Session } from "./session.ts";

/** Exit code of a check that says no. */
const EXIT_NO = 1;
/** At least so often something is said while a command waits, microseconds; and how often is looked whether it is due. */
const QUIET_US = 4_000_000;
const BEAT_US = 1_000_000;

/** Runs an action to its end; answers the exit code. Never throws. */
export async function runAction(
  action: Action,
  io: CliIo,
  options: ReportOptions,
  line: CommandLine = { words: [], parse: neverParsed },
): Promise<number> {
  const report = new Report(io, options);
  const interrupt = new Interrupt(io, {
    onFirst: () => {
      report.warn("stopping after the step in hand; Ctrl-C once more leaves at once");
    },
    onStuck: (seconds) => {
      report.warn(`nothing has happened for ${seconds} s: leaving at once`);
    },
    progress: () => report.events,
  });
  const session = new Session(io, report, interrupt, line);
  const ended = new AbortController();
  void beat(report, io.clock, ended.signal);
  try {
    const outcome = await Promise.race([action(session), interrupt.leave]);
    if (outcome === "leave") return await leaveAtOnce(session);
    report.outcome(outcome);
    const exitCode = outcome.kind === "done" ? 0 : EXIT_NO;
    session.recorder?.end(exitCode, "");
    return withRecording(exitCode, session);
  } catch (error) {
    // The reader of a dump went away: it has what it wanted.
    if (session.endedWithStdout && error instanceof NorbridgeError && error.code === "ECANCELED") return 0;
    const { exitCode, code } = failureOf(error);
    session.recorder?.end(exitCode, code);
    return withRecording(fail(report, error), session);
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

/** A recording that was asked for and is not whole is a failure, where there is no greater one. */
function withRecording(exitCode: number, { report, recordingProblem }: Session): number {
  if (recordingProblem === undefined) return exitCode;
  report.afterwards(`${recordingProblem}; the command itself ended with exit ${exitCode}`);
  return exitCode <= EXIT_NO ? ERROR_TABLE.FILE_EXISTS.exitCode : exitCode;
}

/** The exit code of a command whose outputs lost something: that is said, and counts where nothing worse happened. */
export function withLosses(exitCode: number, losses: readonly OutputLoss[], io: CliIo): number {
  for (const { name, reason } of losses) {
    io.stderr.write(
      `error: ${name} could not be written: ${reason}; what it should hold is not all there\n` +
        `hint:  The command itself ended with exit ${exitCode}: what it did is done.\n`,
    );
  }
  return exitCode <= EXIT_NO ? ERROR_TABLE.FILE_EXISTS.exitCode : exitCode;
}

/** For commands that run no other. */
function neverParsed(): Promise<never> {
  return Promise.reject(new NorbridgeError("BUG", "no command line can be run here", { operation: "run" }));
}

/** Says what went wrong before there was a command; answers the exit code. */
export function reportFailure(error: unknown, io: CliIo, options: ReportOptions): number {
  return fail(new Report(io, options), error);
}

async function leaveAtOnce(session: Session): Promise<number> {
  session.report.endProgress();
  const left = session.leave().catch(() => undefined);
  await withDeadline(session.io.clock, left, LEAVE_WITHIN_US);
  const code = session.mayHaveChanged ? "INTERRUPTED" : "ECANCELED";
  const message = session.mayHaveChanged ? "left in the middle of the job" : "left before anything was changed";
  return fail(session.report, new NorbridgeError(code, message, { operation: "run the command" }));
}

function fail(report: Report, error: unknown): number {
  const failure = failureOf(error);
  report.failure(failure);
  return failure.exitCode;
}
