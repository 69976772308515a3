/** `norbridge logs compact`: few large files of records instead of many small ones. */
import { compactStore } from "../../extract/compact.ts";
import { count } from "../../runner/quantities.ts";
import type { Outcome } from "../program/outcome.ts";
import type { Session } from "../program/session.ts";
import { openStore } from "./open-store.ts";

export interface LogsCompactRequest {
  readonly store: string;
  /** `2026-10`; undefined: all months. */
  readonly month: string | undefined;
}

export async function logsCompact({ store: folder, month }: LogsCompactRequest, session: Session): Promise<Outcome> {
  const { report, signal } = session;
  report.waitsFor("the files of the store");
  const { filesBefore, filesAfter, rows, failures } = await compactStore(openStore(folder), month, signal);
  for (const { extraction, error } of failures) report.warn(`extraction ${extraction}: ${error.message}`);
  const fields = { filesBefore, filesAfter, rows, failed: failures.length };
  const summary =
    filesBefore === 0
      ? "nothing to join: no struct has more than one file in a month"
      : `${count(filesBefore, "file")} joined into ${filesAfter}, ${count(rows, "row")}`;
  if (failures.length === 0) return { kind: "done", summary, fields };
  return {
    kind: "no",
    message: `${summary}; ${count(failures.length, "extraction")} left as they were`,
    hint: "The warnings name their dumps. Their records stay in the files where they are.",
    fields,
  };
}
