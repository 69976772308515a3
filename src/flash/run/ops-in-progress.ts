/** The operations of a stretch: those in progress, oldest first, and whether more may follow. */
import type { ChipOutcome } from "../../../drivers/chip-driver.ts";
import type { NorbridgeError } from "../../errors.ts";
import type { FlashOp, FlashResult } from "../flash-device.ts";
import { OpInProgress } from "./op-in-progress.ts";

/** Owner of the operations of one stretch. */
export class OpsInProgress {
  readonly #ops: OpInProgress[] = [];
  #count = 0;
  #hasFailed = false;
  #isStopped = false;
  #error: NorbridgeError | undefined;

  /** How many there have been. */
  get count(): number {
    return this.#count;
  }

  /** A result was not what was requested. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** No further operation is taken. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** What ends the run after the results before it. */
  get error(): NorbridgeError | undefined {
    return this.#error;
  }

  /** Whether a read waits for trials that agree. */
  get hasUnsure(): boolean {
    return this.#ops.some((op) => op.isUnsure);
  }

  add(op: OpInProgress): OpInProgress {
    this.#count++;
    this.#ops.push(op);
    return op;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** The run ends with this error, if with none before. */
  end(error: NorbridgeError): void {
    this.#error ??= error;
  }

  /** Nothing of an operation is sent, since what had to be known before could not be read: it fails as that did. */
  failUnsent(op: FlashOp, outcome: Exclude<ChipOutcome, "done"> | "refused", reason?: NorbridgeError): void {
    const failed = this.add(new OpInProgress(op));
    failed.noteHandedOver();
    if (outcome === "refused") failed.fail({ outcome, range: failed.range, reason });
    else failed.noteOutcome(outcome, failed.range);
    this.stop();
  }

  /** Results of operations that are complete, in order. */
  *results(): Generator<FlashResult> {
    for (let first = this.#ops[0]; first?.isComplete === true; first = this.#ops[0]) {
      this.#ops.shift();
      if (first.isRefused) continue;
      this.#hasFailed ||= first.hasFailed;
      yield first.result;
    }
  }
}
