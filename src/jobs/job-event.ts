/**
 * What a job reports while it runs. Progress bar, JSON lines and tests are three listeners of the same stream of events.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import type { Remedy } from "../advice.ts";
import type { Clock } from "../clock.ts";

/** What a job is busy with. Phases of one job may overlap in time; each has its own count. */
export type JobPhase = "survey" | "erase" | "program" | "verify" | "read" | "blank-check";

/** How a person would colour one erase unit on a map of the chip. */
export type SectorState =
  | "same"
  | "blank"
  | "differs"
  | "erasing"
  | "erased"
  | "programming"
  | "programmed"
  | "verified"
  | "failed";

/** Something that a job reports while it runs. All counts are bytes. */
export type JobEvent =
  | {
      /** A phase starts, or its total became known. */
      readonly kind: "phase";
      /** Which phase. */
      readonly phase: JobPhase;
      /** Bytes that the phase will have done at its end. */
      readonly totalBytes: number;
    }
  | {
      /** A phase has come further. */
      readonly kind: "progress";
      /** Which phase. */
      readonly phase: JobPhase;
      /** Bytes done so far, from 0 to `totalBytes`. */
      readonly doneBytes: number;
      /** Bytes that the phase will have done at its end. */
      readonly totalBytes: number;
    }
  | {
      /** The state of an erase unit has changed. */
      readonly kind: "sector";
      /** The unit, in bytes of the chip. */
      readonly range: ByteRange;
      /** Its new state. */
      readonly state: SectorState;
    }
  | {
      /** Something a person should know although the job continues. */
      readonly kind: "note";
      /** Text for a person, without a full stop at its end. */
      readonly message: string;
      /** What a program can offer, if anything. */
      readonly remedies?: readonly Remedy[] | undefined;
    };

/** What every job is given besides its subject. All of it may be left out. */
export interface JobContext {
  /** Time for durations and waits; default: the device's, else the machine's. */
  readonly clock?: Clock | undefined;
  /**
   * Called for each event, in order. A listener that throws does not end the job in the middle: it is not called again, and
   * what it threw is the cause of an EINVAL at the end of the job.
   */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
  /** Aborting ends the job after the operation in progress. The error has the signal's reason as its cause. */
  readonly signal?: AbortSignal | undefined;
}
