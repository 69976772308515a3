/** `norbridge replay FILE`: runs the recorded command on the recording, and reports whether the result is the same. */
import { printable } from "../../bytes.ts";
import { withScratchFolder } from "../../disk/folder.ts";
import { failureOf } from "../program/exit-code.ts";
import type { Outcome } from "../program/outcome.ts";
import { type RecordedEnd, recordedCommand } from "../../runner/read-recording.ts";
import { adjustRecorded, checkRecordedWords, type NamedInputs } from "../untrusted/replay-words.ts";
import type { Session } from "../program/session.ts";
import { shellWords } from "../output/shell-words.ts";

export async function replay(file: string, named: NamedInputs, session: Session): Promise<Outcome> {
  const { words, end } = await recordedCommand(file, session.signal);
  checkRecordedWords(words);
  session.report.note(`replaying: norbridge ${shellWords(words)}`);
  // Bytes from a recording are not sent to the terminal unescaped.
  session.report.dropBytes();
  let now = await runOn(`replay:${file}`, words, named, session);
  let level = "bytes";
  if (now.hasParted) {
    session.report.note("the bytes that the program sends also depend on the time; replaying again, step by step");
    now = await runOn(`replay-steps:${file}`, words, named, session);
    level = "steps";
  }
  session.report.note(now.said);
  const fields = {
    command: [...words],
    level,
    then: { ...end },
    now: { exitCode: now.exitCode, code: now.code },
  };
  if (now.exitCode === end.exitCode && now.code === end.code) {
    return { kind: "done", summary: `same result as recorded: ${endText(now)}`, fields };
  }
  return { kind: "no", message: `different result: ${endText(now)}, recorded was ${endText(end)}`, fields };
}

interface Ending extends RecordedEnd {
  readonly said: string;
  /** The program sends something else than it did then. */
  readonly hasParted: boolean;
}

function runOn(port: string, words: readonly string[], named: NamedInputs, session: Session): Promise<Ending> {
  return withScratchFolder(async (scratch) => {
    const action = await session.parse(words, adjustRecorded(port, scratch, named));
    try {
      const outcome = await action(session);
      const said = outcome.kind === "done" ? (outcome.summary ?? "done") : outcome.message;
      return { exitCode: outcome.kind === "done" ? 0 : 1, code: "", said, hasParted: false };
    } catch (error) {
      const { exitCode, code, message } = failureOf(error);
      return { exitCode, code, said: message, hasParted: code === "CHECK_FAILED" };
    } finally {
      session.report.endProgress();
    }
  });
}

function endText({ exitCode, code }: RecordedEnd): string {
  return printable(`exit ${exitCode}${code === "" ? "" : ` (${code})`}`);
}
