/**
 * Ctrl-C, and other requests to end the program (SIGTERM, SIGHUP). After the first, the job ends the step in progress and tidies
 * up. After the second, the program exits at once, with a short try to close the port. It also exits if the job makes no progress
 * after the first: a bridge that is silent, or only reports that it is busy, is not waited for.
 */
import type { CliIo, InterruptSignal } from "./cli-io.ts";

/** How long the second Ctrl-C lets the port close, microseconds. */
export const LEAVE_WITHIN_US = 300_000;

/** How long a job that was asked to end may make no progress before the program exits, microseconds. */
const STUCK_US: Readonly<Record<InterruptSignal, number>> = {
  SIGINT: 1_500_000,
  SIGBREAK: 1_500_000,
  SIGTERM: 4_500_000,
  SIGHUP: 4_500_000,
};

/** What happens on the way out. */
export interface InterruptHooks {
  /** At the first request. */
  readonly onFirst: () => void;
  /** The program exits, because the job made no progress for this long, seconds. */
  readonly onStuck: (seconds: number) => void;
  /** A number that grows with everything that the job gets done. */
  readonly progress: () => number;
}

export class Interrupt {
  readonly #io: CliIo;
  readonly #hooks: InterruptHooks;
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();
  readonly #leave: Promise<"leave">;
  readonly #unregister: () => void;
  #interrupts = 0;

  constructor(io: CliIo, hooks: InterruptHooks) {
    this.#io = io;
    this.#hooks = hooks;
    let leave: (value: "leave") => void = () => undefined;
    this.#leave = new Promise((resolve) => {
      leave = resolve;
    });
    this.#unregister = io.onInterrupt((signal) => {
      this.#interrupts++;
      if (this.#interrupts > 1) {
        leave("leave");
        return;
      }
      hooks.onFirst();
      this.#controller.abort();
      void this.#leaveIfStuck(STUCK_US[signal], leave);
    });
  }

  /** Aborts at the first Ctrl-C, or by `abort`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves at the second Ctrl-C, or when a job that should end makes no progress. */
  get leave(): Promise<"leave"> {
    return this.#leave;
  }

  /** Ends the job as the first Ctrl-C does, for another reason. */
  abort(): void {
    this.#controller.abort();
  }

  /** Gives Ctrl-C back to the system. */
  dispose(): void {
    this.#ended.abort();
    this.#unregister();
  }

  /** Bytes that are being restored on a chip that answers are worth waiting for; anything else is not. */
  async #leaveIfStuck(stuckUs: number, leave: (value: "leave") => void): Promise<void> {
    for (let before = this.#hooks.progress(); ; before = this.#hooks.progress()) {
      await this.#io.clock.wait(stuckUs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      if (this.#hooks.progress() === before) break;
    }
    this.#hooks.onStuck(stuckUs / 1e6);
    leave("leave");
  }
}
