/**
 * Verifies what was written. Spans in a row share one digest; if it is wrong, each of their units is.
 *
 * On a link without integrity checking, rows are verified when everything is written: an address that changes on the link may
 * hit what was right already. All of them again after each repair.
 */
import { type ByteRange, rangeEnd } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import type { OpPipe } from "../op-pipe.ts";
import { isExpectedCheck } from "../unchecked-check.ts";
import type { PendingResults } from "./pending-results.ts";
import type { SurveyUnit } from "./plan.ts";
import type { ProgramSpan } from "./program-span.ts";
import type { UnitStates } from "./unit-states.ts";
import type { WriterParts } from "./writer-parts.ts";

/** Spans in a row that share one digest. */
interface VerifyRow {
  readonly address: number;
  lengthBytes: number;
  check: number;
  readonly units: SurveyUnit[];
  /** It has been before; now it is again. */
  isVerified: boolean;
}

/** What the rows share with their writer. */
interface RowTools {
  readonly pipe: OpPipe;
  readonly parts: Pick<WriterParts, "digestBytes" | "isUnchecked" | "counts" | "phases">;
  readonly results: PendingResults;
  readonly states: UnitStates;
}

/** The rows of one writer. */
export class VerifyRows {
  /** Units whose digest was wrong when it was last requested. */
  readonly wrong = new Set<SurveyUnit>();
  readonly #tools: RowTools;
  /** Spans that wait for more to share a digest with. */
  #row: VerifyRow | undefined;
  /** On an unchecked link: all that was ever written here. */
  readonly #written: VerifyRow[] = [];
  #hasNewRows = false;
  /** How many spans of a unit are not verified yet. */
  readonly #unverified = new Map<SurveyUnit, number>();

  constructor(tools: RowTools) {
    this.#tools = tools;
  }

  /** A unit is about to be written in this many spans, each of which is added. */
  expect(unit: SurveyUnit, spans: number): void {
    this.#unverified.set(unit, spans);
  }

  /** A span of the unit is in the pipe. */
  add(unit: SurveyUnit, { range, bytes }: ProgramSpan): void {
    const row = this.#rowFor(range);
    row.lengthBytes += range.lengthBytes;
    row.check = blockCheck(bytes, row.check);
    row.units.push(unit);
    if (row.lengthBytes >= this.#tools.parts.digestBytes) this.#endRow();
  }

  /** Requests the digests of all that is written and not verified. */
  async requestAll(): Promise<void> {
    const { pipe, parts, results } = this.#tools;
    this.#endRow();
    if (!this.#hasNewRows) return;
    this.#hasNewRows = false;
    for (const row of this.#written) {
      const { address, lengthBytes, check: expected } = row;
      const range = { address, lengthBytes };
      await pipe.room();
      results.onResult(pipe.digest(range), async (found) => {
        const isRight = await isExpectedCheck({ pipe, isUnchecked: true }, range, { found, expected });
        if (row.isVerified) parts.phases.verify?.expect(lengthBytes);
        row.isVerified = true;
        this.#noteRow(row, isRight);
      });
    }
  }

  /** The row that a span joins: the one that waits if it touches, else a new one. */
  #rowFor({ address, lengthBytes }: ByteRange): VerifyRow {
    const row = this.#row;
    const { digestBytes } = this.#tools.parts;
    if (row !== undefined && rangeEnd(row) === address && row.lengthBytes + lengthBytes <= digestBytes) return row;
    this.#endRow();
    this.#row = { address, lengthBytes: 0, check: 0, units: [], isVerified: false };
    return this.#row;
  }

  /** Nothing joins the row that waits. */
  #endRow(): void {
    const { pipe, parts, results } = this.#tools;
    const row = this.#row;
    this.#row = undefined;
    if (row === undefined) return;
    if (parts.isUnchecked) {
      this.#written.push(row);
      this.#hasNewRows = true;
      return;
    }
    const { address, lengthBytes, check } = row;
    results.onResult(pipe.digest({ address, lengthBytes }), (found) => this.#noteRow(row, found === check));
  }

  #noteRow({ lengthBytes, units }: VerifyRow, isRight: boolean): void {
    const { counts, phases } = this.#tools.parts;
    counts.verifiedBytes += lengthBytes;
    phases.verify?.done(lengthBytes);
    for (const unit of units) this.#noteVerified(unit, isRight);
  }

  #noteVerified(unit: SurveyUnit, isRight: boolean): void {
    if (!isRight) this.wrong.add(unit);
    const left = (this.#unverified.get(unit) ?? 1) - 1;
    this.#unverified.set(unit, left);
    if (left > 0) return;
    this.#unverified.delete(unit);
    if (this.wrong.has(unit)) this.#tools.states.report(unit.block, "failed");
    else this.#tools.states.release(unit);
  }
}
