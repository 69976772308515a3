/** Counts one phase of a job and tells the listener. The total may change while the job learns what there is to do. */
import type { JobPhase } from "./job-event.ts";
import type { JobTools } from "./job-tools.ts";

export class PhaseCount {
  readonly #context: JobTools;
  readonly #phase: JobPhase;
  #doneBytes = 0;
  #totalBytes: number;

  constructor(context: JobTools, phase: JobPhase, totalBytes: number) {
    this.#context = context;
    this.#phase = phase;
    this.#totalBytes = totalBytes;
    this.#context.onEvent?.({ kind: "phase", phase, totalBytes });
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  /** There is so much more to do; less, if negative. Said with the next progress, or now if it was the last. */
  expect(moreBytes: number): void {
    if (moreBytes === 0) return;
    this.#totalBytes += moreBytes;
    this.#context.onEvent?.({ kind: "phase", phase: this.#phase, totalBytes: this.#totalBytes });
  }

  done(bytes: number): void {
    this.#doneBytes += bytes;
    const { onEvent } = this.#context;
    onEvent?.({ kind: "progress", phase: this.#phase, doneBytes: this.#doneBytes, totalBytes: this.#totalBytes });
  }
}
