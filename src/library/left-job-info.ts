/** What programs see of an unfinished job. */
import { isoTime } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import type { LeftJob } from "../journal/left-job.ts";
import { type LeftJobState, stateOf } from "../runner/left-job.ts";

/** The chip of a job, as its journal describes it. */
export interface LeftJobChip {
  /** Name of the part. */
  readonly name: string;
  /** JEDEC ID, hexadecimal. */
  readonly jedecId: string;
  /** Number of this one chip, hexadecimal; empty if its kind has none. */
  readonly uniqueId: string;
  /** Bytes; undefined in a journal of an earlier version. */
  readonly capacityBytes: number | undefined;
}

/** A job as its journal describes it. The texts come from a file: pass them through an escape before showing them. */
export interface LeftJobDetails {
  /** What the job does. */
  readonly command: "write" | "erase" | "stream";
  /** Path of the image, "-" if it was not a file; undefined for an erase. */
  readonly imageFile: string | undefined;
  /** Of a write: added to every address of the image, bytes. Else: where the range starts. */
  readonly offset: number;
  /** Bytes of the image, or of the range. */
  readonly lengthBytes: number;
  /** The chip that the job is on. */
  readonly chip: LeftJobChip;
  /** Bytes that an undo would restore, or else a resume. */
  readonly heldBytes: number;
  /** Whether the job keeps what it replaced. */
  readonly canUndo: boolean;
  /** When it started, ISO 8601 in UTC; undefined in a journal of an earlier version. */
  readonly startedAt: string | undefined;
}

/** An unfinished job. */
export interface LeftJobInfo extends Partial<LeftJobDetails> {
  /** For `resume`, `undo` and `discardJob`. */
  readonly id: string;
  /** What became of it. */
  readonly state: LeftJobState;
  /** Path of its journal. */
  readonly path: string;
  /** The process that works on it; undefined if none does. */
  readonly processId: number | undefined;
  /** Why the journal cannot be read; the details are missing then. Undefined for a good one. */
  readonly problem: NorbridgeError | undefined;
}

/** As programs see it. */
export function infoOf(left: LeftJob): LeftJobInfo {
  const { id, path, journal, runner } = left;
  const common = { id, path, state: stateOf(left), processId: runner };
  if (journal instanceof NorbridgeError) return { ...common, problem: journal };
  const { command, imageFile, address, lengthBytes, chip, keepsOld, startedAtMs } = journal.job;
  const { name, jedecId, uniqueId, capacityBytes } = chip;
  return {
    ...common,
    problem: undefined,
    ...{ command, imageFile, offset: address, lengthBytes },
    chip: { name, jedecId, uniqueId, capacityBytes },
    heldBytes: journal.heldBytes,
    canUndo: keepsOld,
    startedAt: startedAtMs === undefined ? undefined : isoTime(startedAtMs),
  };
}
