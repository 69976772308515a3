/** Runs a command under Ctrl-C and says how it ended. */
import { withDeadline } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { CliIo } from "./cli-io.ts";
import type { Action } from "./command.ts";
import { failureOf } from "./exit-code.ts";
import { Interrupt, LEAVE_WITHIN_US } from "./interrupt.ts";
import { Report, type ReportOptions } from "./output/report.ts";
import { type CommandLine, Session } from "./session.ts";

/** Exit code of a check that says no. */
const EXIT_NO = 1;

/** Runs an action to its end; answers the exit code. Never throws. */
export async function runAction(
  action: Action,
  io: CliIo,
  options: ReportOptions,
  line: CommandLine = { words: [], parse: neverParsed },
): Promise<number> {
  const report = new Report(io, options);
  const interrupt = new Interrupt(io, () => {
    report.warn("stopping after the step in hand; Ctrl-C once more leaves at once");
  });
  const session = new Session(io, report, interrupt, line);
  try {
    const outcome = await Promise.race([action(session), interrupt.leave]);
    if (outcome === "leave") return await leaveAtOnce(session);
    report.outcome(outcome);
    const exitCode = outcome.kind === "done" ? 0 : EXIT_NO;
    session.recorder?.end(exitCode, "");
    return exitCode;
  } catch (error) {
    // The reader of a dump went away: it has what it wanted.
    if (session.endedWithStdout && error instanceof NorbridgeError && error.code === "ECANCELED") return 0;
    const { exitCode, code } = failureOf(error);
    session.recorder?.end(exitCode, code);
    return fail(report, error);
  } finally {
    report.endProgress();
    interrupt.dispose();
  }
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
