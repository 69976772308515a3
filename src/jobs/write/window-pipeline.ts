/**
 * Writes a target window by window. While a window is written, the next ones are surveyed in the side lane and their kept
 * bytes are read, so that nothing waits between.
 */
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import type { OpPipe } from "../op-pipe.ts";
import { surveyForChipErase } from "./chip-erase.ts";
import { type PlanStep, planSteps, type SurveyUnit } from "./plan.ts";
import { type Surveyor, type Window, windowsOf } from "./survey.ts";
import type { UnitCopy } from "./unit-copies.ts";
import type { UnitWriter } from "./unit-writer.ts";
import type { WriterParts } from "./writer-parts.ts";

/** Windows that are surveyed while one is written. */
const WINDOWS_AHEAD = 2;

/** A window that is surveyed and planned, with the bytes read that its erases would lose. */
interface Prepared {
  readonly units: readonly SurveyUnit[];
  readonly steps: readonly PlanStep[];
  readonly copies: ReadonlyMap<SurveyUnit, UnitCopy>;
}

/** Windows in a row: some surveyed ahead, one being written. */
export class WindowPipeline {
  readonly #pipe: OpPipe;
  readonly #writer: UnitWriter;
  readonly #surveyor: Surveyor;
  readonly #parts: WriterParts;

  constructor(pipe: OpPipe, writer: UnitWriter, surveyor: Surveyor, parts: WriterParts) {
    this.#pipe = pipe;
    this.#writer = writer;
    this.#surveyor = surveyor;
    this.#parts = parts;
  }

  async writeAll(): Promise<void> {
    const { target, geometry } = this.#parts;
    const windows = windowsOf(target, geometry);
    const survey = (window: Window): Promise<readonly SurveyUnit[]> => this.#surveyor.survey(this.#pipe, window);
    const early = await surveyForChipErase(windows, survey, this.#parts, WINDOWS_AHEAD);
    if (early.eraseChip) {
      const units = early.surveyed.flat();
      await this.#write({ units, steps: planSteps(units, geometry), copies: new Map() });
      return;
    }
    const ahead: Promise<Prepared>[] = early.surveyed.map((units) => this.#plan(units));
    const requestNext = (): boolean => {
      const next = windows.next();
      if (next.done === true) return false;
      ahead.push(this.#prepare(next.value));
      return true;
    };
    if (ahead.length === 0) requestNext();
    for (let first = ahead.shift(); first !== undefined; first = ahead.shift()) {
      const prepared = await first;
      const writing = this.#write(prepared);
      // Not before the first page is requested: a burst of digests would leave the link idle.
      while (ahead.length < WINDOWS_AHEAD && requestNext());
      await writing;
    }
  }

  #prepare(window: Window): Promise<Prepared> {
    const prepared = this.#surveyor.survey(this.#pipe, window).then((units) => this.#plan(units));
    prepared.catch(() => undefined);
    return prepared;
  }

  async #plan(units: readonly SurveyUnit[]): Promise<Prepared> {
    const steps = planSteps(units, this.#parts.geometry);
    const erased = steps.flatMap((step) => (step.erase === undefined ? [] : step.units));
    const reads = erased.map(async (unit) => [unit, await this.#writer.copies.copy(unit, "aside")] as const);
    return { units, steps, copies: new Map(await Promise.all(reads)) };
  }

  async #write({ units, steps, copies }: Prepared): Promise<void> {
    const touched = new Set(steps.flatMap((step) => step.units));
    const idleBytes = units
      .filter((unit) => !touched.has(unit))
      .reduce((total, { pieces }) => total + totalBytes(pieces), 0);
    this.#parts.phases.program.expect(-idleBytes);
    this.#parts.phases.verify?.expect(-idleBytes);
    for (const step of steps) await this.#writer.do(step, copies);
  }
}
