/** A wait that another part of the program ends. One caller waits at a time. */
export class Wakeup {
  #resolve: (() => void) | undefined;

  /** Resolves at the next `wake`. */
  wait(): Promise<void> {
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Ends the wait, if there is one. */
  wake(): void {
    this.#resolve?.();
  }
}
