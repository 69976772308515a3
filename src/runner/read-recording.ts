/** A recording from its file. */
import { advice } from "../advice.ts";
import { NorbridgeError } from "../errors.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { FILE_USES } from "../disk/file-uses.ts";
import { readWhole } from "../disk/read-whole.ts";
import { parseRecording, type Recording, RecordingDamage } from "../recording/recording.ts";

/** Throws FILE_INVALID with the line that is wrong. */
export async function readRecording(path: string, signal?: AbortSignal): Promise<Recording> {
  const bytes = await readWhole(path, { ...FILE_USES.recording, signal });
  try {
    return parseRecording(bytes);
  } catch (error) {
    if (!(error instanceof RecordingDamage)) throw error;
    throw fileInvalid(path, `is not a recording: line ${error.line}: ${error.message}`);
  }
}

/** The command that was recorded. Throws FILE_INVALID, USAGE. */
export async function recordedCommand(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly words: readonly string[]; readonly end: RecordedEnd }> {
  const { head, lines } = await readRecording(path, signal);
  const end = lines.findLast((line) => line.type === "end");
  if (end === undefined) {
    throw new NorbridgeError("FILE_INVALID", "the recording is incomplete: its program was killed", {
      operation: "replay",
      hint: advice("A command can still be run on it by hand.", "replay-by-hand"),
    });
  }
  return { words: head.command, end: { exitCode: end.exitCode, code: end.code } };
}

export interface RecordedEnd {
  readonly exitCode: number;
  /** Code of the error, "" if there was none. */
  readonly code: string;
}
