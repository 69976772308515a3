/** Operations as they are requested. One that was requested and has not arrived yet is kept for the next request. */
import type { Stream } from "../../stream.ts";
import type { FlashOp } from "../flash-device.ts";

export class OpSource {
  readonly #now: Iterator<FlashOp> | undefined;
  readonly #later: AsyncIterator<FlashOp> | undefined;
  #coming: Promise<IteratorResult<FlashOp>> | undefined;
  #putBack: FlashOp | undefined;
  #isOver = false;

  constructor(ops: Stream<FlashOp>) {
    if (Symbol.asyncIterator in ops) this.#later = ops[Symbol.asyncIterator]();
    else this.#now = ops[Symbol.iterator]();
  }

  /** Whether there is nothing more to come. */
  get isOver(): boolean {
    return this.#isOver && this.#putBack === undefined;
  }

  /** An operation that was taken and is not run as the others are; the next one that is taken. */
  get heldBack(): FlashOp | undefined {
    return this.#putBack;
  }

  /** Gives back what was just taken. */
  putBack(op: FlashOp): void {
    this.#putBack = op;
  }

  /** Whether operations may have to be waited for. */
  get mayWait(): boolean {
    return this.#later !== undefined;
  }

  /** The next one, of a source that never waits; undefined at the end. */
  takeNow(): FlashOp | undefined {
    if (this.#putBack !== undefined) return this.#takeBack();
    if (this.#isOver) return undefined;
    // Also if it throws.
    this.#isOver = true;
    const next = this.#now?.next();
    if (next === undefined || next.done === true) return undefined;
    this.#isOver = false;
    return next.value;
  }

  #takeBack(): FlashOp | undefined {
    const op = this.#putBack;
    this.#putBack = undefined;
    return op;
  }

  /** The next one, when it comes; the same until `took` is called. */
  coming(): Promise<IteratorResult<FlashOp>> {
    if (this.#putBack !== undefined) return Promise.resolve({ done: false, value: this.#putBack });
    if (this.#coming === undefined) {
      this.#coming = this.#ask();
      // The caller may no longer wait for it by then.
      this.#coming.catch(() => undefined);
    }
    return this.#coming;
  }

  /** What has come is taken; undefined at the end. */
  took(next: IteratorResult<FlashOp>): FlashOp | undefined {
    if (this.#putBack !== undefined) return this.#takeBack();
    this.#coming = undefined;
    if (next.done !== true) return next.value;
    this.#isOver = true;
    return undefined;
  }

  /** Nothing more is taken. Does not wait: a source may wait for something that never comes. */
  close(): void {
    this.#isOver = true;
    this.#putBack = undefined;
    this.#now?.return?.();
    this.#later?.return?.().then(undefined, () => undefined);
  }

  async #ask(): Promise<IteratorResult<FlashOp>> {
    if (this.#later !== undefined) return this.#later.next();
    const op = this.takeNow();
    return op === undefined ? { done: true, value: undefined } : { done: false, value: op };
  }
}
