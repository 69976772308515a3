/** `norbridge explain FILE`: a recording in words. */
import { printable } from "../../bytes.ts";
import { explain, type Explained } from "../../recording/explain/explain.ts";
import { count } from "../../runner/quantities.ts";
import { readRecording } from "../../runner/read-recording.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { shellWords } from "../output/shell-words.ts";

export interface ExplainRequest {
  readonly file: string;
  readonly stepsOnly: boolean;
}

/** Lines that are written before the reader's turn: a recording may have millions. */
const LINES_AT_ONCE = 256;
const MARKS: Readonly<Record<Explained["from"], string>> = { host: ">", bridge: "<", step: "=", line: "*" };

export async function explainRecording({ file, stepsOnly }: ExplainRequest, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  const recording = await readRecording(file, signal);
  report.text(`norbridge ${printable(shellWords(recording.head.command))}\n`);
  let lines = 0;
  for (const { us, from, text } of explain(recording, { stepsOnly })) {
    report.record("explained", { us, from, text });
    report.text(`${(us / 1000).toFixed(3).padStart(12)} ms ${MARKS[from]} ${printable(text)}\n`);
    if (++lines % LINES_AT_ONCE === 0) await report.room(signal);
  }
  return {
    kind: "done",
    summary: `${count(lines, "line")}: > host, < bridge, = step and result, * line`,
    fields: { lines },
  };
}
