/** Where journals lie, and which of them wait for somebody. */
import { homedir } from "node:os";
import { join } from "node:path";
import { makeFolder, namesInNow, removeFile, writtenMsOf } from "../disk/folder.ts";
import { NorbridgeError } from "../errors.ts";
import { readJournal } from "./journal-file.ts";
import { isRunning } from "../disk/process-mark.ts";
import type { ReadJournal } from "./read-journal.ts";

const ENDING = ".journal";

/** A journal that was left behind. */
export interface LeftJob {
  readonly id: string;
  readonly path: string;
  /** When it was written last, milliseconds since 1970. */
  readonly writtenMs: number;
  /** What it holds, or why it cannot be used. */
  readonly journal: ReadJournal | NorbridgeError;
  /** The process that wrote it still runs. */
  readonly isRunning: boolean;
}

/** `XDG_STATE_HOME`, or what stands for it, and our folder in it. */
export function journalFolder(env: Readonly<Record<string, string | undefined>>): string {
  const state = env["XDG_STATE_HOME"];
  return join(state === undefined || state === "" ? join(homedir(), ".local", "state") : state, "norbridge", "jobs");
}

/** The path of a new journal; makes the folder. Throws FILE_EXISTS. */
export function newJournalPath(folder: string, random: () => number): string {
  try {
    makeFolder(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NorbridgeError("FILE_EXISTS", `the folder for journals cannot be made: ${why}`, {
      operation: "write journal",
      hint: "Name another with --journal, or do without one with --no-journal.",
      cause: error,
    });
  }
  return join(folder, `${(random() >>> 0).toString(16).padStart(8, "0")}${ENDING}`);
}

/** All journals of a folder, oldest first; none where there is no folder. */
export function leftJobs(folder: string): readonly LeftJob[] {
  return namesInNow(folder)
    .filter((name) => name.endsWith(ENDING))
    .flatMap((name) => leftJob(join(folder, name), name.slice(0, -ENDING.length)) ?? [])
    .toSorted((a, b) => a.writtenMs - b.writtenMs);
}

/** Undefined where its job has just ended, and the file with it. */
function leftJob(path: string, id: string): LeftJob | undefined {
  let writtenMs = 0;
  try {
    writtenMs = writtenMsOf(path);
    const journal = readJournal(path);
    return { id, path, writtenMs, journal, isRunning: isRunning(journal.job.process) };
  } catch (error) {
    if (error instanceof NorbridgeError) return { id, path, writtenMs, journal: error, isRunning: false };
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const why = error instanceof Error ? error.message : String(error);
    const journal = new NorbridgeError("FILE_INVALID", `the journal ${path} cannot be read: ${why}`, {
      operation: "read journal",
      cause: error,
    });
    return { id, path, writtenMs, journal, isRunning: false };
  }
}

/** So many jobs that ended are kept for an undo. */
const MOST_DONE = 8;

/** Removes all but the newest journals of jobs that ended, and of one chip all but the newest. */
export function pruneDoneJobs(folder: string): void {
  const chips = new Set<string>();
  for (const { path, journal } of leftJobs(folder).toReversed()) {
    if (journal instanceof NorbridgeError || journal.state !== "done") continue;
    const { jedecId, uniqueId } = journal.job.chip;
    const chip = JSON.stringify([jedecId, uniqueId]);
    // Where chips have no number, two of a kind cannot be told apart here: the eight newest stay then.
    const isSuperseded = uniqueId !== "" && chips.has(chip);
    if (isSuperseded || chips.size >= MOST_DONE) removeJournal(path);
    else chips.add(uniqueId === "" ? path : chip);
  }
}

/** Removes a journal; it is fine if it is gone. */
export function removeJournal(path: string): void {
  removeFile(path);
}
