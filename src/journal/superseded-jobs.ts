/** Which journals of jobs that ended are no longer kept for an undo. */
import { NorbridgeError } from "../errors.ts";
import { type JournalHead, type LeftJob, numberOf } from "./left-job.ts";

/** This many jobs that ended are kept for an undo. */
const MAX_DONE = 8;

/**
 * Jobs that make room, the newest first. Jobs of the same number are of the same age (two programs began at once, or they are of
 * the version before): none of them supersedes another.
 */
export function supersededIn(jobs: readonly LeftJob<JournalHead>[], own: string): LeftJob<JournalHead>[] {
  const superseded: LeftJob<JournalHead>[] = [];
  const kept = new Set<string>();
  for (const sameAge of doneByAge(jobs, own)) {
    const isFull = kept.size >= MAX_DONE;
    const before = new Set(kept);
    for (const job of sameAge) {
      const chip = chipKey(job);
      if (isFull || before.has(chip)) superseded.push(job);
      else kept.add(chip);
    }
  }
  return superseded;
}

/** Jobs that ended, in groups of one age, the newest first; `own` is the newest of all. */
function doneByAge(jobs: readonly LeftJob<JournalHead>[], own: string): LeftJob<JournalHead>[][] {
  const groups: LeftJob<JournalHead>[][] = [jobs.filter(({ path }) => path === own)];
  let age: number | undefined;
  for (const job of jobs.toReversed()) {
    if (job.path === own || job.journal instanceof NorbridgeError || !job.journal.isDone) continue;
    if (numberOf(job) !== age) groups.push([]);
    age = numberOf(job);
    groups.at(-1)?.push(job);
  }
  return groups;
}

/** If chips have no number of their own, two of a kind cannot be distinguished here: each journal is of a chip of its own. */
function chipKey({ path, journal }: LeftJob<JournalHead>): string {
  if (journal instanceof NorbridgeError) return path;
  const { jedecId, uniqueId } = journal.job.chip;
  return uniqueId === "" ? path : JSON.stringify([jedecId, uniqueId]);
}
