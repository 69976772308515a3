/**
 * Programs of pages. A chip that loads one buffer while it programs from another ends a program while it is still busy: a page
 * is known to be done when the next program has waited for it, or `settle` has.
 */
import type { ChipDriver } from "../../../drivers/chip-driver.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { ChipBytes } from "../erase-finding.ts";
import type { PageProof } from "../page-proof.ts";
import type { OpInProgress } from "./op-in-progress.ts";
import type { ProgramQueue } from "./program-queue.ts";

/** Owner of the page that is being programmed. */
export class PagePrograms {
  readonly #driver: ChipDriver;
  readonly #proof: PageProof;
  readonly #queue: ProgramQueue;
  /** The operation whose last page was not seen to end. */
  #unsettled: OpInProgress | undefined;

  constructor(driver: ChipDriver, proof: PageProof, queue: ProgramQueue) {
    this.#driver = driver;
    this.#proof = proof;
    this.#queue = queue;
  }

  /** Whether the end of a page is not known, and nothing that was handed over waits for it. */
  get isUnsettled(): boolean {
    return this.#unsettled !== undefined;
  }

  /** Programs bytes of an operation, page by page. */
  *program(op: OpInProgress, { address, data }: ChipBytes): Generator<SpiStep> {
    for (const piece of this.#proof.piecesOf({ address, lengthBytes: data.length })) {
      const offset = piece.address - address;
      const bytes = data.subarray(offset, offset + piece.lengthBytes);
      const program = this.#driver.programPage(piece.address, bytes);
      op.noteSent(bytes.length);
      if (this.#driver.settle === undefined) {
        yield* this.#queue.handPlain(op, piece, program);
        continue;
      }
      const before = this.#unsettled;
      this.#unsettled = op;
      op.noteUnsettled();
      yield* this.#queue.hand(op, program.steps, (results) => {
        // The poll in this program was for the page before it: its failure is that page's.
        const hasWaited = results.some(({ kind }) => kind === "poll");
        const outcome = program.decode(results);
        if (before !== op) before?.noteSettled(hasWaited ? "done" : outcome);
        op.noteOutcome(outcome, piece);
      });
    }
  }

  /** Waits for the last page, if one is being programmed by itself. */
  *settle(): Generator<SpiStep> {
    const op = this.#unsettled;
    const program = this.#driver.settle?.();
    this.#unsettled = undefined;
    if (op === undefined || program === undefined) return;
    yield* this.#queue.hand(op, program.steps, (results) => op.noteSettled(program.decode(results)));
  }
}
