/**
 * Calls with a callback that may never come, since the port went away meanwhile. Each is a promise of its own in a set
 * and not a race against one that lives as long as the port: that would keep every call ever made.
 */
export class CallsUnderWay {
  readonly #rejects = new Set<(error: Error) => void>();
  #error: Error | undefined;

  /** Settles as the callback says, or rejects when `end` is called first. After `end` nothing is started. */
  start(call: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      this.#rejects.add(reject);
      call((error) => {
        this.#rejects.delete(reject);
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Rejects what is under way and all that is started later. */
  end(error: Error): void {
    this.#error ??= error;
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }
}
