/** Counts what the phases of a job have done, and what that says about speed and the time that is left. */
import type { JobEvent, JobPhase } from "../../jobs/job-event.ts";
import { formatPercent, formatRate, formatRemaining } from "../../runner/quantities.ts";

/** In the order of the work. */
const ORDER: readonly JobPhase[] = ["read", "blank-check", "survey", "erase", "program", "verify"];
/** What people read; programs get the name of the phase. */
const SHOWN: Readonly<Partial<Record<JobPhase, string>>> = { survey: "compare" };
/** The first of these that is not finished sets the pace of the job. */
const PACE: readonly JobPhase[] = ["program", "read", "erase", "verify", "blank-check", "survey"];

interface Tally {
  doneBytes: number;
  totalBytes: number;
  readonly startUs: number;
}

export class PhaseTally {
  readonly #phases = new Map<JobPhase, Tally>();

  /** Takes phase and progress events; ignores the others. */
  add(event: JobEvent, nowUs: number): void {
    if (event.kind !== "phase" && event.kind !== "progress") return;
    const tally = this.#phases.get(event.phase) ?? { doneBytes: 0, totalBytes: 0, startUs: nowUs };
    tally.totalBytes = event.totalBytes;
    if (event.kind === "progress") tally.doneBytes = event.doneBytes;
    this.#phases.set(event.phase, tally);
  }

  /** 0 to 100 of the phase that sets the pace. */
  percent(): number {
    const tally = this.#pacing();
    return tally === undefined ? 0 : Math.floor((100 * tally.doneBytes) / tally.totalBytes);
  }

  /** `compare 100 %  program 35 %  52.1 KiB/s  ETA 0:03`; "" before anything is known. */
  describe(nowUs: number): string {
    const parts: string[] = [];
    for (const phase of ORDER) {
      const tally = this.#phases.get(phase);
      if (tally !== undefined && tally.totalBytes > 0) {
        parts.push(`${SHOWN[phase] ?? phase} ${formatPercent(tally.doneBytes, tally.totalBytes)}`);
      }
    }
    const tally = this.#pacing();
    if (tally !== undefined && tally.doneBytes > 0 && nowUs > tally.startUs) {
      const bytesPerUs = tally.doneBytes / (nowUs - tally.startUs);
      parts.push(formatRate(bytesPerUs * 1e6));
      const left = tally.totalBytes - tally.doneBytes;
      if (left > 0) parts.push(`ETA ${formatRemaining(left / bytesPerUs)}`);
    }
    return parts.join("  ");
  }

  #pacing(): Tally | undefined {
    const tallies = PACE.map((phase) => this.#phases.get(phase)).filter(
      (tally): tally is Tally => tally !== undefined && tally.totalBytes > 0,
    );
    return tallies.find((tally) => tally.doneBytes < tally.totalBytes) ?? tallies[0];
  }
}
