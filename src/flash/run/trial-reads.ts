/** Reads that are made again, in pieces of other sizes, until two of them agree. */
import type { ChipDriver } from "../../../drivers/chip-driver.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { concatBytes } from "../../bytes.ts";
import type { OpInProgress } from "./op-in-progress.ts";
import type { OpsInProgress } from "./ops-in-progress.ts";
import type { ProgramQueue } from "./program-queue.ts";

/** Owner of the reads to be made again. */
export class TrialReads {
  readonly #driver: ChipDriver;
  readonly #queue: ProgramQueue;
  readonly #ops: OpsInProgress;
  /** Reads whose trials differ: read again before anything else. */
  readonly #again: OpInProgress[] = [];

  constructor(driver: ChipDriver, queue: ProgramQueue, ops: OpsInProgress) {
    this.#driver = driver;
    this.#queue = queue;
    this.#ops = ops;
  }

  /** One more read of the same bytes. */
  *trial(op: OpInProgress): Generator<SpiStep> {
    const { trials } = op;
    if (trials === undefined) return;
    const data: Uint8Array[] = [];
    const pieces = [...trials.pieces(op.range)];
    const judge = (): void => {
      if (data.length < pieces.length) return;
      const verdict = trials.add(concatBytes(data));
      if (verdict === "again") this.#again.push(op);
      else if (verdict === "unsteady") op.fail({ outcome: "unsteady", range: op.range });
    };
    for (const piece of pieces) {
      yield* this.#queue.handReading(op, piece, this.#driver.read(piece), (bytes) => {
        data.push(bytes);
        judge();
      });
    }
  }

  /** Reads again what differs, until all trials agree or have failed, or `coming` is settled. */
  async *settle(coming?: Promise<unknown>): AsyncGenerator<SpiStep> {
    const arrived = { isIt: false };
    const onArrival = (): void => {
      arrived.isIt = true;
      this.#queue.wake();
    };
    void coming?.then(onArrival, onArrival);
    while (this.#ops.hasUnsure && !arrived.isIt) {
      const op = this.#again.shift();
      if (op === undefined) await this.#queue.progress();
      else yield* this.trial(op);
    }
  }
}
