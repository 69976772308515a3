/** The steps of one operation, of each kind. Nothing of an operation is handed over before all of it is checked. */
import type { ChipDriver, ChipOutcome, StepProgram } from "../../../drivers/chip-driver.ts";
import type { EraseBlock } from "../../../drivers/geometry.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashOp } from "../flash-device.ts";
import { checkOp, erasePieces, rangeOfOp, readPieces } from "../op-parts.ts";
import type { PageProof } from "../page-proof.ts";
import type { AddressMode } from "./address-mode.ts";
import { OpInProgress } from "./op-in-progress.ts";
import type { OpsInProgress } from "./ops-in-progress.ts";
import type { PagePrograms } from "./page-programs.ts";
import type { ProgramQueue } from "./program-queue.ts";
import { ReadTrials } from "./read-trials.ts";
import type { SizeWatch } from "./size-look.ts";
import type { TrialReads } from "./trial-reads.ts";
import { watchedProgram } from "./watched-program.ts";

/** What the steps of an operation are made with. */
export interface OpStepsParts {
  readonly driver: ChipDriver;
  readonly queue: ProgramQueue;
  readonly ops: OpsInProgress;
  readonly mode: AddressMode;
  readonly pages: PagePrograms;
  readonly trials: TrialReads;
  readonly pageProof: PageProof;
  /** The ID of the chip must read as when it was found. */
  readonly presence: StepProgram<ChipOutcome>;
  /** The bridge takes no digests: bytes are read, and the digest is taken here. */
  readonly digestsTravel: boolean;
  /** Every read is made a second time in pieces shorter than this; 0: once is enough. */
  readonly triedPieceBytes: number;
}

/** Makes the steps of the operations of one stretch. */
export class OpSteps {
  readonly #parts: OpStepsParts;

  constructor(parts: OpStepsParts) {
    this.#parts = parts;
  }

  /** An operation that makes no sense ends the run. `watch`: the program shows the size of the chip. */
  *of(op: FlashOp, watch?: SizeWatch): Generator<SpiStep> {
    const { driver, ops, mode, pages, triedPieceBytes } = this.#parts;
    let blocks: readonly EraseBlock[];
    try {
      checkOp(driver.geometry, op);
      blocks = op.kind === "erase" ? erasePieces(driver.geometry, rangeOfOp(op)) : [];
    } catch (error) {
      if (!(error instanceof NorbridgeError)) throw error;
      ops.end(error);
      return;
    }
    yield* mode.enter();
    if (op.kind !== "program") yield* pages.settle();
    const isTried = op.kind === "read" && op.lengthBytes > 0 && triedPieceBytes > 0;
    const begun = ops.add(new OpInProgress(op, isTried ? new ReadTrials(triedPieceBytes) : undefined));
    yield* this.#programsOf(op, begun, blocks);
    if (watch !== undefined) yield* this.#watched(begun, watch);
    begun.noteHandedOver();
  }

  /** A program whose page is not proved, or that the chip might ignore. What needs no watching is sent as ever. */
  async *ofWatched(op: FlashOp & { readonly kind: "program" }, watch?: SizeWatch): AsyncGenerator<SpiStep> {
    const { driver, queue, ops, mode, pages, pageProof } = this.#parts;
    yield* mode.enter();
    const begun = ops.add(new OpInProgress(op));
    const end = yield* watchedProgram(op, { driver, proof: pageProof, queue, op: begun });
    if (end.outcome === "done") {
      begun.noteSent(end.sentBytes);
      if (end.rest !== undefined) yield* pages.program(begun, end.rest);
      if (watch !== undefined) yield* this.#watched(begun, watch);
    } else {
      if (end.outcome === "skipped") begun.noteOutcome("skipped", end.range);
      else begun.fail({ outcome: end.outcome, range: end.range, page: end.page });
      ops.stop();
      watch?.end();
    }
    begun.noteHandedOver();
  }

  *#programsOf(op: FlashOp, begun: OpInProgress, blocks: readonly EraseBlock[]): Generator<SpiStep> {
    const { driver, queue, pages, presence } = this.#parts;
    switch (op.kind) {
      case "read":
        yield* this.#read(begun);
        break;
      case "digest":
        yield* this.#digest(begun);
        break;
      case "identify":
        yield* queue.handPlain(begun, begun.range, presence);
        break;
      case "erase":
        for (const block of blocks) yield* queue.handPlain(begun, block, driver.erase(block.address, block.unit));
        break;
      case "program":
        yield* pages.program(begun, op);
    }
  }

  *#read(op: OpInProgress): Generator<SpiStep> {
    const { driver, queue, trials } = this.#parts;
    if (op.trials !== undefined) {
      yield* trials.trial(op);
      yield* trials.trial(op);
      return;
    }
    for (const piece of readPieces(op.range))
      yield* queue.handReading(op, piece, driver.read(piece), (data) => op.addData(data));
  }

  *#digest(op: OpInProgress): Generator<SpiStep> {
    const { driver, queue, digestsTravel } = this.#parts;
    if (digestsTravel) {
      for (const piece of readPieces(op.range))
        yield* queue.handReading(op, piece, driver.read(piece), (data) => op.addToCheck(data));
    } else if (op.range.lengthBytes > 0) {
      yield* queue.handReading(op, op.range, driver.digest(op.range), (check) => op.setCheck(check));
    }
  }

  *#watched(op: OpInProgress, watch: SizeWatch): Generator<SpiStep> {
    yield* this.#parts.pages.settle();
    yield* watch.after(op);
  }
}
