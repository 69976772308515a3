/** Progress as JSON lines: the first and last of each phase, and at most ten a second of the job's time between. */
import type { Clock } from "../../clock.ts";
import type { JobEvent, JobPhase } from "../../jobs/job-event.ts";
import type { JsonFields } from "../program/outcome.ts";
import type { Progress } from "./progress.ts";

const MIN_US = 100_000;

export class JsonProgress implements Progress {
  readonly #clock: Clock;
  readonly #emit: (fields: JsonFields) => void;
  readonly #shownAtUs = new Map<JobPhase, number>();

  constructor(clock: Clock, emit: (fields: JsonFields) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  on(event: JobEvent): void {
    if (event.kind !== "progress") return;
    const nowUs = this.#clock.nowUs();
    const lastUs = this.#shownAtUs.get(event.phase) ?? Number.NEGATIVE_INFINITY;
    if (event.doneBytes < event.totalBytes && nowUs - lastUs < MIN_US) return;
    this.#shownAtUs.set(event.phase, nowUs);
    this.#emit({ phase: event.phase, doneBytes: event.doneBytes, totalBytes: event.totalBytes });
  }

  around(write: () => void): void {
    write();
  }

  beat(): boolean {
    return false;
  }

  end(): void {
    // Every line is whole already.
  }
}
