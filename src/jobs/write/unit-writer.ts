/**
 * Does the steps of a plan: keep, erase, program, verify, each requested right after the other without waiting for
 * results. What came out wrong is collected in `wrong`, for the repair that follows when the stream is through.
 */
import type { ByteRange, EraseBlock } from "../../../drivers/geometry.ts";
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { subtractRanges, totalBytes } from "../../../drivers/byte-ranges.ts";
import type { OpPipe } from "../op-pipe.ts";
import type { KeptPiece } from "../run-job.ts";
import { aroundErase } from "./around-erase.ts";
import { PendingResults } from "./pending-results.ts";
import { isProgrammedAsItIs, type PlanStep, programmedAsItIs, type SurveyUnit } from "./plan.ts";
import { pagesToProgram, type ProgramSpan, readSpans, shortSpans } from "./program-span.ts";
import { UnitCopies, type UnitCopy } from "./unit-copies.ts";
import { UnitStates } from "./unit-states.ts";
import { VerifyRows } from "./verify-rows.ts";
import type { WriterParts } from "./writer-parts.ts";

const NO_COPY: UnitCopy = { kept: [], old: [] };

/** The writer of one run of a job. */
export class UnitWriter {
  readonly copies: UnitCopies;
  readonly #pipe: OpPipe;
  readonly #parts: WriterParts;
  readonly #results = new PendingResults();
  readonly #states: UnitStates;
  readonly #rows: VerifyRows;

  constructor(pipe: OpPipe, parts: WriterParts) {
    this.#pipe = pipe;
    this.#parts = parts;
    this.copies = new UnitCopies(pipe, parts);
    this.#states = new UnitStates(parts);
    this.#rows = new VerifyRows({ pipe, parts, results: this.#results, states: this.#states });
  }

  /** Units whose digest was wrong when it was last requested. */
  get wrong(): Set<SurveyUnit> {
    return this.#rows.wrong;
  }

  /** The safe took nothing more: no unit may be erased that is not in it. */
  get safeHasFailed(): boolean {
    return this.#states.safeHasFailed;
  }

  /** Requests everything that a step needs; `copies` has what was read of its units. */
  async do(step: PlanStep, copies: ReadonlyMap<SurveyUnit, UnitCopy>): Promise<void> {
    const { kept, safe } = this.#parts;
    if (step.erase === undefined) {
      for (const unit of step.units) await this.#writeAsItIs(unit);
      return;
    }
    const units = step.units.map((unit) => ({ unit, copy: copies.get(unit) ?? NO_COPY }));
    // If bytes of others are erased with it, nothing that may fail comes between them and their return: they come first.
    const shared = units.filter(({ copy }) => copy.kept.length > 0);
    const images = await Promise.all(shared.map(({ unit }) => readSpans(unit.pieces, this.#parts)));
    await this.#pipe.room();
    this.#states.safely(() =>
      safe?.hold(
        units.map(({ unit, copy }) => {
          const { address, lengthBytes } = unit.block;
          return { address, lengthBytes, pieces: copy.kept, old: copy.old.length === 0 ? undefined : copy.old };
        }),
      ),
    );
    for (const { unit, copy } of units) kept.hold(unit.block.address, step.erase, copy.kept);
    this.#erase(step.erase);
    for (const [index, { unit, copy }] of shared.entries()) {
      await this.#writeErased(unit, copy.kept, images[index] ?? []);
    }
    for (const { unit, copy } of units) {
      if (copy.kept.length === 0) await this.#writeErased(unit, [], await readSpans(unit.pieces, this.#parts));
    }
  }

  /** Programs pages that are blank still, and requests their digest. */
  async programAgain(unit: SurveyUnit, pages: readonly KeptPiece[]): Promise<void> {
    const spans = pages.map(({ address, data }) => ({
      range: { address, lengthBytes: data.length },
      bytes: data,
    }));
    await this.#write(unit, spans);
  }

  /** Resolves when everything requested so far has its result, so that `wrong` is complete; rejects if the pipe has failed. */
  async settled(): Promise<void> {
    await this.#rows.requestAll();
    await this.#results.settled();
    await this.#pipe.room();
  }

  #erase(block: EraseBlock): void {
    const { phases, kept, counts } = this.#parts;
    const range = { address: block.address, lengthBytes: block.lengthBytes };
    phases.erase.expect(block.lengthBytes);
    this.#states.report(range, "erasing");
    const around = aroundErase(block, { ...this.#parts, safely: (keep) => this.#states.safely(keep) });
    this.#results.onResult(this.#pipe.erase(range, around), () => {
      kept.noteErased(range);
      counts.erasedUnits++;
      counts.erasedBytes += block.lengthBytes;
      phases.erase.done(block.lengthBytes);
      this.#states.report(range, "erased");
    });
  }

  /** The unit was erased: everything in it comes back, the image's bytes and the kept ones. */
  async #writeErased(unit: SurveyUnit, kept: readonly KeptPiece[], image: readonly ProgramSpan[]): Promise<void> {
    const { geometry, counts } = this.#parts;
    const { address, lengthBytes } = unit.block;
    const bytes = new Uint8Array(lengthBytes).fill(geometry.erasedByte);
    for (const piece of image) bytes.set(piece.bytes, piece.range.address - address);
    for (const piece of kept) bytes.set(piece.data, piece.address - address);
    counts.rewrittenBytes += totalBytes(unit.pieces);
    counts.restoredBytes += kept.reduce((total, { data }) => total + data.length, 0);
    await this.#write(unit, [{ range: { address, lengthBytes }, bytes }]);
  }

  /** Programs the pieces that go where the chip is blank, and leaves the rest of the unit alone. */
  async #writeAsItIs(unit: SurveyUnit): Promise<void> {
    const { safe, geometry, isUnchecked, phases, counts } = this.#parts;
    if (safe?.keepsOld === true) {
      await this.#pipe.identify();
      this.#states.safely(() => safe.blank?.(programmedAsItIs(unit), geometry.erasedByte));
    }
    const spans = await readSpans(programmedAsItIs(unit), this.#parts, unit.asItIs !== undefined);
    counts.rewrittenBytes += totalBytes(unit.pieces.filter(isProgrammedAsItIs));
    const isCompared = isUnchecked && phases.verify !== undefined;
    const rest = isCompared ? subtractRanges(unit.block, unit.asItIs ?? unit.pieces) : [];
    const before = rest.map((range) => this.#pipe.digest(range));
    await this.#write(unit, spans);
    rest.forEach((range, index) => this.#compareRest(range, before[index]));
  }

  /** What lies beside the written bytes in their unit is as it was: an address may have changed on the link. */
  #compareRest(range: ByteRange, before: Promise<number> | undefined): void {
    const after = this.#pipe.digest(range);
    this.#results.onResult(after, async (digest) => {
      if (digest === (await before)) return;
      // One of the two digests may be what the link made of it: only two that agree show a change.
      const again = await this.#pipe.digest(range);
      if (again === (await before) || again !== digest) return;
      const { operation } = this.#parts;
      const message = `${operation}: bytes outside the written range have changed: ${formatRange(range)}`;
      throw new NorbridgeError("EIO", message, {
        operation,
        range: { address: range.address, lengthBytes: range.lengthBytes },
        hint: advice(
          "The chip has fewer cells or larger erase blocks than assumed, or an address was changed on the link. Write this range again from a copy. Specify the part or its size, or lower the baud rate.",
          "set-chip-size",
          "set-baud-rate",
        ),
      });
    });
  }

  async #write(unit: SurveyUnit, spans: readonly ProgramSpan[]): Promise<void> {
    const { phases, digestBytes, geometry } = this.#parts;
    const short = spans.flatMap((span) => [...shortSpans(span, digestBytes)]);
    const pages = short.flatMap((span) => [...pagesToProgram(span, geometry)]);
    phases.program.expect(pages.reduce((total, { data }) => total + data.length, 0) - totalBytes(unit.pieces));
    phases.verify?.expect(totalBytes(spans.map(({ range }) => range)) - totalBytes(unit.pieces));
    if (pages.length > 0) this.#states.report(unit.block, "programming");
    this.wrong.delete(unit);
    if (phases.verify !== undefined) this.#rows.expect(unit, short.length);
    let pagesLeft = pages.length;
    for (const span of short) {
      for (const { address, data } of pagesToProgram(span, geometry)) {
        await this.#pipe.room();
        const isLast = --pagesLeft === 0;
        this.#results.onResult(this.#pipe.program(address, data), (sentBytes) => {
          this.#noteProgrammed(sentBytes, data.length);
          if (isLast) this.#states.report(unit.block, "programmed");
          if (isLast && phases.verify === undefined) this.#states.release(unit);
        });
      }
      if (phases.verify === undefined) continue;
      await this.#pipe.room();
      this.#rows.add(unit, span);
    }
    if (pages.length === 0 && phases.verify === undefined)
      this.#results.onResult(Promise.resolve(), () => this.#states.release(unit));
  }

  /** The report counts what the chip got; the phase counts what was to be done. */
  #noteProgrammed(sentBytes: number, bytes: number): void {
    this.#parts.counts.programmedPages++;
    this.#parts.counts.programmedBytes += sentBytes;
    this.#parts.phases.program.done(bytes);
  }
}
