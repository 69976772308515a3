/**
 * Ctrl-C. The first one asks the job to end the step in hand and tidy up; the second leaves at once, after a short try
 * to let go of the port.
 */
import type { CliIo } from "./cli-io.ts";

/** How long the second Ctrl-C lets the port close, microseconds. */
export const LEAVE_WITHIN_US = 300_000;

export class Interrupt {
  readonly #controller = new AbortController();
  readonly #leave: Promise<"leave">;
  readonly #unregister: () => void;
  #interrupts = 0;

  /** `onFirst` may tell the person what happens now. */
  constructor(io: CliIo, onFirst: () => void) {
    let leave: (value: "leave") => void = () => undefined;
    this.#leave = new Promise((resolve) => {
      leave = resolve;
    });
    this.#unregister = io.onInterrupt(() => {
      this.#interrupts++;
      if (this.#interrupts === 1) {
        onFirst();
        this.#controller.abort();
      } else {
        leave("leave");
      }
    });
  }

  /** Aborts at the first Ctrl-C, or by `abort`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves at the second Ctrl-C. */
  get leave(): Promise<"leave"> {
    return this.#leave;
  }

  /** Ends the job as the first Ctrl-C does, for another reason. */
  abort(): void {
    this.#controller.abort();
  }

  /** Gives Ctrl-C back to the system. */
  dispose(): void {
    this.#unregister();
  }
}
