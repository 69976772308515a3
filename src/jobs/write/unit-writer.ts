/**
 * Does the steps of a plan: keep, erase, program, verify, each asked right after the other without waiting for
 * answers. What came out wrong is collected in `wrong`, for the repair that follows when the stream is through.
 */
import { type ByteRange, type EraseBlock, type FlashGeometry, pagesOf, rangeEnd } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { advice } from "../../advice.ts";
import { formatRange, isFilledWith, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { subtractRanges, totalBytes } from "../byte-ranges.ts";
import { isFragmented, spanOf } from "../fragments.ts";
import type { SectorState } from "../job-event.ts";
import type { JobTools } from "../job-tools.ts";
import type { JobSafe } from "../job-safe.ts";
import { SourceFailure } from "../job-source.ts";
import { type Lane, type OpPipe, piecesOf } from "../op-pipe.ts";
import type { PhaseCount } from "../phase-count.ts";
import type { KeptPiece } from "../run-job.ts";
import type { Target } from "../target.ts";
import { aroundErase } from "./around-erase.ts";
import type { KeptBytes } from "./kept-bytes.ts";
import {
  isProgrammedAsItIs,
  keptRanges,
  programmedAsItIs,
  type PlanStep,
  type SurveyPiece,
  type SurveyUnit,
} from "./plan.ts";

/** What a write has done so far. */
export interface WriteCounts {
  programmedBytes: number;
  programmedPages: number;
  /** Bytes of the target that were programmed or erased again, once each. */
  rewrittenBytes: number;
  erasedUnits: number;
  erasedBytes: number;
  restoredBytes: number;
  verifiedBytes: number;
}

/** Nothing done yet. */
export function noWriteCounts(): WriteCounts {
  return {
    programmedBytes: 0,
    programmedPages: 0,
    rewrittenBytes: 0,
    erasedUnits: 0,
    erasedBytes: 0,
    restoredBytes: 0,
    verifiedBytes: 0,
  };
}

export interface WriterPhases {
  readonly erase: PhaseCount;
  readonly program: PhaseCount;
  /** Undefined: nothing is verified. */
  readonly verify: PhaseCount | undefined;
}

export interface WriterParts {
  /** The longest stretch that is verified by one digest. */
  readonly digestBytes: number;
  /** The bytes are not checked on the way: a digest that is wrong is asked once more. */
  readonly isUnchecked: boolean;
  /** Is counted up; also over several writers of one job. */
  readonly counts: WriteCounts;
  readonly target: Target;
  readonly geometry: FlashGeometry;
  readonly context: JobTools;
  readonly operation: string;
  readonly phases: WriterPhases;
  readonly kept: KeptBytes;
  readonly safe: JobSafe | undefined;
  /** Parts of the target that are bytes of the chip from before, and are nowhere else. */
  readonly precious: readonly ByteRange[];
}

/** A stretch that is programmed and verified as one: a whole unit that was erased, or a piece where the chip is blank. */
interface Stretch {
  readonly range: ByteRange;
  readonly bytes: Uint8Array;
}

/** What was read of a unit before it is erased. */
export interface UnitCopy {
  /** Bytes outside of the target, which are restored. */
  readonly kept: readonly KeptPiece[];
  /** Bytes that the target replaces; none if the job keeps no undo. */
  readonly old: readonly KeptPiece[];
}

const NO_COPY: UnitCopy = { kept: [], old: [] };

/** Stretches in a row that share one digest. */
interface VerifyRow {
  readonly address: number;
  lengthBytes: number;
  check: number;
  readonly units: SurveyUnit[];
  readonly count: PhaseCount;
  /** It has been before; now it is again. */
  isVerified: boolean;
}

export class UnitWriter {
  readonly counts: WriteCounts;
  /** Units whose digest was wrong when last asked. */
  readonly wrong = new Set<SurveyUnit>();
  readonly #pipe: OpPipe;
  readonly #parts: WriterParts;
  /** All answers so far, and what was done with them. */
  #lastAnswer: Promise<void> = Promise.resolve();
  readonly #faults: unknown[] = [];
  /** Stretches that wait for more to share a digest with. */
  #row: VerifyRow | undefined;
  /**
   * If the bytes are not checked on the way, rows are verified when everything is written: an address that changes on
   * the line may hit what was right already. All of them again after each repair.
   */
  readonly #rows: VerifyRow[] = [];
  #rowsAreNew = false;
  #safeHasFailed = false;
  /** How many stretches of a unit are not verified yet. */
  readonly #unverified = new Map<SurveyUnit, number>();

  constructor(pipe: OpPipe, parts: WriterParts) {
    this.#pipe = pipe;
    this.#parts = parts;
    this.counts = parts.counts;
  }

  /** Reads what lies outside of the target in a unit that is going to be erased. */
  async readKept(unit: SurveyUnit, lane: Lane): Promise<readonly KeptPiece[]> {
    return this.#readAll(keptRanges(unit), lane);
  }

  /** Reads all that an erase of the unit destroys and that may have to be restored. */
  async copy(unit: SurveyUnit, lane: Lane): Promise<UnitCopy> {
    const { safe } = this.#parts;
    const isWanted = safe?.keepsOld === true && safe.holds?.(unit.block.address) !== true;
    const replaced = isWanted ? unit.pieces : [];
    const [kept, old] = await Promise.all([this.readKept(unit, lane), this.#readAll(replaced, lane)]);
    return { kept, old };
  }

  async #readAll(ranges: readonly ByteRange[], lane: Lane): Promise<readonly KeptPiece[]> {
    if (ranges.length === 0) return [];
    const reads = isFragmented(ranges)
      ? [this.#readSurely(spanOf(ranges), lane)]
      : ranges.map((range) => this.#readSurely(range, lane));
    // Without supply all of it reads FF, twice and with a digest that fits: after it the chip has to say who it is.
    const name = this.#pipe.identify(lane);
    const pieces = await Promise.all(reads);
    await name;
    const [first] = pieces;
    return first === undefined || pieces.length === ranges.length
      ? pieces
      : ranges.map(({ address, lengthBytes }) => {
          const start = address - first.address;
          return { address, data: first.data.slice(start, start + lengthBytes) };
        });
  }

  /** These may be the only copy of the user's bytes: read, and compared with a second result of the chip. */
  async #readSurely({ address, lengthBytes }: ByteRange, lane: Lane): Promise<KeptPiece> {
    const range = { address, lengthBytes };
    const [data, digest] = await Promise.all([this.#pipe.read(range, lane), this.#pipe.digest(range, lane)]);
    if (blockCheck(data) === digest) return { address, data };
    // The digest has travelled over the unchecked link as well.
    if (this.#parts.isUnchecked && blockCheck(data) === (await this.#pipe.digest(range, lane)))
      return { address, data };
    const { operation } = this.#parts;
    throw new NorbridgeError(
      "EIO",
      `${operation}: ${formatRange(range)} returns different bytes on each read and cannot be preserved safely`,
      {
        operation,
        range,
      },
    );
  }

  /** Asks for everything a step needs; `copies` has what `copy` answered for its units. */
  async do(step: PlanStep, copies: ReadonlyMap<SurveyUnit, UnitCopy>): Promise<void> {
    const { kept, safe, geometry } = this.#parts;
    if (step.erase === undefined) {
      for (const unit of step.units) {
        if (safe?.keepsOld === true) {
          await this.#pipe.identify();
          this.#safely(() => safe.blank?.(programmedAsItIs(unit), geometry.erasedByte));
        }
        await this.#writeAsItIs(unit);
      }
      return;
    }
    const units = step.units.map((unit) => ({ unit, copy: copies.get(unit) ?? NO_COPY }));
    // If bytes of others are erased with it, nothing that may fail comes between them and their return: they come first.
    const shared = units.filter(({ copy }) => copy.kept.length > 0);
    const images = await Promise.all(shared.map(({ unit }) => this.#readPieces(unit.pieces)));
    await this.#pipe.room();
    this.#safely(() =>
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
      if (copy.kept.length === 0) await this.#writeErased(unit, [], await this.#readPieces(unit.pieces));
    }
  }

  /** Notes if the safe takes nothing more, as on a full disk. */
  #safely(keep: () => void): void {
    try {
      keep();
    } catch (error) {
      this.#safeHasFailed = true;
      throw error;
    }
  }

  /** The safe took nothing more: no unit may be erased that is not in it. */
  get safeHasFailed(): boolean {
    return this.#safeHasFailed;
  }

  /** Resolves when everything asked so far is answered, so that `wrong` is complete; rejects if the pipe has failed. */
  async settled(): Promise<void> {
    this.#askRow();
    await this.#verifyRows();
    // An answer may have asked once more.
    for (let last: Promise<void> | undefined; last !== this.#lastAnswer; ) {
      last = this.#lastAnswer;
      await last;
    }
    for (const fault of this.#faults) throw fault;
    await this.#pipe.room();
  }

  #erase(block: EraseBlock): void {
    const range = { address: block.address, lengthBytes: block.lengthBytes };
    this.#parts.phases.erase.expect(block.lengthBytes);
    this.#say(range, "erasing");
    const around = aroundErase(block, { ...this.#parts, safely: (keep) => this.#safely(keep) });
    this.#then(this.#pipe.erase(range, around), () => {
      this.#parts.kept.noteErased(range);
      this.counts.erasedUnits++;
      this.counts.erasedBytes += block.lengthBytes;
      this.#parts.phases.erase.done(block.lengthBytes);
      this.#say(range, "erased");
    });
  }

  /** The unit was erased: everything in it comes back, the image's bytes and the kept ones. */
  async #writeErased(unit: SurveyUnit, kept: readonly KeptPiece[], image: readonly Stretch[]): Promise<void> {
    const { address, lengthBytes } = unit.block;
    const bytes = new Uint8Array(lengthBytes).fill(this.#parts.geometry.erasedByte);
    for (const piece of image) bytes.set(piece.bytes, piece.range.address - address);
    for (const piece of kept) bytes.set(piece.data, piece.address - address);
    this.counts.rewrittenBytes += totalBytes(unit.pieces);
    this.counts.restoredBytes += kept.reduce((total, { data }) => total + data.length, 0);
    await this.#write(unit, [{ range: { address, lengthBytes }, bytes }]);
  }

  /** Programs pages that are blank still, and asks for their digest. */
  async programAgain(unit: SurveyUnit, pages: readonly KeptPiece[]): Promise<void> {
    const stretches = pages.map(({ address, data }) => ({
      range: { address, lengthBytes: data.length },
      bytes: data,
    }));
    await this.#write(unit, stretches);
  }

  /** Programs the pieces that go where the chip is blank, and leaves the rest of the unit alone. */
  async #writeAsItIs(unit: SurveyUnit): Promise<void> {
    const stretches = await this.#readPieces(programmedAsItIs(unit), unit.asItIs !== undefined);
    this.counts.rewrittenBytes += totalBytes(unit.pieces.filter(isProgrammedAsItIs));
    const isCompared = this.#parts.isUnchecked && this.#parts.phases.verify !== undefined;
    const rest = isCompared ? subtractRanges(unit.block, unit.asItIs ?? unit.pieces) : [];
    const before = rest.map((range) => this.#pipe.digest(range));
    await this.#write(unit, stretches);
    rest.forEach((range, index) => this.#compareRest(range, before[index]));
  }

  /** What lies beside the written bytes in their unit is as it was: an address may have changed on the line. */
  #compareRest(range: ByteRange, before: Promise<number> | undefined): void {
    const after = this.#pipe.digest(range);
    this.#then(after, async (digest) => {
      if (digest === (await before)) return;
      // One of the two digests may be what the line made of it.
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

  /** `hasGaps`: pieces that were joined, with erased bytes where the target has none. */
  async #readPieces(pieces: readonly SurveyPiece[], hasGaps = false): Promise<readonly Stretch[]> {
    const stretches: Stretch[] = [];
    for (const piece of pieces) {
      const { address, lengthBytes } = piece;
      stretches.push({ range: { address, lengthBytes }, bytes: await this.#readPiece(piece, hasGaps) });
    }
    return stretches;
  }

  async #readPiece(piece: SurveyPiece, hasGaps: boolean): Promise<Uint8Array> {
    const { target, operation, geometry } = this.#parts;
    const range = { address: piece.address, lengthBytes: piece.lengthBytes };
    const data = await (hasGaps ? target.readFilled(range, geometry.erasedByte) : target.read(range));
    if (blockCheck(data) === piece.check) return data;
    const message = `${printable(target.name)}: the file changed while it was being written`;
    throw new SourceFailure(
      new NorbridgeError("FILE_INVALID", message, {
        operation,
        range: { address: piece.address, lengthBytes: piece.lengthBytes },
        hint: "Do not change the file during the job. Then try again: data that already matches is skipped.",
      }),
    );
  }

  async #write(unit: SurveyUnit, stretches: readonly Stretch[]): Promise<void> {
    const { phases, digestBytes } = this.#parts;
    const short = stretches.flatMap((stretch) => [...shortStretches(stretch, digestBytes)]);
    const pages = short.flatMap((stretch) => [...this.#pagesToProgram(stretch)]);
    phases.program.expect(pages.reduce((total, { data }) => total + data.length, 0) - totalBytes(unit.pieces));
    phases.verify?.expect(totalBytes(stretches.map(({ range }) => range)) - totalBytes(unit.pieces));
    if (pages.length > 0) this.#say(unit.block, "programming");
    this.wrong.delete(unit);
    if (phases.verify !== undefined) this.#unverified.set(unit, short.length);
    let pagesLeft = pages.length;
    for (const stretch of short) {
      for (const { address, data } of this.#pagesToProgram(stretch)) {
        await this.#pipe.room();
        const isLast = --pagesLeft === 0;
        this.#then(this.#pipe.program(address, data), (sentBytes) => {
          this.#noteProgrammed(sentBytes, data.length);
          if (isLast) this.#say(unit.block, "programmed");
          if (isLast && phases.verify === undefined) this.#release(unit);
        });
      }
      if (phases.verify === undefined) continue;
      await this.#pipe.room();
      this.#verify(unit, stretch, phases.verify);
    }
    if (pages.length === 0 && phases.verify === undefined) this.#then(Promise.resolve(), () => this.#release(unit));
  }

  *#pagesToProgram({ range, bytes }: Stretch): Generator<{ readonly address: number; readonly data: Uint8Array }> {
    const { geometry } = this.#parts;
    for (const page of pagesOf(geometry, range)) {
      const start = page.address - range.address;
      const data = bytes.subarray(start, start + page.lengthBytes);
      if (!isFilledWith(data, geometry.erasedByte)) yield { address: page.address, data };
    }
  }

  #verify(unit: SurveyUnit, { range, bytes }: Stretch, count: PhaseCount): void {
    const row = this.#rowFor(range, count);
    row.lengthBytes += range.lengthBytes;
    row.check = blockCheck(bytes, row.check);
    row.units.push(unit);
    if (row.lengthBytes >= this.#parts.digestBytes) this.#askRow();
  }

  /** The row that a stretch joins: the one that waits if it touches, else a new one. */
  #rowFor({ address, lengthBytes }: ByteRange, count: PhaseCount): VerifyRow {
    const row = this.#row;
    if (
      row?.address !== undefined &&
      rangeEnd(row) === address &&
      row.lengthBytes + lengthBytes <= this.#parts.digestBytes
    )
      return row;
    this.#askRow();
    this.#row = { address, lengthBytes: 0, check: 0, units: [], count, isVerified: false };
    return this.#row;
  }

  /** Asks for the digest of the row that waits. If it is wrong, each of its units is. */
  #askRow(): void {
    const row = this.#row;
    this.#row = undefined;
    if (row === undefined) return;
    if (this.#parts.isUnchecked) {
      this.#rows.push(row);
      this.#rowsAreNew = true;
      return;
    }
    const { address, lengthBytes, check: expected } = row;
    this.#then(this.#pipe.digest({ address, lengthBytes }), (found) => this.#noteRow(row, found === expected));
  }

  /** Verifies all that was ever written here, if anything was written since it was verified last. */
  async #verifyRows(): Promise<void> {
    if (!this.#rowsAreNew) return;
    this.#rowsAreNew = false;
    for (const row of this.#rows) {
      const { address, lengthBytes, check: expected } = row;
      const range = { address, lengthBytes };
      await this.#pipe.room();
      this.#then(this.#pipe.digest(range), async (found) => {
        // That two are equal is not an accident; that they differ may be the line's doing.
        const isRight = found === expected || (await this.#pipe.digest(range)) === expected;
        if (row.isVerified) row.count.expect(lengthBytes);
        row.isVerified = true;
        this.#noteRow(row, isRight);
      });
    }
  }

  #noteRow({ lengthBytes, units, count }: VerifyRow, isRight: boolean): void {
    this.counts.verifiedBytes += lengthBytes;
    count.done(lengthBytes);
    for (const unit of units) this.#noteVerified(unit, isRight);
  }

  #noteVerified(unit: SurveyUnit, isRight: boolean): void {
    if (!isRight) this.wrong.add(unit);
    const left = (this.#unverified.get(unit) ?? 1) - 1;
    this.#unverified.set(unit, left);
    if (left > 0) return;
    this.#unverified.delete(unit);
    if (this.wrong.has(unit)) this.#say(unit.block, "failed");
    else this.#release(unit);
  }

  #release(unit: SurveyUnit): void {
    this.#parts.kept.release(unit.block.address);
    this.#parts.safe?.release(unit.block.address);
    if (this.#parts.phases.verify !== undefined) this.#say(unit.block, "verified");
  }

  /** The report counts what the chip got; the phase counts what was to be done. */
  #noteProgrammed(sentBytes: number, bytes: number): void {
    this.counts.programmedPages++;
    this.counts.programmedBytes += sentBytes;
    this.#parts.phases.program.done(bytes);
  }

  #say({ address, lengthBytes }: ByteRange, state: SectorState): void {
    this.#parts.context.onEvent?.({ kind: "sector", range: { address, lengthBytes }, state });
  }

  /**
   * What is to be done when an answer comes. A failure is kept by the pipe and thrown to the next caller; what `act`
   * throws (a listener's mistake) is kept for `settled`.
   */
  #then<T>(answer: Promise<T>, act: (value: T) => void | Promise<void>): void {
    const ignore = (): void => undefined;
    const done = answer.then(act, ignore).catch((error: unknown) => {
      this.#faults.push(error);
    });
    // What is done with an answer may take answers of its own.
    this.#lastAnswer = Promise.all([this.#lastAnswer, done]).then(ignore);
  }
}

/** A stretch in pieces that have a digest each. */
function* shortStretches({ range, bytes }: Stretch, mostBytes: number): Generator<Stretch> {
  for (const piece of piecesOf(range, mostBytes)) {
    const start = piece.address - range.address;
    yield { range: piece, bytes: bytes.subarray(start, start + piece.lengthBytes) };
  }
}
