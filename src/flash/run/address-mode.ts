/** The mode of four address bytes, if the chip needs it for all operations of a stretch. */
import type { AddressModeControl } from "../../../drivers/chip-driver.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import type { ProgramQueue } from "./program-queue.ts";

/** Owner of the mode during one stretch. */
export class AddressMode {
  readonly #control: AddressModeControl | undefined;
  readonly #queue: ProgramQueue;
  #isLeft = true;

  constructor(control: AddressModeControl | undefined, queue: ProgramQueue) {
    this.#control = control;
    this.#queue = queue;
  }

  /** Whether the chip is known to be out of the mode; also if it has none. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Before the first operation. */
  *enter(): Generator<SpiStep> {
    const program = this.#control?.enter();
    if (program === undefined || !this.#isLeft) return;
    this.#isLeft = false;
    yield* this.#queue.hand(undefined, program.steps, () => undefined);
  }

  *leave(): Generator<SpiStep> {
    const program = this.#control?.leave();
    if (program === undefined || this.#isLeft) return;
    yield* this.#queue.hand(undefined, program.steps, (results) => {
      this.#isLeft = program.decode(results) === "done";
    });
  }
}
