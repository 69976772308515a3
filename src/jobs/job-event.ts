/**
 * What a job says while it runs. Progress bar, JSON lines and tests are three listeners of the same stream of events.
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
  /** A phase begins (or its total became known). `totalBytes` is what it will have done at its end. */
  | { readonly kind: "phase"; readonly phase: JobPhase; readonly totalBytes: number }
  | { readonly kind: "progress"; readonly phase: JobPhase; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly kind: "sector"; readonly range: ByteRange; readonly state: SectorState }
  /** Something a person should know although the job continues. */
  | { readonly kind: "note"; readonly message: string; readonly remedies?: readonly Remedy[] | undefined };

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
