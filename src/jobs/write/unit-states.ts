/** What is reported of units while they are written, and what is held for them until they are proved. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import type { SectorState } from "../job-event.ts";
import type { SurveyUnit } from "./plan.ts";
import type { WriterParts } from "./writer-parts.ts";

/** The units of one writer. */
export class UnitStates {
  readonly #parts: Pick<WriterParts, "context" | "kept" | "safe" | "phases">;
  #safeHasFailed = false;

  constructor(parts: Pick<WriterParts, "context" | "kept" | "safe" | "phases">) {
    this.#parts = parts;
  }

  /** The safe took nothing more: no unit may be erased that is not in it. */
  get safeHasFailed(): boolean {
    return this.#safeHasFailed;
  }

  report({ address, lengthBytes }: ByteRange, state: SectorState): void {
    this.#parts.context.onEvent?.({ kind: "sector", range: { address, lengthBytes }, state });
  }

  /** The unit is right: nothing has to be held for it. */
  release(unit: SurveyUnit): void {
    this.#parts.kept.release(unit.block.address);
    this.#parts.safe?.release(unit.block.address);
    if (this.#parts.phases.verify !== undefined) this.report(unit.block, "verified");
  }

  /** Calls what hands bytes to the safe. Notes if it takes nothing more, as on a full disk. */
  safely(keep: () => void): void {
    try {
      keep();
    } catch (error) {
      this.#safeHasFailed = true;
      throw error;
    }
  }
}
