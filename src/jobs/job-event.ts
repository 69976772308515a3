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

export type JobEvent =
  /** A phase begins (or its total became known). `totalBytes` is what it will have done at its end. */
  | { readonly kind: "phase"; readonly phase: JobPhase; readonly totalBytes: number }
  | { readonly kind: "progress"; readonly phase: JobPhase; readonly doneBytes: number; readonly totalBytes: number }
  | { readonly kind: "sector"; readonly range: ByteRange; readonly state: SectorState }
  /** Something a person should know although the job continues. */
  | { readonly kind: "note"; readonly message: string; readonly remedies?: readonly Remedy[] };

/** What every job is given besides its subject. */
export interface JobContext {
  readonly clock: Clock;
  readonly onEvent?: (event: JobEvent) => void;
  /** Aborting ends the step in hand and nothing after it. */
  readonly signal?: AbortSignal;
}
