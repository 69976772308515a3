/** What is to be done when results of the chip come, in the order of the results. Requests do not wait for it. */

/** The results that one writer waits for. */
export class PendingResults {
  /** All results so far, and what was done with them. */
  #last: Promise<void> = Promise.resolve();
  readonly #faults: unknown[] = [];

  /**
   * Calls `act` with a result when it comes. A failure is kept by the pipe and thrown to the next caller; what `act` throws (a
   * listener's mistake) is kept for `settled`.
   */
  onResult<T>(result: Promise<T>, act: (value: T) => void | Promise<void>): void {
    const ignore = (): void => undefined;
    const done = result.then(act, ignore).catch((error: unknown) => {
      this.#faults.push(error);
    });
    // What is done with a result may wait for results of its own.
    this.#last = Promise.all([this.#last, done]).then(ignore);
  }

  /** Resolves when everything requested so far has its result. Throws what an `act` threw. */
  async settled(): Promise<void> {
    // A result may have requested more.
    for (let last: Promise<void> | undefined; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
    for (const fault of this.#faults) throw fault;
  }
}
